"""What follows from what: a visit's status for its job, and a job's for its visits.

The rules are the common ones of systems with visits: the first visit that starts puts its job to
work, the last that ends completes it, and a cancelled job cancels what is open of its visits.
"""

from __future__ import annotations

from datetime import datetime

from fieldboard.sandbox.records import ENDED, Job, JobStatus, Visit, VisitStatus, World


def set_visit_status(world: World, visit: Visit, status: VisitStatus, now: datetime) -> None:
    """Give ``visit`` a status, stamp its actual times, and roll it up into its job."""
    if visit.status == status:
        return
    visit.status = status
    visit.before = None
    if status == "travelling":
        visit.departed_at = visit.departed_at or now
    elif status == "arrived":
        visit.arrived_at = visit.arrived_at or now
    elif status == "working":
        visit.started_at = visit.started_at or now
        visit.ended_at = None
    elif status == "done":
        visit.started_at = visit.started_at or visit.start or now
        visit.ended_at = now
    elif status in ("scheduled", "unscheduled"):
        visit.departed_at = visit.arrived_at = visit.started_at = visit.ended_at = None
        visit.told_at = now
    world.touch_visit(visit, now)
    roll_up(world, world.jobs[visit.job_id], now)


def roll_up(world: World, job: Job, now: datetime) -> None:
    """Bring the status of ``job`` in line with its visits; a draft or cancelled job stays."""
    if job.status == "cancelled":
        return
    live = [visit for visit in job.visits if visit.status != "cancelled"]
    status: JobStatus = job.status
    if live and all(visit.status == "done" for visit in live):
        status = "done"
    elif any(visit.status in ("working", "paused", "done") for visit in live):
        status = "active"
    elif job.status in ("active", "done") and live:
        status = "open"
    if status != job.status:
        job.status = status
        world.touch(job, now)


def set_job_status(
    world: World, job: Job, status: JobStatus, now: datetime, *, visits_follow: bool = True
) -> None:
    """Give ``job`` a status; its visits follow, and come back when it is opened again.

    Cancelling always cancels the open visits. Completing and starting act on them only with
    ``visits_follow``: the spec of no system says that they must.
    """
    if job.status == status:
        return
    before, job.status = job.status, status
    if status == "cancelled":
        _replace(world, job, "cancelled", now)
    elif status == "done" and visits_follow:
        _replace(world, job, "done", now)
    elif status == "active" and visits_follow:
        _restore(world, job, now)
        first = _first_open(job)
        if first is not None and not any(visit.status == "working" for visit in job.visits):
            first.before = first.status
            first.status = "working"
            first.started_at = first.started_at or now
            world.touch_visit(first, now)
    elif before in ("cancelled", "done", "active"):
        _restore(world, job, now)
        if status == "open" and visits_follow:
            _call_off(world, job, now)
    world.touch(job, now)


def assign(world: World, visit: Visit, crew: list[str], now: datetime, *, job_follows: bool) -> None:
    """Put ``crew`` on a visit; with ``job_follows`` the job's own crew is that of its visits."""
    visit.crew = crew
    visit.told_at = now
    if job_follows:
        job = world.jobs[visit.job_id]
        job.crew = list(dict.fromkeys(one for other in job.visits for one in other.crew))
    world.touch_visit(visit, now)


def move(
    world: World,
    visit: Visit,
    span: tuple[datetime | None, datetime | None],
    now: datetime,
    *,
    job_follows: bool,
) -> None:
    """Give a visit another start and end, or none; it is scheduled or unscheduled by that.

    With ``job_follows`` the window of a job goes with its only visit; without a time it stays, and
    the job is marked as to be scheduled later.
    """
    start, end = span
    job = world.jobs[visit.job_id]
    if job_follows and start is not None:
        job.schedule_later = job.any_time = False
    if job_follows and len(job.visits) == 1:
        job.schedule_later = start is None
        if start is not None:
            job.window_start, job.window_end = start, end
    visit.start, visit.end = start, end
    visit.told_at = now
    if start is None and visit.status == "scheduled":
        visit.status = "unscheduled"
    elif start is not None and visit.status == "unscheduled":
        visit.status = "scheduled"
    world.touch_visit(visit, now)


def delete_job(world: World, job: Job) -> None:
    """Forget a job and its visits."""
    del world.jobs[job.id]
    for visit in job.visits:
        world.visits.pop(visit.id, None)


def _first_open(job: Job) -> Visit | None:
    """The earliest visit that has not ended."""
    waiting = [visit for visit in job.visits if visit.status not in ENDED]
    timed = [visit for visit in waiting if visit.start is not None]
    if timed:
        return min(timed, key=lambda visit: (visit.start, visit.id))
    return waiting[0] if waiting else None


def _replace(world: World, job: Job, status: VisitStatus, now: datetime) -> None:
    """End the open visits of ``job``, remembering how they stood."""
    for visit in job.visits:
        if visit.status not in ENDED:
            visit.before = visit.status
            visit.status = status
            visit.ended_at = now if status == "done" else None
            world.touch_visit(visit, now)


def _restore(world: World, job: Job, now: datetime) -> None:
    """Put visits back that an act on the whole job had changed."""
    for visit in job.visits:
        if visit.before is not None:
            visit.status, visit.before = visit.before, None
            visit.ended_at = None
            visit.told_at = now
            if visit.status in ("scheduled", "unscheduled"):
                visit.started_at = None
            world.touch_visit(visit, now)


def _call_off(world: World, job: Job, now: datetime) -> None:
    """Put visits that are being worked on back to where they had not begun."""
    for visit in job.visits:
        if visit.status in ("working", "paused"):
            visit.status = "scheduled" if visit.start is not None else "unscheduled"
            visit.departed_at = visit.arrived_at = visit.started_at = None
            visit.told_at = now
            world.touch_visit(visit, now)
