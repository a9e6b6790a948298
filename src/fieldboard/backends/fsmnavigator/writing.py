"""Which requests carry an edit out, and whether each is still needed when its turn comes.

What is changed of one job goes in one PUT; its status goes in one PATCH a hop, by the table of
fsmnavigator.com/docs/api/jobs; a GET at the end shows what the server made of it, as writes answer with a
part only. To assign is to name the technician and then, where the job is Pending, to say Assigned. To
unassign goes back to Pending first, and then names nobody.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol
from urllib.parse import parse_qs

from fieldboard.backends.fsmnavigator import bodies
from fieldboard.backends.fsmnavigator.bodies import Body
from fieldboard.backends.fsmnavigator.rules import ASSIGNED, JOBS, PENDING, known_word, word_path
from fieldboard.backends.port import Answer, Entity, Step
from fieldboard.domain.customer import Site
from fieldboard.domain.fields import CREATED, DELETED, NOTE, STATUS, TECHNICIANS
from fieldboard.domain.instants import Instant, instant_text
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Json, Kind, Operation
from fieldboard.domain.status import STAGES, Status

NEW: Final = "{new}"
"""Stands in a path for the id that the step before it will bring."""

_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


class Known(Protocol):
    """What writing needs to know of the server beyond the entities themselves."""

    def description(self, job_id: str) -> str | None:
        """The description of a job word for word, as it was last read by its id."""
        ...

    async def sites(self, customer_id: str) -> Sequence[Site]:
        """The places of a customer. Raises LineDown."""
        ...

    async def now(self) -> Instant:
        """This moment by the server's clock. Raises LineDown."""
        ...


class Writer:
    """Plans the requests of one account's edits."""

    def __init__(self, known: Known, *, marks: bool) -> None:
        """`marks` says whether a new job's description gets a line by which it is found again."""
        self._known = known
        self._marks = marks

    async def steps(
        self, operation: Operation, current: Mapping[tuple[Kind, str], Entity]
    ) -> tuple[Step, ...]:
        """See `Backend.steps`. Raises ValueError for what the API cannot do, and LineDown."""
        planned: list[Step] = []
        by_job: dict[str, list[tuple[int, Change]]] = {}
        for index, change in enumerate(operation.changes):
            if change.field == CREATED:
                planned += [replace(one, change=index) for one in await self._create(change)]
            elif change.field == DELETED:
                raise ValueError("FSM Navigator's API deletes nothing; cancel the job instead")
            elif change.kind is not Kind.JOB:
                raise ValueError(f"FSM Navigator's API does not let a {change.kind.value} be changed")
            else:
                by_job.setdefault(change.id, []).append((index, change))
        for job_id, changes in by_job.items():
            job = current.get((Kind.JOB, job_id))
            if not isinstance(job, Job):
                raise ValueError("the job is not known")
            planned += self._edit(job, changes)
        return tuple(replace(step, index=index) for index, step in enumerate(planned))

    def prepare(self, step: Step, done: Sequence[Answer], word: str | None) -> Step | None:
        """The step as it must be sent now, with the job's status in `word` as far as an answer told it."""
        if NEW in step.path:
            made = next((answer.new_id for answer in done if answer.new_id is not None), None)
            return replace(step, path=step.path.replace(NEW, made)) if made is not None else None
        if step.method == "GET":
            return step if done else None
        if step.method == "PATCH" and word is not None and done and asked_word(step) == word:
            return None  # the server went there by itself
        return step

    async def _create(self, change: Change) -> list[Step]:
        value = change.value if isinstance(change.value, dict) else {}
        if change.kind is not Kind.JOB:
            raise ValueError("FSM Navigator's jobs are one visit each; create another job")
        location = str(value.get("location_id") or "")
        if not location.isdecimal():
            location = await self._location(str(value.get("customer_id") or ""), location)
        since = instant_text(await self._known.now())
        mark = f"[ref {''.join(secrets.choice(_ALPHABET) for _ in range(6))}]" if self._marks else None
        body = bodies.new_job(value, location, mark)
        said = f"new job {body['job_title']}"
        # The moment goes with the marker: a look-up asks only for what was created since.
        return [Step(0, 0, "POST", "/jobs", body, f"{mark or ''}\n{since}", said)]

    async def _location(self, customer_id: str, name: str) -> str:
        """The id of a customer's place by its name. Raises ValueError."""
        if not customer_id or not name:
            raise ValueError("a new job needs a customer and one of the customer's locations")
        sites = await self._known.sites(customer_id)
        same = [site.id for site in sites if site.name.casefold() == name.strip().casefold()]
        if len(same) == 1:
            return same[0]
        known = ", ".join(f"{site.name or site.address or ''} ({site.id})" for site in sites) or "none"
        raise ValueError(f"the customer has no one location {name!r}; there is {known}")

    def _edit(self, job: Job, changes: Sequence[tuple[int, Change]]) -> list[Step]:
        first: list[Step] = []
        body: Body = {}
        put_of = 0
        last: list[Step] = []
        wanted: Body = {}
        word = job.raw_status
        for index, change in changes:
            if change.field == STATUS:
                continue
            if change.field == TECHNICIANS and change.value == []:
                first = _patches(job, word, PENDING, index, "back to nobody")
                word = PENDING
            if change.field == TECHNICIANS and [*job.technician_ids] == change.value:
                continue
            if not body:
                put_of = index
            text = body.get("job_description")
            said = text if isinstance(text, str) else self._known.description(job.id)
            body |= bodies.field_body(change.field, change.value, said if said is not None else job.notes)
        for index, change in changes:
            if change.field == TECHNICIANS and change.value and known_word(word) == PENDING:
                last += _patches(job, word, ASSIGNED, index, "tell the technician")
                word = ASSIGNED
            elif change.field == STATUS:
                staffed = bool(_crew(changes, job))
                goal = goal_word(str(change.value), staffed=staffed)
                hops = _patches(job, word, goal, index, None)
                last, word = last + hops, goal
        steps = list(first)
        if body:
            steps.append(Step(0, put_of, "PUT", path_of(job.id), body, None, ", ".join(sorted(body))))
            wanted |= body
        steps += last
        if any(one.method == "PATCH" for one in steps):
            wanted["job_status"] = word
        if steps:
            note = next((index for index, change in changes if change.field == NOTE), None)
            of = steps[-1].change if note is None else note
            steps.append(Step(0, of, "GET", path_of(job.id), wanted, None, "what the server made of it"))
        return steps


