"""The world as LetsJobIt has it: one card a visit, drivers by ids of its own, places in a route."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from fieldboard.sandbox.letsjobit.card import Card, internal_id
from fieldboard.sandbox.letsjobit.parts import one_visit_each, presence
from fieldboard.sandbox.letsjobit.settings import Settings
from fieldboard.sandbox.live import COLLEAGUE
from fieldboard.sandbox.records import Job, Priority, Technician, Visit, VisitStatus, World

#: The id of the company, as the documents' examples have it.
COMPANY_ID = "LPeaJNaLQT6RqcFdt"
PRIORITY: dict[Priority, str] = {"urgent": "1", "high": "1", "normal": "2", "low": "3"}
NOBODY = "Not planned"
STRANGER = ("12345", "Agency driver")

_FIRST_ERP_ID, _FIRST_SITE = 10_800_000, 30_101_308
#: Days after which the company's other systems have taken note of a close.
_CONFIRMED = timedelta(days=1)


class Book:
    """The cards of one server."""

    def __init__(self, world: World, settings: Settings) -> None:
        self.world = world
        self._settings = settings
        self.cards: dict[str, Card] = {}
        #: The job of a card, by internal id and by ERP id.
        self.by_key: dict[str, Job] = {}
        self.by_erp_id: dict[int, Job] = {}
        self._drivers: dict[str, str] = {}
        self._people: dict[str, str] = {}
        self._sites: dict[str, int] = {}
        #: Routes, by driver and day, in which a driver went on since this was last emptied.
        self.stirred: set[tuple[str, str]] = set()
        #: Names of drivers that came in writes, by id.
        self.strangers: dict[str, str] = {}
        for person in world.technicians:
            known = internal_id("driver", world.seed, person)
            self._drivers[person] = known
            self._people[known] = person
        one_visit_each(world)
        self._begin()

    # Names

    def driver_id(self, person_id: str) -> str:
        """The id under which a technician of the world drives here."""
        return self._drivers[person_id]

    def person(self, driver_id: str) -> Technician | None:
        """The technician whom a driver's id means; None for nobody of ours."""
        return self.world.technicians.get(self._people.get(driver_id, ""))

    def site_id(self, client_id: str) -> str:
        """The number of a customer's place, as a text."""
        if client_id not in self._sites:
            for one in self.world.clients:
                self._sites.setdefault(one, _FIRST_SITE + len(self._sites))
        return str(self._sites[client_id])

    # Cards

    def rows(self) -> Iterable[tuple[Job, Card]]:
        """Every visit, in the order of the world."""
        for job in list(self.world.jobs.values()):
            card = self.cards.get(job.id)
            yield job, card if card is not None and card.rev == job.rev else self.card(job)

    def card(self, job: Job) -> Card:
        """The card of a job, brought in line with what the world did since."""
        card = self.cards.get(job.id)
        if card is None:
            return self._new(job)
        if card.rev != job.rev:
            self._follow(job, card)
        return card

    def add(self, job: Job, card: Card) -> None:
        """File the card of a new job."""
        self.cards[job.id] = card
        self.by_key[card.key] = job
        self.by_erp_id[card.erp_id] = job

    def forget(self, job: Job) -> None:
        """Drop the card of a deleted job."""
        card = self.cards.pop(job.id)
        del self.by_key[card.key]
        del self.by_erp_id[card.erp_id]

    def by_either(self, given: str) -> Job | None:
        """The visit that the ``{ID}`` of a path means, as the settings have it."""
        which = self._settings.path_id
        self.refresh()
        found = self.by_key.get(given) if which != "erp" else None
        if found is None and which != "internal" and given.isdecimal() and len(given) < 20:
            found = self.by_erp_id.get(int(given))
        return found if found is not None and found.id in self.world.jobs else None

    def route(self, driver_id: str, day: str) -> list[tuple[Job, Card]]:
        """The visits that a driver has in the app on a day, in their order, as last heard."""
        found = [
            (job, card)
            for one, card in self.cards.items()
            if card.in_app and card.driver_id == driver_id and card.day == day
            if (job := self.world.jobs.get(one)) is not None
        ]
        return sorted(found, key=lambda entry: _in_order(*entry))

    def refresh(self) -> None:
        """Give everything a card that the world has taken down meanwhile."""
        if len(self.cards) != len(self.world.jobs):
            for _ in self.rows():
                pass

    def placed(self, job: Job, card: Card) -> None:
        """Take who and when of the world as they are: what the card says of them is right."""
        visit = presence(self.world, job)
        card.place = (visit.crew[0] if visit.crew else None, visit.start)

    def changed(self, job: Job, card: Card) -> None:
        """Take the world as it is for what the card says: the change came from here."""
        self.placed(job, card)
        card.rev = job.rev
        card.changed_at = job.updated_at
        card.rank = job.priority
        card.edition += 1

    def show(self, card: Card, status: VisitStatus) -> None:
        """Set the flags that say ``status``."""
        card.closed = status == "done" or (status == "cancelled" and self._settings.skipped_closes)
        card.skipped = status == "cancelled"
        card.in_progress = status in ("working", "paused")
        card.servicing = status == "working"
        card.signed = status == "done"
        card.edition += 1

    def _begin(self) -> None:
        """A card for everything, places for all routes, and closes confirmed up to yesterday."""
        routes: dict[tuple[str, str], list[tuple[Job, Card]]] = {}
        today = self.world.today
        for job, card in self.rows():
            if card.in_app:
                routes.setdefault((card.driver_id, card.day), []).append((job, card))
            card.confirmed = card.closed and card.day < (today - _CONFIRMED).isoformat()
            if card.closed or card.in_progress:
                card.modified_by = card.driver_id
        for route in routes.values():
            self._number(route)
        if self._settings.stranger:
            self._lend()

    def _lend(self) -> None:
        """Give one of today's visits ahead to a driver of somebody else's."""
        for job, card in self.rows():
            visit = job.visits[0]
            if card.in_app and visit.status == "scheduled" and card.day == self.world.today.isoformat():
                card.driver_id, card.driver_name = STRANGER
                self.strangers[STRANGER[0]] = STRANGER[1]
                visit.crew, job.crew = [], []
                self.changed(job, card)
                return

    def _new(self, job: Job) -> Card:
        """A card for a job that the world has taken down by itself."""
        number, _, part = job.number.partition("-")
        erp_id = _FIRST_ERP_ID + (int(number) if number.isdecimal() and len(number) < 10 else 0) * 10
        erp_id += int(part) - 1 if part.isdecimal() and len(part) < 3 else 0
        while erp_id in self.by_erp_id:
            erp_id += 1
        card = Card(internal_id("visit", self.world.seed, job.id), erp_id, erp_id // 10 - 1_080_000)
        self.add(job, card)
        self._follow(job, card)
        return card

    def _follow(self, job: Job, card: Card) -> None:
        """Take over what the world changed: who, when, the flags, the priority."""
        visit = presence(self.world, job)
        person = self.world.technicians.get(visit.crew[0]) if visit.crew else None
        place = (person.id if person is not None else None, visit.start)
        if place != card.place:
            self._place(job, card, visit, person)
            card.place = place
        if card.offline_until is None:
            self._hear(job, card, visit)
        if job.priority != card.rank:
            card.rank = job.priority
            card.priority, card.precedence = PRIORITY[job.priority], job.priority == "urgent"
        card.rev = job.rev
        card.edition += 1

    def _hear(self, job: Job, card: Card, visit: Visit) -> None:
        """Take over how far a visit is, and who said so."""
        first, before = card.changed_at is None, card.flags
        self.show(card, visit.status)
        card.changed_at = job.updated_at
        if not first:
            told = card.flags != before
            card.modified_by = card.driver_id if told else internal_id("user", self.world.seed, COLLEAGUE)
            if told:
                self.stirred.add((card.driver_id, card.day))

    def _place(self, job: Job, card: Card, visit: Visit, person: Technician | None) -> None:
        """Who and when, and where in the route that is."""
        before = card.place
        start = visit.start or (job.promise[0] if job.promise else None) or job.window_start
        if visit.start is not None or not card.day:
            card.day = (self.world.day_of(start) if start is not None else self.world.today).isoformat()
        if person is not None:
            card.driver_id, card.driver_name = self._drivers[person.id], person.name
        elif before is None:
            card.driver_id, card.driver_name = self._meant_for(job, card)
        card.in_app = person is not None and visit.start is not None and job.status != "draft"
        if before is not None and card.in_app:
            # Somebody at the desk put it there by time.
            route = [one for one in self.route(card.driver_id, card.day) if one[1] is not card]
            self._number([*route, (job, card)])

    def _meant_for(self, job: Job, card: Card) -> tuple[str, str]:
        """The driver that a visit names which nobody is to see yet."""
        how = self._settings.placeholder
        people = list(self.world.technicians.values())
        if how == "empty" or (how == "planned" and not people):
            return "", ""
        if how == "nobody":
            return internal_id("driver", self.world.seed, NOBODY), NOBODY
        able = [one for one in people if set(job.skills) <= set(one.skills)] or people
        person = able[card.turn % len(able)]
        return self._drivers[person.id], person.name

    @staticmethod
    def _number(route: list[tuple[Job, Card]]) -> None:
        """Number a route by the times that the world has."""
        for place, (_, card) in enumerate(sorted(route, key=_by_time), 1):
            if card.order != place:
                card.order = place
                card.edition += 1


def _by_time(entry: tuple[Job, Card]) -> tuple[float, int]:
    start = entry[0].visits[0].start
    return start.timestamp() if start is not None else float("inf"), entry[1].erp_id


def _in_order(job: Job, card: Card) -> tuple[float, tuple[float, int]]:
    return float("inf") if card.order is None else card.order, _by_time((job, card))


def local(instant: datetime | None, world: World, pattern: str) -> str:
    """An instant as the company's clocks show it; the documents give no zone."""
    return "" if instant is None else instant.astimezone(world.zone).strftime(pattern)
