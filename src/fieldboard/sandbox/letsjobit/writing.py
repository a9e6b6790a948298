"""What a write does: to the card of a visit, and to the world behind it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from fieldboard.sandbox import lifecycle
from fieldboard.sandbox.letsjobit.book import COMPANY_ID, Book
from fieldboard.sandbox.letsjobit.card import Card, internal_id
from fieldboard.sandbox.letsjobit.fields import FLAG_FIELDS, erp_id_of, fields_of, lacking
from fieldboard.sandbox.letsjobit.parts import presence
from fieldboard.sandbox.letsjobit.replies import Body, Refused
from fieldboard.sandbox.letsjobit.routes import settle
from fieldboard.sandbox.letsjobit.settings import Settings
from fieldboard.sandbox.letsjobit.wire import visit_json
from fieldboard.sandbox.records import (
    Address,
    Client,
    Job,
    Priority,
    Visit,
    VisitStatus,
    World,
    whole_millisecond,
)

#: The fields that live on the card under a name of their own.
_CARD = {
    "driverId": "driver_id",
    "name": "driver_name",
    "date": "day",
    "serviceOrder": "order",
    "inMobileApp": "in_app",
    "priority": "priority",
    "precedencePriorityVisit": "precedence",
    "confirmClose": "confirmed",
    "inProgress": "in_progress",
    "closed": "closed",
    "skipped": "skipped",
}
_RANKS: dict[str, Priority] = {"1": "high", "2": "normal"}
_OPENING = 480
_CENTRE = (51.4545, -2.5879)
_NOTHING = object()


class Writer:
    """Carries writes out."""

    def __init__(self, book: Book, settings: Settings) -> None:
        self._book = book
        self._world = book.world
        self._settings = settings

    def update(self, job: Job, body: Body, now: datetime) -> bool:
        """Change what ``body`` names; False where all of it was so already. Raises `Refused`."""
        fields = self._checked(body)
        return self._apply(job, self._book.card(job), fields, now)

    def upsert(self, body: object, now: datetime) -> bool:
        """Update the visit of that ERP id, else make it; True if it is new. Raises `Refused`."""
        if not isinstance(body, dict):
            raise Refused(400, "A visit must be an object")
        if (missing := lacking(body)) is not None:
            raise Refused(400, f"{missing} is required")
        erp_id, fields = erp_id_of(body), self._checked(body)
        self._book.refresh()
        job = self._book.by_erp_id.get(erp_id)
        if job is None:
            self._create(erp_id, fields, now)
            return True
        if self._settings.upsert == "replace":
            self._blank(job)
            if self._settings.flag_writes == "take":
                fields = dict.fromkeys(FLAG_FIELDS, False) | fields
        self._apply(job, self._book.card(job), fields, now)
        return False

    def delete(self, job: Job) -> None:
        """Forget a visit."""
        card = self._book.card(job)
        self._book.forget(job)
        lifecycle.delete_job(self._world, job)
        if card.in_app:
            settle(self._book, card.driver_id, card.day, routing=self._settings.routing)

    def _checked(self, body: Body) -> dict[str, object]:
        fields = fields_of(body)
        if fields.get("companyId", COMPANY_ID) != COMPANY_ID:
            raise Refused(404, "Company not found")
        if self._settings.unknown_driver == "refuse" and "driverId" in fields:
            driver = str(fields["driverId"])
            if driver not in self._book.strangers and self._book.person(driver) is None:
                raise Refused(404, "Driver not found")
        if self._settings.flag_writes != "take" and not fields.keys().isdisjoint(FLAG_FIELDS):
            if self._settings.flag_writes == "refuse":
                raise Refused(400, "The status of a visit is the driver's")
            fields = {name: value for name, value in fields.items() if name not in FLAG_FIELDS}
        return fields

    def _apply(self, job: Job, card: Card, fields: Mapping[str, object], now: datetime) -> bool:
        before = visit_json(self._book, job, card)
        changed = {name: value for name, value in fields.items() if before.get(name, _NOTHING) != value}
        if not changed:
            return False
        routes = {(card.driver_id, card.day)} if card.in_app else set()
        self._set(card, changed)
        if "driverId" in changed and self._book.person(card.driver_id) is None:
            self._book.strangers[card.driver_id] = card.driver_name
        self._push(job, card, changed, now)
        if card.in_app:
            routes.add((card.driver_id, card.day))
        self._world.touch(job, now)
        card.modified_by = "API"
        self._book.changed(job, card)
        for driver, day in sorted(routes):
            settle(self._book, driver, day, routing=self._settings.routing)
        return True

    @staticmethod
    def _set(card: Card, changed: Mapping[str, object]) -> None:
        for name, value in changed.items():
            if name in _CARD:
                setattr(card, _CARD[name], value)
            else:
                card.written[name] = value

    def _push(self, job: Job, card: Card, changed: Mapping[str, object], now: datetime) -> None:
        """Bring the world to what the card says. No card is asked for once the world moves."""
        visit = presence(self._world, job)
        if isinstance(skills := changed.get("required_skills"), list):
            job.skills = tuple(skills)
        if "priority" in changed or "precedencePriorityVisit" in changed:
            job.priority = "urgent" if card.precedence else _RANKS.get(card.priority, "low")
        if isinstance(length := changed.get("duration"), (int, float)):
            job.duration_min = length / 60
        span = (visit.start, visit.end)
        if not changed.keys().isdisjoint(("driverId", "inMobileApp", "date", "duration")):
            span = self._span(job, card, visit, resized="duration" in changed)
        if not changed.keys().isdisjoint(("driverId", "inMobileApp")):
            person = self._book.person(card.driver_id)
            crew = [person.id] if person is not None and card.in_app else []
            lifecycle.assign(self._world, visit, crew, now, job_follows=True)
            if card.in_app and job.status == "draft":
                job.status = "open"
        if span != (visit.start, visit.end):
            lifecycle.move(self._world, visit, span, now, job_follows=True)
        if not changed.keys().isdisjoint(FLAG_FIELDS):
            if self._settings.skipped_closes and "skipped" in changed and "closed" not in changed:
                card.closed = card.skipped
            self._push_flags(job, card, visit, now)

    def _push_flags(self, job: Job, card: Card, visit: Visit, now: datetime) -> None:
        waiting: VisitStatus = "scheduled" if visit.start is not None else "unscheduled"
        status: VisitStatus = (
            "cancelled"
            if card.skipped
            else "done"
            if card.closed
            else "working"
            if card.in_progress
            else waiting
        )
        if not card.closed:
            card.signed = False
        card.servicing = card.servicing and card.in_progress
        paused = status == "working" and visit.status == "paused"
        under_way = status == waiting and visit.status in ("scheduled", "travelling", "arrived")
        if paused or under_way or status == visit.status:
            return
        if job.status in ("cancelled", "done", "draft"):
            job.status = "open"
        lifecycle.set_visit_status(self._world, visit, status, now)
        if status == "cancelled":
            job.status = "cancelled"

    def _span(
        self, job: Job, card: Card, visit: Visit, *, resized: bool
    ) -> tuple[datetime | None, datetime | None]:
        """When the world has the visit: at its hour on its day, a new one after all others of its driver."""
        day, length = date.fromisoformat(card.day), timedelta(minutes=job.duration_min or 30)
        if visit.start is not None:
            clock = visit.start.astimezone(self._world.zone).time()
        elif card.in_app:
            clock = self._after_all(card, day)
        else:
            return visit.start, visit.end
        start = datetime.combine(day, clock, self._world.zone).astimezone(job.created_at.tzinfo)
        if visit.start is not None and self._world.day_of(visit.start) == day:
            start = visit.start
        if visit.start is not None and visit.end is not None and not resized:
            length = visit.end - visit.start
        return start, start + length

    def _after_all(self, card: Card, day: date) -> time:
        """The hour at which a driver's day has room at its end."""
        ends = [
            end.astimezone(self._world.zone).time()
            for job, other in self._book.route(card.driver_id, card.day)
            if other is not card and (end := job.visits[0].end) is not None
        ]
        person = self._book.person(card.driver_id)
        opening = (person.hours(day) if person is not None else None) or (_OPENING, 0)
        return max(ends, default=time(opening[0] // 60, opening[0] % 60))

    def _create(self, erp_id: int, fields: dict[str, object], now: datetime) -> None:
        now = whole_millisecond(now)
        job = _blank_job(self._world, fields, now)
        card = Card(
            internal_id("visit", self._world.seed, job.id), erp_id, erp_id % 10_000, plain=True, in_app=True
        )
        visit = presence(self._world, job)
        self._book.add(job, card)
        self._book.changed(job, card)
        # Where none is given, the address is looked up on the map.
        card.written |= {"lat": job.site.lat, "lng": job.site.lng}
        visit.told_at = now
        driver = str(fields["driverId"])
        person = self._book.person(driver)
        name = person.name if person is not None else self._book.strangers.get(driver, "")
        self._apply(job, card, {"name": name} | fields, now)

    def _blank(self, job: Job) -> None:
        """Take from a visit all that a whole one would not say."""
        card = self._book.card(job)
        where = {name: card.written.get(name, getattr(job.site, name)) for name in ("lat", "lng")}
        card.plain, card.written = True, where
        card.order, card.priority, card.precedence = None, "2", False
        card.edition += 1


def _blank_job(world: World, fields: Mapping[str, object], now: datetime) -> Job:
    """A new open job in ``world``, at the customer of that name, who may be new too."""
    name, street = str(fields["customer"]), str(fields["address"])
    client = next((one for one in world.clients.values() if one.name == name and not one.deleted), None)
    known = client.site if client is not None else None
    if known is not None and known.street == street:
        site = known
    else:
        rng = random.Random(f"map {street} {fields['city']}")
        lat, lng = (round(at + rng.uniform(-0.03, 0.03), 5) for at in _CENTRE)
        site = Address("", street, "", str(fields["city"]), str(fields.get("postCode", "")), lat, lng)
    phone = str(fields.get("contactPhone", ""))
    if client is None:
        client = Client(world.mint("cli"), name, "company", "", phone, site, site, now, now)
        world.clients[client.id] = client
    lines = fields.get("lines")
    titles = [line["description"] for line in lines if line["actionItem"]] if isinstance(lines, list) else []
    title = str(titles[0] if titles else fields.get("docType", ""))
    job = Job(
        world.mint("job"), str(fields["docNo"]), "one-off", title, "", "normal", client.id, site, phone,
        "open", None, None, False, True, 30, (), "", [], [], [], None, now, now,
    )  # fmt: skip
    world.jobs[job.id] = job
    return job
