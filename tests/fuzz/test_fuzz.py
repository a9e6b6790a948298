"""Spoiled answers, a thousand a batch: nothing is raised, nothing harmful comes through or is drawn.

The long form, 200,000 of them: python -m tests.fuzz --payloads 200000 --resume FILE.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldboard.backends import json_door
from fieldboard.backends.fieldcamp import values
from fieldboard.tui import ink
from fieldboard.tui.panes import timeline_art
from tests.fuzz.run import BATCH, Found, run_batch, scratch

PAYLOADS = 20_000
FRAME_EVERY = 20


@pytest.fixture
def folder() -> Iterator[Path]:
    made = scratch()
    yield made / "profile"
    shutil.rmtree(made, ignore_errors=True)


@pytest.mark.parametrize("batch", range(PAYLOADS // BATCH))
async def test_spoiled_answers_raise_nothing_and_are_drawn_harmless(folder: Path, batch: int) -> None:
    tally = await run_batch(1, batch, BATCH, FRAME_EVERY, folder)
    assert tally.payloads == BATCH
    assert tally.frames == BATCH // FRAME_EVERY
    # Most of what is spoiled is still read: otherwise nothing would have been tried.
    assert tally.rows > 2 * BATCH
    assert tally.aside > 0
    assert tally.refused > 0


@pytest.mark.parametrize(
    ("module", "name"),
    [(values, "clean"), (json_door, "clean"), (ink, "fit"), (timeline_art, "one_line")],
)
async def test_a_door_left_open_is_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch, module: object, name: str
) -> None:
    """The canary: without one of the doors the same batch must fail."""
    monkeypatch.setattr(module, name, lambda text, *_: text)
    with pytest.raises(Found) as found:
        await run_batch(1, 0, BATCH, FRAME_EVERY, folder)
    found.value.file.unlink()
