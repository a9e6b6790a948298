"""The technicians of the code dialect."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from fieldboard.sandbox.fieldopt.book import Book
from fieldboard.sandbox.fieldopt.code_check import (
    Fields,
    between,
    clock,
    degrees,
    object_in,
    one_of,
    sized,
    text,
    texts,
)
from fieldboard.sandbox.fieldopt.code_find import page_of, queried, technician_at
from fieldboard.sandbox.fieldopt.code_rows import (
    TECHNICIAN_STATUSES,
    Counts,
    minutes,
    scheduled,
    technician_row,
)
from fieldboard.sandbox.fieldopt.duty import busy, doing, say
from fieldboard.sandbox.fieldopt.plan import clock as time_of
from fieldboard.sandbox.fieldopt.replies import Broken, answer, dumps, listing
from fieldboard.sandbox.fieldopt.wiki_people import newcomer
from fieldboard.sandbox.records import Technician

_OPEN = frozenset({"assigned", "in_progress", "on_hold"})
_SHIFT = (480, 1020)


class CodePeople:
    """``/technicians``."""

    def __init__(self, book: Book, clock: Callable[[], datetime]) -> None:
        self._book = book
        self._clock = clock

    async def every(self, request: Request) -> Response:
        """A part of those who have not left, in no order: whoever was written goes to the end."""
        query = queried(request)
        skip, limit = page_of(query)
        query.done()
        return self._listed(self._staff()[skip : skip + limit])

    async def available(self, _: Request) -> Response:
        """Those who are available."""
        now = busy(self._book)
        return self._listed([one for one in self._staff() if doing(self._book, one, now) == "available"])

    async def get(self, request: Request) -> Response:
        """One technician, also one who has left."""
        return self._shown(technician_at(self._book, request))

    async def create(self, request: Request) -> Response:
        """POST a technician; status, number and areas are taken and dropped."""
        given = Fields(await object_in(request), "body")
        name = given.take("name", sized(1, 255), needed=True)
        lat = given.take("home_latitude", degrees(90), needed=True)
        lng = given.take("home_longitude", degrees(180), needed=True)
        given.take("status", one_of(TECHNICIAN_STATUSES))
        given.take("employee_id", text)
        given.take("assigned_routes", texts)
        values = _values(given)
        given.done()
        technician = newcomer(self._book, name, "", ())
        technician.home, technician.territory = (lat, lng), ""
        person = self._book.enrol(technician, self._clock())
        person.fields["employee_id"] = None
        self._write(technician, values)
        return self._shown(technician, 201)

    async def update(self, request: Request) -> Response:
        """PATCH some of the fields; null is ignored."""
        technician = technician_at(self._book, request)
        given = Fields(await object_in(request), "body")
        values = _values(given)
        values["name"] = given.take("name", sized(1, 255))
        values["assigned_routes"] = given.take("assigned_routes", texts)
        values["home_latitude"] = given.take("home_latitude", degrees(90))
        values["home_longitude"] = given.take("home_longitude", degrees(180))
        given.done()
        self._write(technician, values)
        return self._shown(technician)

    async def delete(self, request: Request) -> Response:
        """DELETE a technician: the row stays, and the jobs stay with it."""
        technician = technician_at(self._book, request)
        technician.active = False
        say(self._book, technician, "off_duty")
        self._written(technician)
        number = self._book.person(technician).id
        return answer({"success": True, "message": f"Technician {number} deactivated"})

    async def set_status(self, request: Request) -> Response:
        """PATCH what a technician is doing."""
        technician = technician_at(self._book, request)
        given = Fields(await object_in(request), "body")
        word = given.take("status", one_of(TECHNICIAN_STATUSES), needed=True)
        given.done()
        say(self._book, technician, word)
        self._written(technician)
        return self._shown(technician)

    async def set_place(self, request: Request) -> Response:
        """PATCH where a technician is."""
        technician = technician_at(self._book, request)
        given = Fields(await object_in(request), "body")
        lat = given.take("latitude", degrees(90), needed=True)
        lng = given.take("longitude", degrees(180), needed=True)
        given.done()
        person = self._book.person(technician)
        person.place, person.place_at = (lat, lng), self._clock()
        self._written(technician)
        return self._shown(technician)

    async def workload(self, request: Request) -> Response:
        """What a technician has today, in UTC whatever the zone is."""
        book, technician = self._book, technician_at(self._book, request)
        if not book.settings.since("0.0.4"):
            raise Broken
        today = self._clock().astimezone(UTC)
        mine = [
            job
            for job in book.jobs()
            if book.crew(job) == technician.id and book.word(job) in _OPEN
            if (at := scheduled(book, job)) is not None and at.astimezone(UTC).date() == today.date()
        ]
        hours = sum(minutes(book, job) for job in mine) / 60
        midnight = today.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        return answer(
            {
                "technician_id": book.person(technician).id,
                "technician_name": technician.name,
                "date": midnight.isoformat(),
                "assigned_jobs": len(mine),
                "max_jobs": technician.capacity,
                "available_capacity": max(0, technician.capacity - len(mine)),
                "total_estimated_hours": round(hours, 2),
                "status": doing(book, technician, busy(book)),
            }
        )

    def _staff(self) -> list[Technician]:
        people = self._book.people
        staff = [one for one in self._book.world.technicians.values() if one.active]
        return sorted(staff, key=lambda one: (people[one.id].moved, people[one.id].id))

    def _listed(self, staff: list[Technician]) -> Response:
        now, counts = busy(self._book), Counts(self._book)
        return listing([dumps(technician_row(self._book, one, now, counts)) for one in staff])

    def _shown(self, technician: Technician, status: int = 200) -> Response:
        row = technician_row(self._book, technician, busy(self._book), Counts(self._book))
        return answer(row, status)

    def _written(self, technician: Technician) -> None:
        person = self._book.person(technician)
        person.updated_at = self._clock()
        person.moved = 1 + max(one.moved for one in self._book.people.values())

    def _write(self, technician: Technician, values: dict[str, Any]) -> None:
        fields = self._book.person(technician).fields
        given = {name: value for name, value in values.items() if value is not None}
        for name in ("home_address", "assigned_routes", "shift_start", "shift_end"):
            if name in given:
                fields[name] = given[name]
        if "name" in given:
            first, _, last = given["name"].rpartition(" ")
            technician.first_name, technician.last_name = first or last, last if first else ""
        technician.phone = given.get("phone", technician.phone)
        technician.email = given.get("email", technician.email)
        technician.skills = given.get("skills", technician.skills)
        technician.capacity = given.get("max_jobs_per_day", technician.capacity)
        lat, lng = technician.home
        technician.home = given.get("home_latitude", lat), given.get("home_longitude", lng)
        if "shift_start" in given or "shift_end" in given:
            before = next(iter(technician.shift.values()), _SHIFT)
            hours = _minute(given.get("shift_start"), before[0]), _minute(given.get("shift_end"), before[1])
            technician.shift = dict.fromkeys(technician.shift or range(7), hours)
        self._written(technician)


def _values(given: Fields) -> dict[str, Any]:
    """What create and update have in common."""
    return {
        "phone": given.take("phone", text),
        "email": given.take("email", text),
        "home_address": given.take("home_address", text),
        "skills": given.take("skills", texts),
        "shift_start": given.take("shift_start", clock),
        "shift_end": given.take("shift_end", clock),
        "max_jobs_per_day": given.take("max_jobs_per_day", between(1, 50)),
    }


def _minute(value: str | None, usual: int) -> int:
    """Minutes after midnight."""
    moment = time_of(value)
    return usual if moment is None else moment.hour * 60 + moment.minute