def goal_word(value: str, *, staffed: bool) -> str:
    """The API's word for a status as edits compare it. Raises ValueError for one that it does not have."""
    if value == "open":
        return ASSIGNED if staffed else PENDING
    if value in STAGES:
        return value.capitalize()
    word = JOBS.writes.get(Status(value))
    if word is None:
        raise ValueError(f"FSM Navigator's API has no status {value.replace('_', ' ')} that can be set")
    return word


def path_of(job_id: str) -> str:
    """The path of a job with its id, as the journal keeps it."""
    return f"/jobs?id={job_id}"


def split(path: str) -> tuple[str, dict[str, str]]:
    """A path of ours as a resource and its parameters."""
    resource, _, query = path.partition("?")
    return resource, {name: values[0] for name, values in parse_qs(query).items()}


def asked_word(step: Step) -> str | None:
    """The status that a PATCH asks for."""
    word = step.body.get("job_status") if isinstance(step.body, dict) else None
    return word if isinstance(word, str) else None


def _patches(job: Job, start: str, goal: str, index: int, why: str | None) -> list[Step]:
    """One request a hop. Raises ValueError where the table has no way."""
    way = word_path(start, goal)
    if way is None:
        raise ValueError(f"FSM Navigator has no way from {start or 'an unknown status'} to {goal}")
    return [
        Step(0, index, "PATCH", path_of(job.id), _status(word), None, f"{word}: {why}" if why else word)
        for word in way
    ]


def _status(word: str) -> dict[str, Json]:
    return {"job_status": word}


def _crew(changes: Sequence[tuple[int, Change]], job: Job) -> Sequence[Json]:
    for _, change in changes:
        if change.field == TECHNICIANS and isinstance(change.value, list):
            return change.value
    return [*job.technician_ids]
