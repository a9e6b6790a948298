"""The Jobs resource (fsmnavigator.com/docs/api/jobs): one path, told apart by method and ``id``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox import lifecycle
from fieldboard.sandbox.fsmnavigator.book import ASSIGNED, MOVES, PENDING, Book, Link, second
from fieldboard.sandbox.fsmnavigator.replies import (
    Body,
    Refused,
    done,
    dumps,
    instant,
    invalid,
    json_body,
    listing,
    missing,
    number,
    page_of,
    single,
    text,
    wanted_id,
)
from fieldboard.sandbox.fsmnavigator.settings import Settings
from fieldboard.sandbox.fsmnavigator.wire import PRIORITY_WORDS, job_detail_json, job_json, stamp
from fieldboard.sandbox.records import (
    Client,
    Job,
    Priority,
    Technician,
    Visit,
    VisitStatus,
    whole_millisecond,
)

RELATIONS = ("serviced", "installed", "replaced", "inspected", "maintenance", "meter_threshold")
_TIMES = ("scheduled_start", "scheduled_end")


class Jobs:
    """The five calls of ``/api/v1/jobs``."""

    def __init__(self, book: Book, settings: Settings, clock: Callable[[], datetime]) -> None:
        self._book = book
        self._world = book.world
        self._settings = settings
        self._clock = clock
        self._rows: dict[str, tuple[object, bytes]] = {}

    async def get(self, request: Request) -> Response:
        """One job by ``id``, else a page of those that the filters let through, the newest first."""
        one = wanted_id(request)
        if one is not None:
            return single(dumps(job_detail_json(self._book, self._job(one), self._settings)))
        page, per_page = page_of(request)
        found = self._filtered(request)
        total = len(found)
        first = total - (page - 1) * per_page
        chosen = found[max(0, first - per_page) : max(0, first)]
        return listing([self._row(job) for job in reversed(chosen)], page, per_page, total)

    async def create(self, request: Request) -> Response:
        """POST a job; it is Pending, also with a technician."""
        body = await json_body(request)
        title = text(body, "job_title")
        if not title or not title.strip():
            raise invalid("job_title is required")
        site = number(body, "customer_location_id")
        client = self._book.client_at(site) if site is not None else None
        if client is None:
            raise invalid(
                "customer_location_id is required" if site is None else "Customer location not found"
            )
        person = self._technician(body)
        start, end = self._times(body, (None, None))
        priority: Priority = self._priority(body) or "normal"
        links = self._links(body, ())
        now = whole_millisecond(self._clock())
        job = _blank(self._world.mint("job"), self._world.next_number(), client, now)
        job.title, job.notes, job.priority = title, text(body, "job_description") or "", priority
        self._world.jobs[job.id] = job
        crew = [person.id] if person is not None else []
        visit = Visit(
            self._world.mint("vis"), job.id, crew, start, end,
            "scheduled" if start is not None else "unscheduled", now,
        )  # fmt: skip
        visit.told_at = now
        self._world.visits[visit.id] = visit
        job.visits.append(visit)
        job.crew = list(crew)
        job.window_start, job.window_end, job.schedule_later = start, end, start is None
        self._book.words[job.id] = PENDING
        if links is not None:
            self._book.links[job.id] = links
        if start is not None and end is None:
            self._book.open_ended.add(job.id)
        return self._created(job)

    async def update(self, request: Request) -> Response:
        """PUT one or more fields."""
        job = self._named(request)
        body = await json_body(request)
        if not body:
            raise invalid("No fields to update")
        if "job_status" in body:
            raise invalid("job_status is changed with PATCH")
        title, description, priority = (
            text(body, "job_title"),
            text(body, "job_description"),
            self._priority(body),
        )
        if "job_title" in body and not (title or "").strip():
            raise invalid("job_title cannot be empty")
        if "customer_location_id" in body and self._place(body) is None:
            raise invalid("Customer location not found")
        nulls = [name for name in ("assigned_technician_id", *_TIMES) if name in body and body[name] is None]
        if nulls and self._settings.put_null == "refuse":
            raise invalid(f"{nulls[0]} must not be null")
        ignored = frozenset(nulls) if self._settings.put_null == "ignore" else frozenset()
        person = self._technician(body)
        planned = self._book.scheduled(job)
        span = self._times({name: one for name, one in body.items() if name not in ignored}, planned)
        links = self._links(body, self._book.links.get(job.id, ()))
        now = self._clock()
        job.title = title or job.title
        if "job_description" in body:
            job.notes = description or ""
        job.priority = priority or job.priority
        if (client := self._place(body)) is not None:
            job.client_id, job.site, job.phone = client.id, client.site, client.phone
        if links is not None:
            self._book.links[job.id] = links
        if "assigned_technician_id" in body and "assigned_technician_id" not in ignored:
            self._assign(job, person, now)
        if span != planned:
            self._move(job, span, now)
        self._world.touch(job, now)
        data = {"job_id": int(job.number), "job_title": job.title, "job_status": self._book.status(job)}
        return done("Job updated successfully", data)

    async def set_status(self, request: Request) -> Response:
        """PATCH the status, and nothing else."""
        job = self._named(request)
        body = await json_body(request)
        word = text(body, "job_status")
        if set(body) != {"job_status"} or word not in MOVES:
            raise invalid(f"job_status must be one of {', '.join(MOVES)}")
        before = self._book.status(job)
        if word not in MOVES.get(before, ()):
            said = f"Cannot change status from {before} to {word}"
            raise Refused(400, "invalid_status_transition", said)
        now = self._clock()
        self._become(job, word, now)
        self._world.touch(job, now)
        data = {"job_id": int(job.number), "job_status": word, "previous_status": before}
        return done(f"Job status updated to {word}", data)

    def _filtered(self, request: Request) -> Sequence[Job]:
        query, book = request.query_params, self._book
        after = instant(query.get("created_after"), "created_after")
        before = instant(query.get("created_before"), "created_before")
        status, priority = query.get("status"), query.get("priority")
        if status and status not in MOVES:
            raise invalid(f"status must be one of {', '.join(MOVES)}")
        if priority and priority not in PRIORITY_WORDS:
            raise invalid(f"priority must be one of {', '.join(PRIORITY_WORDS)}")
        technician, site = (
            wanted_id(request, "assigned_technician_id"),
            wanted_id(request, "customer_location_id"),
        )
        found: Sequence[Job] = book.created_between(after, before)
        if priority:
            found = [job for job in found if job.priority == PRIORITY_WORDS[priority]]
        if site is not None:
            found = [job for job in found if book.site_id(job.client_id) == site]
        if technician is not None:
            person = book.technician(technician)
            found = [job for job in found if person is not None and book.crew(job) == person.id]
        if status:
            found = [job for job in found if book.status(job) == status]
        return found

    def _row(self, job: Job) -> bytes:
        """A row of a list, encoded once and kept until what it shows changes."""
        key = (job.rev, self._book.status(job), job.id in self._book.open_ended)
        known = self._rows.get(job.id)
        if known is not None and known[0] == key:
            return known[1]
        row = dumps(job_json(self._book, job))
        self._rows[job.id] = (key, row)
        return row

    def _created(self, job: Job) -> Response:
        """What a create answers, in one of the shapes that the documents show."""
        facts = {
            "job_title": job.title,
            "job_status": self._book.status(job),
            "created_at": stamp(job.created_at),
        }
        said, one = "Job created successfully", int(job.number)
        if self._settings.created_as == "data.job_id":
            return done(said, {"job_id": one, **facts}, 201)
        if self._settings.created_as == "data.id":
            return done(said, {"id": one, **facts}, 201)
        return Response(dumps({"success": True, "job": {"id": one}}), 201, media_type="application/json")

    def _become(self, job: Job, word: str, now: datetime) -> None:
        visit = self._book.presence(job, now)
        match word:
            case "Pending" | "Assigned":
                if visit.status not in ("scheduled", "unscheduled"):
                    back: VisitStatus = "scheduled" if visit.start is not None else "unscheduled"
                    lifecycle.set_visit_status(self._world, visit, back, now)
                if job.status == "draft":
                    job.status = "open"
                self._book.words[job.id] = word
            case "In Progress":
                lifecycle.set_visit_status(self._world, visit, "working", now)
            case "On Hold":
                lifecycle.set_visit_status(self._world, visit, "paused", now)
            case "Completed":
                lifecycle.set_job_status(self._world, job, "done", now)
            case "Cancelled":
                lifecycle.set_job_status(self._world, job, "cancelled", now)
            case _:
                self._book.stages[job.id] = word

    def _assign(self, job: Job, person: Technician | None, now: datetime) -> None:
        word = self._book.status(job)
        visit = self._book.presence(job, now)
        crew = [person.id] if person is not None else []
        lifecycle.assign(self._world, visit, crew, now, job_follows=True)
        if word in (PENDING, ASSIGNED):
            # Who goes and how far it is are two facts.
            assigns = self._settings.put_assigns and person is not None
            self._book.words[job.id] = ASSIGNED if assigns else word

    def _move(self, job: Job, span: tuple[datetime | None, datetime | None], now: datetime) -> None:
        word = self._book.status(job)
        visit = self._book.presence(job, now)
        lifecycle.move(self._world, visit, span, now, job_follows=True)
        if word in (PENDING, ASSIGNED):
            self._book.words[job.id] = word
        self._book.open_ended.discard(job.id)
        if span[0] is not None and span[1] is None:
            self._book.open_ended.add(job.id)

    def _times(
        self, body: Body, planned: tuple[datetime | None, datetime | None]
    ) -> tuple[datetime | None, datetime | None]:
        """Start and end after the change."""
        start, end = (
            instant(body[name], name) if name in body else before
            for name, before in zip(_TIMES, planned, strict=True)
        )
        if start is not None and end is not None and end <= start:
            raise invalid("scheduled_end must be after scheduled_start")
        return start, end

    def _priority(self, body: Body) -> Priority | None:
        word = text(body, "job_priority")
        if word is None:
            return None
        if word not in PRIORITY_WORDS:
            raise invalid(f"job_priority must be one of {', '.join(PRIORITY_WORDS)}")
        return PRIORITY_WORDS[word]

    def _technician(self, body: Body) -> Technician | None:
        one = number(body, "assigned_technician_id")
        if one is None:
            return None
        person = self._book.technician(one)
        if person is None:
            raise invalid("Technician not found")
        return person

    def _place(self, body: Body) -> Client | None:
        one = number(body, "customer_location_id")
        return self._book.client_at(one) if one is not None else None

    def _links(self, body: Body, before: Sequence[Link]) -> list[Link] | None:
        """The links after the change; unknown assets are silently skipped. None where nothing is said."""
        relation = text(body, "asset_relationship_type") or RELATIONS[0]
        if relation not in RELATIONS:
            raise invalid(f"asset_relationship_type must be one of {', '.join(RELATIONS)}")
        ids = body.get("asset_ids")
        if ids is None:
            return None
        if not isinstance(ids, list) or any(isinstance(one, bool) or not isinstance(one, int) for one in ids):
            raise invalid("asset_ids must be an array of integers")
        known = {link.asset_id: link for link in before}
        now = second(self._clock())
        return [
            known.get(one) or Link(one, relation, None, now)
            for one in dict.fromkeys(ids)
            if one in self._book.assets
        ]

    def _job(self, one: int) -> Job:
        job = self._book.job(one)
        if job is None:
            raise missing("Job")
        return job

    def _named(self, request: Request) -> Job:
        one = wanted_id(request)
        if one is None:
            raise invalid("id is required")
        return self._job(one)


def _blank(id_: str, number_: str, client: Client, now: datetime) -> Job:
    """A new open job of ``client``, at its place."""
    return Job(
        id_, number_, "one-off", "", "", "normal", client.id, client.site, client.phone, "open",
        None, None, False, True, 60, (), "", [], [], [], None, now, now,
    )  # fmt: skip
