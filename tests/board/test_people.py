from __future__ import annotations

from dataclasses import replace

from fieldboard.board.people import merged
from fieldboard.domain.instants import Zone
from fieldboard.domain.technician import LatLng, Technician
from fieldboard.roster import Roster, RosterEntry
from tests.board.office import Office
from tests.board.world import DAY


def test_the_roster_is_laid_over_what_the_system_says(office: Office) -> None:
    assert [one.name for one in office.desk.people.active()] == ["Amara Diallo", "Dai Evans", "Dai Jones"]
    jones = office.desk.people.technician("t3")
    assert jones is not None
    assert (jones.skills, jones.capacity, jones.skills_known) == (("boiler",), 2, True)
    assert len(jones.breaks) == 1
    assert office.desk.people.name_of("t9") == "Old Hand"
    assert office.desk.people.name_of("ghost") == "ghost"


def test_a_system_without_technicians_has_those_of_the_roster(office: Office) -> None:
    roster = Roster((RosterEntry(id="7", name="Ann"), RosterEntry(name="No id")))
    assert [one.id for one in merged([], roster, Zone("UTC"), DAY)] == ["7"]
    named = merged([Technician("1", "A", skills=("s1",))], Roster((), {"s1": "gas"}), Zone("UTC"), DAY)
    assert named[0].skills == ("gas",)
    called = Roster((RosterEntry(id="1", name="Ann Other"), RosterEntry(id="2")))
    people = merged([Technician("1", "A"), Technician("2", "B")], called, Zone("UTC"), DAY)
    assert [one.name for one in people] == ["Ann Other", "B"]
    assert office.desk.today() == DAY


def test_a_set_of_skills_that_many_have_is_in_memory_once(office: Office) -> None:
    names = ("1", "2")
    roster = Roster(tuple(RosterEntry(id=one, skills=("gas", "heat pump")) for one in names))
    one, other = merged([Technician(name, name) for name in names], roster, Zone("UTC"), DAY)
    assert one.skills is other.skills
    home = LatLng(51.5, -3.2)
    desk = office.desk
    desk.people.know(desk.today(), tuple(replace(who, home=home) for who in (one, other)))
    (_, has), (_, too) = desk.people.nearest()._people
    assert has == frozenset(("gas", "heat pump"))
    assert has is too
