"""Carrying a visit, without a screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from fieldboard.domain.instants import HOUR, MINUTE
from fieldboard.tui import carry as moves
from fieldboard.tui.carry import Carry, Person
from tests.board.world import DAY, ZONE, at, visit, window

PEOPLE = (Person("t1", "Amara Diallo"), Person("t2", "Ben Fischer"), Person("t3", "Dai Evans"))
BOUNDS = ZONE.day_bounds(DAY)
SLOT = 30 * MINUTE


def held(**given: object) -> Carry:
    planned = visit(1, at(10), 90, crew=("t2",))
    carry = moves.pick_up(planned, PEOPLE, BOUNDS, SLOT, at(9), source="t2")
    assert carry is not None
    return replace(carry, **given)  # type: ignore[arg-type]


def test_a_planned_visit_is_held_where_it_is() -> None:
    carry = held()
    assert carry.target == ("t2", at(10), at(11, 30))
    assert not carry.moved


def test_queue_work_is_held_at_the_next_good_time() -> None:
    waits = visit(1, None, 60, windows=(window(at(13), at(16)),))
    carry = moves.pick_up(waits, PEOPLE, BOUNDS, SLOT, at(9, 10), over="t3")
    assert carry is not None
    assert carry.target == ("t3", at(13), at(14))
    late = moves.pick_up(visit(2, None, 60), PEOPLE, BOUNDS, SLOT, at(9, 10))
    assert late is not None
    assert (late.technician_id, late.start) == ("t1", at(9, 30))


def test_nobody_to_carry_to() -> None:
    assert moves.pick_up(visit(1, at(10)), (), BOUNDS, SLOT, at(9)) is None


def test_steps_move_over_technicians_and_slots_and_stop_at_the_ends() -> None:
    carry = moves.step(held(), columns=1)
    assert carry.technician_id == "t3"
    assert moves.step(carry, columns=5).technician_id == "t3"
    assert moves.step(carry, slots=2).start == at(11)
    assert moves.step(carry, slots=-99).start == BOUNDS[0]
    assert moves.step(carry, slots=99).start == BOUNDS[1] - SLOT


def test_left_of_the_first_technician_lies_the_queue() -> None:
    carry = moves.step(held(), columns=-2)
    assert carry.technician_id is None
    assert carry.moved
    assert moves.step(carry, columns=1).technician_id == "t1"


def test_the_first_step_from_between_two_slots_goes_to_a_slot() -> None:
    carry = held(start=at(10, 10), end=at(11, 40))
    assert moves.step(carry, slots=1).start == at(10, 30)
    assert moves.step(carry, slots=-1).start == at(10)


def test_a_move_keeps_the_length() -> None:
    carry = moves.step(held(), slots=3)
    assert carry.end - carry.start == 90 * MINUTE


@pytest.mark.parametrize(
    ("digits", "hour", "minute"),
    [("9", 9, 0), ("14", 14, 0), ("930", 9, 30), ("1430", 14, 30), ("99", 9, 0), ("1", 10, 0)],
)
def test_digits_set_the_time(digits: str, hour: int, minute: int) -> None:
    carry = held()
    for digit in digits:
        carry = moves.type_digit(carry, digit, ZONE)
    assert carry.start == at(hour, minute)
    assert carry.end - carry.start == 90 * MINUTE


def test_letters_find_a_technician_by_first_name_then_by_any_part() -> None:
    assert moves.type_letter(held(), "d").technician_id == "t3"
    carry = moves.type_letter(moves.type_letter(held(), "f"), "i")
    assert carry.technician_id == "t2"
    assert moves.type_letter(held(), "z") is not None
    assert moves.type_letter(held(), "q").technician_id == "t2"


def test_hjkl_are_steps_unless_a_name_is_typed() -> None:
    assert moves.stepped(held(), "l") == moves.step(held(), columns=1)
    assert moves.stepped(held(), "pagedown") == moves.step(held(), slots=4)
    named = moves.type_letter(held(), "f")
    assert moves.stepped(named, "l") is None
    assert moves.stepped(named, "right") == moves.step(named, columns=1)
    assert moves.stepped(held(), "x") is None


def test_backspace_takes_the_last_typed_back() -> None:
    carry = moves.type_digit(moves.type_digit(held(), "1", ZONE), "4", ZONE)
    assert moves.rub_out(carry, ZONE).typed_time == "1"
    assert moves.rub_out(moves.type_letter(held(), "d"), ZONE).typed_name == ""


def test_an_edge_never_passes_the_other() -> None:
    end = held(part="end")
    assert moves.step(end, slots=1).end == at(12)
    assert moves.step(end, slots=-20).end == at(10, 5)
    start = moves.step(held(part="start"), slots=20)
    assert (start.start, start.end) == (at(11, 25), at(11, 30))
    assert moves.step(end, columns=1).technician_id == "t2"


def test_another_day_keeps_the_time_on_the_wall_over_a_clock_change() -> None:
    spring = date(2026, 3, 28)
    carry = held(start=ZONE.day_bounds(spring)[0] + 10 * HOUR, end=ZONE.day_bounds(spring)[0] + 11 * HOUR)
    moved = moves.to_day(carry, spring + timedelta(days=1), ZONE)
    assert ZONE.clock_text(moved.start) == "10:00"


def test_every_move_takes_the_doubt_back() -> None:
    sure = held(sure=True)
    assert not moves.step(sure, slots=1).sure
    assert not moves.type_digit(sure, "9", ZONE).sure
    assert not moves.over(sure, "t1", at(8)).sure
    assert moves.over(sure, "t2", at(10)).sure
