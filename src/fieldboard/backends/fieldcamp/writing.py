"""Which requests carry an edit out, and whether each is still needed when its turn comes.

One request a changed field, in the order of the changes; fields of one record that are changed
together go with the first request, and the later ones are found done. A visit is what stands on the
board: it is written first, and its job follows only where it is the job's only visit and the server
has not let it follow by itself (docs.fieldcamp.ai/api-reference/resources/visits).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol
from urllib.parse import quote

from fieldboard.backends.fieldcamp import bodies
from fieldboard.backends.fieldcamp.bodies import Body
from fieldboard.backends.fieldcamp.reading import plain_json
from fieldboard.backends.fieldcamp.rules import JOBS, VISITS, spelling_of
from fieldboard.backends.fieldcamp.steps import (
    SPEAKS,
    follows,
    holds,
    id_in,
    is_about,
    path_of,
    speaks_for_visit,
    step_of,
)
from fieldboard.backends.port import (
    Answer,
    Entity,
    LineDown,
    NotShown,
    ReadAnswer,
    Reading,
    ReadOtherwise,
    Row,
    Step,
)
from fieldboard.domain.fields import CREATED, DELETED, STATUS, TECHNICIANS, TIMES, value_of
from fieldboard.domain.instants import Zone
from fieldboard.domain.job import Job
from fieldboard.domain.lifecycle import Lifecycle
from fieldboard.domain.operation import Change, Json, Kind, Operation
from fieldboard.domain.status import Status, open_status
from fieldboard.domain.visit import Visit

NEW = "{new}"
"""Stands in a path for the id that the step before it will bring."""

BEFORE = "had: "
"""How the marker of a new visit begins: the ids of the visits that its job had before follow."""


class Reads(Protocol):
    """What writing needs to see of the server. All raise LineDown."""

    async def read(self, kind: Kind, entity_id: str, *, fresh: bool = False) -> ReadAnswer:
        """One entity as it is now."""
        ...

    async def visits_of(self, job_id: str, *, fresh: bool = False) -> tuple[Row, ...]:
        """The visits of a job."""
        ...

    def is_sure(self, kind: Kind) -> bool:
        """Whether the last whole list holds something, and nothing that could not be read."""
        ...

    def last_read(self, kind: Kind, entity_id: str) -> Row | None:
        """What the last read by id in this round has shown."""
        ...

    def remember(self, row: Row) -> None:
        """Take a row that an answer brought."""
        ...

    def forget(self, kind: Kind) -> None:
        """Do not trust what was read of this kind before."""
        ...


class Writer:
    """Plans the requests of one account's edits."""

    def __init__(
        self, reads: Reads, zone: Zone, skill_names: Mapping[str, str], learned: Mapping[str, str]
    ) -> None:
        """`learned` is the adapter's own mapping, which grows while it works."""
        self._reads = reads
        self._zone = zone
        self._skill_ids = {name: one for one, name in skill_names.items()}
        self._learned = learned

    async def steps(
        self, operation: Operation, current: Mapping[tuple[Kind, str], Entity]
    ) -> tuple[Step, ...]:
        """See `Backend.steps`. Raises ValueError for what FieldCamp cannot do, and LineDown."""
        planned: list[Step] = []
        for index, change in enumerate(operation.changes):
            entity = current.get((change.kind, change.id))
            if change.field == CREATED and change.kind is Kind.VISIT:
                drafts = await self._create_visit(change)
            elif change.field == CREATED:
                drafts = self._create(change)
            elif change.field == DELETED:
                drafts = self._delete(change)
            elif change.kind is Kind.VISIT:
                drafts = await self._visit(change, entity)
            elif change.kind is Kind.JOB:
                drafts = await self._job(change, entity, operation)
            else:
                raise ValueError(f"FieldCamp's API does not let a {change.kind} be changed")
            planned += [replace(one, change=index) for one in drafts]
        together = _together(planned, operation.changes)
        return tuple(replace(step, index=index) for index, step in enumerate(together))

    async def prepare(self, change: Change, step: Step, done: Sequence[Answer]) -> Step | None:
        """See `Backend.prepare`. Raises LineDown."""
        rows = [answer.row for answer in done if answer.row is not None]
        if NEW in step.path:
            return _for_new(change, step, done)
        if step.method != "PUT":
            return step
        if any(is_about(row, step) and holds(row, step, change) for row in rows):
            return None
        on_job = change.kind is Kind.JOB and step.path.startswith("/jobs/")
        if speaks_for_visit(step):
            return await self._instead(change, step)
        if follows(step, change) or (on_job and (done or change.field == TIMES)):
            return await self._follow(change, step)
        if done and change.field == STATUS and change.value == Status.CANCELLED.value:
            return None if any(_all_cancelled(row) for row in rows) else step
        return step

    def _create(self, change: Change) -> list[Step]:
        value = change.value if isinstance(change.value, dict) else {}
        body = bodies.new_job(value, self._skill_ids, self._zone.name)
        number = str(body["jobNumber"])
        steps = [replace(step_of("POST", "/jobs", body, f"new job {number}"), marker=number)]
        if "title" in body:
            lines = {"jobItems": bodies.job_field("title", body["title"], {}, {})["jobItems"]}
            steps.append(step_of("PUT", f"/jobs/{NEW}", lines, f"title of {number}"))
        return steps

    async def _create_visit(self, change: Change) -> list[Step]:
        """A visit has no field that could hold a mark of ours: it is told by what the job had before."""
        value = change.value if isinstance(change.value, dict) else {}
        job_id = value.get("job_id")
        if not isinstance(job_id, str) or not job_id:
            raise ValueError("a new visit needs a job")
        body = bodies.new_visit(job_id, value.get(TECHNICIANS), value.get(TIMES), crews=self._crews)
        had = sorted(row.id for row in await self._reads.visits_of(job_id))
        step = step_of("POST", "/visits", body, f"a visit of job {job_id}")
        return [replace(step, marker=BEFORE + " ".join(had))]

    def _delete(self, change: Change) -> list[Step]:
        if change.kind is not Kind.JOB:
            raise ValueError("FieldCamp's API deletes no visits; cancel it instead")
        return [step_of("DELETE", path_of(Kind.JOB, change.id), None, "delete the job")]

    async def _visit(self, change: Change, entity: Entity | None) -> list[Step]:
        path = path_of(Kind.VISIT, change.id)
        job_id = entity.job_id if isinstance(entity, Visit) else None
        visits = await self._reads.visits_of(job_id) if job_id is not None else ()
        _must_agree(change, entity, visits)
        alone = len(visits) == 1
        job_path = path_of(Kind.JOB, job_id) if job_id is not None and alone else None
        match change.field:
            case "technicians":
                steps = [step_of("PUT", path, bodies.visit_crew(change.value, crews=self._crews), "who goes")]
                if job_path is not None:
                    crew: Body = {"assignedToTeams": [*bodies.texts(change.value)]}
                    steps.append(step_of("PUT", job_path, crew, "the job's own crew"))
            case "times":
                steps = [step_of("PUT", path, bodies.visit_times(change.value), "the visit's times")]
                if job_path is not None and bodies.span(change.value)[0] is not None:
                    steps.append(
                        step_of("PUT", job_path, bodies.job_times(change.value), "the job's own window")
                    )
            case "status":
                steps = await self._visit_status(change, entity, path, job_path)
            case _:
                raise ValueError(f"FieldCamp's visits have no {change.field.replace('_', ' ')}")
        return steps

    async def _visit_status(
        self, change: Change, entity: Entity | None, path: str, job_path: str | None
    ) -> list[Step]:
        way = _way(VISITS, entity, change)
        if job_path is not None and way[-1] is Status.CANCELLED:
            # Cancelling the job is documented, and takes its visits along; a visit's own word is not.
            body = self._status_body(Kind.JOB, Status.CANCELLED)
            own = self._status_body(Kind.VISIT, Status.CANCELLED)
            return [
                step_of("PUT", job_path, body, "cancel the job"),
                step_of("PUT", path, own, "cancel the visit"),
            ]
        ignored = self._learned.get("visit_status") == "ignored"
        if job_path is not None and ignored and way[-1] in JOBS.writes:
            await self._may_speak(id_in(job_path), way[-1])
            return [step_of("PUT", job_path, self._status_body(Kind.JOB, way[-1]), SPEAKS)]
        steps = [step_of("PUT", path, self._status_body(Kind.VISIT, one), f"status {one}") for one in way]
        if job_path is not None and way[-1] in JOBS.writes:
            steps.append(
                step_of("PUT", job_path, self._status_body(Kind.JOB, way[-1]), "the job's own status")
            )
        return steps

    async def _job(self, change: Change, entity: Entity | None, operation: Operation) -> list[Step]:
        path = path_of(Kind.JOB, change.id)
        if change.field == STATUS:
            return [
                step_of("PUT", path, self._status_body(Kind.JOB, one), f"status {one}")
                for one in _way(JOBS, entity, change)
            ]
        if change.field in (TECHNICIANS, TIMES):
            return await self._job_plan(change, entity, operation, path)
        raw: Mapping[str, Json] = {}
        if change.field == "title":
            # The row that was decided on: another read might show what nobody compared.
            raw = plain_json(await self._read_or_last(change.id))
        return [
            step_of(
                "PUT", path, bodies.job_field(change.field, change.value, raw, self._skill_ids), change.field
            )
        ]

    async def _read_or_last(self, job_id: str) -> Row:
        row = self._reads.last_read(Kind.JOB, job_id)
        if row is None:
            answer = await self._reads.read(Kind.JOB, job_id)
            row = answer.row
            if row is None:
                raise LineDown(answer.why or "the job could not be read")
        return row

    async def _job_plan(
        self, change: Change, entity: Entity | None, operation: Operation, path: str
    ) -> list[Step]:
        """Crew or times of a job itself: what the board has where there is no visit yet."""
        visits = await self._reads.visits_of(change.id)
        if len(visits) > 1:
            raise ValueError("the job has several visits: name the one that is meant")
        crewed = change.field == TECHNICIANS
        own: Body = (
            {"assignedToTeams": [*bodies.texts(change.value)]} if crewed else bodies.job_times(change.value)
        )
        follow = step_of("PUT", path, own, "the job's own crew" if crewed else "the job's own window")
        if visits:
            visit_path = path_of(Kind.VISIT, visits[0].id)
            body = (
                bodies.visit_crew(change.value, crews=self._crews)
                if crewed
                else bodies.visit_times(change.value)
            )
            return [step_of("PUT", visit_path, body, "who goes" if crewed else "the visit's times"), follow]
        times = _wanted(operation, change.id, TIMES)
        if times is None and isinstance(entity, Job):
            times = value_of(entity, TIMES)
        if not crewed or not bodies.texts(change.value) or bodies.span(times)[0] is None:
            return [follow]
        if len(bodies.texts(change.value)) > 1 and not self._crews:
            return [follow]  # the job itself takes a crew, a visit does not
        new = bodies.new_visit(change.id, change.value, times, crews=self._crews)
        return [step_of("POST", "/visits", new, "a visit for the job"), follow]

    async def _may_speak(self, job_id: str, goal: Status) -> None:
        """Raises ValueError where a job cannot go to the status of its visit."""
        answer = await self._reads.read(Kind.JOB, job_id)
        job = answer.row.entity if answer.row is not None else None
        if isinstance(job, Job) and job.status is not goal and not JOBS.path(job.status, goal):
            here = job.raw_status or job.status.replace("_", " ")
            raise ValueError(f"the job is {here} already, and that is not taken back from here")

    async def _instead(self, change: Change, step: Step) -> Step | None:
        """A write to the job that stands for the visit's own: nothing else says what was wanted.

        Raises NotShown where the job is there and cannot be read; where it is not, the write says so.
        """
        answer = await self._reads.read(Kind.JOB, id_in(step.path))
        if answer.row is not None:
            return None if holds(answer.row, step, change) else step
        if answer.reading is Reading.GONE:
            return step
        raise NotShown(answer.why or "the visit's job could not be read")

    async def _follow(self, change: Change, step: Step) -> Step | None:
        """A write to the job that is only needed where the server has not made it so by itself."""
        job_id = id_in(step.path)
        answer = await self._reads.read(Kind.JOB, job_id)
        if answer.row is None or not isinstance(answer.row.entity, Job):
            return None if change.kind is Kind.VISIT else step
        job = answer.row.entity
        if holds(answer.row, step, change):
            return None
        if change.field == TECHNICIANS and change.kind is Kind.VISIT and not job.technician_ids:
            return None  # a server that keeps no crew at the job needs none there
        if change.field == STATUS and change.kind is Kind.VISIT and job.status not in JOBS.writes:
            return None  # invoiced, paid, closed: not ours to take back
        if change.kind is Kind.VISIT and not await self._still_leads(change, step, job):
            return None
        if change.field == TIMES:
            was_later = plain_json(answer.row).get("scheduleLater") is True
            return replace(step, body=bodies.job_times(change.value, was_later=was_later))
        return step

    async def _still_leads(self, change: Change, step: Step, job: Job) -> bool:
        """Whether the job is to follow its visit: not where somebody has changed the visit since our write.

        The job shows it, where it followed that change. Raises LineDown.
        """
        if value_of(job, change.field) == change.expected:
            return True
        answer = await self._reads.read(Kind.VISIT, change.id, fresh=True)
        return answer.row is not None and holds(answer.row, step, change)

    def _status_body(self, kind: Kind, status: Status) -> Body:
        if kind is Kind.VISIT:
            return {"visitStatus": spelling_of(VISITS, kind.value, status, self._learned)}
        return {"jobStatus": spelling_of(JOBS, kind.value, status, self._learned)}

    @property
    def _crews(self) -> bool:
        return self._learned.get("visit_crew") == "teamId"


