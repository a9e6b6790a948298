"""`resolve`, `retry` and `undo` of what waits for a decision, at a server that others change, too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.outbox import Outbox
from fieldboard.clock import SystemClock
from fieldboard.domain.operation import OpState
from tests.cli.conftest import Program

NUMBERS = count(70_001)
"""The tests share a server: each creates under a number of its own."""


def person(program: Program, name: str) -> str:
    """The id of a technician."""
    return str(next(one["id"] for one in program.json("technicians") if name in one["name"]))


@contextmanager
def outbox_of(program: Program) -> Iterator[Outbox]:
    """The outbox, for what no server of these tests does by itself."""
    outbox = Outbox(ProfileFiles(program.data / "profiles" / "north"), SystemClock())
    try:
        yield outbox
    finally:
        outbox.close()


def conflict(program: Program, job: dict[str, Any]) -> dict[str, Any]:
    """Dai here, Ben at the system."""
    (visit_id,) = job["visits"]
    program.json("assign", job["number"], "dai", "--offline")
    ben = person(program, "Ben Fischer")
    program.sandbox.call("PUT", f"/api/v1/visits/{visit_id}", {"technicianId": ben})
    assert program.run("sync").code == 3
    (operation,) = program.json("outbox")
    assert (operation["state"], operation["choices"]) == ("conflict", ["mine", "theirs", "undo"])
    return dict(operation)


def listed(program: Program, op_id: str) -> dict[str, Any]:
    return next(dict(one) for one in program.json("outbox") if one["op_id"] == op_id)


def test_theirs_ends_it_and_leaves_the_server_alone(program: Program, job: dict[str, Any]) -> None:
    op_id = conflict(program, job)["op_id"]
    told = program.json("resolve", op_id, "--keep", "theirs")
    assert (told["op_id"], told["state"], told["choices"]) == (op_id, "conflict", [])
    assert program.sandbox.visit(job["id"])["technicianId"] == person(program, "Ben Fischer")
    assert program.json("sync")["undecided"] == 0


def test_undo_of_a_conflict_takes_note_of_it(program: Program, job: dict[str, Any]) -> None:
    op_id = conflict(program, job)["op_id"]
    program.ok("undo", op_id)
    assert program.json("sync")["undecided"] == 0
    assert program.sandbox.visit(job["id"])["technicianId"] == person(program, "Ben Fischer")


def test_mine_decided_offline_waits_and_is_contested_anew_by_what_came_after(
    program: Program, job: dict[str, Any]
) -> None:
    op_id = conflict(program, job)["op_id"]
    mine = program.json("resolve", op_id, "--keep", "mine", "--offline")
    assert (mine["state"], mine["intent"]) == ("queued", "assign")
    assert listed(program, op_id)["choices"] == []
    other = person(program, "Amara")
    program.sandbox.call("PUT", f"/api/v1/visits/{job['visits'][0]}", {"technicianId": other})
    assert program.run("sync").code == 3
    assert listed(program, mine["op_id"])["state"] == "conflict"
    assert program.sandbox.visit(job["id"])["technicianId"] == other


def test_a_conflict_is_not_tried_again_and_nothing_is_created_by_it(
    program: Program, job: dict[str, Any]
) -> None:
    op_id = conflict(program, job)["op_id"]
    assert "keep mine or theirs" in program.refused("retry", op_id)
    for words in (("--again",), ("--found", job["id"]), ("--keep", "this"), ("--keep", "both")):
        assert "not among its choices" in program.refused("resolve", op_id, *words)
    assert "one of --keep" in program.refused("resolve", op_id)
    assert "one of --keep" in program.refused("resolve", op_id, "--keep", "mine", "--again")
    assert program.run("sync").code == 3


def test_different_fields_of_one_visit_merge(program: Program, job: dict[str, Any]) -> None:
    (visit_id,) = job["visits"]
    program.json("assign", job["number"], "dai", "--offline")
    start, end = program.utc(program.at(9)), program.utc(program.at(10))
    program.sandbox.call("PUT", f"/api/v1/visits/{visit_id}", {"scheduledStart": start, "scheduledEnd": end})
    assert program.json("sync")["undecided"] == 0
    shown = program.job(job["id"])
    assert shown["technician_ids"] == [person(program, "Dai")]
    assert shown["scheduled_start"] == start


@pytest.mark.parametrize("state", [OpState.REJECTED, OpState.SUPERSEDED])
def test_what_was_refused_goes_out_again_under_a_new_id(
    program: Program, job: dict[str, Any], state: OpState
) -> None:
    op_id = program.json("assign", job["number"], "dai", "--offline")["op_id"]
    with outbox_of(program) as outbox:
        fence = outbox.take_fence("test")
        outbox.claim(op_id, fence)
        outbox.settle(op_id, fence, OpState.SENDING, state, reason="locked by an invoice")
    assert listed(program, op_id)["choices"][:2] == ["retry", "theirs"]
    again = program.json("retry", op_id)
    assert again["op_id"] != op_id
    assert again["state"] in ("acked", "confirmed")
    assert program.sandbox.visit(job["id"])["technicianId"] == person(program, "Dai")
    assert (listed(program, op_id)["state"], listed(program, op_id)["choices"]) == (state.value, [])
    assert "decided already" in program.refused("retry", op_id)
    said = "decided already" if state is OpState.REJECTED else "nothing to take back"
    assert said in program.refused("undo", op_id)


# Creates of which nobody knows


def lost(program: Program) -> dict[str, Any]:
    """A create of which nobody can say whether it was carried out."""
    client = program.sandbox.clients()[0]["id"]
    start, end = program.at(13), program.at(14)
    words = ("create", "--title", "Tap drips", "--customer", client, "--start", start, "--end", end)
    made = program.json(*words, "--number", str(next(NUMBERS)), "--offline")
    with outbox_of(program) as outbox:
        fence = outbox.take_fence("test")
        outbox.claim(made["op_id"], fence)
        outbox.settle(made["op_id"], fence, OpState.SENDING, OpState.UNCERTAIN)
        outbox.settle(made["op_id"], fence, OpState.UNCERTAIN, OpState.ASK, reason="Nobody can tell.")
    asked = listed(program, made["op_id"])
    assert (asked["state"], asked["choices"]) == ("ask", ["again", "found", "undo"])
    return asked


def number_of(program: Program, op: dict[str, Any]) -> str:
    with outbox_of(program) as outbox:
        found = outbox.get(op["op_id"])
        assert found is not None
        value = found.changes[0].value
        assert isinstance(value, dict)
        return str(value["number"])


def at_server(program: Program, number: str) -> list[str]:
    return [one["id"] for one in program.sandbox.jobs() if one["jobNumber"] == number]


def test_a_lost_create_goes_out_again(program: Program) -> None:
    asked = lost(program)
    assert program.run("sync", "--json").json()["undecided"] == 1
    number = number_of(program, asked)
    again = program.json("resolve", asked["op_id"], "--again")
    assert again["state"] in ("acked", "confirmed")
    assert len(at_server(program, number)) == 1
    synced = program.json("sync")
    assert (synced["pending"], synced["undecided"]) == (0, 0)
    assert listed(program, asked["op_id"])["state"] == "confirmed"


def test_a_lost_create_that_is_there_is_named_and_not_created_again(program: Program) -> None:
    asked = lost(program)
    number = number_of(program, asked)
    client = program.sandbox.clients()[0]["id"]
    made = program.sandbox.call("POST", "/api/v1/jobs", {"clientId": client, "jobNumber": number})["job"]
    program.run("sync")
    assert made["id"] in program.refused("resolve", asked["op_id"], "--again")
    assert "no job" in program.refused("resolve", asked["op_id"], "--found", "nothing-like-it")
    found = program.json("resolve", asked["op_id"], "--found", made["id"])
    assert found["entity"] == f"job:{made['id']}"
    synced = program.json("sync")
    assert (synced["pending"], synced["undecided"]) == (0, 0)
    assert at_server(program, number) == [made["id"]]
    assert listed(program, asked["op_id"])["state"] == "confirmed"


def test_a_lost_create_can_be_given_up(program: Program) -> None:
    asked = lost(program)
    number = number_of(program, asked)
    program.ok("undo", asked["op_id"])
    assert program.json("sync")["undecided"] == 0
    assert [one for one in program.json("jobs") if one["number"] == number] == []


@pytest.mark.parametrize(("choice", "left"), [("this", 1), ("other", 1), ("both", 2)])
def test_a_create_that_came_twice_is_decided(program: Program, choice: str, left: int) -> None:
    client = program.sandbox.clients()[0]["id"]
    start, end = program.at(15), program.at(16)
    words = ("create", "--title", "Leak", "--customer", client, "--start", start, "--end", end)
    made = program.json(*words, "--number", str(next(NUMBERS)))
    program.ok("sync")
    number = number_of(program, made)
    (ours,) = at_server(program, number)
    copy = program.sandbox.call("POST", "/api/v1/jobs", {"clientId": client, "jobNumber": number})["job"]
    assert program.run("sync").code == 3
    twice = listed(program, made["op_id"])
    assert (twice["state"], twice["choices"]) == ("duplicate", ["this", "other", "both"])
    live = program.json("resolve", made["op_id"], "--keep", choice)
    kept = {"this": [ours], "other": [copy["id"]], "both": sorted([ours, copy["id"]])}[choice]
    assert sorted(at_server(program, number)) == kept
    assert len(kept) == left
    assert live["intent"] == ("create" if choice == "both" else "delete")
    assert program.json("sync")["undecided"] == 0
    assert listed(program, made["op_id"])["state"] in ("acked", "confirmed")
