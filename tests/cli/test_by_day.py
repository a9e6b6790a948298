"""The command line with a system that keeps days and an order of visits, and no clock times (LetsJobIt)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fieldboard.clock import SystemClock
from fieldboard.domain.instants import Zone
from fieldboard.log import close_log
from fieldboard.sandbox.serve import demo_zone
from tests.cli.conftest import ROOT, TOKEN, Program, Sandbox

DROPPED = "LetsJobIt keeps days and an order of visits, no clock times: only the day is written"


@pytest.fixture(scope="module")
def jobit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A LetsJobIt server."""
    zone = demo_zone(SystemClock().now())
    roster = tmp_path_factory.mktemp("jobit") / "roster.toml"
    command = [sys.executable, "-m", "fieldboard", "sandbox", "letsjobit", "--json", "--jobs", "90"]
    command += ["--technicians", "2", "--days", "9", "--zone", zone, "--write-roster", str(roster)]
    command += ["--set", "signature_size=100"]
    environ = {**os.environ, "FIELDBOARD_SANDBOX_TOKEN": TOKEN, "PYTHONPATH": str(ROOT / "src")}
    server = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        yield Sandbox(json.loads(server.stdout.readline())["url"], Zone(zone), roster)
    finally:
        server.terminate()
        server.communicate(timeout=20)


