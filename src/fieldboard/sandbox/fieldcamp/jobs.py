"""The Jobs resource: list, create, read, update, delete, items."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal, cast

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox import lifecycle
from fieldboard.sandbox.fieldcamp.job_body import job_change, job_status
from fieldboard.sandbox.fieldcamp.replies import (
    Body,
    Missing,
    Refused,
    form_body,
    instant,
    is_form,
    json_body,
    listing,
    success,
    text,
    texts,
)
from fieldboard.sandbox.fieldcamp.settings import Settings
from fieldboard.sandbox.fieldcamp.store import Store
from fieldboard.sandbox.fieldcamp.wire import JOB_STATUS, dumps, item_json
from fieldboard.sandbox.records import (
    Address,
    Client,
    Item,
    Job,
    Visit,
    whole_millisecond,
)


class Jobs:
    """The endpoints below ``/api/v1/jobs`` and the frozen ``/api/jobs``."""

    def __init__(self, store: Store, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._world = store.world
        self._settings = settings
        self._clock = clock

    async def list(self, request: Request) -> Response:
        """GET the jobs that all given filters let through."""
        return listing("jobs", self._filtered(request), request, self._settings)

    async def list_legacy(self, request: Request) -> Response:
        """GET every job: the frozen route knows no filters."""
        rows = (row for _, row in self._store.jobs.visible())
        return listing("jobs", rows, request, self._settings)

    async def create(self, request: Request) -> Response:
        """POST a job as JSON; the old form is not understood here."""
        if is_form(request):
            raise Refused(400, "jobNumber is required")
        return self._created(await json_body(request))

    async def create_legacy(self, request: Request) -> Response:
        """POST a job as a form; JSON is not understood here."""
        if not is_form(request):
            raise Refused(400, "jobNumber is required")
        return self._created(await form_body(request))

    async def read(self, request: Request) -> Response:
        """GET one job."""
        id_ = request.path_params["id"]
        row = self._store.jobs.visible_one(self._world.jobs.get(id_), id_)
        if row is None:
            raise Missing
        return success(job=row)

    async def update(self, request: Request) -> Response:
        """PUT the fields to change."""
        job = self._found(request)
        body = await json_body(request)
        schema = self._settings.dialect == "schema"
        word = body.get("jobStatus" if schema else "status")
        if not schema and body.get("jobStatus") == "cancelled":
            word = "cancelled"
        status = job_status(word, ("cancelled",) if schema or word == body.get("jobStatus") else ())
        change = job_change(body, self._world, self._settings, job)
        self._store.before_job_write(job)
        now = self._clock()
        self._apply(job, change, now)
        if status is not None:
            lifecycle.set_job_status(
                self._world,
                job,
                status,
                now,
                visits_follow=self._settings.visits_follow_status,
            )
        self._cover(job, now)
        self._world.touch(job, now)
        return success(job=self._store.jobs.row(job))

    async def delete(self, request: Request) -> Response:
        """DELETE a job with its visits; the answer is empty."""
        job = self._found(request)
        self._store.before_job_write(job)
        lifecycle.delete_job(self._world, job)
        self._store.jobs.forget(job.id)
        for visit in job.visits:
            self._store.visits.forget(visit.id)
        return Response(status_code=200)

    async def items(self, request: Request) -> Response:
        """GET the lines of one job."""
        job = self._found(request)
        return success(items=dumps([item_json(item, at) for at, item in enumerate(job.items, 1)]))

    def _found(self, request: Request) -> Job:
        """The job of the path."""
        job = self._world.jobs.get(request.path_params["id"])
        if job is None:
            raise Missing
        return job

    def _filtered(self, request: Request) -> Iterator[bytes]:
        """The rows that ``search``, ``clientId``, ``status`` and ``since`` let through, together."""
        query = request.query_params
        client, status = query.get("clientId"), query.get("status")
        since = instant(query.get("since"), "since")
        needle = query.get("search", "").strip().casefold()
        for job, row in self._store.jobs.visible():
            if since is not None and job.updated_at <= since:
                continue
            if client and job.client_id != client:
                continue
            if status and JOB_STATUS[job.status] != status:
                continue
            if needle and not self._matches(job, needle):
                continue
            yield row

    def _matches(self, job: Job, needle: str) -> bool:
        """Whether ``needle`` is in the number, the title or the client's name."""
        if needle in job.number.casefold():
            return True
        if any(needle in item.name.casefold() for item in job.items[:1]):
            return True
        client = self._world.clients.get(job.client_id)
        return client is not None and needle in client.name.casefold()

    def _created(self, body: Body) -> Response:
        """Make the job that ``body`` describes, and its visit where it has a window."""
        world, now = self._world, whole_millisecond(self._clock())
        number = text(body, "jobNumber")
        if not number and self._settings.number_required:
            raise Refused(400, "jobNumber is required")
        client = world.clients.get(text(body, "clientId") or "")
        if client is None or client.deleted:
            raise Refused(400, "clientId is required" if not body.get("clientId") else "clientId not found")
        status = job_status(body.get("status", body.get("jobStatus")), ())
        job = _blank(world.mint("job"), number or world.next_number(), client, now)
        change = job_change(body, self._world, self._settings, None)
        self._store.jobs.before_write(None, job.id)
        job.status = status or "open"
        self._apply(job, change, now)
        if not job.items:
            job.items = [Item(world.mint("itm"), "", "Service", "", 1, 0.0)]
        job.title = job.items[0].name
        world.jobs[job.id] = job
        for visit in self._embedded(body, job, now):
            self._add(visit, job)
        self._cover(job, now)
        return success(jobId=job.id, job=self._store.jobs.row(job))

    def _apply(self, job: Job, change: dict[str, object], now: datetime) -> None:
        """Write checked fields, and let the only visit follow where it did before."""
        only = job.visits[0] if len(job.visits) == 1 else None
        covered = only is not None and (
            only.start is None or (only.start, only.end) == (job.window_start, job.window_end)
        )
        manned = only is not None and only.crew == job.crew
        extra = cast("dict[str, object]", change.pop("extra"))
        job.extra = {**job.extra, **extra}
        for name, value in change.items():
            setattr(job, name, value)
        if "items" in change and job.items:
            job.title = job.items[0].name
        if only is None or not self._settings.visit_follows or only.status in ("done", "cancelled"):
            return
        if covered and {"window_start", "window_end", "schedule_later"} & set(change):
            later = job.schedule_later or job.any_time
            span = (None, None) if later else (job.window_start, job.window_end)
            lifecycle.move(self._world, only, span, now, job_follows=False)
        if manned and "crew" in change:
            lifecycle.assign(self._world, only, list(job.crew), now, job_follows=False)

    def _cover(self, job: Job, now: datetime) -> None:
        """Make the one visit that covers the window of a job that has none yet."""
        if job.visits or job.status in ("draft", "cancelled") or job.schedule_later or job.any_time:
            return
        if job.window_start is None or job.window_end is None:
            return
        visit = Visit(
            self._world.mint("vis"),
            job.id,
            list(job.crew),
            job.window_start,
            job.window_end,
            "scheduled",
            whole_millisecond(now),
        )
        self._add(visit, job)
        if job.status == "active":
            visit.status, visit.started_at = "working", now
        elif job.status == "done":
            visit.status, visit.started_at, visit.ended_at = "done", visit.start, now

    def _embedded(self, body: Body, job: Job, now: datetime) -> Iterator[Visit]:
        """The visits that were sent along with a new job."""
        value = body.get("visits") or []
        if not isinstance(value, list):
            raise Refused(400, "visits must be an array")
        for entry in value:
            if not isinstance(entry, dict):
                raise Refused(400, "visits must be an array of objects")
            start = instant(entry.get("visitStartDateTime"), "visitStartDateTime")
            end = instant(entry.get("visitEndDateTime"), "visitEndDateTime")
            crew = texts(entry, "teamId") or list(job.crew)
            status: Literal["scheduled", "unscheduled"] = "scheduled" if start else "unscheduled"
            yield Visit(self._world.mint("vis"), job.id, crew, start, end, status, now)

    def _add(self, visit: Visit, job: Job) -> None:
        """Put a new visit into the world."""
        self._store.visits.before_write(None, visit.id)
        self._world.visits[visit.id] = visit
        job.visits.append(visit)
        job.rev += 1


def _blank(id_: str, number: str, client: Client, now: datetime) -> Job:
    """A new open job of ``client``, at its property."""
    site: Address = client.site
    return Job(
        id_, number, "one-off", "", "", "normal", client.id, site, client.phone, "open",
        None, None, False, False, 0, (), "", [], [], [], None, now, now,
    )  # fmt: skip
