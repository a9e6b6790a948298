"""How an edit that waits for a decision is drawn: a row of the list, and both sides with the ways out."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from fieldboard.board.decisions import Choice, Decision, Side
from fieldboard.domain.instants import Instant, Zone
from fieldboard.domain.operation import OpState
from fieldboard.tui.chrome.header import age_text
from fieldboard.tui.dialogs.outbox_dialog import STATE_WORDS
from fieldboard.tui.dialogs.spans import Line, column, cut, width_of, words
from fieldboard.tui.dialogs.words import moment_words

if TYPE_CHECKING:
    from fieldboard.tui.glyphs import Glyphs

LABEL: Final = 13
"""Cells for the name of a field."""

AGE: Final = 8
"""Cells for how long something has waited."""


def decision_line(one: Decision, width: int, now: Instant, glyphs: Glyphs) -> Line:
    """A row of the list: how it stands, how long it has waited, what it is about."""
    says, role = STATE_WORDS[one.kind]
    age = age_text(now - one.since)
    room = max(0, width - 2 - AGE - 1 - 17)
    return (
        (f"{glyphs.of_mark(one.kind.value)} ", role),
        column(age, AGE - 1, "muted", right=True), ("  ", ""),
        column(_headline(one), room), (" ", ""), column(says, 16, role),
    )  # fmt: skip


def lower_half(
    one: Decision, width: int, zone: Zone, message: tuple[str, str] | None
) -> tuple[list[Line], dict[int, Choice]]:
    """All about a decision, and at which lines its choices stand; a message takes the place of the reason."""
    head: list[tuple[str, str]] = [(one.title, "bold")]
    if one.customer:
        head.append((f" · {one.customer}", "muted"))
    lines: list[Line] = [cut(tuple(head), width)]
    if message is not None:
        text, role = message
        lines += words(text, width, role, limit=3)
    else:
        lines += words(_why(one), width, limit=2)
    lines += words(_who(one, zone), width, "muted", limit=2)
    if one.sides:
        lines += [(), *_table(one, width)]
    if one.copies:
        lines.append(())
        for copy in one.copies[:3]:
            told = "this one" if copy.ours else ("maybe" if one.kind is OpState.ASK else "the other")
            # The id at its end is all that tells one from the other.
            first, *more = words(copy.says, max(8, width - LABEL), limit=2)
            lines.append((column(told, LABEL, "muted"), *first))
            lines += [((" " * LABEL, ""), *line) for line in more]
    lines.append(())
    rows: dict[int, Choice] = {}
    for choice in one.choices:
        rows[len(lines) + 1] = choice
        mark = ("  Enter", "faint") if choice.default else ("", "")
        name = (
            (f"{choice.letter}  ", "accent bold"),
            column(choice.title, 16, "bold" if choice.default else ""),
        )
        says = words(choice.says, max(8, width - 20 - width_of((mark,))), "muted", limit=1)[0]
        lines.append((*name, (" ", ""), *says, mark))
    return lines, rows


def _why(one: Decision) -> str:
    return one.why or f"{STATE_WORDS[one.kind][0].capitalize()}."


def _who(one: Decision, zone: Zone) -> str:
    mine = f"Yours: {one.what}, made {moment_words(one.op.created_at, zone)}"
    if one.op.created_by:
        mine = f"{mine} by {one.op.created_by}"
    if not any(side.contested for side in one.sides) or one.kind is OpState.GONE:
        return f"{mine}."
    who = f" by {one.by}" if one.by else "; the system does not say by whom"
    if one.at is not None:
        return f"{mine}. Theirs: changed {moment_words(one.at, zone)}{who}."
    if one.seen_at is not None:
        return f"{mine}. Theirs: seen {moment_words(one.seen_at, zone)}{who}."
    return f"{mine}."


def _table(one: Decision, width: int) -> list[Line]:
    """It was, mine, theirs: a row for each field, as many lines as its values need, three at most."""
    each = max(10, (width - LABEL) // 3)
    cells = each - 2
    heads = ("It was", "Mine", "Theirs")
    lines: list[Line] = [
        (column("", LABEL), *(column(head, each, "muted") for head in heads)),
    ]
    for side in one.sides:
        lines += _row(side, each, cells)
    return lines


def _row(side: Side, each: int, cells: int) -> list[Line]:
    strong = " bold" if side.contested else ""
    theirs = words(side.theirs, cells, f"warn{strong}" if side.contested else "", limit=3)
    if side.now is not None:
        theirs += words(f"now {side.now}", cells, "error", limit=2)
    texts = (
        words(side.base, cells, "muted", limit=3),
        words(side.mine, cells, f"accent{strong}", limit=3),
        theirs,
    )
    lines: list[Line] = []
    for at, parts in enumerate(zip_longest(*texts, fillvalue=(("", ""),))):
        label = column(side.name if at == 0 else "", LABEL, "muted")
        lines.append((label, *(column(part[0][0], each, part[0][1]) for part in parts)))
    return lines


def _headline(one: Decision) -> str:
    fields = " and ".join(dict.fromkeys(side.name for side in one.sides if side.contested))
    return f"{one.title}: {fields}" if fields else one.title
