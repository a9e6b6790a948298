"""Looks up what became of a request: whether the server has what it asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from fieldboard.backends.fieldopt.bodies import holds
from fieldboard.backends.fieldopt.reading import plain_json
from fieldboard.backends.fieldopt.rules import UNASSIGN, known_word
from fieldboard.backends.fieldopt.writing import BATCH_UNASSIGN, JOBS, REASSIGN, asked_word
from fieldboard.backends.port import FindAnswer, Finding, LineDown, ReadAnswer, Reading, Row, Step
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Json, Kind
from fieldboard.domain.technician import Technician


class Reads(Protocol):
    """How one entity is read. Raises LineDown."""

    async def read(self, kind: Kind, entity_id: str, *, fresh: bool = False) -> ReadAnswer:
        """One entity as it is now."""
        ...

    async def alike_rows(self, body: Mapping[str, Json]) -> Sequence[Row]:
        """The jobs that are in all as a new one was to be. Raises LineDown."""
        ...

    async def numbered(self, number: str, body: Mapping[str, Json]) -> Sequence[Row]:
        """The jobs of a number of ours. Raises LineDown."""
        ...


async def find_out(reads: Reads, step: Step) -> FindAnswer:
    """What became of a step, by what the server has now. Raises LineDown."""
    path, _ = split(step.path)
    body = step.body if isinstance(step.body, dict) else {}
    if path == JOBS:
        return await _find_job(reads, step, body)
    if path.startswith("/technicians/"):
        return await _find_technician(reads, path, body)
    wanted = _wanted_crew(path, body)
    if wanted is not None:
        return await _find_crews(reads, wanted)
    answer = await reads.read(Kind.JOB, path.split("/")[2], fresh=True)
    if answer.reading is Reading.FAILED:
        raise LineDown(answer.why or "the job could not be read")
    if answer.row is None:
        return FindAnswer(Finding.DONE if step.method == "DELETE" else Finding.UNDONE, why=answer.why)
    if step.method == "DELETE":
        return FindAnswer(Finding.UNDONE, (answer.row,))
    row = plain_json(answer.row)
    word = asked_word(step)
    done = known_word(str(row.get("status"))) == word if word is not None else holds(body, row)
    return FindAnswer(Finding.DONE if done else Finding.UNDONE, (answer.row,))


async def _find_crews(reads: Reads, wanted: Mapping[str, str | None]) -> FindAnswer:
    """Whether each of these jobs has the technician that it was to have."""
    rows: list[Row] = []
    done = True
    for job_id, who in wanted.items():
        answer = await reads.read(Kind.JOB, job_id, fresh=True)
        if answer.reading is Reading.FAILED:
            raise LineDown(answer.why or "the job could not be read")
        if answer.row is None or not isinstance(answer.row.entity, Job):
            done = False
            continue
        rows.append(answer.row)
        done = done and answer.row.entity.technician_ids == ((who,) if who is not None else ())
    return FindAnswer(Finding.DONE if done and rows else Finding.UNDONE, tuple(rows))


async def _find_technician(reads: Reads, path: str, body: Mapping[str, Json]) -> FindAnswer:
    answer = await reads.read(Kind.TECHNICIAN, path.split("/")[2], fresh=True)
    if answer.reading is Reading.FAILED:
        raise LineDown(answer.why or "the technician could not be read")
    if answer.row is None or not isinstance(answer.row.entity, Technician):
        return FindAnswer(Finding.UNDONE, why=answer.why)
    person = answer.row.entity
    if "status" in body:
        done = person.status == body["status"]
    else:
        done = person.position is not None and [*person.position] == [
            body.get("latitude"),
            body.get("longitude"),
        ]
    return FindAnswer(Finding.DONE if done else Finding.UNDONE, (answer.row,))


async def _find_job(reads: Reads, step: Step, body: Mapping[str, Json]) -> FindAnswer:
    number = body.get("job_number")
    if isinstance(number, str):
        found = await reads.numbered(number, body)
    else:
        old = (step.marker or "").split()[1:]
        found = [row for row in await reads.alike_rows(body) if row.id not in old]
    if not found:
        return FindAnswer(Finding.UNDONE, why="there is no such new job")
    if len(found) > 1:
        return FindAnswer(Finding.SEVERAL, tuple(found), f"{len(found)} new jobs are like it")
    return FindAnswer(Finding.DONE, tuple(found))


def _wanted_crew(path: str, body: Mapping[str, Json]) -> dict[str, str | None] | None:
    """Who is to have which job, by a request about assignments; None for another one."""
    if not path.startswith("/assignments/"):
        return None
    if path in (UNASSIGN, BATCH_UNASSIGN):
        return dict.fromkeys(jobs_named({**body}))
    who = body.get("new_technician_id" if path == REASSIGN else "technician_id")
    return dict.fromkeys(jobs_named({**body}), str(who))


def jobs_named(body: Json) -> list[str]:
    """The jobs that a request about assignments names."""
    if not isinstance(body, dict):
        return []
    several = body.get("job_ids")
    if isinstance(several, list):
        return [str(one) for one in several]
    return [str(body["job_id"])] if "job_id" in body else []


def split(path: str) -> tuple[str, dict[str, str]]:
    """A path of ours as a path and its parameters."""
    from urllib.parse import parse_qs

    place, _, query = path.partition("?")
    return place, {name: values[0] for name, values in parse_qs(query).items()}
