"""What lies over the base: edits on their way, and values of ours that no read has shown yet. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field

from fieldboard.domain import fields
from fieldboard.domain.named import NamedTuple
from fieldboard.domain.operation import LIVE, PENDING, UNDECIDED, Json, Kind, Operation, OpState
from fieldboard.domain.technician import Technician
from fieldboard.domain.value_class import value_class

NEW = "new"
"""Stands in a draft for the id of what it creates; saved, it becomes `new:<op_id>`."""


class Echo(NamedTuple):
    """A value of ours that the server took and that no read has shown yet."""

    kind: Kind
    id: str
    field: str
    value: Json
    op_id: str


class Edit(NamedTuple):
    """One change as it meets an entity: `lays` where its value is shown, `mark` the state to show."""

    seq: int
    field: str
    value: Json
    lays: bool
    mark: str


class Created(NamedTuple):
    """Something made here: a job, or a visit of `job_id`; `values` by the names of `domain.fields`."""

    id: str
    job_id: str
    values: Mapping[str, Json]
    at: int
    mark: str


@value_class
class Overlay:
    """All that lies over the base, by the id of the entity. Built by `overlay`."""

    visits: Mapping[str, tuple[Edit, ...]] = field(default_factory=dict)
    jobs: Mapping[str, tuple[Edit, ...]] = field(default_factory=dict)
    created_jobs: Mapping[str, Created] = field(default_factory=dict)
    created_visits: Mapping[str, tuple[Created, ...]] = field(default_factory=dict)
    customers: Mapping[str, str] = field(default_factory=dict)
    technicians: Mapping[str, tuple[Edit, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.visits or self.jobs or self.created_jobs or self.created_visits or self.technicians)


NOTHING = Overlay()


def temporary_id(op_id: str) -> str:
    """The id of what an operation creates, until the server has given one."""
    return f"{NEW}:{op_id}"


def overlay(
    operations: Iterable[Operation],
    echoes: Iterable[Echo] = (),
    ids: Mapping[tuple[Kind, str], str] | None = None,
    customers: Mapping[str, str] | None = None,
    copies: Mapping[str, Sequence[str]] | None = None,
) -> Overlay:
    """What operations and echoes lay over the base.

    `ids` maps kinds and temporary ids to the server's ids, `customers` the ids of customers to their names,
    `copies` operations that created something twice to the ids of all that they created.
    """
    known = ids or {}
    visits: dict[str, list[Edit]] = {}
    jobs: dict[str, list[Edit]] = {}
    people: dict[str, list[Edit]] = {}
    places = {Kind.VISIT: visits, Kind.JOB: jobs, Kind.TECHNICIAN: people}
    made_jobs: dict[str, Created] = {}
    made_visits: dict[str, list[Created]] = {}
    for echo in echoes:
        edits = places.get(echo.kind)
        if edits is not None:
            edits.setdefault(server_id(known, echo.kind, echo.id), []).append(
                Edit(0, echo.field, echo.value, True, "")
            )
    for operation in sorted(operations, key=lambda one: one.seq):
        lays = operation.state in PENDING
        mark = "" if operation.noted or not (lays or operation.state in _MARKED) else operation.state.value
        if not lays and not mark:
            continue
        for change in operation.changes:
            target = server_id(known, change.kind, change.id)
            if change.field == fields.CREATED:
                if isinstance(change.value, dict) and (lays or operation.state is OpState.ASK):
                    job_id = str(change.value.get("job_id", "")) if change.kind is Kind.VISIT else target
                    made = Created(
                        target, server_id(known, Kind.JOB, job_id), change.value, operation.created_at, mark
                    )
                    if change.kind is Kind.JOB:
                        made_jobs[target] = made
                        # Once the server shows the job, the mark is all that is left of this.
                        jobs.setdefault(target, []).append(
                            Edit(operation.seq, change.field, None, lays=False, mark=mark)
                        )
                    elif change.kind is Kind.VISIT:
                        made_visits.setdefault(made.job_id, []).append(made)
                elif operation.state is OpState.DUPLICATE:
                    # They are there, and all that is left of this is the mark on each of them.
                    for one in copies.get(operation.op_id, (target,)) if copies else (target,):
                        for place in (jobs, visits):
                            place.setdefault(one, []).append(
                                Edit(operation.seq, change.field, None, lays=False, mark=mark)
                            )
                continue
            edits = places.get(change.kind)
            if edits is not None:
                # What the server took is laid by its echo: a newer edit may have replaced that since.
                own = operation.state in LIVE or (lays and change.field == fields.DELETED)
                edits.setdefault(target, []).append(
                    Edit(operation.seq, change.field, change.value, own, mark)
                )
    return Overlay(
        {one: tuple(edits) for one, edits in visits.items()},
        {one: tuple(edits) for one, edits in jobs.items()},
        made_jobs,
        {one: tuple(made) for one, made in made_visits.items()},
        customers or {},
        {one: tuple(edits) for one, edits in people.items()},
    )


def with_edits(technician: Technician, over: Overlay) -> Technician:
    """A technician with the edits laid over that no read has shown yet."""
    for edit in over.technicians.get(technician.id, ()):
        if edit.lays:
            technician = fields.with_technician_value(technician, edit.field, edit.value)
    return technician


def server_id(ids: Mapping[tuple[Kind, str], str], kind: Kind, one: str) -> str:
    """The server's id for a temporary one, the id itself where there is none.

    A visit that was made up for a job created here goes by the job's.
    """
    return ids.get((kind, one)) or ids.get((Kind.JOB, one)) or one


_MARKED = UNDECIDED | {OpState.SUPERSEDED}
