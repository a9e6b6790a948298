"""How FieldCamp's JSON reads in the terms of the domain, one table for each part of the mapping."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from fieldboard.backends.fieldcamp.bodies import wire_time
from fieldboard.backends.fieldcamp.company import Company
from fieldboard.backends.fieldcamp.reading import row_of, rows_of
from fieldboard.backends.fieldcamp.rules import FIELDCAMP, fieldcamp_rules, spelling_of
from fieldboard.backends.fieldcamp.values import Unreadable
from fieldboard.backends.fieldcamp.windows import read_windows
from fieldboard.backends.json_door import RowText
from fieldboard.domain.customer import Customer
from fieldboard.domain.instants import Zone
from fieldboard.domain.job import CustomField, Job, JobItem, TimeWindow
from fieldboard.domain.operation import Kind
from fieldboard.domain.priority import Priority
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import Status
from fieldboard.domain.technician import Technician
from fieldboard.domain.visit import Visit

LONDON = Zone("Europe/London")
COMPANY = Company(LONDON, {"skl_1": "gas"}, "Arrival window")


def at(text: str) -> int:
    """An instant."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def job(**fields: Any) -> Job:
    """A job with these fields on the wire."""
    value = {"id": "j", **fields}
    entity = row_of(Kind.JOB, RowText(value, json.dumps(value)), COMPANY).entity
    assert isinstance(entity, Job)
    return entity


def visit(**fields: Any) -> Visit:
    """A visit with these fields on the wire."""
    value = {"id": "v", "jobId": "j", **fields}
    entity = row_of(Kind.VISIT, RowText(value, json.dumps(value)), COMPANY).entity
    assert isinstance(entity, Visit)
    return entity


DOCUMENTED_JOB: dict[str, Any] = {
    "clientId": "string",
    "jobNumber": "BOOKING-5512-MOVE",
    "isBillingDifferent": False,
    "billToClientDetails": {},
    "jobAddress": {
        "street": "221B Baker Street",
        "houseNumber": "",
        "city": "London",
        "formattedAddress": "221B Baker Street, London, England, NW1 6XE, United Kingdom",
        "latitude": 51.5237,
        "longitude": -0.1585,
    },
    "jobPhone": {"countryCode": "+44", "number": "7555123456", "countryIdentifier": "gb"},
    "assignedToTeams": ["string"],
    "jobType": "one-off",
    "startDateTime": "2019-08-24T14:15:22Z",
    "endDateTime": "2019-08-24T14:15:22Z",
    "scheduleLater": False,
    "anyTime": False,
    "serviceDuration": 0,
    "jobStatus": "scheduled",
    "jobItems": [
        {"itemId": "s", "itemName": "Standard 3-person moving crew", "description": "", "quantity": 1}
    ],
    "properties": [{"id": "s", "name": "Sub Type", "type": "Text", "value": "Delivery", "options": ["s"]}],
    "skillsId": ["string"],
    "priority": "medium",
    "visits": [
        {"visitStartDateTime": "2026-05-01T09:00:00.000Z", "teamId": ["s"], "visitStatus": "scheduled"}
    ],
    "id": "string",
    "recordId": "string",
    "createdAt": "2019-08-24T14:15:22Z",
    "updatedAt": "2019-08-24T14:15:22Z",
}


def test_the_documented_job() -> None:
    row = row_of(Kind.JOB, RowText(DOCUMENTED_JOB, json.dumps(DOCUMENTED_JOB)), COMPANY)
    start = at("2019-08-24T14:15:22")
    assert row.entity == Job(
        id="string",
        number="BOOKING-5512-MOVE",
        title="Standard 3-person moving crew",
        customer_id="string",
        phone="+44 7555123456",
        address="221B Baker Street, London, England, NW1 6XE, United Kingdom",
        lat=51.5237,
        lng=-0.1585,
        status=Status.ASSIGNED,
        raw_status="scheduled",
        priority=Priority.NORMAL,
        technician_ids=("string",),
        start=start,
        skills=("string",),
        kind="one-off",
        items=(JobItem("Standard 3-person moving crew", 1.0, ""),),
        fields=(CustomField("Sub Type", "Delivery"),),
        created_at=start,
        updated_at=start,
    )
    assert (row.stamp, row.stamp_at) == ("2019-08-24T14:15:22Z", start)


