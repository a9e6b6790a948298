"""FieldOpt's JSON in both dialects, row by row; lists and answers as servers may give them."""

from __future__ import annotations

import json
from datetime import time
from typing import Any

import httpx
import pytest

from fieldboard.backends.fieldopt import dialects, open_fieldopt
from fieldboard.backends.fieldopt.adapter import FieldOpt
from fieldboard.backends.fieldopt.bodies import new_job, times_body
from fieldboard.backends.fieldopt.reading import Known, rows_of
from fieldboard.backends.fieldopt.replies import text_of
from fieldboard.backends.fieldopt.rules import FIELDOPT, Dialect, fieldopt_rules, word_path
from fieldboard.backends.fieldopt.slots import Zones, noon_text
from fieldboard.backends.json_door import RowText
from fieldboard.backends.port import LineDown, Reach, Reading, Row, WalkRequest, WalkResult
from fieldboard.clock import FixedClock
from fieldboard.domain.instants import Zone, parse_instant
from fieldboard.domain.job import Job, TimeWindow
from fieldboard.domain.operation import Kind
from fieldboard.domain.priority import Priority
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import Status
from fieldboard.domain.technician import LatLng, Technician, WallSpan
from tests.backends.synced import NOW, ZONE

ZONES = Zones(Zone("America/New_York"), Zone("UTC"))

# The example bodies of the documents.
TECHNICIAN = {
    "id": 1,
    "name": "Miles Davis",
    "status": "available",
    "phone": "555-0101",
    "skills": ["install", "repair"],
    "capacity": 4,
    "current_workload": 2,
}
JOB = {
    "id": 1,
    "type": "install",
    "customer": "Acme Corp",
    "address": "123 Main St, NYC",
    "skills_required": ["install"],
    "status": "pending",
    "scheduled_date": "2026-04-15",
    "time_slot": "08:00-12:00",
    "assigned_technician": None,
}
SUMMARY = {"total_jobs": 42, "pending": 15, "assigned": 18, "in_progress": 5, "completed": 4, "failed": 0}
RECOMMENDED = {
    "job_id": 1,
    "recommended_technician": {
        "id": 2,
        "name": "Chet Baker",
        "skills": ["install", "repair"],
        "capacity_available": True,
        "match_score": 0.95,
    },
}

# A row of the public servers.
CODE_JOB = {
    "id": 7,
    "job_number": "J-7",
    "job_type": "service_change",
    "status": "assigned",
    "customer_name": "Acme Corp",
    "customer_phone": "555-0199",
    "customer_email": None,
    "service_address": "123 Main St",
    "service_city": "Springfield",
    "service_zip": "01101",
    "latitude": 42.1,
    "longitude": -72.6,
    "required_skills": ["install"],
    "route_criteria": "North",
    "priority": 2,
    "scheduled_date": "2026-04-15T08:00:00Z",
    "time_slot_start": "08:00",
    "time_slot_end": "12:00",
    "estimated_duration": 90,
    "description": "Move the meter",
    "notes": "Gate 4\n",
    "special_instructions": None,
    "created_at": "2026-04-01T10:00:00.123456Z",
    "updated_at": "2026-04-02T10:00:00.123456Z",
    "started_at": None,
    "completed_at": None,
    "assigned_tech_id": 5,
    "assigned_tech_name": "Chet Baker",
    "estimated_arrival": None,
    "actual_duration_minutes": 77,
}
CODE_TECHNICIAN = {
    "id": 5,
    "name": "Chet Baker",
    "employee_id": "E5",
    "phone": None,
    "email": "c@example.com",
    "status": "en_route",
    "is_active": True,
    "current_latitude": 42.0,
    "current_longitude": -72.0,
    "last_location_update": "2026-04-15T08:00:00Z",
    "home_latitude": 42.2,
    "home_longitude": -72.2,
    "home_address": "1 Elm St",
    "skills": ["install"],
    "assigned_routes": ["North", "West"],
    "shift_start": "08:00",
    "shift_end": "17:00",
    "max_jobs_per_day": 6,
    "created_at": "2026-01-01T00:00:00Z",
    "updated_at": "2026-04-01T00:00:00Z",
    "assigned_jobs": 3,
    "completed_jobs": 1,
}