def _way(lifecycle: Lifecycle, entity: Entity | None, change: Change) -> tuple[Status, ...]:
    if not isinstance(entity, Job | Visit) or not isinstance(change.value, str):
        raise ValueError("its status is not known")
    staffed = bool(entity.technician_ids)
    goal = open_status(has_technician=staffed) if change.value == "open" else Status(change.value)
    way = lifecycle.path(entity.status, goal)
    if not way or goal not in lifecycle.writes:
        here = entity.raw_status or entity.status.value
        raise ValueError(f"FieldCamp has no way from {here} to {goal.value.replace('_', ' ')}")
    return way


def _must_agree(change: Change, decided_on: Entity | None, visits: Sequence[Row]) -> None:
    """Raises ReadOtherwise where a list that came after the decision shows another value of the visit."""
    now = next((row.entity for row in visits if row.id == change.id), None)
    if not isinstance(now, Visit) or not isinstance(decided_on, Visit):
        return
    if value_of(now, change.field) != value_of(decided_on, change.field):
        raise ReadOtherwise("the visit was changed while it was looked at")


def _together(planned: Sequence[Step], changes: Sequence[Change]) -> list[Step]:
    """Let what changes on one record go with the first request to it."""
    steps = list(planned)
    first: dict[str, int] = {}
    for index, step in enumerate(steps):
        change = changes[step.change]
        if step.method != "PUT" or change.field in (STATUS, CREATED) or follows(step, change):
            continue
        at = first.setdefault(step.path, index)
        # Only within the same kind of record: a job's own crew must be looked at first.
        if at != index and isinstance(step.body, dict) and _plain(step, change):
            head = steps[at]
            if isinstance(head.body, dict) and _plain(head, changes[head.change]):
                steps[at] = replace(head, body={**head.body, **step.body}, says=f"{head.says}, {step.says}")
    return steps


def _plain(step: Step, change: Change) -> bool:
    on_visit = step.path.startswith("/visits/")
    return on_visit if change.field in (TECHNICIANS, TIMES) else not on_visit


def _for_new(change: Change, step: Step, done: Sequence[Answer]) -> Step | None:
    made = next((answer for answer in done if answer.new_id is not None), None)
    if made is None or made.new_id is None:
        return None
    if made.row is not None and holds(made.row, step, change):
        return None
    return replace(step, path=step.path.replace(NEW, quote(made.new_id, safe="")))


def _all_cancelled(row: Row) -> bool:
    """Whether the visits that came with a job are all cancelled; False where none came."""
    visits = plain_json(row).get("visits")
    if row.kind is not Kind.JOB or not isinstance(visits, list) or not visits:
        return False
    words = [one.get("visitStatus") for one in visits if isinstance(one, dict)]
    return all(isinstance(word, str) and VISITS.read(word) is Status.CANCELLED for word in words)


def _wanted(operation: Operation, entity_id: str, field: str) -> Json:
    return next((one.value for one in operation.changes if one.id == entity_id and one.field == field), None)
