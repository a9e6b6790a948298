"""What the marks on the board mean, read from the tables that they are drawn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fieldboard.domain.priority import Priority
from fieldboard.tui.glyphs import MARK_WORDS, STATUS_WORDS, Glyphs

SIGNS: Final[Mapping[str, str]] = {
    "conflict": "breaks a rule: an overlap, a missing skill, outside shift or promise …",
    "flag": "so many edits wait for a decision",
    "marked": "marked for an act on several",
    "picked": "carried: where it would land",
    "ghost_edge": "the edge of what is carried",
    "travel": "the way from the visit before, estimated",
    "actual": "when work really was done, below what was planned",
    "now_line": "now",
    "edge_marked": "selected",
    "shade": "outside the shift",
    "bar_full": "how much of the shift is booked",
    "live": "in step with the system",
    "stale": "not read for a while",
    "offline": "no line to the system",
}
"""Meanings of the glyphs that stand for themselves, by their names in `Glyphs`."""

LINES: Final = frozenset(
    {
        *("urgent", "edge", "hour_line", "now_bar", "bar_end", "bar_rest", "sending", "left", "right"),
        *("arrow", "dash", "dot", "more", "times"),
    }
)
"""Glyphs that are lines, arrows and dots of a text, or are explained with a table of their own."""


def marks(glyphs: Glyphs) -> tuple[tuple[str, str], ...]:
    """Every mark that may stand on the board, with what it means; one that means several things once each."""
    found = [(glyphs.of_status(status), f"status: {word}") for status, word in STATUS_WORDS.items()]
    edits: dict[str, list[str]] = {}
    for mark, word in MARK_WORDS.items():
        edits.setdefault(glyphs.of_mark(mark), []).append(word)
    found += [(glyph, f"an edit: {', '.join(some)}") for glyph, some in edits.items()]
    found += [(glyphs.of_priority(one).strip(), f"priority: {one.word}") for one in reversed(Priority)]
    people: dict[str, list[str]] = {}
    for word, glyph in glyphs.technician.items():
        people.setdefault(glyph, []).append(word)
    found += [(glyph, f"a technician: {', '.join(some)} …") for glyph, some in people.items()]
    found += [(getattr(glyphs, name), says) for name, says in SIGNS.items()]
    return (*found, ("~", "before a time or a number: estimated or observed, not told by the system"))
