"""The technicians of the documented dialect."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.fieldopt.duty import busy, say
from fieldboard.sandbox.fieldopt.replies import (
    answer,
    choice,
    dumps,
    invalid,
    json_body,
    listing,
    number,
    text,
    texts,
)
from fieldboard.sandbox.fieldopt.wiki_find import limit_day, technician_at
from fieldboard.sandbox.fieldopt.wiki_rows import TECHNICIAN_STATUSES, part, technician_row
from fieldboard.sandbox.records import Technician

#: What the documents' own example can take on.
_CAPACITY = 4


class WikiPeople:
    """``/technicians`` as documented."""

    def __init__(self, book: Book, clock: Callable[[], datetime]) -> None:
        self._book = book
        self._clock = clock

    async def every(self, _: Request) -> Response:
        """All technicians."""
        book = self._book
        loads = book.loads(limit_day(book, None, self._clock()))
        now = busy(book)
        rows = [technician_row(book, one, loads[one.id], now) for one in book.world.technicians.values()]
        cap = book.settings.list_cap or len(rows)
        return listing([dumps(row) for row in rows[:cap]])

    async def get(self, request: Request) -> Response:
        """One technician."""
        return answer(self._row(technician_at(self._book, request)))

    async def create(self, request: Request) -> Response:
        """POST a technician; where one lives is not told."""
        body = await json_body(request)
        name, status = text(body, "name"), "available"
        if "status" in body:
            status = choice(body, "status", TECHNICIAN_STATUSES)
        phone = text(body, "phone") if body.get("phone") is not None else ""
        skills, now = texts(body, "skills"), self._clock()
        technician = newcomer(self._book, name, phone, skills)
        self._book.enrol(technician, now)
        say(self._book, technician, status)
        return answer(self._row(technician), 201)

    async def set_status(self, request: Request) -> Response:
        """PATCH what a technician is doing."""
        technician = technician_at(self._book, request)
        say(self._book, technician, choice(await json_body(request), "status", TECHNICIAN_STATUSES))
        return self._changed(technician)

    async def set_place(self, request: Request) -> Response:
        """PATCH where a technician is."""
        technician = technician_at(self._book, request)
        body = await json_body(request)
        lat, lng = number(body, "latitude"), number(body, "longitude")
        if not -90 <= lat <= 90 or not -180 <= lng <= 180:
            raise invalid()
        person = self._book.person(technician)
        person.place, person.place_at = (lat, lng), self._clock()
        return self._changed(technician)

    def _row(self, technician: Technician) -> dict[str, object]:
        loads = self._book.loads(limit_day(self._book, None, self._clock()))
        return technician_row(self._book, technician, loads[technician.id], busy(self._book))

    def _changed(self, technician: Technician) -> Response:
        if self._book.settings.answers == "nothing":
            return Response(status_code=204)
        row = self._row(technician)
        return answer(part(row) if self._book.settings.answers == "partial" else row)


def newcomer(book: Book, name: str, phone: str, skills: tuple[str, ...]) -> Technician:
    """A technician of whom no more is known than that; at work from eight to five."""
    first, _, last = name.strip().rpartition(" ")
    others = list(book.world.technicians.values())
    home = others[0].home if others else (0.0, 0.0)
    return Technician(
        book.world.mint("usr"), first or last, last if first else "", "", phone, True, skills,
        dict.fromkeys(range(7), (480, 1020)), (720, 750), [], home, 0, "", _CAPACITY,
    )  # fmt: skip
