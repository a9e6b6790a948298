"""Edits from the command line, and what arrives at the server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cli.conftest import Program

HISTORY_KEYS = "at seen_at job_id entity field old new by source"
OPERATION_KEYS = "op_id intent entity state reason warnings choices created_at sent_at attempts"


def person(program: Program, name: str = "Dai Evans") -> str:
    return next(str(one["id"]) for one in program.json("technicians") if one["name"] == name)


def test_assigning_with_a_time_arrives_and_is_confirmed(program: Program, job: dict[str, Any]) -> None:
    start = program.at(10)
    operation = program.json("assign", job["number"], "dai", "--start", start)
    assert set(OPERATION_KEYS.split()) <= set(operation)
    assert (operation["intent"], operation["entity"]) == ("assign", f"job:{job['id']}")
    assert operation["state"] in ("acked", "confirmed")
    assert operation["attempts"] == 1
    visit = program.sandbox.visit(job["id"])
    assert visit["technicianId"] == person(program)
    shown = program.job(job["id"])
    assert (shown["status"], shown["technician_ids"]) == ("assigned", [person(program)])
    assert shown["scheduled_start"] == program.utc(start)
    assert shown["pending"] is (operation["state"] == "acked")
    program.ok("sync")
    assert program.job(job["id"])["pending"] is False
    (one,) = program.json("outbox")
    assert (one["op_id"], one["state"]) == (operation["op_id"], "confirmed")


def test_reassigning_unassigning_and_moving_arrive(program: Program, job: dict[str, Any]) -> None:
    program.ok("assign", job["id"], "Dai Evans", "--start", program.at(9), "--end", program.at(11))
    program.ok("assign", job["id"], person(program, "Ben Fischer"))
    assert program.sandbox.visit(job["id"])["technicianId"] == person(program, "Ben Fischer")
    moved = program.json("reschedule", job["number"], "--start", program.at(13))
    assert moved["intent"] == "reschedule"
    shown = program.job(job["id"])
    assert (shown["scheduled_start"], shown["scheduled_end"]) == (
        program.utc(program.at(13)),
        program.utc(program.at(15)),
    )
    program.ok("reschedule", job["number"], "--start", "08:00", "--end", "08:45")
    assert program.job(job["id"])["scheduled_end"] == program.utc(program.at(8, 45))
    program.ok("unassign", job["number"])
    assert program.sandbox.visit(job["id"])["technicianId"] is None
    assert program.job(job["id"])["status"] == "unassigned"


def test_a_visit_is_named_by_its_id_and_by_its_place(program: Program, job: dict[str, Any]) -> None:
    (visit_id,) = job["visits"]
    operation = program.json("assign", visit_id, "dai", "--start", program.at(9))
    assert operation["entity"] == f"visit:{visit_id}"
    program.ok("visit", "add", job["number"], "--start", program.at(14), "--technician", "ben")
    program.ok("sync")
    visits = program.job(job["id"])["visits"]
    assert len(visits) == 2
    said = program.refused("reschedule", job["number"], "--start", program.at(16))
    first, second = f"{job['number']}/1 {program.day_after} 09:00, Dai Evans", f"{job['number']}/2"
    assert first in said
    assert f"{second} {program.day_after} 14:00, Ben Fischer" in said
    program.ok("reschedule", second, "--start", program.at(16))
    starts = {one["id"]: one["start"] for one in program.json("visits")}
    assert starts[visits[1]] == program.utc(program.at(16))
    assert "has no visit 3" in program.refused("unassign", f"{job['number']}/3")


def test_statuses_arrive_and_lawless_ones_do_not(program: Program, job: dict[str, Any]) -> None:
    program.ok("assign", job["number"], "dai", "--start", program.at(9))
    (visit_id,) = job["visits"]
    assert program.json("status", visit_id, "en_route")["entity"] == f"visit:{visit_id}"
    assert program.sandbox.visit(job["id"])["visitStatus"] == "in-transit"
    program.ok("status", visit_id, "arrived")
    program.ok("sync")
    (visit,) = [one for one in program.json("visits") if one["id"] == visit_id]
    assert (visit["status"], visit["raw_status"]) == ("on_site", "arrived")
    program.ok("status", job["number"], "completed", "--reason", "all done")
    assert program.sandbox.job(job["id"])["jobStatus"] == "completed"
    program.ok("sync")
    before = len(program.json("outbox"))
    assert "use assign" in program.refused("status", job["number"], "assigned")
    assert "no way from" in program.refused("status", job["number"], "closed")
    assert "is already completed" in program.refused("status", job["number"], "completed")
    assert "is no status" in program.refused("status", job["number"], "perhaps")
    assert "completed" in program.refused("assign", job["number"], "ben")
    assert len(program.json("outbox")) == before


def test_a_created_job_arrives_whole(program: Program) -> None:
    program.ok("sync")  # so that the number it gets is nobody's
    client = program.sandbox.clients()[3]
    operation = program.json(
        *("create", "--title", "Café boiler"),
        *("--customer", client["name"].upper()),
        *("--date", program.day_after, "--start", "09:00", "--end", "10:30"),
        *("--technician", "Ben Fischer", "--priority", "High"),
    )
    kind, _, job_id = operation["entity"].partition(":")
    assert (kind, operation["intent"]) == ("job", "create")
    there = program.sandbox.job(job_id)
    assert there["clientId"] == client["id"]
    assert there["priority"] == "high"
    program.ok("sync")
    job = program.job(job_id)
    assert (job["title"], job["customer"]) == ("Café boiler", client["name"])
    assert job["technician_ids"] == [person(program, "Ben Fischer")]
    assert (job["scheduled_start"], job["scheduled_end"]) == (
        program.utc(program.at(9)),
        program.utc(program.at(10, 30)),
    )
    assert job["pending"] is False


def test_a_created_job_is_there_before_it_is_sent(program: Program) -> None:
    program.ok("sync")  # so that the number it gets is nobody's
    client = program.sandbox.clients()[4]["id"]
    operation = program.json(
        *("create", "--offline", "--title", "Not yet there", "--customer", client),
        *("--start", program.at(9), "--end", program.at(10)),
    )
    assert operation["state"] == "queued"
    (waiting,) = program.json("jobs", "--search", "not yet there")
    assert waiting["pending"] is True
    assert waiting["id"].startswith("new:")
    assert operation["entity"] == f"job:{waiting['id']}"
    program.ok("assign", waiting["number"], "dai", "--offline")
    assert program.json("sync")["pending"] == 0
    (there,) = program.json("jobs", "--search", "not yet there")
    assert program.sandbox.visit(there["id"])["technicianId"] == person(program)
    assert program.json("outbox")[-2]["entity"] == f"job:{there['id']}"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--title", "A"), "customer"),
        (("--title", "A", "--customer", "No Such Customer"), "there is no customer"),
        (("--title", "A", "--customer", "@", "--start", "10:00", "--end", "09:00"), "not after"),
        (("--title", "A", "--customer", "@", "--priority", "soon"), "no priority"),
        (("--title", "A", "--customer", "@", "--technician", "e"), "several technicians"),
        (("--title", "A", "--customer", "@", "--set", "nothing"), "FIELD=VALUE"),
        (("--title", "A", "--customer", "@", "--date", "31/12"), "no day"),
        (("--title", "A", "--customer", "@", "--duration", "0"), "--duration"),
    ],
)
def test_a_job_that_cannot_be_created_is_refused(program: Program, words: tuple[str, ...], says: str) -> None:
    client = program.sandbox.clients()[0]["id"]
    given = [client if word == "@" else word for word in words]
    assert says in program.refused("create", *given)
    assert program.json("outbox") == []


def test_editing_changes_what_the_system_lets_be_changed(program: Program, job: dict[str, Any]) -> None:
    program.ok("assign", job["number"], "dai", "--start", program.at(9), "--end", program.at(10))
    program.ok("edit", job["number"], "--title", "Other title", "--priority", "urgent")
    assert program.sandbox.job(job["id"])["priority"] == "urgent"
    program.ok("edit", job["number"], "--date", "+2", "--duration", "90", "--technician", "ben")
    program.ok("sync")
    shown = program.job(job["id"])
    assert (shown["title"], shown["priority"]) == ("Other title", "urgent")
    assert shown["technician_ids"] == [person(program, "Ben Fischer")]
    assert shown["scheduled_start"] == program.utc(program.at(9, days=2))
    assert shown["scheduled_end"] == program.utc(program.at(10, 30, days=2))
    assert "already so" in program.refused("edit", job["number"], "--title", "Other title")
    assert "nothing to change" in program.refused("edit", job["number"])
    assert "notes" in program.refused("edit", job["number"], "--notes", "x")


def test_a_title_is_not_emptied(program: Program, job: dict[str, Any]) -> None:
    assert "cannot be empty" in program.refused("edit", job["number"], "--title", "")
    assert program.json("outbox") == []


def test_a_job_that_was_deleted_is_found_in_the_history(program: Program, job: dict[str, Any]) -> None:
    program.ok("delete", job["number"])
    program.ok("sync")
    program.ok("sync", "--full")
    lines = program.json("history", "--job", job["number"])
    assert {one["job_id"] for one in lines} == {job["id"]}
    gone = [one for one in program.json("history") if one["field"] == "deleted"]
    (line,) = [one for one in gone if one["job_id"] in (job["id"], None)]
    assert (line["entity"], line["old"], line["new"]) == (
        f"job:{job['id']}",
        f"{job['number']} {job['title']}",
        True,
    )
    (told,) = [one for one in program.ok("history").out.splitlines() if "deleted" in one]
    assert f"{job['number']} {job['title']}" in told
    assert program.json("outbox")[-1]["choices"] == []
    assert "there is no job" in program.refused("history", "--job", "no such")


def test_what_is_still_here_of_a_deletion_can_be_taken_back(program: Program, job: dict[str, Any]) -> None:
    assert program.json("delete", job["number"], "--offline")["choices"] == ["undo"]
    program.ok("undo")
    assert program.job(job["number"])["id"] == job["id"]


def test_a_deletion_meets_what_somebody_changed_and_asks(program: Program, job: dict[str, Any]) -> None:
    path = f"/api/v1/jobs/{job['id']}"
    program.ok("delete", job["number"], "--offline")
    program.sandbox.call("PUT", path, {"priority": "urgent"})
    result = program.run("sync", "--json")
    assert (result.code, result.json()["undecided"]) == (3, 1)
    (waits,) = program.json("outbox")
    assert (waits["state"], waits["choices"]) == ("conflict", ["mine", "theirs", "undo"])
    assert waits["reason"] == "The job is not as it was seen. Changed meanwhile: priority."
    assert program.job(job["number"])["priority"] == "urgent"
    program.sandbox.call("PUT", path, {"priority": "low"})
    again = program.run("resolve", waits["op_id"], "--keep", "mine", "--json")
    assert (again.code, again.json()["state"]) == (3, "conflict"), "changed once more, and not seen"
    last = program.json("resolve", again.json()["op_id"], "--keep", "mine")
    assert last["state"] in ("acked", "confirmed")
    assert job["id"] not in {one["recordId"] for one in program.sandbox.jobs()}


def test_deleting_takes_the_job_away(program: Program, job: dict[str, Any]) -> None:
    program.ok("delete", job["number"])
    assert job["id"] not in {one["recordId"] for one in program.sandbox.jobs()}
    assert job["id"] not in {one["id"] for one in program.json("jobs")}
    program.ok("sync")
    (one,) = program.json("outbox")
    assert one["state"] == "confirmed"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("note", "@", "text"), "notes"),
        (("crew", "@", "--add", "dai"), "one technician a visit"),
        (("crew", "@"), "takes one of"),
        (("reorder", "@", "--position", "1"), "clock times"),
        (("technician", "dai", "--status", "busy"), "technician"),
        (("technician", "dai"), "takes --status"),
        (("assign", "@", "dai", "--end", "10:00"), "--end needs --start"),
        (("reschedule", "@"), "--start"),
        (("reschedule", "@", "--start", "25:00"), "is no time"),
        (("reschedule", "@", "--start", "14:00", "--end", "13:00"), "not after"),
        (("resolve", "x"), "takes one of"),
        (("resolve", "x", "--keep", "mine"), "there is no edit"),
        (("retry", "x"), "there is no edit"),
        (("undo",), "nothing to take back"),
        (("redo",), "nothing to do again"),
    ],
)
def test_what_cannot_be_done_is_refused_and_not_queued(
    program: Program, job: dict[str, Any], words: tuple[str, ...], says: str
) -> None:
    given = [job["number"] if word == "@" else word for word in words]
    assert says in program.refused(*given)
    assert program.json("outbox") == []


def test_a_time_that_the_clock_skips_is_refused_with_its_neighbours(
    program: Program, job: dict[str, Any]
) -> None:
    program.set(timezone="Europe/London")
    said = program.refused("reschedule", job["number"], "--start", "2027-03-28T01:30")
    assert "00:30" in said
    assert "02:30" in said
    twice = program.json("reschedule", job["number"], "--offline", "--start", "2027-10-31T01:30")
    assert twice["state"] == "queued"
    assert program.job(job["id"])["scheduled_start"] == "2027-10-31T00:30:00Z"


def test_broken_rules_are_warnings_and_stop_nothing(program: Program, job: dict[str, Any]) -> None:
    program.ok("assign", job["number"], "dai", "--start", program.at(9), "--end", program.at(11))
    client = program.sandbox.clients()[0]["id"]
    operation = program.json(
        *("create", "--offline", "--title", "At the same time", "--customer", client),
        *("--start", program.at(10), "--end", program.at(12), "--technician", "dai"),
    )
    assert any("overlaps" in one and job["number"] in one for one in operation["warnings"])
    said = program.ok("reschedule", job["number"], "--start", program.at(3), "--offline").out
    assert "outside the shift" in said


def test_offline_edits_wait_and_go_with_the_next_sync(program: Program, job: dict[str, Any]) -> None:
    operation = program.json("assign", job["number"], "dai", "--start", program.at(9), "--offline")
    assert (operation["state"], operation["attempts"], operation["sent_at"]) == ("queued", 0, None)
    assert program.sandbox.visit(job["id"])["technicianId"] is None
    assert program.job(job["id"])["pending"] is True
    (visit,) = [one for one in program.json("visits") if one["job_id"] == job["id"]]
    assert visit["pending"] is True
    report = program.json("sync")
    assert (report["pushed"], report["pending"], report["undecided"]) == (1, 0, 0)
    assert program.sandbox.visit(job["id"])["technicianId"] == person(program)


def test_undo_takes_back_what_was_sent_and_redo_does_it_again(program: Program, job: dict[str, Any]) -> None:
    first = program.json("assign", job["number"], "dai", "--start", program.at(9))
    undone = program.json("undo")
    assert (undone["intent"], undone["undoes"]) == ("undo", first["op_id"])
    assert (first["choices"], undone["choices"]) == (["undo"], [])
    assert [one["choices"] for one in program.json("outbox")] == [[], []]
    assert program.sandbox.visit(job["id"])["technicianId"] is None
    again = program.json("redo")
    assert again["intent"] == "redo"
    assert program.sandbox.visit(job["id"])["technicianId"] == person(program)
    program.ok("sync")
    assert program.json("sync")["pending"] == 0


def test_undo_of_what_was_never_sent_cancels_it(program: Program, job: dict[str, Any]) -> None:
    queued = program.json("assign", job["number"], "dai", "--offline")
    cancelled = program.json("undo", queued["op_id"])
    assert (cancelled["op_id"], cancelled["state"]) == (queued["op_id"], "cancelled")
    assert program.json("sync")["pushed"] == 0
    assert "cancelled" in program.refused("undo", queued["op_id"])


def test_anothers_change_is_not_overwritten_and_can_be_decided(program: Program, job: dict[str, Any]) -> None:
    (visit_id,) = job["visits"]
    program.json("assign", job["number"], "dai", "--offline")
    program.sandbox.call(
        "PUT", f"/api/v1/visits/{visit_id}", {"technicianId": person(program, "Ben Fischer")}
    )
    result = program.run("sync", "--json")
    assert result.code == 3
    assert result.json()["undecided"] == 1
    assert "1 to decide" in result.err
    (operation,) = program.json("outbox")
    assert operation["state"] == "conflict"
    assert operation["reason"]
    assert {"mine", "theirs"} <= set(operation["choices"])
    shown = program.job(job["id"])
    assert (shown["technician_ids"], shown["pending"]) == ([person(program, "Ben Fischer")], False)
    assert "not among its choices" in program.refused("resolve", operation["op_id"], "--again")
    mine = program.json("resolve", operation["op_id"], "--keep", "mine")
    assert mine["op_id"] != operation["op_id"]
    assert program.sandbox.visit(job["id"])["technicianId"] == person(program)
    assert program.json("sync")["undecided"] == 0
    assert [one["op_id"] for one in program.json("outbox")] == [operation["op_id"], mine["op_id"]]
    assert "decided already" in program.refused("resolve", operation["op_id"], "--keep", "theirs")


def test_an_edit_of_what_is_gone_ends_undecided_and_note_can_be_taken(program: Program) -> None:
    # Of a job that was made within the last minute nobody is believed that it is gone.
    made_before = datetime.now(UTC) - timedelta(hours=1)
    job = next(
        one
        for one in program.json("jobs")
        if one["status"] == "unassigned"
        and datetime.fromisoformat(program.sandbox.job(one["id"])["createdAt"]) < made_before
    )
    program.sandbox.call("DELETE", f"/api/v1/jobs/{job['id']}")
    result = program.run("assign", job["number"], "dai", "--json")
    assert result.code == 3
    assert result.json()["state"] == "gone"
    assert result.err.count("\n") == 1
    noted = program.json("resolve", result.json()["op_id"], "--keep", "theirs")
    assert noted["state"] == "gone"
    assert program.json("sync", "--full")["undecided"] == 0


def test_what_changed_is_told_with_when_and_by_whom(program: Program, job: dict[str, Any]) -> None:
    program.ok("assign", job["number"], "dai", "--start", program.at(9))
    program.ok("sync")
    program.sandbox.call("PUT", f"/api/v1/jobs/{job['id']}", {"priority": "urgent"})
    program.ok("sync")
    lines = program.json("history", "--job", job["number"])
    for line in lines:
        assert set(line) == set(HISTORY_KEYS.split())
        assert line["job_id"] == job["id"]
    (crew,) = [one for one in lines if one["field"] == "technician_ids"]
    assert (crew["old"], crew["new"], crew["source"]) == ([], [person(program)], "ours")
    assert crew["by"]
    (start,) = [one for one in lines if one["field"] == "start"]
    assert start["new"] == program.utc(program.at(9))
    (theirs,) = [one for one in lines if one["field"] == "priority"]
    assert (theirs["new"], theirs["source"], theirs["by"]) == ("urgent", "system", None)
    assert [one for one in program.json("history", "--date", "today") if one["job_id"] == job["id"]] == lines
    assert program.json("history", "--date", "+1") == []
    assert "Dai Evans" in program.ok("history").out


def test_others_work_is_seen_by_a_sync_and_deletions_by_a_full_one(
    program: Program, job: dict[str, Any]
) -> None:
    (visit_id,) = job["visits"]
    program.sandbox.call(
        "PUT", f"/api/v1/visits/{visit_id}", {"technicianId": person(program, "Eiko Tanaka")}
    )
    assert program.json("sync")["pulled"] >= 1
    assert program.job(job["id"])["technician_ids"] == [person(program, "Eiko Tanaka")]
    program.sandbox.call("DELETE", f"/api/v1/jobs/{job['id']}")
    assert program.json("sync", "--full")["deleted"] >= 1
    assert job["id"] not in {one["id"] for one in program.json("jobs")}
