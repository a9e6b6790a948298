"""The `:` line: what a typed command means, and how it may go on."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Final, NamedTuple

from fieldboard.board.acts import ACTS, BY_WORD, Act
from fieldboard.board.queue_order import GroupBy, Order
from fieldboard.board.status_plans import LETTERS


class NotUnderstood(ValueError):
    """A line that means nothing; the text says what is near or what is missing."""


class Command(NamedTuple):
    """An act and the words that follow it. `rest` is everything after the first word, as typed."""

    act: Act
    args: tuple[str, ...]
    rest: str


class Names(NamedTuple):
    """Where completions come from: jobs that begin with a text, and the technicians' names."""

    jobs: Callable[[str], Sequence[str]] = lambda _: ()
    technicians: Sequence[str] = ()


_PRIORITIES: Final = ("prio:urgent", "prio:high", "prio:normal", "prio:low")
_STATES: Final = ("unassigned", "unscheduled", "draft", "skill:", "terr:", "cust:", *_PRIORITIES)
_DAYS: Final = ("today", "tomorrow", "yesterday", "+1", "+7")


def parse(line: str) -> Command:
    """What a line means.

    The first word may be cut short where only one act begins so. Raises NotUnderstood.
    """
    text = line.strip().removeprefix(":").strip()
    if not text:
        raise NotUnderstood("nothing was typed")
    word, _, rest = text.partition(" ")
    try:
        args = tuple(shlex.split(rest))
    except ValueError:
        args = tuple(rest.split())
    return Command(_act(word.lower()), args, rest.strip())


def complete(line: str, names: Names | None = None, limit: int = 12) -> list[str]:
    """Whole lines with which `line` may go on, the likeliest first."""
    known = names or Names()
    text = line.lstrip().removeprefix(":")
    word, space, rest = text.partition(" ")
    if not space:
        low = word.lower()
        words = [one for act in ACTS for one in act.words if one.startswith(low)]
        return sorted(dict.fromkeys(words), key=lambda one: (len(one) > 3, one))[:limit]
    try:
        act = _act(word.lower())
    except NotUnderstood:
        return []
    head, _, last = rest.rpartition(" ")
    before = f"{word} {head} " if head else f"{word} "
    low = last.lower().strip('"')
    found = [one for one in _arguments(act, head.split(), last, known) if one.lower().startswith(low)]
    if not found and low:
        found = [one for one in _arguments(act, head.split(), last, known) if low in one.lower()]
    return [before + _quoted(one) for one in found[:limit]]


def _act(word: str) -> Act:
    act = BY_WORD.get(word)
    if act is not None:
        return act
    starting = {BY_WORD[one].id: one for one in BY_WORD if one.startswith(word)}
    if len(starting) == 1:
        return BY_WORD[next(iter(starting.values()))]
    if starting:
        raise NotUnderstood(f"{word!r} may mean {', '.join(sorted(starting.values()))}")
    near = get_close_matches(word, BY_WORD, n=1, cutoff=0.5)
    raise NotUnderstood(f"there is no command {word!r}" + (f"; did you mean {near[0]!r}?" if near else ""))


def _arguments(act: Act, before: Sequence[str], last: str, names: Names) -> list[str]:
    kinds = act.arguments
    found: list[str] = []
    if "JOB" in kinds and not before and last:
        found += names.jobs(last)
    if "TECHNICIAN" in kinds and len(before) <= 1:
        found += names.technicians
    if "STATUS" in kinds:
        found += [status.value for status in LETTERS]
    if kinds == "[D]":
        found += _DAYS
    if act.id == "sort":
        found += [f"{group.value}" for group in GroupBy] if "by" in before else [one.value for one in Order]
    if act.id == "filter":
        found += _STATES
    if "|" in kinds:
        found += kinds.strip("[]").split("|")
    return found


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text