def read(kind: Kind, value: dict[str, Any], known: Known | None = None) -> Row | str:
    good, bad = rows_of(kind, [RowText(value, json.dumps(value))], known or Known(ZONES))
    return good[0] if good else bad[0].why


def job(row: dict[str, Any] = JOB, /, **fields: Any) -> Job:
    found = read(Kind.JOB, {**row, **fields})
    assert isinstance(found, Row), found
    assert isinstance(found.entity, Job)
    return found.entity


def test_the_documents_job() -> None:
    start = parse_instant("2026-04-15T08:00:00-04:00")
    assert job() == Job(
        id="1",
        number="1",
        title="Install",
        customer="Acme Corp",
        address="123 Main St, NYC",
        status=Status.UNASSIGNED,
        raw_status="pending",
        start=start,
        end=start + 3600,
        windows=(TimeWindow(start, start + 4 * 3600),),
        skills=("install",),
        kind="install",
    )


def test_the_documents_technician() -> None:
    found = read(Kind.TECHNICIAN, TECHNICIAN)
    assert isinstance(found, Row)
    assert found.entity == Technician(
        "1",
        "Miles Davis",
        status="available",
        skills=("install", "repair"),
        skills_known=True,
        capacity=4,
        phone="555-0101",
    )
    busier = read(Kind.TECHNICIAN, {**TECHNICIAN, "current_workload": 3})
    assert isinstance(busier, Row)
    assert busier.raw == found.raw, "what counts jobs is no change of a technician"


def test_a_job_of_the_public_servers() -> None:
    start = parse_instant("2026-04-15T08:00:00-04:00")
    assert job(CODE_JOB) == Job(
        id="7",
        number="J-7",
        title="Move the meter",
        customer="Acme Corp",
        phone="555-0199",
        address="123 Main St, Springfield 01101",
        lat=42.1,
        lng=-72.6,
        status=Status.ASSIGNED,
        raw_status="assigned",
        priority=Priority.HIGH,
        technician_ids=("5",),
        start=start,
        end=start + 90 * 60,
        duration_min=90,
        windows=(TimeWindow(start, start + 4 * 3600),),
        skills=("install",),
        territory="North",
        notes="Gate 4\n",
        kind="service_change",
        created_at=parse_instant("2026-04-01T10:00:00Z"),
        updated_at=parse_instant("2026-04-02T10:00:00Z"),
    )


def test_a_technician_of_the_public_servers() -> None:
    found = read(Kind.TECHNICIAN, CODE_TECHNICIAN)
    assert isinstance(found, Row)
    assert found.entity == Technician(
        "5",
        "Chet Baker",
        status="en_route",
        skills=("install",),
        skills_known=True,
        shift=dict.fromkeys(range(7), WallSpan(time(8), time(17))),
        capacity=6,
        home=LatLng(42.2, -72.2),
        territory="North, West",
        position=LatLng(42.0, -72.0),
    )
    gone = read(Kind.TECHNICIAN, {**CODE_TECHNICIAN, "is_active": False, "status": "off_duty"})
    assert isinstance(gone, Row)
    assert isinstance(gone.entity, Technician)
    assert (gone.entity.active, gone.entity.status) == (False, "off_duty")


