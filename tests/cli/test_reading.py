"""Listing, suggesting, exporting, history: what a first sync brings, as people and scripts read it."""

from __future__ import annotations

import csv
import json
import re
import xml.etree.ElementTree as ET
from io import StringIO
from typing import Any

import pytest
from icalendar import Calendar

from fieldboard.domain.instants import parse_instant
from fieldboard.domain.status import Status
from tests.cli.conftest import Program

JOB_KEYS = (
    "id number title customer phone address status raw_status priority technician_ids scheduled_start "
    "scheduled_end duration_min windows skills_required territory notes lat lng visits updated_at pending"
)
VISIT_KEYS = (
    "id job_id technician_id technician_ids date start end sequence estimated status raw_status pending"
)
TECHNICIAN_KEYS = "id name status since active skills skills_known capacity shift territory phone lat lng"
REPORT_KEYS = "profile pushed pulled deleted pending undecided started_at finished_at error"
SUGGESTION_KEYS = "technician_id name rank score start end reasons excluded"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def test_a_first_sync_reports_itself_and_fills_the_lists(empty: Program) -> None:
    assert empty.json("jobs") == []
    assert empty.ok("jobs").out == "no jobs yet; run: fieldboard sync\n"
    report = empty.json("sync")
    assert set(report) == set(REPORT_KEYS.split())
    assert report["profile"] == "north"
    assert report["error"] is None
    assert INSTANT.fullmatch(report["started_at"])
    there = empty.sandbox.jobs()
    assert report["pulled"] >= len(there) + len(empty.sandbox.team())
    assert {one["id"] for one in empty.json("jobs")} == {one["recordId"] for one in there}


def test_jobs_have_every_key_of_the_contract(program: Program) -> None:
    for job in program.json("jobs"):
        assert set(JOB_KEYS.split()) <= set(job)
        assert job["status"] in set(Status)
        assert job["pending"] is False
        assert isinstance(job["visits"], list)
        for name in ("scheduled_start", "scheduled_end", "updated_at"):
            assert job[name] is None or INSTANT.fullmatch(job[name])
        for window in job["windows"]:
            assert set(window) == {"start", "end"}


def test_visits_and_jobs_name_each_other(program: Program) -> None:
    visits = program.json("visits")
    named = {one for job in program.json("jobs") for one in job["visits"]}
    assert named == {visit["id"] for visit in visits}
    for visit in visits:
        assert set(VISIT_KEYS.split()) <= set(visit)
        assert visit["technician_id"] == (visit["technician_ids"] or [None])[0]
        if visit["start"] is None:
            assert visit["end"] is None


def test_technicians_carry_what_the_roster_says(program: Program) -> None:
    people = program.json("technicians")
    assert {one["id"] for one in people} == {one["id"] for one in program.sandbox.team()}
    for one in people:
        assert set(TECHNICIAN_KEYS.split()) <= set(one)
        assert one["skills"]
        assert one["skills_known"] is True
        assert one["shift"] is None or re.fullmatch(r"\d\d:\d\d", one["shift"]["start"])
    assert people[0]["name"] in program.ok("technicians").out


def test_options_narrow_the_jobs(program: Program) -> None:
    every = program.json("jobs")
    unassigned = program.json("jobs", "--unassigned")
    assert {one["id"] for one in unassigned} == {one["id"] for one in every if not one["technician_ids"]}
    done = program.json("jobs", "--status", "completed")
    assert {one["id"] for one in done} == {one["id"] for one in every if one["status"] == "completed"}
    own = program.json("jobs", "--status", "Scheduled")
    assert {one["id"] for one in own} == {one["id"] for one in every if one["raw_status"] == "scheduled"}
    assert program.json("jobs", "--status", "on hold") == program.json("jobs", "--status", "on_hold")
    name = every[0]["customer"]
    found = program.json("jobs", "--search", name.upper())
    assert {one["id"] for one in found} >= {one["id"] for one in every if one["customer"] == name}
    assert program.json("jobs", "--search", "no such text anywhere") == []


def test_a_telephone_number_is_not_searched(program: Program) -> None:
    phone = next(one["phone"] for one in program.json("jobs") if one["phone"])
    digits = phone.replace(" ", "")[-7:]
    assert program.json("jobs", "--search", digits) == []


