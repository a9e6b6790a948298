from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldboard.board.filters import Filter, brief, narrows, parse, passes, shows_technician
from fieldboard.board.nearest import Nearest
from fieldboard.board.queue_board import QueueBoard
from fieldboard.board.queue_order import Group, GroupBy, Order
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from fieldboard.domain.technician import LatLng
from fieldboard.domain.travel import drive_km
from fieldboard.domain.visit import PlannedVisit
from tests.board.world import at, technician, visit, window

HIGH, LOW, URGENT = Priority.HIGH, Priority.LOW, Priority.URGENT


def ids(queue: QueueBoard) -> list[str]:
    return [row.id for row in queue.rows]


def test_urgency_is_priority_then_promise_then_age_and_drafts_last() -> None:
    rows = [
        visit(1, priority=LOW),
        visit(2, priority=URGENT, status=Status.DRAFT),
        visit(3, priority=HIGH, windows=(window(at(8), at(16)),)),
        visit(4, priority=HIGH, windows=(window(at(13), at(18)), window(at(8), at(12)))),
        visit(5),
        visit(6),
        visit(7, priority=None),
        visit(8, priority=HIGH),
    ]
    assert ids(QueueBoard(rows)) == ["v4", "v3", "v8", "v7", "v6", "v5", "v1", "v2"]


def test_rows_that_come_in_order_are_not_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [visit(1, priority=URGENT), visit(2, priority=HIGH), visit(3), visit(4, priority=LOW)]

    def refuse(*given: object, **how: object) -> list[object]:
        raise AssertionError((given, how))

    monkeypatch.setattr("fieldboard.board.queue_board.sorted", refuse, raising=False)
    assert ids(QueueBoard(rows)) == ["v1", "v2", "v3", "v4"]
    with pytest.raises(AssertionError):
        QueueBoard(rows[::-1])


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.AGE, ["v3", "v2", "v1"]),
        (Order.DURATION, ["v2", "v3", "v1"]),
        (Order.CUSTOMER, ["v2", "v1", "v3"]),
        (Order.SKILL, ["v3", "v1", "v2"]),
        (Order.NUMBER, ["v1", "v2", "v3"]),
        (Order.DISTANCE, ["v1", "v3", "v2"]),
        (Order.PROMISE, ["v2", "v1", "v3"]),
    ],
)
def test_other_orders(order: Order, expected: list[str]) -> None:
    rows = [
        visit(1, minutes=30, customer="Åberg", skills=("gas",), date=date(2026, 6, 8)),
        visit(2, minutes=90, customer="Abel", lat=None, windows=(window(at(8), at(9)),)),
        visit(3, minutes=45, customer="Öberg", skills=("boiler",), lat=51.6),
    ]
    near = Nearest([(LatLng(51.5, -0.12), None)])
    queue = QueueBoard(rows, order, distance=near)
    assert ids(queue) == expected
    assert ids(QueueBoard(rows, distance=near).sorted_by(order)) == expected


def test_groups_stand_together_in_their_own_order() -> None:
    rows = [visit(1, territory="south"), visit(2, territory=None), visit(3), visit(4, priority=URGENT)]
    queue = QueueBoard(rows, group_by=GroupBy.TERRITORY)
    assert queue.groups == (Group("north", 0, 2), Group("south", 2, 1), Group("no territory", 3, 1))
    assert ids(queue) == ["v4", "v3", "v1", "v2"]
    by_state = queue.sorted_by(Order.URGENCY, GroupBy.STATE)
    assert by_state.groups == (Group("unassigned and unscheduled", 0, 4),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("okafor", {"v1"}),
        ("OKAF", {"v1"}),
        ("4402", {"v2"}),
        ("hill rd 3", {"v3"}),
        ('"hill rd" 440', {"v1", "v2", "v3"}),
        ("skill:gas", {"v1", "v3"}),
        ("prio:u", {"v2"}),
        ("terr:sou", {"v3"}),
        ("cust:okafor skill:gas", {"v1"}),
        ("unassigned", {"v1", "v2"}),
        ("unscheduled", {"v1", "v2", "v3"}),
        ("draft", set()),
        ("tech:t1", {"v3"}),
        ("day:2026-06", {"v2"}),
        ("gas", {"v1", "v3"}),
        ("skill:", {"v1", "v2", "v3"}),
        ("note:x", set()),
    ],
)
def test_filters(text: str, expected: set[str]) -> None:
    rows = [
        visit(1, customer="Okafor", skills=("Gas-safe",)),
        visit(2, priority=URGENT, date=date(2026, 6, 9)),
        visit(3, skills=("gas",), territory="South", crew=("t1",)),
    ]
    queue = QueueBoard(rows).filtered(Filter(text))
    assert set(ids(queue)) == expected
    assert queue.total == 3
    assert set(ids(QueueBoard(rows, filter=Filter(text)))) == expected


def test_a_longer_word_narrows_and_a_shorter_does_not() -> None:
    assert narrows(parse("okaf"), parse("oka"))
    assert narrows(parse("oka skill:gas"), parse("oka"))
    assert not narrows(parse("ok"), parse("oka"))
    assert not narrows(parse("prio:low"), parse("prio:l"))


def test_columns_are_filtered_by_name_skill_and_territory() -> None:
    who = technician(name="Dai Evans", territory="North")
    assert shows_technician(parse("dai skill:gas terr:nor"), who)
    assert not shows_technician(parse("dai skill:wings"), who)
    assert shows_technician((), who)


