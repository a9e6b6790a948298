from __future__ import annotations

from datetime import date

import pytest

from fieldboard.domain.customer import Customer
from fieldboard.domain.job import TimeWindow
from fieldboard.domain.operation import Change, Intent, Kind, OperationDraft
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from fieldboard.domain.technician import Technician
from tests.cache.world import DAY, World, at, job, visit


def test_a_day_has_its_visits_with_the_facts_of_their_jobs(world: World) -> None:
    world.first_sync(
        Technician("t1", "Dai Evans"),
        Customer("c1", "Café Río"),
        job(
            1,
            skills=("gas", "heating"),
            windows=(TimeWindow(at("2026-06-04T08:00"), at("2026-06-04T12:00")),),
        ),
        visit(1),
        visit(2, job_id="j2", start=at("2026-06-05T10:00"), end=at("2026-06-05T11:00")),
        job(2),
    )
    (found,) = world.reader().day(DAY)
    assert (found.id, found.number, found.customer, found.technician_ids) == (
        "v1",
        "4401",
        "Café Río",
        ("t1",),
    )
    assert found.skills == ("gas", "heating")
    assert found.windows == (TimeWindow(at("2026-06-04T08:00"), at("2026-06-04T12:00")),)
    assert (found.nth, found.of, found.mark, found.job_status) == (1, 1, "", Status.ASSIGNED)


def test_what_repeats_in_a_long_queue_is_in_memory_once(world: World) -> None:
    promised = (TimeWindow(at("2026-06-04T08:00"), at("2026-06-04T12:00")),)
    made = at("2026-06-01T09:00")
    world.first_sync(
        *(job(number, windows=promised, created_at=made, lat=51.5, lng=-0.1) for number in (1, 2)),
        Customer("c1", "Café Río"),
    )
    one, other = world.reader().queue()
    assert one.windows == promised
    for field in ("title", "customer", "address", "windows", "skills", "created_at", "lat", "lng"):
        assert getattr(one, field) is getattr(other, field), field


def test_what_repeats_in_a_day_is_in_memory_once(world: World) -> None:
    world.first_sync(job(1), job(2), visit(1), visit(2), Customer("c1", "Café Río"))
    one, other = world.reader().day(DAY)
    assert one.id != other.id
    for field in ("title", "customer", "address", "raw_status", "start", "end", "technician_ids", "skills"):
        assert getattr(one, field) is getattr(other, field), field


def test_a_visit_shows_on_each_day_that_it_touches(world: World) -> None:
    world.first_sync(
        job(1),
        job(2),
        job(3),
        visit(1, start=at("2026-06-04T22:00"), end=at("2026-06-05T02:00")),
        visit(2, start=at("2026-06-01T08:00"), end=at("2026-06-06T17:00")),
        visit(3, start=at("2026-06-04T23:00"), end=at("2026-06-05T00:00")),
    )
    reader = world.reader()
    days = {day: {one.id for one in reader.day(date(2026, 6, day))} for day in range(1, 8)}
    assert days == {
        1: {"v2"}, 2: {"v2"}, 3: {"v2"}, 4: {"v1", "v2", "v3"}, 5: {"v1", "v2"}, 6: {"v2"}, 7: set(),
    }  # fmt: skip


def test_days_of_23_and_25_hours_have_all_their_visits_and_none_of_the_next(world: World) -> None:
    world.first_sync(
        job(1),
        job(2),
        visit(1, start=at("2026-03-29T23:30"), end=at("2026-03-30T00:00")),
        visit(2, start=at("2026-10-25T23:30"), end=at("2026-10-26T00:00")),
    )
    reader = world.reader()
    assert [one.id for one in reader.day(date(2026, 3, 29))] == ["v1"]
    assert reader.day(date(2026, 3, 30)) == []
    assert [one.id for one in reader.day(date(2026, 10, 25))] == ["v2"]
    assert reader.day(date(2026, 10, 26)) == []