def test_a_date_means_the_local_day(program: Program) -> None:
    every = program.json("visits")
    today = program.day.isoformat()
    found = program.json("visits", "--date", "today")
    assert found
    assert found == program.json("visits", "--date", today)
    assert {one["id"] for one in found} == {one["id"] for one in every if one["date"] == today}
    jobs = program.json("jobs", "--date", "today")
    zone = program.sandbox.zone
    starts = {one["id"]: one["scheduled_start"] for one in program.json("jobs")}
    wanted = {
        one for one, start in starts.items() if start and zone.date_of(parse_instant(start)) == program.day
    }
    assert {one["id"] for one in jobs} == wanted


def test_visits_of_one_technician(program: Program) -> None:
    dai = next(one for one in program.json("technicians") if "Dai" in one["name"])
    found = program.json("visits", "--technician", "dai")
    assert found
    assert all(dai["id"] in one["technician_ids"] for one in found)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("jobs", "--date", "someday"), "no day"),
        (("jobs", "--status", "finnished"), "no job has the status"),
        (("visits", "--technician", "nobody at all"), "there is no technician"),
        (("visits", "--technician", "e"), "several technicians"),
        (("history", "--job", "no-such-job"), "there is no job"),
        (("export", "--date", "today", "--format", "pdf"), "pdf"),
        (("jobbs",), 'did you mean "jobs"'),
        (("jobs", "--colour", "red"), "--colour"),
    ],
)
def test_what_was_typed_wrong_is_one_line(program: Program, words: tuple[str, ...], says: str) -> None:
    assert says in program.refused(*words)


def test_general_options_stand_before_or_after(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIELDBOARD_CONFIG")
    config = str(program.config)
    before = program.json("--config", config, "--profile", "north", "technicians")
    after = program.json("technicians", "--config", config, "--profile", "north")
    assert before == after != []
    assert "no profile 'south'" in program.refused("jobs", "--config", config, "--profile", "south")


def test_suggest_names_every_active_technician_once(program: Program, job: dict[str, Any]) -> None:
    ranking = program.json("suggest", job["number"])
    people = program.json("technicians")
    assert {one["technician_id"] for one in ranking} == {one["id"] for one in people if one["active"]}
    assert len(ranking) == len(people)
    ranks = [one["rank"] for one in ranking if one["rank"] is not None]
    assert ranks == list(range(1, len(ranks) + 1))
    for one in ranking:
        assert set(one) == set(SUGGESTION_KEYS.split())
        assert (one["rank"] is None) == bool(one["excluded"])
    assert program.json("outbox") == []


def test_an_export_has_every_visit_of_the_day_in_each_format(program: Program) -> None:
    rows = program.json("visits", "--date", "today")
    numbers = {one["id"]: one["number"] for one in program.json("jobs")}
    wanted = sorted(numbers[row["job_id"]] for row in rows)

    def exported(form: str) -> str:
        return program.ok("export", "--date", "today", "--format", form).out

    told = json.loads(exported("json"))
    assert sorted(one["number"] for one in told) == wanted
    assert {key for one in told for key in one} >= set(VISIT_KEYS.split())
    table = list(csv.DictReader(StringIO(exported("csv"))))
    assert sorted(one["number"] for one in table) == wanted
    events = Calendar.from_ical(exported("ics")).walk("VEVENT")
    assert sorted(str(one["SUMMARY"]).split()[0] for one in events) == wanted
    text = exported("txt")
    picture = ET.fromstring(exported("svg"))  # noqa: S314 - written by us
    titles = [one.text or "" for one in picture.iter("{http://www.w3.org/2000/svg}title")]
    for number in wanted:
        assert number in text
        assert any(title.startswith(number) for title in titles)


def test_an_export_can_go_to_a_file_and_to_one_technician(program: Program) -> None:
    file = program.data / "day.csv"
    said = program.ok("export", "--date", "today", "--format", "csv", "--technician", "dai", "-o", str(file))
    rows = list(csv.DictReader(StringIO(file.read_text())))
    assert f"{len(rows)} visits" in said.out
    assert {row["technicians"] for row in rows} == {"Dai Evans"}
    missing = program.run("export", "--date", "today", "--format", "csv", "-o", "/nowhere/day.csv")
    assert missing.code == 5
    assert missing.err.count("\n") == 1


def test_profiles_are_listed(program: Program) -> None:
    (one,) = program.json("profiles")
    assert (one["name"], one["backend"], one["default"]) == ("north", "fieldcamp", True)
