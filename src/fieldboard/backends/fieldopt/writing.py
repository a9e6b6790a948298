"""Which requests carry an edit out, and whether each is still needed when its turn comes.

Who goes to a job, what is written of it and its status are three things to FieldOpt, and go in this order:
the assignment, which may be refused for want of capacity; one PATCH with all fields; a request for each move
of the status. A job goes from one technician to another in one call; only a server that was seen to fail on
that gets two, and then the first of them carries the edit half the way (`SystemRules.half_way`).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Protocol
from urllib.parse import quote

from fieldboard.backends.fieldopt import bodies
from fieldboard.backends.fieldopt.bodies import Body, number_of
from fieldboard.backends.fieldopt.rules import (
    ASSIGNED,
    CANCELLED,
    COMPLETED,
    IN_PROGRESS,
    PENDING,
    TECHNICIAN_WORDS,
    UNASSIGN,
    Dialect,
    known_word,
    word_path,
)
from fieldboard.backends.fieldopt.slots import Zones
from fieldboard.backends.port import Answer, Entity, Step
from fieldboard.domain.fields import CREATED, DELETED, STATUS, TECHNICIANS, WINDOWS
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Json, Kind, Operation
from fieldboard.domain.technician import LatLng

ASSIGN: Final = "/assignments/"
REASSIGN: Final = "/assignments/reassign"
BATCH_ASSIGN: Final = "/assignments/batch-assign"
BATCH_UNASSIGN: Final = "/assignments/batch-unassign"
JOBS: Final = "/jobs/"

NEW: Final = "{new}"
"""Stands in a body for the id that the step before it will bring."""

VERBS: Final[Mapping[str, str]] = {IN_PROGRESS: "start", COMPLETED: "complete", CANCELLED: "cancel"}

_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

Changes = Sequence[tuple[int, Change]]


class Known(Protocol):
    """What writing needs to know of the server beyond the entities themselves."""

    @property
    def dialect(self) -> Dialect:
        """The dialect to write in."""
        ...

    @property
    def moves_in_two(self) -> bool:
        """Whether this server fails on giving a job from one technician to another in one call."""
        ...

    def singly(self, job_ids: Sequence[str]) -> bool:
        """Whether these jobs go one by one: a batch of them was refused, or there is no such call."""
        ...

    def notes(self, job_id: str) -> str | None:
        """The notes of a job word for word, as it was last read by its id."""
        ...

    async def place(self, customer: str, address: str) -> LatLng | None:
        """Where an address of a customer is, as the server has it of another job. Raises LineDown."""
        ...

    async def alike(self, body: Mapping[str, Json]) -> Sequence[str]:
        """The ids of the jobs that are in all as a new one would be. Raises LineDown."""
        ...


class Writer:
    """Plans the requests of one server's edits."""

    def __init__(self, known: Known, zones: Zones) -> None:
        """Nothing is asked."""
        self._known = known
        self._zones = zones

    async def steps(
        self, operation: Operation, current: Mapping[tuple[Kind, str], Entity]
    ) -> tuple[Step, ...]:
        """See `Backend.steps`. Raises ValueError for what the API cannot do, and LineDown."""
        planned: list[Step] = []
        by_job: dict[str, list[tuple[int, Change]]] = {}
        for index, change in enumerate(operation.changes):
            if change.kind is Kind.TECHNICIAN:
                planned.append(replace(self._technician(change), change=index))
            elif change.kind is not Kind.JOB:
                raise ValueError("FieldOpt's jobs are one visit each: name the job")
            elif change.field == CREATED:
                planned += [replace(one, change=index) for one in await self._create(change)]
            elif change.field == DELETED:
                planned.append(replace(self._delete(change), change=index))
            else:
                by_job.setdefault(change.id, []).append((index, change))
        jobs: dict[str, Job] = {}
        for job_id in by_job:
            job = current.get((Kind.JOB, job_id))
            if not isinstance(job, Job):
                raise ValueError("the job is not known")
            jobs[job_id] = job
        batch, taken = self._batch(by_job, jobs)
        planned += batch
        gone_on = False
        for job_id, changes in by_job.items():
            left = [one for one in changes if one[0] not in taken]
            planned += self._edit(jobs[job_id], changes, left, operation.reason)
            gone_on = gone_on or any(_resumed(one, jobs[job_id]) for _, one in changes)
        # The request that took the job from the one before stays in the journal under its own number.
        first = 1 if gone_on else 0
        return tuple(replace(step, index=first + index) for index, step in enumerate(planned))

    def prepare(self, step: Step, done: Sequence[Answer], word: str | None) -> Step | None:
        """The step as it must be sent now, with the job's status in `word` as far as an answer told it."""
        if isinstance(step.body, dict) and NEW in step.body.values():
            made = next((answer.new_id for answer in done if answer.new_id is not None), None)
            if made is None:
                return None
            ids = {name: number_of(made, "job") if one == NEW else one for name, one in step.body.items()}
            return replace(step, body=ids)
        if done and word is not None and asked_word(step) == word:
            return None  # the server went there by itself
        return step

    # -- one thing each ----------------------------------------------------------------------------

    def _technician(self, change: Change) -> Step:
        path = f"/technicians/{number_of(change.id, 'technician')}/{change.field}"
        if change.field == STATUS:
            word = str(change.value)
            words = TECHNICIAN_WORDS[self._known.dialect]
            if word not in words:
                raise ValueError(f"FieldOpt's technicians are {', '.join(words)}; not {word}")
            return Step(0, 0, "PATCH", path, {"status": word}, None, f"is {word.replace('_', ' ')}")
        if change.field == "location" and isinstance(change.value, list) and len(change.value) == 2:
            lat, lng = change.value
            return Step(
                0, 0, "PATCH", path, {"latitude": lat, "longitude": lng}, None, "where the technician is"
            )
        raise ValueError(f"FieldOpt's API does not let a technician's {change.field} be changed")

    def _delete(self, change: Change) -> Step:
        if self._known.dialect is not Dialect.CODE:
            raise ValueError("FieldOpt's documented API deletes nothing; cancel the job instead")
        return Step(0, 0, "DELETE", path_of(change.id), None, None, "deleted")

    async def _create(self, change: Change) -> list[Step]:
        value = change.value if isinstance(change.value, dict) else {}
        dialect = self._known.dialect
        code = dialect is Dialect.CODE
        given = value.get("number")
        mark = (str(given) if given else f"FB-{_token()}") if code else None
        body = bodies.new_job(dialect, value, self._zones, mark)
        if code and not {"latitude", "longitude"} <= body.keys():
            body |= await self._placed(str(value.get("customer")), str(value.get("address")))
        if not code:
            # Without a number of our own: what is alike already is not the one that we make.
            mark = " ".join(["not", *await self._known.alike(body)])
        steps = [Step(0, 0, "POST", JOBS, body, mark, f"new job for {value.get('customer')}")]
        who = bodies.one_of(value.get(TECHNICIANS))
        if who is not None:
            given_to: Body = {"job_id": NEW, "technician_id": number_of(who, "technician")}
            steps.append(Step(0, 0, "POST", ASSIGN, given_to, None, f"to technician {who}"))
        return steps

    async def _placed(self, customer: str, address: str) -> Body:
        """Where a new job is, as another one there has it: the public servers want degrees."""
        place = await self._known.place(customer, address)
        if place is None:
            # They want a place of everything. 0, 0 is what nobody has looked up yet, here as there.
            return {"latitude": 0.0, "longitude": 0.0}
        return {"latitude": place.lat, "longitude": place.lng}

    # -- who goes ----------------------------------------------------------------------------------

    def _batch(
        self, by_job: Mapping[str, Changes], jobs: Mapping[str, Job]
    ) -> tuple[list[Step], frozenset[int]]:
        """One request for several jobs that go to one technician, or that all go back to the queue.

        Only jobs of which this is certain: those that nobody has, or somebody has.
        """
        groups: dict[str | None, list[tuple[int, str]]] = {}
        for job_id, changes in by_job.items():
            for index, change in changes:
                if change.field != TECHNICIANS or _resumed(change, jobs[job_id]):
                    continue
                wanted, has = bodies.one_of(change.value), jobs[job_id].technician_ids
                if (wanted is None) == bool(has):
                    groups.setdefault(wanted, []).append((index, job_id))
        steps: list[Step] = []
        taken: set[int] = set()
        for wanted, members in groups.items():
            ids = [job_id for _, job_id in members]
            if len(ids) < 2 or self._known.singly(ids):
                continue
            body: Body = {"job_ids": [number_of(one, "job") for one in ids]}
            if wanted is not None:
                body["technician_id"] = number_of(wanted, "technician")
            path = BATCH_ASSIGN if wanted is not None else BATCH_UNASSIGN
            to = f"to technician {wanted}" if wanted is not None else "back to the queue"
            steps.append(Step(0, members[0][0], "POST", path, body, None, f"{len(ids)} jobs {to}"))
            taken.update(index for index, _ in members)
        return steps, frozenset(taken)

    def _assign(self, job: Job, index: int, change: Change) -> list[Step]:
        wanted = bodies.one_of(change.value)
        has = job.technician_ids[0] if job.technician_ids else None
        if wanted == has:
            return []
        job_id = number_of(job.id, "job")
        if wanted is None:
            return [Step(0, index, "POST", UNASSIGN, {"job_id": job_id}, None, "back to the queue")]
        who = number_of(wanted, "technician")
        give = Step(
            0,
            index,
            "POST",
            ASSIGN,
            {"job_id": job_id, "technician_id": who},
            None,
            f"to technician {wanted}",
        )
        if has is None:
            return [give]
        if self._known.moves_in_two:
            take = Step(0, index, "POST", UNASSIGN, {"job_id": job_id}, None, f"from technician {has}")
            return [take, give]
        body: Body = {"job_id": job_id, "new_technician_id": who}
        return [Step(0, index, "POST", REASSIGN, body, None, f"from technician {has} to {wanted}")]

    # -- a job --------------------------------------------------------------------------------------

    def _edit(self, job: Job, changes: Changes, left: Changes, reason: str | None) -> list[Step]:
        steps: list[Step] = []
        body: Body = {}
        patch_of = 0
        for index, change in left:
            if change.field == TECHNICIANS:
                steps += self._assign(job, index, change)
        # A slot of its own wins over the one that would move along with the start.
        for index, change in sorted(left, key=lambda one: one[1].field == WINDOWS):
            if change.field in (STATUS, TECHNICIANS):
                continue
            patch_of = patch_of if body else index
            notes = body.get("notes")
            said = notes if isinstance(notes, str) else self._known.notes(job.id)
            body |= bodies.field_body(
                self._known.dialect,
                change.field,
                change.value,
                job,
                zones=self._zones,
                notes=said if said is not None else job.notes,
            )
        if body:
            says = ", ".join(sorted(body))
            steps.append(Step(0, patch_of, "PATCH", path_of(job.id), body, None, says))
        crew = next((one.value for _, one in changes if one.field == TECHNICIANS), [*job.technician_ids])
        word = known_word(job.raw_status) or job.raw_status
        if word in (PENDING, ASSIGNED) and any(one.field == TECHNICIANS for _, one in changes):
            word = ASSIGNED if crew else PENDING
        for index, change in left:
            if change.field == STATUS:
                goal = goal_word(str(change.value), staffed=bool(crew))
                steps += self._hops(job.id, word, goal, index, reason)
                word = goal
        return steps

    def _hops(self, job_id: str, start: str, goal: str, index: int, reason: str | None) -> list[Step]:
        """One request a move. Raises ValueError where there is no way."""
        dialect = self._known.dialect
        way = word_path(dialect, start, goal)
        if way is None:
            raise ValueError(f"FieldOpt has no way from {start or 'an unknown status'} to {goal}")
        steps: list[Step] = []
        for word in way:
            verb = VERBS.get(word)
            if verb is not None:
                path = f"{path_of(job_id)}/{verb}"
                if word == CANCELLED and reason and dialect is Dialect.CODE:
                    path = f"{path}?reason={quote(reason[:500], safe='')}"
                steps.append(Step(0, index, "POST", path, None, None, verb))
            else:
                path = f"{path_of(job_id)}/status" if dialect is Dialect.CODE else path_of(job_id)
                steps.append(Step(0, index, "PATCH", path, {"status": word}, None, word))
        return steps