def test_a_visit_with_only_a_date_is_on_that_date(world: World) -> None:
    world.first_sync(job(1), visit(1, start=None, end=None, date=DAY))
    reader = world.reader()
    assert [one.date for one in reader.day(DAY)] == [DAY]
    found = reader.job("j1")
    assert found is not None
    assert found.start is None
    assert [one.id for one in reader.jobs(day=DAY)] == ["j1"]


def test_the_queue_has_what_waits_by_priority_promise_and_age(world: World) -> None:
    window = (TimeWindow(1, at("2026-06-04T12:00")),)
    later = (TimeWindow(1, at("2026-06-04T13:00")),)
    world.first_sync(
        job(1, priority=None, status=Status.UNASSIGNED),
        job(2, priority=Priority.URGENT),
        job(3, windows=later),
        job(4, windows=window),
        job(5),
        job(6, status=Status.DRAFT, priority=Priority.URGENT),
        job(7, status=Status.CANCELLED),
        job(8, technician_ids=("t1",), start=at("2026-06-04T08:00")),
        visit(2, technician_ids=()),
        visit(3, start=None, end=None),
    )
    queue = world.reader().queue()
    assert [one.job_id for one in queue] == ["j2", "j4", "j3", "j5", "j1", "j6"]
    assert [one.job_id for one in queue if not one.technician_ids] == ["j2", "j4", "j5", "j1", "j6"]
    assert all(one.queued for one in queue)


def test_a_job_without_visits_has_a_made_up_one_until_a_real_one_comes(world: World) -> None:
    world.first_sync(job(1))
    reader = world.reader()
    assert [(one.id, one.made_up) for one in reader.queue()] == [("j1", True)]
    world.store(visit(1))
    assert reader.queue() == []
    assert [one.id for one in reader.planned_of_job("j1")] == ["v1"]
    world.writer.mark_gone(Kind.VISIT, ["v1"])
    assert [(one.id, one.made_up) for one in reader.queue()] == [("j1", True)]


def test_the_status_of_a_job_is_told_by_its_visits(world: World) -> None:
    world.first_sync(
        job(1),
        visit(1, technician_ids=()),
        job(2, status=Status.UNASSIGNED),
        visit(2, technician_ids=("t1", "t2")),
        visit(22, job_id="j2", technician_ids=("t3",), status=Status.CANCELLED),
        job(3, technician_ids=("t4",), status=Status.UNASSIGNED),
        job(4, status=Status.IN_PROGRESS),
        visit(4, status=Status.EN_ROUTE),
    )
    found = {one.id: (one.status, one.technician_ids) for one in world.reader().jobs()}
    assert found == {
        "j1": (Status.UNASSIGNED, ()),
        "j2": (Status.ASSIGNED, ("t1", "t2")),
        "j3": (Status.ASSIGNED, ("t4",)),
        "j4": (Status.EN_ROUTE, ("t1",)),
    }


def test_the_visits_of_a_job_are_numbered_by_time(world: World) -> None:
    world.first_sync(
        job(1),
        visit(1, start=at("2026-06-05T10:00"), end=at("2026-06-05T11:00")),
        visit(2, job_id="j1"),
        visit(3, job_id="j1", start=None, end=None),
    )
    assert [(one.id, one.nth, one.of) for one in world.reader().planned_of_job("j1")] == [
        ("v2", 1, 3),
        ("v1", 2, 3),
        ("v3", 3, 3),
    ]


def test_search_lists_first_what_is_nearest_to_now(world: World) -> None:
    now = at("2026-06-04T12:00")
    world.first_sync(
        *(job(number, customer="Rossi") for number in range(1, 6)),
        visit(1, start=now + 90 * 86_400),
        visit(2, start=now + 3_600),
        visit(3, start=now - 86_400 * 2),
        visit(4, start=now - 7_200, status=Status.COMPLETED),
        visit(5, start=now - 86_400 * 30, status=Status.COMPLETED),
    )
    assert [one.id for one in world.reader().search("rossi", 10, now)] == ["v2", "v4", "v3", "v1", "v5"]


