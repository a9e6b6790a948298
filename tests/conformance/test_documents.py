"""The documents' own examples are read: lists, single entities, answers to writes.

They lie in `documents/`, word for word but for what is no JSON in the vendors' pages (a comma that
LetsJobIt's list lacks; its counts are made to fit the one visit that it shows).
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from fieldboard.backends.port import Outcome, Reading, Step, WalkRequest, WalkResult
from fieldboard.domain.operation import Change, Json, Kind
from tests.conformance.account import ZONE
from tests.conformance.systems import SYSTEMS
from tests.simulation.clock import SimClock
from tests.simulation.systems.played import Played
from tests.simulation.world import build

FOLDER: Final = Path(__file__).parent / "documents"
_PLAYED: Final = {system.name: system for system in SYSTEMS}


def body(name: str) -> bytes:
    """An example as a server sends it."""
    return (FOLDER / f"{name}.json").read_bytes()


class Serving(httpx.AsyncBaseTransport):
    """Answers everything with one body."""

    def __init__(self, content: bytes, status: int = 200) -> None:
        self.content = content
        self.status = status

    async def handle_async_request(self, _: httpx.Request) -> httpx.Response:
        """The example."""
        return httpx.Response(
            self.status, headers={"content-type": "application/json"}, stream=httpx.ByteStream(self.content)
        )


def backend(system: str, line: httpx.AsyncBaseTransport) -> Any:
    """The adapter of a system over a line."""
    found = _PLAYED[system]
    played: Played = found.serve(build(random.Random(1)), SimClock())
    return played.open(line, ZONE, {"write_id": "_id"})


@pytest.mark.parametrize(
    ("system", "name", "kind", "wants"),
    [
        ("fieldcamp", "fieldcamp-jobs", Kind.JOB, {"id": "string", "number": "BOOKING-5512-MOVE"}),
        ("fieldcamp", "fieldcamp-visits", Kind.VISIT, {"id": "string", "job_id": "string"}),
        (
            "fsmnavigator",
            "fsmnavigator-list",
            Kind.JOB,
            {"id": "123", "title": "AC unit repair", "site_id": "87"},
        ),
        ("letsjobit", "letsjobit-list", Kind.JOB, {"id": "yKQhJZ9B7PTT85kWc", "number": "H-017623"}),
        (
            "fieldopt",
            "fieldopt-jobs",
            Kind.JOB,
            {"id": "1", "customer": "Acme Corp", "kind": "install", "skills": ("install",)},
        ),
        ("fieldopt", "fieldopt-technicians", Kind.TECHNICIAN, {"id": "1", "name": "Miles Davis"}),
    ],
)
async def test_lists(system: str, name: str, kind: Kind, wants: dict[str, object]) -> None:
    adapter, result = backend(system, Serving(body(name))), WalkResult()
    pages = [page async for page in adapter.walk(WalkRequest(kind), result)]
    assert [one for page in pages for one in page.set_aside] == []
    rows = [row for page in pages for row in page.rows if row.kind is kind]
    assert (len(rows), result.complete, result.clean) == (1, True, True)
    assert {attribute: getattr(rows[0].entity, attribute) for attribute in wants} == wants


@pytest.mark.parametrize(
    ("system", "name", "wanted_id", "wants"),
    [
        ("fieldcamp", "fieldcamp-job", "string", {"number": "BOOKING-5512-MOVE"}),
        ("fsmnavigator", "fsmnavigator-one", "123", {"technician_ids": ("45",), "raw_status": "Pending"}),
        ("fsmnavigator", "fsmnavigator-one-with-assets", "123", {"title": "Replace compressor on Unit #7"}),
        (
            "letsjobit",
            "letsjobit-list",
            "yKQhJZ9B7PTT85kWc",
            {"sequence": 3, "skills": ("Hot water technician",)},
        ),
    ],
)
async def test_single_jobs(system: str, name: str, wanted_id: str, wants: dict[str, object]) -> None:
    answer = await backend(system, Serving(body(name))).read(Kind.JOB, wanted_id)
    assert answer.reading is Reading.FOUND, answer.why
    assert {attribute: getattr(answer.row.entity, attribute) for attribute in wants} == wants


@pytest.mark.parametrize(
    ("system", "name", "status", "method", "path", "sent", "new_id"),
    [
        (
            "fieldcamp",
            "fieldcamp-created",
            200,
            "POST",
            "/jobs",
            {"jobNumber": "BOOKING-5512-MOVE"},
            "string",
        ),
        ("fieldcamp", "fieldcamp-updated", 200, "PUT", "/jobs/string", {"jobStatus": "scheduled"}, None),
        ("fieldcamp", "fieldcamp-visit-created", 200, "POST", "/visits", {"jobId": "string"}, "string"),
        (
            "fieldcamp",
            "fieldcamp-visit-updated",
            200,
            "PUT",
            "/visits/string",
            {"technicianId": "string"},
            None,
        ),
        (
            "fsmnavigator",
            "fsmnavigator-created",
            201,
            "POST",
            "/jobs",
            {"job_title": "AC unit repair"},
            "123",
        ),
        (
            "fsmnavigator",
            "fsmnavigator-updated",
            200,
            "PUT",
            "/jobs?id=123",
            {"job_priority": "Urgent"},
            None,
        ),
        (
            "fsmnavigator",
            "fsmnavigator-status",
            200,
            "PATCH",
            "/jobs?id=123",
            {"job_status": "Assigned"},
            None,
        ),
        (
            "letsjobit",
            "letsjobit-updated",
            200,
            "PUT",
            "/visits/y",
            {"_id": "y", "body": {"obs": "No parking"}},
            None,
        ),
        ("letsjobit", "letsjobit-deleted", 200, "DELETE", "/visits/y", {"_id": "y"}, None),
        (
            "fieldopt",
            "fieldopt-assigned",
            201,
            "POST",
            "/assignments/",
            {"job_id": 1, "technician_id": 1},
            None,
        ),
        (
            "fieldopt",
            "fieldopt-batch",
            200,
            "POST",
            "/assignments/batch-assign",
            {"job_ids": [1, 2, 3, 4], "technician_id": 1},
            None,
        ),
    ],
)
async def test_answers_to_writes(  # noqa: PLR0917 - the columns of the table
    system: str, name: str, status: int, method: str, path: str, sent: Json, new_id: str | None
) -> None:
    kind = Kind.VISIT if "/visits" in path and system == "fieldcamp" else Kind.JOB
    adapter = backend(system, Serving(body(name), status))
    field, value = ("created", {}) if method == "POST" else ("technicians", ["string"])
    change = Change(kind, "string", field, None, value)  # type: ignore[arg-type]
    answer = await adapter.carry_out(Step(0, 0, method, path, sent, "mark", "an example"), change)
    assert answer.outcome in (Outcome.DONE, Outcome.KEPT_OTHER), answer
    assert answer.new_id == new_id
    assert answer.status == status


class ByPath(httpx.AsyncBaseTransport):
    """Answers each path with an example of its own, and 404 any other."""

    def __init__(self, examples: dict[str, Any]) -> None:
        self.examples = examples

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The example of the path."""
        value = self.examples.get(request.url.path.removeprefix("/api/v1"))
        return httpx.Response(
            200 if value is not None else 404,
            headers={"content-type": "application/json"},
            stream=httpx.ByteStream(json.dumps(value).encode()),
        )