@pytest.mark.parametrize(
    ("word", "who", "status", "told"),
    [
        ("pending", None, Status.UNASSIGNED, ""),
        ("pending", 5, Status.ASSIGNED, "pending, and has a technician"),
        ("assigned", 5, Status.ASSIGNED, ""),
        ("assigned", None, Status.UNASSIGNED, "called assigned, and has no technician"),
        ("in_progress", 5, Status.IN_PROGRESS, ""),
        ("in_progress", None, Status.IN_PROGRESS, "in progress, and has no technician"),
        ("on_hold", 5, Status.ON_HOLD, ""),
        ("completed", 5, Status.COMPLETED, ""),
        ("cancelled", 5, Status.CANCELLED, ""),
        ("canceled", None, Status.CANCELLED, ""),
        ("failed", 5, Status.FAILED, ""),
        ("Assigned", 5, Status.ASSIGNED, ""),
        ("parked", 5, Status.UNKNOWN, ""),
        (None, None, Status.UNKNOWN, ""),
    ],
)
@pytest.mark.parametrize("row", [JOB, CODE_JOB], ids=["documented", "code"])
def test_each_status(row: dict[str, Any], word: Any, who: int | None, status: Status, told: str) -> None:
    name = "assigned_tech_id" if row is CODE_JOB else "assigned_technician"
    found = job(row, status=word, **{name: who}, **({"assigned_tech_name": None} if row is CODE_JOB else {}))
    assert (found.status, found.raw_status) == (status, word or "")
    said = [one.value for one in found.fields if one.name == "Status and assignment"]
    assert bool(said) == bool(told)
    assert not told or told in said[0]


@pytest.mark.parametrize(
    "who", [5, "5", {"id": 5, "name": "Chet Baker"}, "Chet Baker", {"name": "chet baker"}]
)
def test_whoever_goes_in_any_shape(who: Any) -> None:
    known = Known(ZONES)
    read(Kind.TECHNICIAN, CODE_TECHNICIAN, known)
    found = read(Kind.JOB, {**JOB, "status": "assigned", "assigned_technician": who}, known)
    assert isinstance(found, Row)
    assert isinstance(found.entity, Job)
    assert found.entity.technician_ids == ("5",)
    assert not known.unnamed | known.silent


def test_a_name_that_two_have_and_a_technician_that_nobody_tells() -> None:
    known = Known(ZONES)
    read(Kind.TECHNICIAN, CODE_TECHNICIAN, known)
    read(Kind.TECHNICIAN, {**CODE_TECHNICIAN, "id": 6}, known)
    read(Kind.JOB, {**JOB, "assigned_technician": "Chet Baker"}, known)
    read(Kind.JOB, {**JOB, "id": 2, "status": "in_progress"}, known)
    read(Kind.JOB, {**CODE_JOB, "assigned_tech_id": None, "assigned_tech_name": None}, known)
    assert (known.unnamed, known.silent) == ({"1"}, {"2"})


@pytest.mark.parametrize(
    ("fields", "start", "end", "closing"),
    [
        ({}, "2026-04-15T08:00-04:00", "2026-04-15T09:00-04:00", "2026-04-15T12:00-04:00"),
        ({"time_slot": None}, None, None, None),
        ({"scheduled_date": None}, None, None, None),
        ({"time_slot": "08:00"}, "2026-04-15T08:00-04:00", "2026-04-15T09:00-04:00", None),
        (
            {"time_slot": " 8:30 – 9:15 "},
            "2026-04-15T08:30-04:00",
            "2026-04-15T09:15-04:00",
            "2026-04-15T09:15-04:00",
        ),
        # Over midnight, on purpose.
        (
            {"time_slot": "22:00-02:00"},
            "2026-04-15T22:00-04:00",
            "2026-04-15T23:00-04:00",
            "2026-04-16T02:00-04:00",
        ),
        # A time that the clock skips.
        (
            {"scheduled_date": "2026-03-08", "time_slot": "02:30-04:00"},
            "2026-03-08T03:30-04:00",
            "2026-03-08T04:00-04:00",
            "2026-03-08T04:00-04:00",
        ),
    ],
)
def test_days_and_slots(
    fields: dict[str, Any], start: str | None, end: str | None, closing: str | None
) -> None:
    found = job(**fields)
    wanted = tuple(parse_instant(one) if one is not None else None for one in (start, end))
    assert (found.start, found.end) == wanted
    windows = ((wanted[0], parse_instant(closing)),) if closing is not None else ()
    assert found.windows == windows
    assert (found.date is not None) == ("time_slot" in fields and start is None)