@pytest.fixture
def days(
    jobit: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Program]:
    """The program after a first sync."""
    config = tmp_path / "config.toml"
    config.write_text(
        f'[profiles.north]\nbackend = "letsjobit"\nbase_url = "{jobit.url}"\n'
        f'timezone = "{jobit.zone.name}"\ntoken_env = "NORTH_TOKEN"\n'
        f'roster = "{jobit.roster}"\nsettle_s = 1\n'
    )
    monkeypatch.setenv("FIELDBOARD_CONFIG", str(config))
    monkeypatch.setenv("FIELDBOARD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("NORTH_TOKEN", TOKEN)
    program = Program(config, tmp_path / "data", jobit, capsys)
    program.ok("sync")
    yield program
    close_log()


def at_server(program: Program, visit_id: str) -> dict[str, Any]:
    (row,) = program.sandbox.call("GET", f"/api/v2/visits?_id={visit_id}")
    return dict(row)


def a_day_of_several(program: Program) -> list[dict[str, Any]]:
    """The visits ahead of one technician on one day, in order."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for visit in program.json("visits"):
        if visit["status"] == "assigned" and visit["date"] > program.day.isoformat():
            found.setdefault((visit["technician_id"], visit["date"]), []).append(visit)
    fullest = max(found, key=lambda one: len(found[one]))
    return sorted(found[fullest], key=lambda one: int(one["sequence"]))


def test_a_visit_is_its_job_and_its_times_are_estimated(days: Program) -> None:
    visit = a_day_of_several(days)[0]
    assert (visit["id"], visit["estimated"]) == (visit["job_id"], True)
    assert visit["start"] < visit["end"]
    job = days.job(visit["id"])
    assert (job["visits"], job["scheduled_start"], job["scheduled_end"]) == ([visit["id"]], None, None)
    assert job["raw_status"] == "inMobileApp"
    row = at_server(days, visit["id"])
    assert (job["number"], job["skills_required"]) == (row["docNo"], row["required_skills"])
    assert job in days.json("jobs", "--date", visit["date"])


def test_acts_on_a_visit_arrive(days: Program) -> None:
    first, *_, last = a_day_of_several(days)
    number = days.job(first["id"])["number"]
    who = next(one for one in days.json("technicians") if one["id"] != first["technician_id"])
    operation = days.json("assign", number, who["name"], "--start", "14:00")
    assert operation["entity"] == f"job:{first['id']}"
    assert DROPPED in operation["warnings"]
    row = at_server(days, first["id"])
    assert (row["driverId"], row["name"], row["date"]) == (who["id"], who["name"], first["date"])
    assert DROPPED in days.json("reschedule", number, "--start", days.at(10, days=9))["warnings"]
    assert at_server(days, first["id"])["date"] == days.at(10, days=9)[:10]
    days.ok("edit", number, "--date", first["date"], "--phone", "0117", "--set", "contactPerson=Jo Hall")
    row = at_server(days, first["id"])
    assert (row["date"], row["contactPhone"], row["contactPerson"]) == (first["date"], "0117", "Jo Hall")
    days.ok("unassign", number)
    assert at_server(days, first["id"])["inMobileApp"] in (False, "0", 0)
    assert days.job(first["id"])["status"] == "unassigned"
    before = at_server(days, last["id"])["obs"]
    days.ok("note", last["id"], "Ring twice")
    assert at_server(days, last["id"])["obs"].endswith("Ring twice")
    assert at_server(days, last["id"])["obs"].startswith(before)
    assert "field app sets the status" in days.refused("status", number, "completed")
    assert days.json("sync")["pending"] == 0


def test_another_order_arrives_and_is_taken_back(days: Program) -> None:
    first, *_, last = a_day_of_several(days)
    operation = days.json("reorder", last["id"], "--before", first["id"])
    assert operation["intent"] == "reorder"
    order = {
        one["id"]: one["sequence"]
        for one in days.json("visits", "--date", last["date"], "--technician", last["technician_id"])
        if one["status"] == "assigned"
    }
    assert min(order, key=lambda one: int(order[one])) == last["id"]
    assert at_server(days, last["id"])["serviceOrder"] == order[last["id"]]
    days.ok("undo")
    days.ok("sync")
    assert at_server(days, last["id"])["serviceOrder"] == last["sequence"]


def test_a_job_is_made_and_deleted(days: Program) -> None:
    missing = days.refused("create", "--title", "Leaking tap")
    for option in ("--number", "--customer", "--address", "--city", "--date", "--technician"):
        assert option in missing
    who = days.json("technicians")[0]
    day = days.at(0, days=2)[:10]
    made = (
        "--number",
        "X-1",
        "--customer",
        "Acme",
        "--address",
        "1 High St",
        "--city",
        "Bath",
        "--date",
        day,
    )
    days.ok("create", "--title", "Leaking tap", *made, "--technician", who["name"])
    job = days.job("X-1")
    assert (job["title"], job["technician_ids"]) == ("Acme - Leaking tap", [who["id"]])
    row = at_server(days, job["id"])
    assert (row["date"], row["docNo"], row["customer"]) == (day, "X-1", "Acme")
    days.ok("delete", "X-1")
    assert days.json("sync", "--full")["deleted"] == 1
    assert days.sandbox.call("GET", f"/api/v2/visits?_id={job['id']}") == []


def test_a_deletion_meets_what_somebody_changed_and_asks(
    days: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = a_day_of_several(days)[0]
    number = days.job(visit["id"])["number"]
    days.ok("delete", number, "--offline")
    # Somebody else, at a desk of their own.
    monkeypatch.setenv("FIELDBOARD_DATA_DIR", str(tmp_path / "other"))
    days.ok("sync")
    days.ok("note", number, "Do not cancel")
    monkeypatch.setenv("FIELDBOARD_DATA_DIR", str(days.data))
    assert days.run("sync").code == 3
    (waits,) = days.json("outbox")
    assert (waits["state"], waits["reason"]) == (
        "conflict",
        "The job is not as it was seen. Changed meanwhile: notes.",
    )
    days.ok("resolve", waits["op_id"], "--keep", "theirs")
    assert days.json("sync")["undecided"] == 0
    assert at_server(days, visit["id"])["obs"].endswith("Do not cancel")


def test_doctor_says_what_it_found(days: Program) -> None:
    found = {one["name"]: one for one in days.json("doctor")["checks"]}
    assert all(one["ok"] is not False for one in found.values())
    assert "internal _id" in found["id of writes"]["says"]
