"""Lets a LetsJobIt company move with the clock: what any world does, and what only these drivers do.

They skip visits, work where there is no line, and are routed anew when something ends.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from fieldboard.sandbox import lifecycle
from fieldboard.sandbox.letsjobit.book import Book
from fieldboard.sandbox.letsjobit.phones import hear, silence
from fieldboard.sandbox.letsjobit.routes import settle
from fieldboard.sandbox.letsjobit.settings import Settings
from fieldboard.sandbox.live import Live
from fieldboard.sandbox.records import Visit

#: Seconds between two skips, between two lost lines, and for which a line is lost.
_SKIPS_S = (240, 540)
_LOSSES_S = (150, 330)
_SILENCE_S = (300, 900)


class Road:
    """The drivers of one server from ``started`` on."""

    def __init__(self, book: Book, settings: Settings, started: datetime) -> None:
        started = started.astimezone(UTC)
        self._book = book
        self._settings = settings
        self._live = Live(book.world, started)
        self._rng = random.Random(f"road {book.world.seed}")
        self._next_skip = started + self._after(_SKIPS_S)
        self._next_loss = started + self._after(_LOSSES_S)

    def tick(self, now: datetime) -> list[str]:
        """All that happened up to ``now``, each in a few words."""
        now = now.astimezone(UTC)
        events = self._live.tick(now)
        while self._next_skip <= now:
            events += self._skip(self._next_skip)
            self._next_skip += self._after(_SKIPS_S)
        # What they have done up to now is known, what follows is not.
        events += [f"heard of {number}" for number in hear(self._book, now)]
        while self._next_loss <= now:
            events += self._lose(self._next_loss)
            self._next_loss += self._after(_LOSSES_S)
        if self._settings.routing:
            for driver, day in sorted(self._book.stirred):
                settle(self._book, driver, day, routing=True)
        self._book.stirred.clear()
        return events

    def _after(self, span: tuple[int, int]) -> timedelta:
        return timedelta(seconds=self._rng.randint(*span))

    def _today(self, now: datetime, *statuses: str) -> list[Visit]:
        """The visits of today with somebody on them that are in one of these statuses."""
        world = self._book.world
        today = now.astimezone(world.zone).date()
        return [visit for visit in world.visits_on(today) if visit.crew and visit.status in statuses]

    def _skip(self, now: datetime) -> list[str]:
        """A driver finds nobody at home."""
        world = self._book.world
        visits = self._today(now, "arrived") or self._today(now, "travelling")
        if not visits:
            return []
        visit = self._rng.choice(visits)
        job = world.jobs[visit.job_id]
        lifecycle.set_visit_status(world, visit, "cancelled", now)
        job.status = "cancelled"
        return [f"{world.technicians[visit.crew[0]].name} skipped {job.number}"]

    def _lose(self, now: datetime) -> list[str]:
        """A driver goes down into a cellar."""
        visits = self._today(now, "working")
        if not visits:
            return []
        visit = self._rng.choice(visits)
        driver = self._book.driver_id(visit.crew[0])
        day = self._book.card(self._book.world.jobs[visit.job_id]).day
        lost = silence(self._book, driver, day, now + self._after(_SILENCE_S))
        return [f"lost sight of {number}" for number in lost]