async def test_fieldopts_technician_and_what_its_server_tells_of_a_job() -> None:
    line = ByPath(
        {
            "/technicians/1": json.loads(body("fieldopt-technician")),
            "/jobs/1": json.loads(body("fieldopt-jobs"))[0],
            "/routing/best-tech/1": json.loads(body("fieldopt-recommended")),
            "/jobs/1/can-do/2": json.loads(body("fieldopt-can-do")),
        }
    )
    adapter = backend("fieldopt", line)
    person = (await adapter.read(Kind.TECHNICIAN, "1")).row.entity
    assert (person.name, person.status, person.phone) == ("Miles Davis", "available", "555-0101")
    assert (person.capacity, person.skills) == (4, ("install", "repair"))
    suggested = (await adapter.detail(Kind.JOB, "1")).row.entity.suggested
    assert (suggested.technician_id, suggested.says) == ("2", "match 95%, can do it")


async def test_fieldopts_assignments_and_summary() -> None:
    job = {**json.loads(body("fieldopt-jobs"))[0], "status": "assigned"}
    summary = json.loads(body("fieldopt-summary"))
    line = ByPath(
        {
            "/technicians/": [{**json.loads(body("fieldopt-technician")), "id": 5}],
            "/jobs/": [job],
            "/jobs/summary": summary,
            "/assignments/technician/5": json.loads(body("fieldopt-assignments")),
        }
    )
    adapter, result = backend("fieldopt", line), WalkResult()
    del job["assigned_technician"]
    pages = [page async for page in adapter.walk(WalkRequest(Kind.JOB), result)]
    (row,) = [row for page in pages for row in page.rows if row.kind is Kind.JOB]
    assert row.entity.technician_ids == ("5",)
    assert not result.complete, "forty-two are announced, and one is shown"
    told = json.loads(adapter.learned["summary"])
    assert told.pop("total") == summary.pop("total_jobs")
    assert told == summary


async def test_fieldopts_server_understands_the_documents_requests() -> None:
    played = _PLAYED["fieldopt"].serve(build(random.Random(1)), SimClock())
    line = httpx.ASGITransport(played.app)
    async with httpx.AsyncClient(transport=line, base_url="http://127.0.0.1:9/api/v1") as http:
        for one in json.loads(body("fieldopt-requests")):
            answer = await http.request(one["method"], one["path"], json=one["body"])
            # That a job is given already, or that nobody has it, is no word against the request.
            told = {"Assignment not found", "Job is already assigned", "Job is already completed"}
            assert answer.is_success or answer.json()["detail"] in told, (one, answer.text)


def test_every_example_is_json_and_used() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    for path in sorted(FOLDER.glob("*.json")):
        json.loads(path.read_text(encoding="utf-8"))
        assert f'"{path.stem}"' in source, f"{path.name} is read by nothing"
