"""LetsJobIt's visits row by row: the documents' own example, every flag, and what nobody should send."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldboard.backends.json_door import RowText
from fieldboard.backends.letsjobit.reading import Reader
from fieldboard.backends.letsjobit.rules import LETSJOBIT, Own, letsjobit_rules, own_settings
from fieldboard.backends.port import SetAside
from fieldboard.domain.instants import parse_instant
from fieldboard.domain.job import CustomField, Job, JobItem, TimeWindow
from fieldboard.domain.priority import Priority
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import Status
from tests.backends.jobit import EXAMPLE
from tests.backends.synced import ZONE

READER = Reader(ZONE, Own())


def read(value: dict[str, Any]) -> Job | SetAside:
    good, bad = READER.rows_of([RowText(value, json.dumps(value))])
    entity = good[0].row.entity if good else bad[0]
    assert isinstance(entity, Job | SetAside)
    return entity


def job(**changed: Any) -> Job:
    found = read({**EXAMPLE, **changed})
    assert isinstance(found, Job), found
    return found


def told(found: Job) -> dict[str, str]:
    return {one.name: one.value for one in found.fields}


def test_the_example_of_the_documents() -> None:
    found = job()
    assert found == Job(
        id="yKQhJZ9B7PTT85kWc",
        number="H-017623",
        title="The Green Sleeve - CALL OUT",
        customer="The Green Sleeve",
        phone="01999999999",
        address="999 West High Street, INVERURIE, AB51 3QR, GB",
        lat=57.0,
        lng=-2.0,
        status=Status.COMPLETED,
        raw_status="closed,confirmClose,inMobileApp",
        priority=Priority.LOW,
        technician_ids=("FEn9BJz93svSNPx7p",),
        duration_min=35,
        windows=(
            TimeWindow(
                parse_instant("2020-03-31T08:30:00+01:00"), parse_instant("2020-03-31T18:00:00+01:00")
            ),
        ),
        skills=("Hot water technician",),
        territory="AB-Aberdeen",
        notes="Contact Info: The Green Sleeve, John: 01999999999 \n"
        " AQUARIUS TONE7/3 2001 - Side of the shop\n"
        "Access 9am - 5.30pm\nNo parking onsite ",
        kind="CALL OUT",
        fields=(
            CustomField("Contact", "John"),
            CustomField("Opening hours", "08:30-18:00"),
            CustomField("Sub-contractors", "My Subcontractor"),
            CustomField("Signed by", "John"),
            CustomField("Signature", "taken"),
            CustomField("Customer's score", "5 of 5"),
            CustomField("Closed (as given)", "2020-03-24 15:45"),
            CustomField("Confirmed by the ERP", "yes"),
            CustomField("App", "wants an email, wants a score, jobs can be paused, shows items on order"),
            CustomField("Changed (as given)", "2020-03-24 15:45:38 by 2pjP3L3S8JtZhLPoN"),
            CustomField("Created (as given)", "2020-03-09 15:48:17 by API"),
            CustomField("ERP id", "10816703"),
        ),
        created_at=parse_instant("2020-03-09T15:48:17Z"),
        updated_at=parse_instant("2020-03-24T15:45:38Z"),
        site_id="30101308",
        site="The Green Sleeve",
        actual_end=parse_instant("2020-03-24T15:45:00Z"),
        date=date(2020, 3, 31),
        sequence=3,
    )


def test_the_signature_is_dropped_on_receipt_and_the_rest_is_kept() -> None:
    picture = "/9j/" + "A" * 50_000
    good, _ = READER.rows_of([RowText({**EXAMPLE, "signature": picture}, "")])
    assert "AAAA" not in good[0].row.raw
    assert len(good[0].row.raw) < 3_000
    kept = json.loads(good[0].row.raw)
    assert kept.keys() == EXAMPLE.keys() - {"appClientVersion"}
    assert kept["hideEquipmentDetails"] is False
    assert good[0].row.stamp is None
    _, bad = READER.rows_of([RowText({**EXAMPLE, "signature": picture, "date": "soon"}, "")])
    assert "AAAA" not in bad[0].raw
    assert (bad[0].id, bad[0].why) == (EXAMPLE["_id"], "date: 'soon' is no day")


@pytest.mark.parametrize(
    ("flags", "status", "crew"),
    [
        ({"skipped": True, "closed": True}, Status.SKIPPED, True),
        ({"skipped": True, "closed": False}, Status.SKIPPED, True),
        ({"closed": True, "inProgress": True}, Status.COMPLETED, True),
        ({"closed": False, "servicing": True}, Status.IN_PROGRESS, True),
        ({"closed": False, "inProgress": True}, Status.IN_PROGRESS, True),
        ({"closed": False}, Status.ASSIGNED, True),
        ({"closed": False, "inMobileApp": False}, Status.UNASSIGNED, False),
        ({"closed": False, "driverId": ""}, Status.UNASSIGNED, False),
        ({"closed": False, "driverId": None}, Status.UNASSIGNED, False),
        ({"closed": True, "inMobileApp": False}, Status.COMPLETED, False),
    ],
)
def test_flags_in_the_order_in_which_they_weigh(flags: dict[str, Any], status: Status, crew: bool) -> None:
    found = job(**flags)
    assert found.status is status
    assert bool(found.technician_ids) is crew


def test_the_raw_status_names_the_flags_that_are_set() -> None:
    assert job(closed=0, confirmClose=0, inMobileApp="0").raw_status == ""
    assert job(closed=0, confirmClose=0, inProgress="1").raw_status == "inProgress,inMobileApp"


def test_a_driver_whose_app_does_not_show_the_visit_is_pencilled_in() -> None:
    assert told(job(closed=False, inMobileApp="0"))["Pencilled in"] == "Liam"
    without = {name: value for name, value in EXAMPLE.items() if name != "inMobileApp"}
    found = read({**without, "closed": 0})
    assert isinstance(found, Job)
    assert found.status is Status.ASSIGNED


@pytest.mark.parametrize("yes", [True, 1, 1.0, "1", "true", "True", "yes", " 1 "])
@pytest.mark.parametrize("no", [False, 0, 0.0, "0", "false", "", None, "no"])
def test_a_flag_in_every_form(yes: Any, no: Any) -> None:
    assert job(closed=no, skipped=yes).status is Status.SKIPPED
    assert job(closed=yes, skipped=no).status is Status.COMPLETED


@pytest.mark.parametrize("neither", ["maybe", 2, -1, [], {}, "2"])
@pytest.mark.parametrize(
    "name", ["closed", "skipped", "inProgress", "servicing", "inMobileApp", "confirmClose"]
)
def test_a_flag_that_says_nothing_sets_the_row_aside(name: str, neither: Any) -> None:
    found = read({**EXAMPLE, name: neither})
    assert isinstance(found, SetAside)
    assert found.why == f"{name}: neither yes nor no"


@pytest.mark.parametrize(
    ("number", "pressing", "priority", "said"),
    [
        ("1", False, Priority.HIGH, None),
        (2, 0, Priority.NORMAL, None),
        (3.0, "0", Priority.LOW, None),
        ("10", False, Priority.LOW, None),
        ("10", "1", Priority.URGENT, None),
        (0, False, None, "0"),
        ("11", False, None, "11"),
        ("soon", False, None, "soon"),
        (None, False, None, None),
        ("", False, None, None),
    ],
)
def test_each_priority(number: Any, pressing: Any, priority: Priority | None, said: str | None) -> None:
    found = job(priority=number, precedencePriorityVisit=pressing)
    assert found.priority is priority
    assert told(found).get("Priority") == said


def test_an_account_that_counts_priorities_otherwise() -> None:
    own = own_settings({"priorities": [3, 7]})
    assert [own.priority_of(one, pressing=False) for one in (3, 4, 7, 8)] == [
        Priority.HIGH, Priority.NORMAL, Priority.NORMAL, Priority.LOW,
    ]  # fmt: skip
    assert [own.number_of(one) for one in Priority] == [8, 4, 1, 1]


@pytest.mark.parametrize(
    ("windows", "spans", "said", "bad"),
    [
        ([{"earliest": 28800, "latest": 46800}, {"earliest": "54000", "latest": 61200.0}],
         [("08:00", "13:00"), ("15:00", "17:00")], "08:00-13:00, 15:00-17:00", None),
        ([{"earliest": 79200, "latest": 21600}], [("22:00", "30:00")], "22:00-06:00 (overnight)", None),
        ([{"earliest": 0, "latest": 86400}], [("00:00", "24:00")], "00:00-24:00", None),
        ([{"earliest": -5, "latest": 50}, {"latest": 50}, "x", {"earliest": 1, "latest": 1}], [], None, "4"),
        ({"earliest": 28800, "latest": 32400}, [("08:00", "09:00")], "08:00-09:00", None),
        ({}, [], None, None),
        (None, [], None, None),
        ([], [], None, None),
        ("all day", [], None, "1"),
    ],
)  # fmt: skip
def test_opening_hours(windows: Any, spans: list[tuple[str, str]], said: str | None, bad: str | None) -> None:
    found = job(time_windows=windows)
    midnight = parse_instant("2020-03-31T00:00:00+01:00")
    assert [(one.start - midnight, one.end - midnight) for one in found.windows] == [
        tuple(int(text[:2]) * 3600 + int(text[3:]) * 60 for text in span) for span in spans
    ]
    assert told(found).get("Opening hours") == said
    assert told(found).get("Opening hours not understood") == bad


def test_opening_hours_are_those_of_the_clock_on_the_wall_when_it_jumps() -> None:
    found = job(date="2020-03-29", time_windows=[{"earliest": 30600, "latest": 64800}])
    assert found.windows == (
        TimeWindow(parse_instant("2020-03-29T08:30:00+01:00"), parse_instant("2020-03-29T18:00:00+01:00")),
    )


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2020-03-31T00:00:00.000Z", date(2020, 3, 31)),
        ("2020-03-31 15:00", date(2020, 3, 31)),
        ("", None),
        (None, None),
    ],
)
def test_a_day_in_every_form(value: Any, day: date | None) -> None:
    found = job(date=value)
    assert found.date == day
    assert bool(found.windows) is (day is not None)


@pytest.mark.parametrize(
    ("name", "value", "attribute", "expected"),
    [
        ("siteId", 30101308, "site_id", "30101308"),
        ("siteId", "30101308", "site_id", "30101308"),
        ("serviceOrder", "7", "sequence", 7),
        ("serviceOrder", None, "sequence", None),
        ("serviceOrder", "last", "sequence", None),
        ("duration", "5400", "duration_min", 90),
        ("duration", 0, "duration_min", None),
        ("duration", -60, "duration_min", None),
        ("required_skills", "Gas, Oil", "skills", ("Gas", "Oil")),
        ("required_skills", None, "skills", ()),
        ("lat", "57.5", "lat", 57.5),
        ("lat", 91, "lat", None),
        ("lat", "north", "lat", None),
        ("docNo", 17623, "number", "17623"),
        ("contactPhone", 1999999999, "phone", "1999999999"),
        ("obs", None, "notes", None),
    ],
)
def test_other_fields_in_other_types(name: str, value: Any, attribute: str, expected: Any) -> None:
    assert getattr(job(**{name: value}), attribute) == expected


def test_nowhere_is_where_a_server_has_not_looked() -> None:
    found = job(lat=0, lng=0)
    assert (found.lat, found.lng) == (None, None)


@pytest.mark.parametrize(
    ("changed", "name", "value"),
    [
        ({"subContractorIds": None}, "Sub-contractors", None),
        ({"subContractorIds": "One Ltd, Two Ltd"}, "Sub-contractors", "One Ltd, Two Ltd"),
        ({"signeeRating": 0}, "Customer's score", None),
        ({"signeeRating": 4}, "Customer's score", "4 of 5"),
        ({"signature": None}, "Signature", None),
        ({"skipped": 1, "skippedReasonId": 12}, "Skip reason", "12"),
        ({"skipped": 1, "skippedReasonId": ""}, "Skip reason", None),
        ({"skipped": 0, "skippedReasonId": "12"}, "Skip reason", None),
        ({"allowed_vehicles": ["Van 3"]}, "Vehicles", "Van 3"),
        ({"totalJobs": "3"}, "Jobs", "3"),
        ({"emailMandatory": "maybe", "NPSMandatory": "0", "hideEquipmentDetails": "1"}, "App",
         "jobs can be paused, shows items on order, hides the equipment"),
        ({"hasChangesToSync": 1}, "Phone", "has changes that it has not sent yet"),
        ({"modifieddAt": None, "modifiedAt": "2020-03-25 08:00:00", "modifyUser": ""}, "Changed (as given)",
         "2020-03-25 08:00:00"),
    ],
)  # fmt: skip
def test_what_else_is_told(changed: dict[str, Any], name: str, value: str | None) -> None:
    assert told(job(**changed)).get(name) == value


def test_lines_and_their_own_fields_are_readable() -> None:
    lines = [
        {
            "actionItem": True, "description": "Repair the boiler", "jobType": "repair",
            "location": "bar 2nd floor", "qty": 1,
            "brand": "Glow", "model": "30c", "serialNr": "GL210037", "id": 41,
            "extraData": [
                {"type": "number", "caption": "CO reading", "name": "co", "min": 0, "max": 200,
                 "required": "required"},
                {"type": "select", "caption": "Flue", "name": "flue", "options_values": "sound | sealed",
                 "value": "sealed"},
                {"type": "text", "name": "remarks"},
            ],
        },
        {"actionItem": "0", "description": "Filter", "qty": "2"},
    ]  # fmt: skip
    found = job(lines=lines)
    assert found.title == "The Green Sleeve - Repair the boiler"
    assert found.items == (
        JobItem("Repair the boiler", 1.0, "repair · bar 2nd floor · Glow 30c GL210037"),
        JobItem("Filter", 2.0, "item"),
    )
    assert found.fields[-3:] == (
        CustomField("CO reading", "(number, 0 to 200, required)"),
        CustomField("Flue", "sealed"),
        CustomField("remarks", "(text)"),
    )


@pytest.mark.parametrize("name", EXAMPLE)
@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        [],
        {},
        [{}],
        [[]],
        1.5,
        -1,
        10**17,
        "",
        "\x1b[2J",
        "x" * 5000,
        {"a": [1]},
        [None],
        "\u202e",
    ],
)
def test_a_wrong_type_in_any_field_never_crashes(name: str, value: Any) -> None:
    found = read({**EXAMPLE, name: value})
    if isinstance(found, SetAside):
        assert found.why
    else:
        shown = found.title + str(found.notes) + str(found.fields) + str(found.address)
        assert "\x1b" not in shown
        assert "\u202e" not in shown


_LEAF = (
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.floats(allow_nan=False) | st.text()
    | st.sampled_from(["1", "0", "2020-03-31", "\ud800", "\x1b[2J", "1e9", "2020-03-24T15:45+23:59"])
)  # fmt: skip
_ANY = st.recursive(
    _LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
_NAMES = (*EXAMPLE, "lines", "earliest", "extraData", "description", "caption", "options_values")
_LINES = st.lists(st.dictionaries(st.sampled_from(_NAMES), _ANY, max_size=4), max_size=3)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(_NAMES), _ANY, min_size=1, max_size=6), _LINES)
def test_whatever_is_sent_is_read_or_set_aside_and_can_be_kept(changed: dict[str, Any], lines: Any) -> None:
    value = {**EXAMPLE, "lines": lines, "time_windows": lines, **changed}
    good, bad = READER.rows_of([RowText(value, "")])
    assert len(good) + len(bad) == 1
    for raw in (*(one.row.raw for one in good), *(one.raw for one in bad)):
        assert "\x1b" not in raw
        raw.encode()
        json.loads(raw)
    for one in good:
        assert isinstance(one.row.entity, Job)
        for number in (one.row.entity.sequence, one.row.entity.duration_min, one.row.entity.actual_end):
            assert number is None or -(2**63) <= number < 2**63
        str(one.row.entity.fields).encode()


@pytest.mark.parametrize("value", [None, "", True, {}, "two words", "x" * 65])
def test_a_row_without_an_id_is_set_aside(value: Any) -> None:
    assert isinstance(read({**EXAMPLE, "_id": value}), SetAside)


def test_what_the_documents_do_not_have_is_greyed_out_with_the_reason() -> None:
    assert LETSJOBIT.lacks.keys() == {
        Ability.CLOCK_TIMES, Ability.STATUS, Ability.CREW, Ability.VISIT_ADD, Ability.CANCEL,
        Ability.TECHNICIAN_STATUS, Ability.OPEN_IN_SYSTEM,
    }  # fmt: skip
    writing = letsjobit_rules({"allow_flag_writes": True, "visit_url": "https://x.example/{id}"})
    assert writing.can(Ability.STATUS)
    assert writing.job_url == "https://x.example/{id}"
    assert Status.COMPLETED in writing.job_lifecycle.writes


@pytest.mark.parametrize(
    "system",
    [
        {"allow_flag_writes": 1},
        {"key_parameter": "a b"},
        {"priorities": [2, 1]},
        {"priorities": [1]},
        {"priorities": ["1", "2"]},
        {"requests_in_10_s": 101},
        {"requests_in_10_s": True},
        {"visit_url": "http://x/{id}"},
    ],
)
def test_settings_that_cannot_be_used_are_named(system: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(system))):
        letsjobit_rules(system)
