"""Brings the world into the shape that FieldOpt has: one visit a job, one technician a visit."""

from __future__ import annotations

from datetime import datetime

from fieldboard.sandbox.records import ENDED, Job, Technician, World


def one_visit(world: World, job: Job) -> None:
    """Leave a job the visit that it is here: the next that has not ended, else the last; of a crew one."""
    waiting = [one for one in job.visits if one.status not in ENDED]
    among = waiting or job.visits
    if among:
        timed = [one for one in among if one.start is not None]
        pick = min if waiting else max
        kept = pick(timed, key=lambda one: (one.start, one.id)) if timed else among[0]
        for other in job.visits:
            if other is not kept:
                world.visits.pop(other.id, None)
        job.visits = [kept]
        kept.crew = kept.crew[:1]
        job.crew = list(kept.crew)
        if job.status in ("active", "open") and kept.status == "scheduled":
            job.status = "open"
    job.crew = job.crew[:1]


def base_word(technician: Technician, now: datetime, world: World) -> str:
    """What a technician does at ``now`` as far as the clock knows."""
    local = now.astimezone(world.zone)
    minute = local.hour * 60 + local.minute
    hours = technician.hours(local.date())
    if not technician.active or hours is None or not hours[0] <= minute < hours[1]:
        return "off_duty"
    return "on_break" if technician.lunch[0] <= minute < technician.lunch[1] else "available"
