"""A row of the queue: no word of ours is cut or run into another, whatever the pane's width."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from fieldboard.board.queue_board import QueueBoard
from fieldboard.domain.instants import instant_of
from fieldboard.domain.job import TimeWindow
from fieldboard.domain.visit import PlannedVisit
from fieldboard.themes_file import load_themes
from fieldboard.tui.glyphs import UNICODE
from fieldboard.tui.panes.look import Look, length_text
from fieldboard.tui.panes.queue import QueuePane, promise_text
from fieldboard.tui.panes.queue_view import QueueView, whole
from fieldboard.tui.theme import Palette
from tests.board.world import visit
from tests.tui.driver import NO_FILE
from tests.tui.world import DAY, NOW, ZONE, at

LOOK = Look(Palette(load_themes(NO_FILE)[0]["dark"]), UNICODE, ZONE, instant_of(NOW))


def promised(start: str, end: str, day: date = DAY) -> PlannedVisit:
    return visit(1, windows=(TimeWindow(at(start, day), at(end, day)),))


ROWS = {
    "by 12:00": promised("08:00", "12:00"),
    "12–16": promised("12:00", "16:00"),
    "13:30–15:30": promised("13:30", "15:30"),
    "Fri 5": promised("08:00", "17:00", DAY + timedelta(days=1)),
    "by 30 May": promised("08:00", "17:00", date(2026, 5, 30)),
    "at 14:00": visit(1, at("14:00"), crew=()),
    "Fri 09:30": visit(1, at("09:30", DAY + timedelta(days=1)), crew=()),
    "Wed 24 Jun": visit(1, at("09:30", DAY + timedelta(days=20)), crew=()),
    "today": visit(1, date=DAY),
    "Wed 10": visit(1, date=DAY + timedelta(days=6)),
    "any time": visit(1),
}


@pytest.mark.parametrize("words", ROWS)
def test_the_promise_in_few_words(words: str) -> None:
    assert promise_text(ROWS[words], LOOK)[0] == words


@pytest.mark.parametrize("width", [38, 44, 46, 54, 80, 120])
@pytest.mark.parametrize("km", [None, 0.4, 9.94, 9.96, 64.2, 312.0])
@pytest.mark.parametrize("words", [*ROWS, "no time yet"])
def test_no_word_is_cut(words: str, km: float | None, width: int) -> None:
    row = ROWS.get(words) or visit(1, crew=("t1",))
    row = row._replace(customer="St. Brigid's School of Music", skills=("gas", "heat pump"), duration_min=630)
    pane = QueuePane(LOOK)
    pane.view = whole(QueueBoard([row], distance=lambda _: km))
    text = pane._draw_row(row, 1, width).text
    away = "" if km is None else f"{km:.1f} km" if km < 9.95 else f"{km:.0f} km"
    assert len(text) == width
    length = "~11h" if row.minutes == 630 else length_text(row.minutes)
    assert f" {length:<4} {words}" in text
    assert (f"{words} " in text) or not away
    assert text.rstrip().endswith(away)
    if away:
        assert f" {away}" in text


@pytest.mark.parametrize("width", [24, 36, 76])
def test_why_a_queue_is_empty_is_said_to_the_end(width: int) -> None:
    pane = QueuePane(LOOK)
    pane.waiting_for = "Reading from FSM Navigator for the first time."
    lines = [pane.draw(y, width).text for y in range(2, 6)]
    assert " ".join(line.strip() for line in lines if line.strip()) == pane.waiting_for
    assert all(not line or len(line) <= width for line in lines)


@pytest.mark.parametrize(
    ("announced", "says"),
    [
        ((), ["Nothing waits for a technician.", "[create] makes a new job"]),
        (("v1",), ["One new job has come in.", "[show_new] shows it"]),
        (("v1", "v2"), ["2 new jobs have come in.", "[show_new] shows them"]),
    ],
)
def test_an_empty_queue_says_what_to_do_by_the_keys_that_hold(
    announced: tuple[str, ...], says: list[str]
) -> None:
    pane = QueuePane(LOOK)
    pane.key_of = "[{}]".format
    pane.view = QueueView(QueueBoard([]), (), announced=announced)
    lines = [pane.draw(y, 60).text.strip() for y in range(2, 6)]
    assert [line for line in lines if line] == says
