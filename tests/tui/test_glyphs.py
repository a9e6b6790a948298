"""Every mark is one cell, in both sets, and no two statuses look alike."""

from __future__ import annotations

import dataclasses

import pytest

from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from fieldboard.text import cell_width
from fieldboard.tui.glyphs import ASCII, MARK_WORDS, UNICODE, Glyphs, choose_glyphs
from fieldboard.tui.marks import LINES, SIGNS, marks


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_every_mark_is_one_cell(glyphs: Glyphs) -> None:
    texts = [
        value for field in dataclasses.fields(glyphs) if isinstance(value := getattr(glyphs, field.name), str)
    ]
    texts += [*glyphs.status.values(), *glyphs.mark.values(), *glyphs.technician.values()]
    assert {cell_width(text) for text in texts} == {1}
    assert {cell_width(glyphs.of_priority(one)) for one in (*Priority, None)} == {2}


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_statuses_and_marks_can_be_told_apart(glyphs: Glyphs) -> None:
    assert len({glyphs.of_status(status) for status in Status}) == len(Status)
    assert set(glyphs.mark) == set(MARK_WORDS)


def test_ascii_is_ascii() -> None:
    assert all(
        text.isascii() for text in [*ASCII.status.values(), *ASCII.mark.values(), *ASCII.technician.values()]
    )


@pytest.mark.parametrize(
    ("lang", "ascii_only"),
    [("en_GB.UTF-8", False), ("C", True), ("C.UTF-8", False), ("de_DE.ISO-8859-1", True)],
)
def test_the_locale_decides(lang: str, ascii_only: bool) -> None:
    assert choose_glyphs(None, {"LANG": lang}).ascii_only is ascii_only


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_the_help_explains_every_mark_that_is_drawn(glyphs: Glyphs) -> None:
    explained = {mark for mark, _ in marks(glyphs)}
    assert {*glyphs.status.values(), *glyphs.mark.values(), *glyphs.technician.values()} <= explained
    assert {glyphs.of_priority(one).strip() for one in Priority} <= explained
    texts = {one.name for one in dataclasses.fields(Glyphs) if isinstance(getattr(glyphs, one.name), str)}
    assert texts == {*SIGNS, *LINES}
    assert not {*SIGNS} & LINES
