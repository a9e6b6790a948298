"""Rows of the usual kind are read without asking pydantic, and to the very same values."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldboard.backends.fieldcamp import quick, reading
from fieldboard.backends.fieldcamp.company import Company
from fieldboard.backends.fieldcamp.reading import row_of
from fieldboard.backends.fieldcamp.values import Unreadable
from fieldboard.backends.json_door import RowText
from fieldboard.backends.port import Row
from fieldboard.domain.instants import Zone
from fieldboard.domain.operation import Kind

COMPANY = Company(Zone("Europe/London"), {"skl_1": "gas"}, "Arrival window")
JOB: dict[str, Any] = {
    "clientId": "cli_1",
    "jobNumber": "1006",
    "jobAddress": {
        "street": "17 Cobblers' Avenue",
        "formattedAddress": "17 Cobblers' Avenue, Bristol",
        "latitude": 51.44268,
        "longitude": -2.58493,
    },
    "jobPhone": {"countryCode": "+44", "number": "7700900385"},
    "assignedToTeams": ["usr_1", "usr_2", "usr_1"],
    "jobType": "one-off",
    "startDateTime": "2026-10-28T22:50:00.000Z",
    "endDateTime": "2026-10-28T23:50:00.000Z",
    "scheduleLater": False,
    "anyTime": False,
    "jobStatus": "scheduled",
    "jobItems": [{"itemName": " No hot water ", "description": "", "quantity": 1}],
    "properties": [{"name": "Arrival window", "value": "2026-10-29 08:00-10:00", "options": []}],
    "isStartTime": True,
    "skillsId": ["skl_1", "skl_2"],
    "priority": " High",
    "notes": " Ring twice ",
    "visits": [{"visitStatus": "scheduled"}],
    "id": "job_1",
    "createdAt": "2026-10-15T00:28:21.500Z",
    "updatedAt": "2026-10-28T23:57:00.250Z",
}
VISIT: dict[str, Any] = {
    "jobId": "job_1",
    "scheduledStart": "2026-11-28T22:15:00.000Z",
    "scheduledEnd": "2026-11-29T06:30:00.000Z",
    "technicianId": "usr_1",
    "teamId": None,
    "id": "vis_1",
    "visitStatus": "in-progress",
    "createdAt": "2026-11-10T22:15:00.000Z",
}
USUAL = [
    (Kind.JOB, JOB),
    (Kind.JOB, {**JOB, "scheduleLater": True}),
    (Kind.JOB, {**JOB, "anyTime": True, "title": "Boiler", "jobItems": []}),
    (Kind.JOB, {**JOB, "assignedToTeams": [], "skillsId": None, "properties": [], "visits": []}),
    (Kind.VISIT, VISIT),
    (Kind.VISIT, {**VISIT, "teamId": ["usr_2"], "technicianId": None}),
    (Kind.VISIT, {**VISIT, "technicianId": None, "visitStatus": "no such word"}),
]


def read(kind: Kind, value: dict[str, Any]) -> Row | str:
    """The row, or why it cannot be read."""
    try:
        return row_of(kind, RowText(copy.deepcopy(value), json.dumps(value)), COMPANY)
    except Unreadable as why:
        return str(why)


def read_exactly(kind: Kind, value: dict[str, Any]) -> Row | str:
    """The same by way of the validated shapes alone."""
    with patch.object(quick, "is_plain", return_value=False):
        return read(kind, value)


@contextmanager
def no_shapes() -> Iterator[None]:
    """Nothing can be validated meanwhile."""

    class Refuses:
        class validator:  # noqa: N801 - as pydantic calls it
            @staticmethod
            def validate_python(value: object) -> object:
                raise AssertionError(value)

    with patch.dict(reading._SHAPES, dict.fromkeys(Kind, Refuses)):
        yield


@pytest.mark.parametrize(("kind", "value"), USUAL)
def test_a_usual_row_is_read_without_validation_to_the_same_value(kind: Kind, value: dict[str, Any]) -> None:
    with no_shapes():
        quick = read(kind, value)
    assert isinstance(quick, Row)
    assert quick == read_exactly(kind, value)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda row: row.update(notes="Ring\ntwice"),
        lambda row: row.update(notes="x" * 400),
        lambda row: row.update(clientId=7),
        lambda row: row.update(priority="é"),
        lambda row: row.update(updatedAt=None),
        lambda row: row.update(anyTime="yes"),
        lambda row: row["jobAddress"].update(latitude=0.0, longitude=0.0),
        lambda row: row["jobAddress"].update(street={}),
        lambda row: row.update(lineItems=[{"name": "Valve"}]),
    ],
)
def test_what_is_not_as_usual_is_left_to_the_exact_way(spoil: Callable[[dict[str, Any]], None]) -> None:
    row = copy.deepcopy(JOB)
    spoil(row)
    with no_shapes(), pytest.raises(AssertionError):
        read(Kind.JOB, row)
    assert read(Kind.JOB, row) == read_exactly(Kind.JOB, row)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(
        ["", " ", " x ", "2026-06-04", "2026-06-04T10:00:00", "99999-01-01", "x" * 301, "1780000000", "é\n"]
    )
)
VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.sampled_from(["id", "name"]), SCALARS)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a row something stands."""
    if path:
        yield path
    for key, one in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from places(one, (*path, key))


@pytest.mark.parametrize("own", ["0 ", " 0", "  "])
@pytest.mark.parametrize(("kind", "usual"), USUAL)
def test_an_id_with_space_around_it_is_the_one_that_was_sent(
    kind: Kind, usual: dict[str, Any], own: str
) -> None:
    row = {**copy.deepcopy(usual), "id": own, "recordId": "r1"}
    found = read(kind, row)
    assert found == read_exactly(kind, row)
    assert isinstance(found, Row)
    assert found.id == own


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_a_server_sends_both_ways_read_the_same(data: st.DataObject) -> None:
    kind, usual = data.draw(st.sampled_from(USUAL))
    row = copy.deepcopy(usual)
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(sorted(places(row), key=str)))
        inner: Any = row
        for step in way:
            inner = inner[step]
        inner[last] = data.draw(VALUES)
    assert read(kind, row) == read_exactly(kind, row)
