"""The roster that a demo writes."""

from __future__ import annotations

import tomllib

from fieldboard.sandbox.roster_file import roster_toml
from tests.sandbox.conftest import make_world


def test_the_roster_names_every_technician_and_skill() -> None:
    world = make_world(40, 100)
    roster = tomllib.loads(roster_toml(world))
    assert {entry["id"] for entry in roster["technician"]} == set(world.technicians)
    assert {entry["name"] for entry in roster["technician"]} == {
        person.name for person in world.technicians.values()
    }
    assert roster["skill_names"] == {id_: name for name, id_ in world.skill_ids.items()}
    first = roster["technician"][0]
    assert first["shift"]["mon"] == "07:00-16:00"
    assert first["breaks"] == ["11:30-12:00"]
    assert set(first["home"]) == {"lat", "lng"}
    sick = next(entry for entry in roster["technician"] if entry["absences"])
    assert set(sick["absences"][0]) == {"from", "to", "kind"}


def test_an_empty_company_has_an_empty_roster() -> None:
    assert "technician" not in tomllib.loads(roster_toml(make_world(0, 3)))
