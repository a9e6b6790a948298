"""Looks up what became of a request: whether the server has what it asked for."""

from __future__ import annotations

from fieldboard.backends.fieldcamp.lists import Lists
from fieldboard.backends.fieldcamp.steps import follows, holds, id_in, kind_of
from fieldboard.backends.fieldcamp.times import instant_of_wire
from fieldboard.backends.fieldcamp.writing import BEFORE, Reads
from fieldboard.backends.port import (
    FindAnswer,
    Finding,
    LineDown,
    NotShown,
    Reading,
    Row,
    Step,
    WalkRequest,
    WalkResult,
)
from fieldboard.domain.fields import CREATED
from fieldboard.domain.instants import MINUTE
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Json, Kind
from fieldboard.domain.visit import Visit

COPY_S = 5 * MINUTE
"""How far apart two copies of one request may arrive at the server."""


async def find_out(reads: Reads, lists: Lists, step: Step, change: Change) -> FindAnswer:
    """What became of a step, by what the server has now. Raises LineDown."""
    reads.forget(kind_of(step))
    if step.method == "POST" and step.path == "/jobs":
        return await _find_job(lists, step.marker or "")
    if step.method == "POST":
        return await _find_visit(reads, step)
    if follows(step, change) and change.field != CREATED:
        # What it would follow is read again before it is sent.
        return FindAnswer(Finding.UNDONE, why="a request that can be repeated")
    answer = await reads.read(kind_of(step), id_in(step.path), fresh=True)
    if step.method == "DELETE":
        gone = answer.reading is Reading.GONE
        return FindAnswer(Finding.DONE if gone else Finding.UNDONE, why=answer.why)
    if answer.reading is Reading.FAILED:
        raise NotShown(answer.why or "it could not be read")
    if answer.row is None:
        return FindAnswer(Finding.UNDONE, why=answer.why)
    if holds(answer.row, step, change):
        return FindAnswer(Finding.DONE, (answer.row,))
    return FindAnswer(Finding.UNDONE, (answer.row,))


async def _find_job(lists: Lists, number: str) -> FindAnswer:
    """Jobs with exactly this number: the server's search is free text, so it is compared here."""
    reply_rows = await _searched(lists, number)
    rows = tuple(row for row in reply_rows if isinstance(row.entity, Job) and row.entity.number == number)
    if not rows:
        return FindAnswer(Finding.UNDONE, why=f"no job has the number {number}")
    if len(rows) > 1:
        return FindAnswer(Finding.SEVERAL, rows, f"{len(rows)} jobs have the number {number}")
    return FindAnswer(Finding.DONE, rows)


async def _searched(lists: Lists, text: str) -> list[Row]:
    result = WalkResult()
    rows: list[Row] = []
    async for page in lists.walk(WalkRequest(Kind.JOB), result, {"search": text}):
        rows += page.rows
    if not result.complete:
        raise LineDown(result.why_not or "the list of jobs did not come whole")
    return rows


async def _find_visit(reads: Reads, step: Step) -> FindAnswer:
    """Visits have no name of their own: ours is one that the job did not have before, and as it was sent.

    A new one that is otherwise may be ours, changed since: nobody can tell. Nor where the line made it
    twice and one was changed: both are told.
    """
    body = step.body if isinstance(step.body, dict) else {}
    start = _instant(body.get("scheduledStart"))
    crew = body.get("teamId", [body["technicianId"]] if body.get("technicianId") else [])
    wanted = {str(one) for one in crew} if isinstance(crew, list) else set()
    had = {*(step.marker or "").removeprefix(BEFORE).split()}
    new = [row for row in await reads.visits_of(str(body.get("jobId", "")), fresh=True) if row.id not in had]
    rows = tuple(
        row
        for row in new
        if isinstance(row.entity, Visit)
        and row.entity.start == start
        and {*row.entity.technician_ids} == wanted
    )
    if new and not rows:
        return FindAnswer(Finding.UNKNOWN, tuple(new), "the job has a new visit, with other times or people")
    if not rows and not reads.is_sure(Kind.VISIT):
        return FindAnswer(Finding.UNKNOWN, why="the list of visits was empty, or could not be read whole")
    if not rows:
        return FindAnswer(Finding.UNDONE, why="the job has no such visit")
    changed = tuple(row for row in new if row not in rows and _made_together(row, rows[0]))
    if changed:
        why = "the job has several new visits, and one with other times or people may be ours, too"
        return FindAnswer(Finding.SEVERAL, (*rows, *changed), why)
    return FindAnswer(Finding.SEVERAL if len(rows) > 1 else Finding.DONE, rows)


def _made_together(one: Row, other: Row) -> bool:
    """Whether two visits may have been made by two copies of one request; so may one that says not when."""
    born = [row.entity.created_at for row in (one, other) if isinstance(row.entity, Visit)]
    dated = [at for at in born if at is not None]
    return len(dated) < 2 or abs(dated[0] - dated[1]) <= COPY_S


def _instant(value: Json) -> int | None:
    return int(instant_of_wire(value) // 1) if isinstance(value, str) else None