@pytest.mark.parametrize(
    ("told", "server_day", "day"),
    [
        ("2026-04-15T08:00:00Z", "UTC", "2026-04-15"),
        ("2026-04-15T00:00:00Z", "UTC", "2026-04-15"),
        ("2026-04-15T23:59:59.999999Z", "UTC", "2026-04-15"),
        ("2026-04-16T02:00:00Z", "America/New_York", "2026-04-15"),
        ("2026-04-15T22:00:00", "America/New_York", "2026-04-15"),
        ("2026-04-15", "Pacific/Auckland", "2026-04-15"),
    ],
)
def test_the_day_is_that_of_the_servers_own_zone(told: str, server_day: str, day: str) -> None:
    known = Known(Zones(Zone("Europe/London"), Zone(server_day)))
    found = read(Kind.JOB, {**CODE_JOB, "scheduled_date": told}, known)
    assert isinstance(found, Row)
    assert isinstance(found.entity, Job)
    assert found.entity.start == parse_instant(f"{day}T08:00:00+01:00")


@pytest.mark.parametrize(
    "zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York", "Asia/Kolkata"]
)
def test_a_day_is_written_so_that_every_server_reads_the_same(zone: str) -> None:
    zones = Zones(Zone("Europe/London"), Zone(zone))
    text = noon_text(parse_instant("2026-06-04T23:30:00+01:00"), zones)
    assert zones.server_day.date_of(parse_instant(text)).isoformat() == "2026-06-04"


@pytest.mark.parametrize("row", [JOB, CODE_JOB], ids=["documented", "code"])
@pytest.mark.parametrize(
    "value", [None, True, [], {}, [{}], 1.5, -1, "", "\x1b[2J", "x" * 5000, {"a": [1]}, 10**30]
)
def test_a_wrong_type_in_any_field_never_crashes(row: dict[str, Any], value: Any) -> None:
    for name in row:
        found = read(Kind.JOB, {**row, name: value})
        if isinstance(found, str):
            assert found
        else:
            assert isinstance(found.entity, Job)
            assert "\x1b" not in f"{found.entity.title}{found.entity.customer}{found.raw}"


@pytest.mark.parametrize("row", [TECHNICIAN, CODE_TECHNICIAN], ids=["documented", "code"])
@pytest.mark.parametrize("value", [None, True, [], {}, [{}], 1.5, -1, "", "\x1b[2J", "x" * 5000, {"a": [1]}])
def test_a_wrong_type_in_any_field_of_a_technician_never_crashes(row: dict[str, Any], value: Any) -> None:
    for name in row:
        found = read(Kind.TECHNICIAN, {**row, name: value})
        assert found
        if isinstance(found, Row):
            assert isinstance(found.entity, Technician)
            assert found.entity.name


@pytest.mark.parametrize("own_id", [None, "", True, [], "../technicians", "1?x=2", "a b", "x" * 41])
def test_what_is_no_id_is_set_aside(own_id: Any) -> None:
    assert isinstance(read(Kind.JOB, {**JOB, "id": own_id}), str)


def test_texts_for_numbers_and_lists_are_understood() -> None:
    found = job(CODE_JOB, id="7", latitude="42.1", priority="2", assigned_tech_id="5", required_skills="a, b")
    assert (found.id, found.lat, found.priority, found.skills) == ("7", 42.1, Priority.HIGH, ("a", "b"))


@pytest.mark.parametrize(
    ("row", "dialect"),
    [
        (JOB, "documented"),
        (TECHNICIAN, "documented"),
        (CODE_JOB, "code"),
        (CODE_TECHNICIAN, "code"),
        ({"id": 1}, None),
    ],
)
def test_a_row_tells_its_dialect(row: dict[str, Any], dialect: str | None) -> None:
    assert dialects.by_keys(row) == (Dialect(dialect) if dialect else None)