def goal_word(value: str, *, staffed: bool) -> str:
    """The API's word for a status as edits compare it. Raises ValueError for one that it does not have."""
    if value == "open":
        return ASSIGNED if staffed else PENDING
    word = known_word(value)
    if word is None or word == "failed":
        raise ValueError(f"FieldOpt's API has no status {value.replace('_', ' ')} that can be set")
    return word


def path_of(job_id: str) -> str:
    """The path of a job. Raises ValueError for an id that is none."""
    return f"{JOBS}{number_of(job_id, 'job')}"


def asked_word(step: Step) -> str | None:
    """The status that a request asks for; None for one that asks for none."""
    path, _, _ = step.path.partition("?")
    if step.method == "POST" and path.startswith(JOBS):
        verb = path.rpartition("/")[2]
        return next((word for word, one in VERBS.items() if one == verb), None)
    body = step.body
    if step.method == "PATCH" and path.startswith(JOBS) and isinstance(body, dict) and len(body) == 1:
        word = body.get("status")
        return word if isinstance(word, str) else None
    return None


def _resumed(change: Change, job: Job) -> bool:
    """Whether a job was taken from one technician and not yet given to the other."""
    return (
        change.field == TECHNICIANS
        and bool(change.expected)
        and bool(change.value)
        and not job.technician_ids
    )


def _token() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(6))