def test_the_dialect_of_the_documents_prose() -> None:
    read = job(status="in-progress", type="one-off", lineItems=[{"name": "Boiler", "quantity": 2}])
    assert (read.status, read.kind, read.title) == (Status.IN_PROGRESS, "one-off", "Boiler")
    assert job(status="draft", jobStatus="completed").status is Status.COMPLETED
    assert job(status="draft", jobStatus=None).status is Status.DRAFT


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("draft", Status.DRAFT),
        ("scheduled", Status.UNASSIGNED),
        ("Scheduled", Status.UNASSIGNED),
        ("unscheduled", Status.UNASSIGNED),
        ("in-progress", Status.IN_PROGRESS),
        ("In Progress", Status.IN_PROGRESS),
        ("in_progress", Status.IN_PROGRESS),
        ("completed", Status.COMPLETED),
        ("cancelled", Status.CANCELLED),
        ("canceled", Status.CANCELLED),
        ("invoiced", Status.CLOSED),
        ("Paid", Status.CLOSED),
        ("closed", Status.CLOSED),
        ("paused", Status.ON_HOLD),
        ("awaiting parts", Status.UNKNOWN),
        ("", Status.UNKNOWN),
        (None, Status.UNKNOWN),
    ],
)
def test_statuses_of_jobs(raw: str | None, status: Status) -> None:
    read = job(jobStatus=raw)
    assert read.status is status
    assert read.raw_status == (raw or "")


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("unscheduled", Status.ASSIGNED),
        ("scheduled", Status.ASSIGNED),
        ("in-transit", Status.EN_ROUTE),
        ("In Transit", Status.EN_ROUTE),
        ("on the way", Status.EN_ROUTE),
        ("arrived", Status.ON_SITE),
        ("work in progress", Status.IN_PROGRESS),
        ("inProgress", Status.IN_PROGRESS),
        ("paused", Status.ON_HOLD),
        ("completed", Status.COMPLETED),
        ("cancelled", Status.CANCELLED),
        ("dispatched", Status.UNKNOWN),
    ],
)
def test_statuses_of_visits(raw: str, status: Status) -> None:
    assert visit(visitStatus=raw, technicianId="a").status is status
    if status is Status.ASSIGNED:
        assert visit(visitStatus=raw, technicianId=None).status is Status.UNASSIGNED


@pytest.mark.parametrize(
    ("word", "priority"),
    [
        ("low", Priority.LOW),
        ("normal", Priority.NORMAL),
        ("medium", Priority.NORMAL),
        ("High", Priority.HIGH),
        ("urgent", Priority.URGENT),
        ("Crucial", Priority.URGENT),
        ("whenever", None),
        (None, None),
    ],
)
def test_priorities(word: str | None, priority: Priority | None) -> None:
    assert job(priority=word).priority is priority


@pytest.mark.parametrize(
    ("fields", "crew"),
    [
        ({"technicianId": "a"}, ("a",)),
        ({"technicianId": ""}, ()),
        ({"technicianId": None}, ()),
        ({"technicianId": ["a", "b", "a", ""]}, ("a", "b")),
        ({"teamId": ["b", None], "technicianId": "a"}, ("b",)),
        ({"teamId": None, "technicianId": "a"}, ("a",)),
        ({"technicianId": 7}, ("7",)),
        ({}, ()),
    ],
)
def test_who_is_on_a_visit(fields: dict[str, Any], crew: tuple[str, ...]) -> None:
    assert visit(**fields).technician_ids == crew


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-06-04T09:00:00.000Z", at("2026-06-04T09:00:00")),
        ("2026-06-04T09:00:00Z", at("2026-06-04T09:00:00")),
        ("2026-06-04T09:00:00.999Z", at("2026-06-04T09:00:00")),
        ("2026-06-04T10:00:00+01:00", at("2026-06-04T09:00:00")),
        ("2026-06-04T09:00:00", at("2026-06-04T09:00:00")),
        ("1780563600", 1780563600),
        ("1780563600123", 1780563600),
    ],
)
def test_times_in_all_their_forms(text: str, instant: int) -> None:
    assert visit(scheduledStart=text).start == instant
    assert job(startDateTime=text).start == instant


@pytest.mark.parametrize(
    ("fields", "plan"),
    [
        ({"scheduledStart": "2026-06-04T09:00Z", "scheduledEnd": "2026-06-04T10:00Z"}, (9, 10, None)),
        ({"visitStartDateTime": "2026-06-04T09:00Z", "visitEndDateTime": "2026-06-04T10:00Z"}, (9, 10, None)),
        ({"scheduledStart": "2026-06-04T09:00Z"}, (9, None, None)),
        ({"scheduledStart": "2026-06-04T09:00Z", "scheduledEnd": "2026-06-04T08:00Z"}, (9, None, None)),
        ({"scheduledStart": "2026-06-04T23:30Z", "anyTime": True}, (None, None, date(2026, 6, 5))),
        ({"scheduledStart": "2026-06-04T09:00Z", "scheduleLater": True}, (None, None, None)),
        ({"scheduledStart": "2026-06-04"}, (None, None, date(2026, 6, 4))),
        ({"scheduledStart": None}, (None, None, None)),
        ({"scheduledStart": ""}, (None, None, None)),
    ],
)
def test_when_a_visit_is(fields: dict[str, Any], plan: tuple[int | None, int | None, date | None]) -> None:
    read = visit(**fields)
    hours = [
        None if one is None else (one - at("2026-06-04T00:00:00")) // 3600 for one in (read.start, read.end)
    ]
    assert (*hours, read.date) == plan


