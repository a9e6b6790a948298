"""What is said of a carried visit: where it would go, what that would mean, which keys hold meanwhile."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from fieldboard.tui.chrome.footer import Hint
from fieldboard.tui.chrome.line import Part, Said, joined, parts

if TYPE_CHECKING:
    from fieldboard.board.plan import Plan
    from fieldboard.tui.carry import Carry
    from fieldboard.tui.panes.look import Look


class Seen(NamedTuple):
    """What the sentence goes by beside the carry: the look, the day that is shown, the cells of a line.

    `others` is how many go along, `broken` whether letting go is known to break a rule.
    """

    look: Look
    day: date | None
    width: int
    others: int
    broken: bool


def meaning(plan: Plan | None, look: Look) -> tuple[Part, ...]:
    """What letting go would do, by its plan; nothing while that is not known."""
    if plan is None:
        return ()
    if plan.refusal is not None:
        return (Part(plan.refusal, "error", True),)
    if plan.warnings:
        says = joined([warning.says for warning in plan.warnings])
        return (Part(f"{look.glyphs.conflict} {says}", "warn", True),)
    if plan.empty:
        return (Part("stays where it is", "muted"),)
    return (Part("breaks no rule", "ok"),)


def sentence(carry: Carry, tail: tuple[Part, ...], seen: Seen) -> Said:
    """Who would have it and when, what that would mean (`tail`), and which key does it."""
    look = seen.look
    visit = carry.visit
    if carry.technician_id is None:
        word, where = "UNASSIGN", "back to the queue"
    else:
        word = "MOVE" if visit.technician_ids and visit.start is not None else "ASSIGN"
        word = "RESIZE" if carry.part != "whole" else word
        name = next((one.name for one in carry.people if one.id == carry.technician_id), "")
        clock = look.zone.clock_text
        day = look.zone.date_of(carry.start)
        dated = "" if day == seen.day else f"{day:%a} {day.day} "
        where = f"{name} {dated}{clock(carry.start)}{look.glyphs.dash}{clock(carry.end)}"
    typed = carry.typed
    # A reason is worth more than the title, which is seen on the board.
    titled = seen.width >= (160 if seen.broken else 120)
    words = parts(
        Part("SURE?  ", "warn", True) if carry.sure else Part(f"{word}  ", "ghost", True),
        Part(f"{visit.number} {visit.title}" if titled else visit.number, "text", True),
        Part(f" and {seen.others} more" if seen.others else "", "accent", True),
        Part(f" {look.glyphs.arrow} ", "muted"),
        Part(where, "text", True),
        Part(f"  [{typed}]" if typed else "", "accent", True),
        Part("  ", "muted"),
        *tail,
    )
    right, brief = (
        ("Enter again does it all the same", "Enter again")
        if carry.sure
        else ("Enter twice drops", "Enter twice")
        if seen.broken
        else ("Enter drops", "")
    )
    return Said(words, f"{right} {look.glyphs.dot} Esc puts it back", "ghost_bg", brief)


def aside(carry: Carry, look: Look) -> Said:
    """What is said where nothing lies under the mouse that would take the visit."""
    visit = carry.visit
    stays = "stays where it is" if visit.technician_ids else "stays in the queue"
    words = parts(
        Part("CARRY  ", "ghost", True),
        Part(visit.number, "text", True),
        Part(f" {look.glyphs.arrow} ", "muted"),
        Part(stays, "text", True),
        Part("  over a column or a row it is given to that technician", "muted"),
    )
    return Said(words, "letting go puts it back", "ghost_bg", "")


def hints(carry: Carry, *, broken: bool) -> tuple[Hint, ...]:
    """The keys that hold while something is carried, those that end it first; they can be clicked."""
    drops = "again does it all the same" if carry.sure else "twice drops" if broken else "drops"
    return (
        Hint("Enter", drops, "key:enter"),
        Hint("Esc", "clears what is typed" if carry.typed else "puts it back", "key:escape"),
        Hint("hjkl", "technician and time"),
        Hint("0-9", "a time"),
        Hint("a-z", "a name"),
        Hint("[ ]", "day"),
    )
