"""What spoiled answers have found, each case by itself."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.style import Style

from fieldboard.backends.json_door import RowText, cleaned
from fieldboard.domain.operation import Kind
from fieldboard.tui.panes.timeline_art import _Cells
from tests.fuzz.bodies import list_of, rows_of
from tests.fuzz.frames import frames_over
from tests.fuzz.mutation import Payload
from tests.fuzz.office import must_be_harmless, office_in


@pytest.mark.parametrize("escape", ["\\r", "\\b", "\\f", "\\u001b", "\\u202e"])
def test_control_characters_spelled_out_in_a_row_are_not_kept(escape: str) -> None:
    """A carriage return or a backspace is written as `\\r`, `\\b` in JSON, not as `\\u…`."""
    raw = f'{{"id":"j1","title":"a{escape}b"}}'
    kept = cleaned(RowText(json.loads(raw), raw))
    must_be_harmless(json.loads(kept)["title"], "the row")
    assert json.loads(kept)["id"] == "j1"


def test_a_row_that_only_breaks_its_lines_is_kept_word_for_word() -> None:
    raw = '{"id": "j1", "notes": "one\\ntwo\\t\\"three\\" \\\\ four"}'
    assert cleaned(RowText(json.loads(raw), raw)) == raw


@pytest.mark.parametrize("size", [(172, 50), (80, 24)])
async def test_line_breaks_in_a_name_do_not_reach_the_timeline(tmp_path: Path, size: tuple[int, int]) -> None:
    """A bar showed number and customer as they were, measured as if they had been made fit."""
    async with office_in(tmp_path / "profile") as office, frames_over(office, size) as frames:
        for kind, field in ((Kind.CUSTOMER, "lastName"), (Kind.JOB, "jobNumber")):
            rows = rows_of(kind)
            for row in rows:
                row[field] = "Two\nlines\u2028\ue000🇬🇧"
                row["updatedAt"] = "2026-06-04T09:42:00Z"
            content = json.dumps(list_of(kind, rows)).encode()
            await office.feed(Payload(0, "list", kind, content))
            frames.draw()
        assert "Two↵lines" in frames.text


def test_bars_over_one_another_never_halve_a_wide_character() -> None:
    """A bar that covered one half of a wide character made the row a cell longer or moved it."""
    one, other = Style(), Style(bold=True)
    draw = random.Random(1)
    for _ in range(5_000):
        width = draw.randint(1, 14)
        cells = _Cells([" "] * width, [one] * width)
        for _ in range(draw.randint(1, 5)):
            text = "".join(draw.choices("ab水道\u0301▌ ", k=draw.randint(0, 8)))
            cells.put(draw.randint(-4, width), text, draw.choice((one, other)))
        assert sum(cell_len(segment.text) for segment in cells.segments()) == width
        halves = [at for at, text in enumerate(cells.text) if text == ""]
        assert all(cell_len(cells.text[at - 1]) == 2 for at in halves)