def test_a_schema_tells_dialect_version_and_features() -> None:
    schema: Any = {
        "info": {"version": "0.0.8"},
        "paths": {"/api/v1/jobs/search/query": {}, "/api/v1/assignments/batch-assign": {}},
        "components": {
            "schemas": {
                "JobResponse": {"properties": {name: {} for name in CODE_JOB}},
                "HTTPValidationError": {"properties": {"detail": {}}},
            }
        },
    }
    assert dialects.by_schema(schema) == (Dialect.CODE, "0.0.8", frozenset({"search", "batch"}))
    assert dialects.by_schema({"paths": []})[0] is None
    missing: Any = [
        {"loc": ["body", "customer_name"], "msg": "Field required"},
        {"loc": ["body", "job_type"]},
    ]
    assert dialects.by_refusal(missing) is Dialect.CODE
    assert dialects.by_refusal("Invalid request body") is None


def test_what_a_database_says_is_not_shown() -> None:
    raw = "(asyncpg.UniqueViolationError) duplicate key [SQL: INSERT INTO jobs (job_number) VALUES ('x')]"
    assert "SQL" not in text_of(raw)
    assert "already" in text_of(raw)
    said = text_of([{"loc": ["body", "latitude"], "msg": "Field required", "input": {"gate": "code 1234"}}])
    assert (said, "1234" in said) == ("latitude: Field required", False)


def test_ways_between_the_words() -> None:
    documented, code = Dialect.DOCUMENTED, Dialect.CODE
    assert word_path(documented, "assigned", "completed") == ("in_progress", "completed")
    assert word_path(documented, "in_progress", "assigned") == ("assigned",)
    assert word_path(documented, "assigned", "on_hold") is None
    assert word_path(code, "pending", "completed") == ("assigned", "in_progress", "completed")
    assert word_path(code, "on_hold", "completed") == ("assigned", "in_progress", "completed")
    for ended in ("completed", "cancelled", "failed"):
        assert word_path(code, ended, "assigned") is None
    assert word_path(code, "parked", "cancelled") is None


def test_rules_follow_the_dialect_and_the_system_table() -> None:
    documented, code = fieldopt_rules({}, {}), fieldopt_rules({}, {"dialect": "code"})
    assert documented == FIELDOPT
    for ability in (Ability.NOTE, Ability.DELETE):
        assert not documented.can(ability)
        assert code.can(ability)
    assert "assigned" in documented.technician_words
    assert "en_route" in code.technician_words
    assert Status.ON_HOLD in code.job_lifecycle.writes
    assert Status.ON_HOLD not in documented.job_lifecycle.writes
    assert fieldopt_rules({"job_url": "http://127.0.0.1/jobs/{id}"}).can(Ability.OPEN_IN_SYSTEM)
    for wrong in ({"business_zone": "Mars/Olympus"}, {"server_day_zone": 7}, {"job_url": "x"}):
        with pytest.raises(ValueError, match="must be"):
            fieldopt_rules(wrong)


def test_a_moved_job_keeps_the_length_of_its_promise() -> None:
    one = job()
    start = parse_instant("2026-04-16T09:30:00-04:00")
    assert times_body(Dialect.DOCUMENTED, [start, start + 3600, None], one, ZONES) == {
        "scheduled_date": "2026-04-16",
        "time_slot": "09:30-13:30",
    }
    assert times_body(Dialect.CODE, [start, start + 5400, None], job(CODE_JOB), ZONES) == {
        "scheduled_date": "2026-04-16T12:00:00Z",
        "time_slot_start": "09:30",
        "time_slot_end": "13:30",
        "estimated_duration": 90,
    }
    plans: list[Any] = [[None, None, None], [None, None, "2026-04-16"], [start, start + 86400, None]]
    for wrong in plans:
        with pytest.raises(ValueError, match="FieldOpt"):
            times_body(Dialect.DOCUMENTED, wrong, one, ZONES)
    with pytest.raises(ValueError, match="15 to 480"):
        times_body(Dialect.CODE, [start, start + 300, None], job(CODE_JOB), ZONES)


