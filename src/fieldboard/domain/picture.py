"""What a job was like with its visits when somebody decided about the whole of it, in a comparable form.

A deletion is based on it, as an edit of a field is on the value that was seen. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from fieldboard.domain import fields
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Json, Kind
from fieldboard.domain.roll_up import roll_up
from fieldboard.domain.status import status_key
from fieldboard.domain.value_class import value_class
from fieldboard.domain.visit import PlannedVisit, Visit

VISITS: Final = "visits"
"""Where the visits stand in a picture, by their ids; a job without any has one of its own id."""

_KEPT: Final = ("title", "customer_id", "number", "priority", "notes", "territory")
_SUMS: Final = ("duration_min", fields.WINDOWS)
_FOLLOWS: Final = ("customer", "phone", "address", "kind", *_SUMS)
"""What a system may change by itself where something else of the job is changed."""
_PLAN: Final = (fields.TECHNICIANS, fields.TIMES, fields.STATUS)


@value_class
class Difference:
    """One field that is not as it was seen; a visit that came since is `created`."""

    kind: Kind
    id: str
    field: str
    before: Json
    after: Json


def picture_of(job: Job, visits: Sequence[Visit] | Sequence[PlannedVisit]) -> dict[str, Json]:
    """A job with its visits: what a dispatcher sees of it, and nothing that follows from the clock."""
    real = [one for one in visits if not one.made_up]
    values: dict[str, Json] = {one: fields.value_of(job, one) for one in (*_KEPT, *_FOLLOWS)}
    if job.customer_id is not None:
        del values["customer"]  # the id tells it
    if real:
        # These are the sum of the visits, and go with them.
        for name in _SUMS:
            del values[name]
    if job.skills:
        values["skills"] = fields.value_of(job, "skills")
    values |= {fields.OWN + one.name: one.value for one in job.fields}
    values[fields.STATUS] = status_key(roll_up(job, real).status, job.raw_status)
    plans: dict[str, Json] = {one.id: {name: fields.value_of(one, name) for name in _PLAN} for one in real}
    if not real:
        alone = visits[0] if visits else job
        plans = {job.id: {name: fields.value_of(alone, name) for name in _PLAN}}
    values[VISITS] = plans
    return values


def of_people(picture: Mapping[str, Json], settable: Collection[str]) -> dict[str, Json]:
    """A picture with those of the system's own fields that people set: the others may be stamps."""
    return {
        name: value for name, value in picture.items() if not name.startswith(fields.OWN) or name in settable
    }


def while_edited(picture: Mapping[str, Json], edited: Mapping[Kind, frozenset[str]]) -> dict[str, Json]:
    """A picture without what may change by itself where edits of ours are still on their way.

    `edited` are their fields, by what they are of.
    """
    if not any(edited.values()):
        return dict(picture)
    of_job, of_visits = edited.get(Kind.JOB, frozenset()), edited.get(Kind.VISIT, frozenset())
    left = {name: value for name, value in picture.items() if name not in _FOLLOWS or name in of_job}
    if fields.STATUS in of_job | of_visits:
        left.pop(fields.STATUS, None)
    if fields.STATUS in of_job:
        left[VISITS] = {one: _without_status(plan) for one, plan in _plans(picture).items()}
    return left


def renamed(picture: Mapping[str, Json], server_id: Callable[[str], str]) -> dict[str, Json]:
    """A picture with the ids that the server gave since to what was made here."""
    return {**picture, VISITS: {server_id(one): plan for one, plan in _plans(picture).items()}}


def differences(job_id: str, seen: Mapping[str, Json], now: Mapping[str, Json]) -> tuple[Difference, ...]:
    """What of a job and its visits is not as it was seen; only what was seen is compared.

    A visit that is there no more is no difference: nothing of it would be lost.
    """
    found = [
        Difference(Kind.JOB, job_id, name, before, now.get(name))
        for name, before in seen.items()
        if name != VISITS and before != now.get(name) and (name in now or name not in _SUMS)
    ]
    were, are = _plans(seen), _plans(now)
    if job_id in were and job_id not in are and len(are) == 1:
        # The visit that was made up for the job has become one.
        are = {job_id: next(iter(are.values()))}
    elif job_id not in were:
        are.pop(job_id, None)
    for one, plan in are.items():
        before = were.get(one)
        kind = Kind.JOB if one == job_id else Kind.VISIT
        if before is None:
            found.append(Difference(kind, one, fields.CREATED, None, plan))
        elif isinstance(before, dict) and isinstance(plan, dict):
            found += [
                Difference(kind, one, name, value, plan.get(name))
                for name, value in before.items()
                if value != plan.get(name) and not (one == job_id and name == fields.STATUS)
            ]
    return tuple(found)


def _plans(picture: Mapping[str, Json]) -> dict[str, Json]:
    plans = picture.get(VISITS)
    return dict(plans) if isinstance(plans, dict) else {}


def _without_status(plan: Json) -> Json:
    return (
        {name: value for name, value in plan.items() if name != fields.STATUS}
        if isinstance(plan, dict)
        else plan
    )
