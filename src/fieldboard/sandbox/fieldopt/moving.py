"""A live FieldOpt: the world moves, and technicians come, have lunch and go."""

from __future__ import annotations

from datetime import datetime

from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.fieldopt.fit import base_word
from fieldboard.sandbox.live import Live


class Moving:
    """A world that moves from ``started`` on. Without it what a technician does stays as it was."""

    def __init__(self, book: Book, started: datetime) -> None:
        self._book = book
        self._live = Live(book.world, started)

    def tick(self, now: datetime) -> list[str]:
        """All that happened up to ``now``, each in a few words."""
        events = self._live.tick(now)
        for technician in self._book.world.technicians.values():
            person = self._book.person(technician)
            word = base_word(technician, now, self._book.world)
            if word != person.base:
                person.base, person.updated_at = word, now
                events.append(f"{technician.name} is {word}")
        return events