def test_when_a_job_is() -> None:
    times = {"startDateTime": "2026-06-04T09:00Z", "endDateTime": "2026-06-04T10:30Z", "serviceDuration": 600}
    planned = job(**times)
    assert (planned.start, planned.duration_min) == (at("2026-06-04T09:00:00"), 90)
    later = job(**times, scheduleLater=True)
    assert (later.start, later.end, later.duration_min) == (None, None, 90)
    assert job(**times, anyTime=True).duration_min is None
    assert job(serviceDuration=90).duration_min is None


def test_titles() -> None:
    items = [{"itemName": "Boiler service"}]
    assert job(title="Leak", jobItems=items, jobType="one-off").title == "Leak"
    assert job(jobItems=items, jobType="one-off").title == "Boiler service"
    assert job(jobType="one-off").title == "one-off"
    assert job().title == ""


def test_addresses_and_places() -> None:
    parts = {
        "houseNumber": "5",
        "street": "High St",
        "city": "Bath",
        "zipCode": "BA1",
        "latitude": 51.4,
        "longitude": -2.4,
    }
    read = job(jobAddress=parts)
    assert (read.address, read.lat, read.lng) == ("5 High St, Bath, BA1", 51.4, -2.4)
    assert job(jobAddress="5 High St").address == "5 High St"
    for lat, lng in ((0, 0), (91, 5), (None, 5)):
        assert job(jobAddress={"street": "x", "latitude": lat, "longitude": lng}).lat is None
    assert job(jobAddress={}).address is None


def test_skills_are_named_where_the_company_names_them() -> None:
    assert job(skillsId=["skl_1", "skl_2", "skl_1"]).skills == ("gas", "skl_2")


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("2026-06-04T09:00Z/2026-06-04T11:00Z", [(9, 11)]),
        ("2026-06-04T10:00+01:00/2026-06-04T11:00Z", [(9, 11)]),
        ("2026-06-04 10:00-12:00", [(9, 11)]),
        ("2026-06-04 10:00 – 12:00", [(9, 11)]),
        ("10:00-12:00", [(9, 11)]),
        ("14:00-16:00; 8:00-10:00", [(7, 9), (13, 15)]),
        ("22:00-02:00", [(21, 25)]),
        ("morning", []),
        ("25:00-26:00", []),
        ("2026-06-04T11:00Z/2026-06-04T09:00Z", []),
        ("", []),
    ],
)
def test_promised_windows(text: str, windows: list[tuple[int, int]]) -> None:
    midnight = at("2026-06-04T00:00:00")
    found = read_windows(text, midnight + 9 * 3600, LONDON)
    assert [((one.start - midnight) // 3600, (one.end - midnight) // 3600) for one in found] == windows


def test_windows_come_from_the_companys_own_field() -> None:
    properties = [{"name": "arrival WINDOW", "value": "2026-06-04 10:00-12:00"}]
    read = job(properties=properties)
    assert read.windows == (TimeWindow(at("2026-06-04T09:00:00"), at("2026-06-04T11:00:00")),)
    assert read.fields == (CustomField("arrival WINDOW", "2026-06-04 10:00-12:00"),)
    assert read_windows("10:00-12:00", None, LONDON) == ()


def test_custom_fields_of_all_kinds() -> None:
    values = [("a", "x"), ("b", 5), ("c", True), ("d", ["x", "y"]), ("e", None)]
    read = job(properties=[{"name": name, "value": value} for name, value in values])
    assert [one.value for one in read.fields] == ["x", "5", "yes", "x, y", ""]


def test_the_team() -> None:
    value: dict[str, Any] = {
        "id": "u",
        "firstName": "Dai",
        "lastName": "Evans",
        "email": "d@x",
        "role": "Technician",
        "isActive": False,
    }
    row = row_of(Kind.TECHNICIAN, RowText(value, "{}"), COMPANY)
    assert row.entity == Technician("u", "Dai Evans", active=False, role="Technician")
    only_mail = row_of(Kind.TECHNICIAN, RowText({"_id": 5, "email": "d@x"}, "{}"), COMPANY)
    assert isinstance(only_mail.entity, Technician)
    assert (only_mail.id, only_mail.entity.name, only_mail.entity.active) == ("5", "d@x", True)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"name": "Müller GmbH"}, "Müller GmbH"),
        ({"companyName": "Müller GmbH", "firstName": "Eva"}, "Müller GmbH"),
        ({"firstName": "Eva", "lastName": "Müller"}, "Eva Müller"),
        ({"email": "eva@x"}, "eva@x"),
        ({}, "c"),
    ],
)
def test_customers(fields: dict[str, Any], name: str) -> None:
    row = row_of(Kind.CUSTOMER, RowText({"id": "c", **fields}, "{}"), COMPANY)
    assert isinstance(row.entity, Customer)
    assert row.entity.name == name