def test_a_row_is_found_by_its_visit() -> None:
    queue = QueueBoard([visit(number) for number in range(20)]).filtered(Filter("service 1"))
    assert queue.position("v1") == ids(queue).index("v1")
    assert queue.position("v2") is None
    assert queue.row("v2") is not None
    assert queue.has(["v2", "v99"]) == {"v2"}


def test_what_is_planned_leaves_the_queue() -> None:
    queue = QueueBoard([visit(1), visit(2)])
    after = queue.changed({"v1": visit(1, at(9))})
    assert ids(after) == ["v2"]
    assert after.total == 1
    assert ids(queue) == ["v2", "v1"]
    assert after.has(["v1", "v2"]) == {"v2"}
    assert queue.changed({"v3": visit(3)}).has(["v3"]) == {"v3"}


WORDS = st.sampled_from(["", "a", "ab", "abc", "b c", "skill:a", "skill:ab", "prio:high", "unassigned", "zz"])
ROWS = st.lists(
    st.tuples(
        st.text("abc ", max_size=6),
        st.lists(st.sampled_from(["a", "ab", "c"]), max_size=2, unique=True).map(tuple),
        st.sampled_from([None, *Priority]),
        st.sampled_from([(), ("t1",)]),
    ),
    max_size=30,
)


def made(rows: list[tuple[str, tuple[str, ...], Priority | None, tuple[str, ...]]]) -> list[PlannedVisit]:
    return [
        visit(number, title=title, skills=skills, priority=priority, crew=crew)
        for number, (title, skills, priority, crew) in enumerate(rows)
    ]


@given(ROWS, st.lists(WORDS, min_size=1, max_size=5), st.sampled_from([Order.URGENCY, Order.SKILL]))
def test_narrowing_gives_what_a_whole_look_gives(
    rows: list[tuple[str, tuple[str, ...], Priority | None, tuple[str, ...]]], typed: list[str], order: Order
) -> None:
    visits = made(rows)
    queue = QueueBoard(visits, order)
    for text in typed:
        queue = queue.filtered(Filter(text))
        assert ids(queue) == ids(QueueBoard(visits, order).filtered(Filter(text)))
        assert ids(queue) == [row.id for row in QueueBoard(visits, order).rows if passes(parse(text), row)]


@given(ROWS, ROWS, WORDS, st.booleans())
def test_a_change_gives_what_a_new_queue_gives(
    rows: list[tuple[str, tuple[str, ...], Priority | None, tuple[str, ...]]],
    others: list[tuple[str, tuple[str, ...], Priority | None, tuple[str, ...]]],
    text: str,
    grouped: bool,
) -> None:
    group = GroupBy.SKILL if grouped else GroupBy.NOTHING
    before = {row.id: row for row in made(rows)}
    queue = QueueBoard(list(before.values()), group_by=group).filtered(Filter(text))
    changes: dict[str, PlannedVisit | None] = {row.id: row for row in made(others)}
    changes.update(dict.fromkeys(list(before)[::3]))
    changes.update({visit_id: visit(5, at(9))._replace(id=visit_id) for visit_id in list(before)[1::3]})
    after = dict(before)
    for visit_id, row in changes.items():
        after.pop(visit_id, None)
        if row is not None and row.queued:
            after[visit_id] = row
    queue = queue.changed(changes)
    fresh = QueueBoard(list(after.values()), group_by=group).filtered(Filter(text))
    assert list(queue.rows) == list(fresh.rows)
    assert queue.total == fresh.total
    assert queue.groups == fresh.groups
    assert ids(queue.filtered(Filter(""))) == ids(fresh.filtered(Filter("")))
    for row in fresh.rows:
        assert queue.position(row.id) == fresh.position(row.id)


PLACES = st.builds(LatLng, st.floats(51.3, 51.7), st.floats(-0.5, 0.3))


@given(st.lists(PLACES, min_size=1, max_size=40), PLACES)
def test_the_nearest_is_the_nearest(places: list[LatLng], here: LatLng) -> None:
    found = Nearest((place, None) for place in places)(visit(1, lat=here.lat, lng=here.lng))
    best = min(drive_km(here, place) for place in places)
    assert found == pytest.approx(best, rel=0.01, abs=0.02)


def test_only_who_has_the_skill_is_near() -> None:
    near = Nearest(
        [(LatLng(51.5, -0.12), frozenset({"gas"})), (LatLng(51.6, -0.12), frozenset({"gas", "wings"}))]
    )
    assert near(visit(1, skills=("Gas",))) == 0
    assert near(visit(1, skills=("wings",))) == pytest.approx(14.5, abs=0.1)
    assert near(visit(1, skills=("tails",))) is None
    assert near(visit(1, lat=None)) is None
    far_away = near(visit(1, lat=60.0))
    assert far_away is not None
    assert far_away > 1000


def test_a_filter_is_shortened_by_whole_conditions() -> None:
    text = 'skill:gas cust:"St. Brigid’s School" unassigned'
    assert brief(text, len(text)) == text
    assert brief(text, len(text) - 1) == 'skill:gas cust:"St. Brigid’s School" …'
    assert brief(text, 12) == "skill:gas …"
    assert brief(text, 12, "~") == "skill:gas ~"
    assert brief(text, 8) == ""
    assert brief('cust:"open', 20) == 'cust:"open'