def test_a_new_job_in_the_documents_own_words() -> None:
    start = parse_instant("2026-04-15T08:00:00-04:00")
    value: Any = {
        "kind": "install",
        "customer": "Acme Corp",
        "address": "123 Main St, NYC",
        "times": [start, start + 4 * 3600, None],
        "skills": ["install", "service_change"],
    }
    assert new_job(Dialect.DOCUMENTED, value, ZONES, None) == {
        "type": "install",
        "customer": "Acme Corp",
        "address": "123 Main St, NYC",
        "scheduled_date": "2026-04-15",
        "time_slot": "08:00-12:00",
        "skills_required": ["install", "service_change"],
    }
    with pytest.raises(ValueError, match="install, repair"):
        new_job(Dialect.DOCUMENTED, {**value, "kind": "party"}, ZONES, None)


# -- servers as they may answer


def served(
    *answers: tuple[str, httpx.Response], learned: dict[str, str] | None = None
) -> tuple[FieldOpt, list[str]]:
    """An adapter whose requests get the first answer whose path and query begin so; else 404."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        place = request.url.raw_path.decode().removeprefix("/api/v1")
        asked.append(f"{request.method} {place}")
        for beginning, one in answers:
            if place.startswith(beginning):
                return httpx.Response(
                    one.status_code, headers=one.headers, stream=httpx.ByteStream(one.content)
                )
        return httpx.Response(404, stream=httpx.ByteStream(b'{"detail": "Not Found"}'))

    opt = open_fieldopt(
        "http://127.0.0.1:9/api/v1",
        zone=ZONE,
        clock=FixedClock(NOW),
        transport=httpx.MockTransport(answer),
        learned=learned,
    )
    return opt, asked


def jobs(ids: range, row: dict[str, Any] = JOB) -> httpx.Response:
    return httpx.Response(200, json=[{**row, "id": one} for one in ids])


def total(number: int, **words: int) -> tuple[str, httpx.Response]:
    return "/jobs/summary", httpx.Response(200, json={"total_jobs": number, **words})


async def walk(opt: FieldOpt, reach: Reach = Reach.WHOLE) -> tuple[set[str], WalkResult]:
    result, ids = WalkResult(), set()
    async for one in opt.walk(WalkRequest(Kind.JOB, reach=reach), result):
        ids |= {row.id for row in one.rows}
    await opt.close()
    return ids, result


async def test_a_list_is_whole_by_the_summary() -> None:
    opt, asked = served(total(3), ("/jobs/", jobs(range(1, 4))))
    ids, result = await walk(opt)
    assert (ids, result.complete, result.clean) == ({"1", "2", "3"}, True, True)
    assert asked == ["GET /openapi.json", "GET /jobs/summary", "GET /jobs/"]
    assert json.loads(opt.learned["summary"]) == {"total": 3}


async def test_a_list_that_stops_at_a_hundred_without_saying_so_is_read_in_parts() -> None:
    opt, asked = served(
        total(150, pending=150),
        ("/jobs/?status=pending&type=install", jobs(range(1, 101))),
        ("/jobs/?status=pending&type=repair", jobs(range(101, 151))),
        ("/jobs/?status=pending&type", jobs(range(0))),
        ("/jobs/?status=pending", jobs(range(1, 101))),
        ("/jobs/?status", jobs(range(0))),
        ("/jobs/", jobs(range(1, 101))),
    )
    ids, result = await walk(opt)
    assert (len(ids), result.complete, result.clean) == (150, True, True)
    assert "GET /jobs/?status=pending&type=repair" in asked


async def test_a_list_that_stays_short_says_so() -> None:
    nothing = httpx.Response(404, json={"detail": "Job not found"})
    opt, _ = served(
        total(150),
        ("/jobs/?", jobs(range(0))),
        ("/jobs/1", nothing),
        ("/jobs/2", nothing),
        ("/jobs/", jobs(range(1, 101))),
    )
    _ids, result = await walk(opt)
    assert (result.complete, result.clean) == (False, False)
    assert result.why_not == "the server announces 150 jobs and shows 100"


async def test_a_public_server_is_asked_for_five_hundred_and_searched_beyond() -> None:
    learned = {"dialect": "code", "features": "search"}
    opt, asked = served(
        ("/jobs/summary", httpx.Response(200, json={"total": 700})),
        ("/jobs/search/query?status=completed", jobs(range(1, 601), CODE_JOB)),
        ("/jobs/search/query?status=pending", jobs(range(601, 701), CODE_JOB)),
        ("/jobs/search/query", jobs(range(0))),
        ("/jobs/?limit=500", jobs(range(201, 701), CODE_JOB)),
        learned=learned,
    )
    ids, result = await walk(opt)
    assert (len(ids), result.complete, result.clean) == (700, True, True)
    assert asked[:2] == ["GET /jobs/summary", "GET /jobs/?limit=500"]


async def test_the_first_rows_show_that_a_server_speaks_the_other_dialect() -> None:
    opt, asked = served(
        ("/jobs/summary", httpx.Response(200, json={"total": 120})),
        ("/jobs/?limit=500", jobs(range(1, 121), CODE_JOB)),
        ("/jobs/", jobs(range(21, 121), CODE_JOB)),
    )
    ids, result = await walk(opt)
    assert (len(ids), result.complete) == (120, True)
    assert opt.learned["dialect"] == "code"
    assert asked[-1] == "GET /jobs/?limit=500"


async def test_open_ones_are_three_lists_in_the_documented_dialect_and_four_in_the_other() -> None:
    summary = total(1, pending=1, assigned=0, in_progress=0)
    opt, asked = served(summary, ("/jobs/?status=pending", jobs(range(1, 2))), ("/jobs/", jobs(range(0))))
    _ids, result = await walk(opt, Reach.OPEN)
    assert asked[1:] == [
        "GET /jobs/summary",
        "GET /jobs/?status=pending",
        "GET /jobs/?status=assigned",
        "GET /jobs/?status=in_progress",
    ]
    assert result.covers == {Status.UNASSIGNED, Status.ASSIGNED, Status.IN_PROGRESS}
    opt, asked = served(("/jobs/", jobs(range(0))), learned={"dialect": "code"})
    _ids, result = await walk(opt, Reach.OPEN)
    assert [one.partition("?")[2] for one in asked] == [
        f"status={word}&limit=500" for word in ("pending", "assigned", "in_progress", "on_hold")
    ]
    assert Status.ON_HOLD in result.covers


async def test_a_server_that_never_tells_who_goes_is_asked_for_each_technicians_assignments() -> None:
    opt, asked = served(
        total(2),
        ("/jobs/", httpx.Response(200, json=[{**JOB, "status": "assigned"}, {**JOB, "id": 2}])),
        ("/technicians/", httpx.Response(200, json=[TECHNICIAN, {**TECHNICIAN, "id": 2}])),
        ("/assignments/technician/2", httpx.Response(200, json=[{"job_id": 1, "technician_id": 2}])),
        ("/assignments/technician/", httpx.Response(200, json=[])),
    )
    result = WalkResult()
    crews: dict[str, tuple[str, ...]] = {}
    async for page in opt.walk(WalkRequest(Kind.JOB), result):
        crews |= {row.id: row.entity.technician_ids for row in page.rows if isinstance(row.entity, Job)}
    await opt.close()
    assert crews == {"1": ("2",), "2": ()}
    assert asked[-2:] == ["GET /assignments/technician/1", "GET /assignments/technician/2"]


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(502, headers={"content-type": "text/html"}, content=b"<h1>Bad gateway</h1>"),
        httpx.Response(500, text="Internal Server Error"),
        httpx.Response(200, headers={"content-type": "text/html"}, content=b"<html>portal</html>"),
        httpx.Response(200, json={"detail": "no"}),
        httpx.Response(200, content=b'[{"id"'),
        httpx.Response(204),
        httpx.Response(307, headers={"location": "http://elsewhere.example/api/v1/jobs/"}),
        httpx.Response(400, json={"detail": "Invalid request body"}),
    ],
)
async def test_what_is_no_list_ends_the_walk(answer: httpx.Response) -> None:
    with pytest.raises(LineDown):
        await walk(served(total(1), ("/jobs/", answer))[0])


@pytest.mark.parametrize(
    ("answer", "reading"),
    [
        (httpx.Response(200, json=JOB), Reading.FOUND),
        (httpx.Response(404, json={"detail": "Job not found"}), Reading.GONE),
        (
            httpx.Response(422, json={"detail": [{"loc": ["path", "id"], "msg": "no integer"}]}),
            Reading.FAILED,
        ),
        (httpx.Response(200, json={**JOB, "id": 2}), Reading.FAILED),
        (httpx.Response(200, json={**JOB, "customer": [1]}), Reading.FAILED),
        (httpx.Response(200, json={}), Reading.FAILED),
    ],
)
async def test_reading_one_job(answer: httpx.Response, reading: Reading) -> None:
    opt, _asked = served(("/jobs/1", answer))
    assert (await opt.read(Kind.JOB, "1")).reading is reading
    await opt.close()


@pytest.mark.parametrize(
    ("best", "can_do", "says"),
    [
        (
            RECOMMENDED,
            {"can_do": True, "tech_id": 2, "job_id": 1, "missing_skills": []},
            "match 95%, can do it",
        ),
        (
            {**RECOMMENDED, "recommended_technician": {"id": 2, "capacity_available": False}},
            {"can_do": False, "missing_skills": ["repair"]},
            "no capacity left, lacks repair",
        ),
        (
            {"job_id": 1, "technician_id": 2, "technician_name": "x", "distance": 10.0, "has_match": True},
            {"can_do": False, "has_skill": True, "has_route": False, "has_time": True, "missing_skills": []},
            "16.1 km away, not the area",
        ),
        ({"job_id": 1, "technician_id": None, "distance": None, "has_match": False}, {}, None),
        ({"recommended_technician": None}, {}, None),
        ({"recommended_technician": {"id": [2]}}, {}, None),
    ],
)
async def test_whom_the_server_suggests(best: Any, can_do: Any, says: str | None) -> None:
    opt, asked = served(
        ("/jobs/1/can-do/2", httpx.Response(200, json=can_do)),
        ("/jobs/1", httpx.Response(200, json=JOB)),
        ("/routing/best-tech/1", httpx.Response(200, json=best)),
    )
    answer = await opt.detail(Kind.JOB, "1")
    await opt.close()
    assert answer.row is not None
    assert answer.row.detail is not None
    assert isinstance(answer.row.entity, Job)
    assert answer.row.entity.suggested == (("2", says) if says is not None else None)
    assert all(one.startswith("GET") for one in asked)


async def test_auto_route_is_asked_only_where_it_is_known_to_recommend() -> None:
    routes = (
        ("/jobs/1", httpx.Response(200, json=JOB)),
        ("/routing/best-tech/", httpx.Response(405, json={"detail": "Method Not Allowed"})),
        ("/routing/auto-route", httpx.Response(200, json=RECOMMENDED)),
    )
    opt, asked = served(*routes)
    answer = await opt.detail(Kind.JOB, "1")
    assert answer.row is not None
    assert isinstance(answer.row.entity, Job)
    assert answer.row.entity.suggested is not None
    assert "POST /routing/auto-route" in asked
    await opt.close()
    opt, asked = served(
        (
            "/jobs/1",
            httpx.Response(
                200, json={**CODE_JOB, "id": 1, "assigned_tech_id": None, "assigned_tech_name": None}
            ),
        ),
        *routes[1:],
    )
    await opt.detail(Kind.JOB, "1")
    await opt.close()
    assert not [one for one in asked if one.startswith("POST")]
