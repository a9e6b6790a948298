"""What a technician is doing: what was said last, until the work that the world sees says otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.records import Job, Technician

Busy = Mapping[str, str]


def busy(book: Book) -> Busy:
    """Those who are on the road or at work, by the world's id, in the dialect's word for it."""
    code = book.settings.dialect == "code"
    found: dict[str, str] = {}
    for visit in book.world.visits.values():
        if visit.crew and visit.status in ("travelling", "arrived", "working"):
            word = ("on_job" if visit.status == "working" else "en_route") if code else "assigned"
            if found.get(visit.crew[0]) != "on_job":
                found[visit.crew[0]] = word
    return found


def doing(book: Book, technician: Technician, now: Busy) -> str:
    """What a technician is doing, where ``now`` tells who is busy."""
    person = book.person(technician)
    derived = now.get(technician.id, person.base)
    return person.word if person.word is not None and person.word_when == derived else derived


def say(book: Book, technician: Technician, word: str) -> None:
    """Note what a technician is doing."""
    person = book.person(technician)
    person.word, person.word_when = word, busy(book).get(technician.id, person.base)


@contextmanager
def steady(book: Book, job: Job) -> Iterator[None]:
    """Let what is written of a job not change what its technician is doing: nobody at the server does."""
    technician = book.world.technicians.get(book.crew(job) or "")
    before = doing(book, technician, busy(book)) if technician is not None else None
    yield
    if technician is not None and before is not None:
        say(book, technician, before)