def test_hostile_text_is_cleaned() -> None:
    read = job(
        title="\x1b[31mred\x07 \u202eover\u202c [bold]x[/bold]",
        jobNumber="J\u200b1",
        notes="line\r\nline",
        jobItems=[{"itemName": "x" * 5000}],
    )
    assert read.title == "[31mred over [bold]x[/bold]"
    assert read.number == "J1"
    assert read.notes == "line\nline"
    assert len(read.items[0].name) == 300


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        (Kind.JOB, {"jobNumber": "x"}, "without an id"),
        (Kind.JOB, {"id": ""}, "without an id"),
        (Kind.JOB, {"id": "a\x1b[2J"}, "no id"),
        (Kind.JOB, {"id": "x" * 300}, "no id"),
        (Kind.JOB, {"id": "j", "jobItems": "one"}, "jobItems"),
        (Kind.JOB, {"id": "j", "jobAddress": {"latitude": "north"}}, "latitude"),
        (Kind.JOB, {"id": "j", "startDateTime": "next week"}, "is no time"),
        (Kind.JOB, {"id": "j", "startDateTime": "9999-12-31T00:00:00Z"}, "of this age"),
        (Kind.VISIT, {"id": "v"}, "its job"),
        (Kind.VISIT, {"id": "v", "jobId": "j", "scheduledStart": "0001-01-01T00:00:00Z"}, "of this age"),
        (Kind.VISIT, {"id": {"a": 1}, "jobId": "j"}, "id"),
        (Kind.TECHNICIAN, {"id": "u", "isActive": "perhaps"}, "isActive"),
    ],
)
def test_rows_that_are_set_aside(kind: Kind, value: dict[str, Any], why: str) -> None:
    good, bad = rows_of(
        kind, [RowText(value, json.dumps(value)), RowText({"id": "g", "jobId": "j"}, "{}")], COMPANY
    )
    assert [row.id for row in good] == ["g"]
    assert why in bad[0].why
    with pytest.raises(Unreadable, match=why):
        row_of(kind, RowText(value, "{}"), COMPANY)


def test_a_stamp_that_is_no_time_is_no_stamp() -> None:
    value: dict[str, Any] = {"id": "j", "updatedAt": "yesterday"}
    row = row_of(Kind.JOB, RowText(value, json.dumps(value)), COMPANY)
    assert (row.stamp, row.stamp_at) == (None, None)


def test_rules_and_what_a_server_teaches() -> None:
    assert FIELDCAMP.can(Ability.UNASSIGN)
    assert not FIELDCAMP.can(Ability.NOTE)
    taught = fieldcamp_rules({}, {"unassign": "refused", "visit_crew": "teamId"})
    assert not taught.can(Ability.UNASSIGN)
    assert taught.can(Ability.CREW)
    linked = fieldcamp_rules({"job_url": "https://app.example.com/jobs/{id}"}, {})
    assert linked.can(Ability.OPEN_IN_SYSTEM)
    for wrong in ("http://app.example.com/{id}", "https://app.example.com", 5):
        with pytest.raises(ValueError, match="job_url"):
            fieldcamp_rules({"job_url": wrong}, {})


def test_statuses_are_written_in_the_accounts_own_spelling() -> None:
    visits = FIELDCAMP.visit_lifecycle
    assert spelling_of(visits, "visit", Status.EN_ROUTE, {}) == "in-transit"
    own = {"spelling:visit:en_route": "On The Way", "spelling:visit:assigned": "unscheduled"}
    assert spelling_of(visits, "visit", Status.EN_ROUTE, own) == "On The Way"
    assert spelling_of(visits, "visit", Status.ASSIGNED, own) == "scheduled"


def test_every_status_that_can_be_written_is_read_back_as_itself() -> None:
    for lifecycle in (FIELDCAMP.job_lifecycle, FIELDCAMP.visit_lifecycle):
        for status, word in lifecycle.writes.items():
            if status is not Status.UNASSIGNED:
                assert lifecycle.read(word) is status
        for status in lifecycle.moves:
            for goal in lifecycle.moves[status]:
                assert goal in lifecycle.writes
                # What was done can be taken back.
                if status in lifecycle.writes:
                    assert lifecycle.path(goal, status) is not None


def test_times_are_written_as_the_documents_write_them() -> None:
    assert wire_time(at("2026-05-01T09:00:00")) == "2026-05-01T09:00:00.000Z"
