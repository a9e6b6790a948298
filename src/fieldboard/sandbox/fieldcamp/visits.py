"""The Visits resource: list, create, update. There is no reading of one, and no deleting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox import lifecycle
from fieldboard.sandbox.fieldcamp.replies import (
    Body,
    Missing,
    Refused,
    instant,
    json_body,
    listing,
    success,
    text,
)
from fieldboard.sandbox.fieldcamp.settings import Settings
from fieldboard.sandbox.fieldcamp.store import Store
from fieldboard.sandbox.fieldcamp.wire import VISIT_STATUS, VISIT_WORDS
from fieldboard.sandbox.records import Visit, VisitStatus, whole_millisecond


class Visits:
    """The endpoints below ``/api/v1/visits`` and ``/api/visits``."""

    def __init__(self, store: Store, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._world = store.world
        self._settings = settings
        self._clock = clock

    async def list(self, request: Request) -> Response:
        """GET the visits, all or those in the given statuses (repeated, or by commas)."""
        wanted = {
            word for value in request.query_params.getlist("visitStatus") for word in value.split(",") if word
        }
        return listing("visits", self._rows(wanted), request, self._settings)

    async def list_legacy(self, request: Request) -> Response:
        """GET every visit: the unversioned route knows no filter."""
        return listing("visits", self._rows(set()), request, self._settings)

    async def create(self, request: Request) -> Response:
        """POST a visit of a job."""
        body = await json_body(request)
        world, now = self._world, whole_millisecond(self._clock())
        job = world.jobs.get(text(body, "jobId") or "")
        if job is None:
            raise Refused(400, "jobId is required" if not body.get("jobId") else "jobId not found")
        start, end = self._times(body, None)
        crew = [] if (one := self._technician(body)) is None else [one]
        status = self._status(body)
        visit = Visit(world.mint("vis"), job.id, [], None, None, "unscheduled", now)
        self._store.before_job_write(job)
        self._store.visits.before_write(None, visit.id)
        world.visits[visit.id] = visit
        job.visits.append(visit)
        lifecycle.assign(world, visit, crew, now, job_follows=self._settings.crew_follows)
        lifecycle.move(world, visit, (start, end), now, job_follows=self._settings.window_follows)
        if job.status == "draft" and start is not None:
            # The first visit that is booked puts a draft on the board.
            job.status = "open"
            world.touch(job, now)
        if status is not None:
            lifecycle.set_visit_status(world, visit, status, now)
        lifecycle.roll_up(world, job, now)
        return success(visitId=visit.id, visit=self._store.visits.row(visit))

    async def update(self, request: Request) -> Response:
        """PUT any subset of a visit's fields."""
        visit = self._world.visits.get(request.path_params["id"])
        if visit is None:
            raise Missing
        body = await json_body(request)
        job_id = text(body, "jobId")
        if job_id and job_id != visit.job_id:
            raise Refused(400, "jobId cannot be changed")
        start, end = self._times(body, visit)
        status = self._status(body)
        someone = self._technician(body)
        now = self._clock()
        self._store.before_job_write(self._world.jobs[visit.job_id])
        if (start, end) != (visit.start, visit.end):
            follows = self._settings.window_follows
            lifecycle.move(self._world, visit, (start, end), now, job_follows=follows)
        if "technicianId" in body and (someone is not None or self._settings.null_unassign):
            # The one that is named takes the place of the first of a crew; the others stay.
            crew = [] if someone is None else list(dict.fromkeys([someone, *visit.crew[1:]]))
            if crew != visit.crew:
                follows = self._settings.crew_follows
                lifecycle.assign(self._world, visit, crew, now, job_follows=follows)
        if status is not None:
            lifecycle.set_visit_status(self._world, visit, status, now)
        return success(visit=self._store.visits.row(visit))

    def _rows(self, wanted: set[str]) -> Iterator[bytes]:
        """The rows in the ``wanted`` statuses, all where none is named."""
        for visit, row in self._store.visits.visible():
            if not wanted or VISIT_STATUS[visit.status] in wanted:
                yield row

    def _times(self, body: Body, visit: Visit | None) -> tuple[datetime | None, datetime | None]:
        """Start and end after the change."""
        start = visit.start if visit else None
        end = visit.end if visit else None
        if "scheduledStart" in body:
            start = instant(body["scheduledStart"], "scheduledStart")
        if "scheduledEnd" in body:
            end = instant(body["scheduledEnd"], "scheduledEnd")
        if start is None:
            end = None
        if start is not None and end is not None and end <= start:
            raise Refused(400, "scheduledEnd must be after scheduledStart")
        return start, end

    def _technician(self, body: Body) -> str | None:
        """The technician that is named; refused where nobody has the id."""
        someone = text(body, "technicianId")
        if not someone:
            return None
        if someone not in self._world.technicians:
            raise Refused(400, "technicianId not found")
        return someone

    @staticmethod
    def _status(body: Body) -> VisitStatus | None:
        """The status that is named, one of the eight."""
        word = text(body, "visitStatus")
        if word is None:
            return None
        if word not in VISIT_WORDS:
            raise Refused(422, "invalid visitStatus")
        return VISIT_WORDS[word]
