"""Lines made of spans: text with the name of a role, laid out in cells before any colour is known.

A role is a name of the theme's colours (`muted`, `warn`, `status_completed` …), alone or followed by
`bold`, `dim`, `italic` or `strike`. The empty role is ordinary text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fieldboard.text import ELLIPSIS, cell_width, fit, one_line

Span = tuple[str, str]
"""Text for one line and its role."""

Line = tuple[Span, ...]
"""One line of a dialog."""

GAP = "  "


def plain(line: Line) -> str:
    """The text of a line without its roles."""
    return "".join(text for text, _role in line)


def width_of(line: Line) -> int:
    """How many cells the line needs."""
    return sum(cell_width(one_line(text)) for text, _role in line)


def column(text: str, width: int, role: str = "", *, right: bool = False) -> Span:
    """The text as a column of exactly `width` cells, cut with an ellipsis where it is longer."""
    if not right:
        return fit(text, width), role
    shown = one_line(text)
    room = width - cell_width(shown)
    return (" " * room + shown if room >= 0 else fit(shown, width)), role


def cut(line: Line, width: int) -> Line:
    """The line in at most `width` cells; what does not fit ends with an ellipsis."""
    if width_of(line) <= width:
        return tuple((one_line(text), role) for text, role in line)
    kept: list[Span] = []
    room = width
    for text, role in line:
        shown = one_line(text)
        cells = cell_width(shown)
        if cells < room:
            kept.append((shown, role))
            room -= cells
            continue
        kept.append((fit(shown + ELLIPSIS, room), role))
        break
    return tuple(kept)


def ends(left: Line, right: Line, width: int) -> Line:
    """`left` at the left and `right` at the right edge of `width` cells; the left one gives way."""
    tail = width_of(right)
    if tail >= width:
        return cut(right, width)
    head = cut(left, max(0, width - tail - 2)) if tail else cut(left, width)
    return (*head, (" " * (width - tail - width_of(head)), ""), *right)


def words(text: str, width: int, role: str = "", *, limit: int | None = None) -> list[Line]:
    """The text broken at spaces into lines of at most `width` cells, at most `limit` of them.

    Line breaks of the text are kept; a word longer than a line is broken where it must be.
    """
    width = max(1, width)
    lines: list[str] = []
    for paragraph in text.split("\n"):
        current, used = "", 0
        for word in one_line(paragraph).split(" "):
            cells = cell_width(word)
            if used and used + 1 + cells <= width:
                current, used = f"{current} {word}", used + 1 + cells
                continue
            if used:
                lines.append(current)
            while cells > width:
                head = _head(word, width)
                lines.append(head)
                word = word[len(head) :]  # noqa: PLW2901 - the rest of the word goes on
                cells = cell_width(word)
            current, used = word, cells
        lines.append(current)
    if limit is not None and len(lines) > limit:
        lines = [*lines[: limit - 1], fit(f"{lines[limit - 1]} {ELLIPSIS}", width).rstrip()]
    return [((line, role),) for line in lines]


def flow(parts: Iterable[Line], width: int, between: str = " · ", *, hang: str = "") -> list[Line]:
    """Parts that are never broken, set one after the other with `between`, over as many lines as needed."""
    lines: list[list[Span]] = []
    used = 0
    for part in parts:
        cells = width_of(part)
        if lines and used + len(between) + cells <= width:
            lines[-1] += [(between, "faint"), *part]
            used += len(between) + cells
        else:
            start: list[Span] = [(hang, "")] if lines and hang else []
            lines.append([*start, *cut(part, width - len(hang) if start else width)])
            used = cells + (len(hang) if start else 0)
    return [tuple(line) for line in lines]


def hints(items: Sequence[tuple[str, str]], width: int) -> Line:
    """Keys and what they do, as many whole ones as fit: a help line never ends within a word."""
    spans: list[Span] = []
    used = 0
    for key, does in items:
        cells = cell_width(key) + (1 + cell_width(does) if does else 0)
        space = len(GAP) if spans else 0
        if used + space + cells > width:
            continue
        if space:
            spans.append((GAP, ""))
        spans.append((key, "accent bold"))
        if does:
            spans.append((f" {does}", "muted"))
        used += space + cells
    return tuple(spans)


def _head(word: str, width: int) -> str:
    used = 0
    for index, character in enumerate(word):
        used += cell_width(character)
        if used > width:
            return word[: max(1, index)]
    return word


def and_more(others: int) -> Line:
    """What stands beside the first of several that an act is for."""
    return ((f" and {others} more", "accent bold"),) if others else ()
