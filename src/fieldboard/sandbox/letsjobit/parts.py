"""Makes a world one of visits: LetsJobIt has nothing above them, and one driver to each.

A job over several days or people becomes a job for each of its visits, and as many of the oldest
finished jobs leave, so that the world keeps its number.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from fieldboard.sandbox import lifecycle
from fieldboard.sandbox.records import Job, JobStatus, Visit, VisitStatus, World

_STATUS: dict[VisitStatus, JobStatus] = {
    "done": "done",
    "cancelled": "cancelled",
    "working": "active",
    "paused": "active",
}
_NEVER = datetime.max.replace(tzinfo=UTC)


def one_visit_each(world: World) -> None:
    """Leave every job of ``world`` with exactly one visit, of one person or of none."""
    several = [job for job in world.jobs.values() if _presences(job) > 1]
    spare = iter(_spare(world))
    for job in several:
        first, *rest = _apart(world, job)
        parts = [first]
        for visit in rest:
            gone = next(spare, None)
            if gone is not None:
                lifecycle.delete_job(world, gone)
                parts.append(visit)
        for visit in job.visits:
            world.visits.pop(visit.id, None)
        for number, visit in enumerate(parts, 1):
            _part(world, job, visit, number)
    for job in world.jobs.values():
        presence(world, job)


def presence(world: World, job: Job) -> Visit:
    """The visit of a job; one is made for a job that has none."""
    if not job.visits:
        visit = Visit(world.mint("vis"), job.id, list(job.crew), None, None, "unscheduled", job.created_at)
        world.visits[visit.id] = visit
        job.visits.append(visit)
    return job.visits[0]


def _presences(job: Job) -> int:
    return sum(max(1, len(visit.crew)) for visit in job.visits)


def _apart(world: World, job: Job) -> list[Visit]:
    """The visits of a job by time, each once for each of its people."""
    found = []
    for visit in sorted(job.visits, key=lambda one: (one.start or _NEVER, one.id)):
        found.append(visit)
        for person in visit.crew[1:]:
            found.append(replace(visit, id=world.mint("vis"), crew=[person]))
        del visit.crew[1:]
    return found


def _part(world: World, job: Job, visit: Visit, number: int) -> None:
    """Make ``visit`` the only one of ``job``, or of a copy of it that stands right beside it."""
    if number > 1:
        items = [replace(item, id=world.mint("itm")) for item in job.items]
        job = replace(
            job, id=world.mint("job"), number=f"{job.number}-{number}", items=items, fields=list(job.fields)
        )
        visit.job_id = job.id
    job.visits = [visit]
    job.crew = list(visit.crew)
    job.window_start, job.window_end = visit.start, visit.end
    if visit.start is not None and visit.end is not None:
        job.duration_min = (visit.end - visit.start).total_seconds() / 60
    if job.status != "draft":
        job.status = _STATUS.get(visit.status, "open")
    world.jobs[job.id] = job
    world.visits[visit.id] = visit


def _spare(world: World) -> list[Job]:
    """The finished jobs of one visit from before today, the oldest first."""
    past = [
        (job.visits[0].start, job.id, job)
        for job in world.jobs.values()
        if job.status in ("done", "cancelled") and _presences(job) == 1
        if job.visits[0].start is not None and world.day_of(job.visits[0].start) < world.today
    ]
    past.sort(key=lambda entry: entry[:2])
    return [job for _, _, job in past]