def test_search_ignores_case_and_finds_by_number_customer_address_and_phone(world: World) -> None:
    world.first_sync(
        Customer("c1", "Straße & Söhne"),
        job(1, phone="0161 496 0000"),
        visit(1),
        job(2, customer="Other Ltd"),
    )
    reader = world.reader()
    for text in ("4401", "STRASSE", "söhne", "496 00"):
        assert [one.id for one in reader.search(text, 10)] == ["v1"], text
    assert {one.id for one in reader.search("high street", 10)} == {"v1", "j2"}
    assert len(reader.search("high street", 1)) == 1
    assert reader.search("%", 10) == []
    assert reader.search("  ", 10) == []


def test_a_renamed_customer_is_renamed_on_every_visit(world: World) -> None:
    world.first_sync(Customer("c1", "Old Name"), job(1), visit(1))
    reader = world.reader()
    rev = reader.rev()
    world.store(Customer("c1", "New Name"))
    assert [one.customer for one in reader.planned(["v1"])] == ["New Name"]
    assert reader.changed_since(rev) == (rev + 1, ["v1"])
    assert [one.id for one in reader.search("new name", 10)] == ["v1"]


def test_a_visit_whose_job_is_unknown_is_shown_and_gets_its_facts_later(world: World) -> None:
    world.first_sync(visit(1))
    reader = world.reader()
    assert [(one.id, one.number) for one in reader.day(DAY)] == [("v1", "")]
    world.store(job(1))
    assert [(one.id, one.number) for one in reader.day(DAY)] == [("v1", "4401")]


@pytest.mark.parametrize(
    ("kept", "typed", "found"),
    [
        ("+44 117 496 0123", "0117 4960", True),
        ("+44 117 496 0123", "(0117) 496-0123", True),
        ("+441174960123", "+44 (0)117 496", True),
        ("0117 496 0123", "+44 117 4960", True),
        ("0117 496 0123", "0044 117 4960", True),
        ("0117 496 0123", "4960123", True),
        ("0117 496 0123", "0117 4961", False),
        ("0117 496 0123", "0 1", False),
        ("0117 496 0123", "0000 00", False),
    ],
)
def test_a_telephone_number_is_found_by_its_digits(world: World, kept: str, typed: str, found: bool) -> None:
    world.first_sync(Customer("c1", "Okafor"), job(1, phone=kept), visit(1))
    assert [one.id for one in world.reader().search(typed, 10)] == (["v1"] if found else [])
    shown = world.shown()
    change = Change(Kind.JOB, "j1", "title", None, "Leak")
    shown.outbox.add(OperationDraft(Intent.EDIT, "job:j1", (change,)))
    shown.poll()
    assert [one.id for one in shown.search(typed)] == (["v1"] if found else [])


def test_a_job_that_is_kept_by_order_stands_on_its_day_and_not_in_the_queue(world: World) -> None:
    ordered = job(
        1, start=None, end=None, technician_ids=("t1",), date=DAY, sequence=3, status=Status.ASSIGNED
    )
    waiting = job(2, start=None, end=None, technician_ids=(), date=DAY, status=Status.UNASSIGNED)
    world.first_sync(ordered, waiting)
    reader = world.reader()
    assert {one.id: (one.date, one.sequence, one.estimated) for one in reader.day(DAY)} == {
        "j1": (DAY, 3, True),
        "j2": (DAY, None, True),
    }
    assert [one.id for one in reader.queue()] == ["j2"]
    kept = reader.own_job("j1")
    assert kept is not None
    assert (kept.date, kept.sequence) == (DAY, 3)
    shown = reader.job("j1")
    assert shown is not None
    assert (shown.date, shown.sequence) == (DAY, 3)
