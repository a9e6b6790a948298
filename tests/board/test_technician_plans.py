from __future__ import annotations

from dataclasses import replace

import pytest

from fieldboard.board.planning import plan_technician, plan_undo
from fieldboard.domain.fields import LOCATION, STATUS
from fieldboard.domain.operation import Change, Intent, Kind, OpState
from fieldboard.domain.rules import Ability
from fieldboard.domain.technician import LatLng
from tests.board.office import TECHNICIANS, Office


@pytest.fixture
def told(office: Office) -> Office:
    office.world.first_sync(replace(TECHNICIANS[0], status="available", position=LatLng(51.5, -0.1)))
    lacks = {one: why for one, why in office.rules.lacks.items() if one is not Ability.TECHNICIAN_STATUS}
    office.open(lacks=lacks, technician_words=("available", "on_break", "off_duty"))
    return office


def test_a_status_is_the_systems_word_and_shown_at_once(told: Office) -> None:
    who = told.desk.people.technician("t1")
    assert who is not None
    plan = plan_technician(told.desk, who, status="On break")
    (draft,) = plan.drafts
    assert draft.intent is Intent.TECHNICIAN
    assert draft.entity == "technician:t1"
    assert draft.changes == (Change(Kind.TECHNICIAN, "t1", STATUS, "available", "on_break"),)
    told.desk.commit(plan)
    told.desk.poll()
    shown = told.desk.people.technician("t1")
    assert shown is not None
    assert shown.status == "on_break"


def test_a_refused_edit_shows_what_the_server_has(told: Office) -> None:
    who = told.desk.people.technician("t1")
    assert who is not None
    (saved,) = told.desk.commit(plan_technician(told.desk, who, status="off_duty"))
    told.sent(saved, OpState.REJECTED, "no")
    assert [one.status for one in told.desk.people.everybody() if one.id == "t1"] == ["available"]


def test_status_and_place_are_one_edit_and_taken_back_as_one(told: Office) -> None:
    who = told.desk.people.technician("t1")
    assert who is not None
    (saved,) = told.desk.commit(plan_technician(told.desk, who, status="on_break", place=LatLng(51.6, -0.2)))
    assert [one.field for one in saved.changes] == [STATUS, LOCATION]
    told.sent(saved)
    (back,) = told.desk.commit(plan_undo(told.desk))
    assert [(one.field, one.value) for one in back.changes] == [
        (LOCATION, [51.5, -0.1]),
        (STATUS, "available"),
    ]


def test_other_words_other_places_and_other_systems_are_refused(told: Office, office: Office) -> None:
    who = told.desk.people.technician("t1")
    assert who is not None
    said = plan_technician(told.desk, who, status="dancing").refusal
    assert said == "'dancing' is no status of a technician; FieldCamp has available, on_break, off_duty"
    assert "no place on earth" in str(plan_technician(told.desk, who, place=LatLng(91, 0)).refusal)
    assert plan_technician(told.desk, who, status="available").empty
    lacking = {**told.rules.lacks, Ability.TECHNICIAN_STATUS: "it tells nothing"}
    assert plan_technician(office.open(lacks=lacking), who, status="available").refusal == "it tells nothing"
