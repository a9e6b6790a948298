"""What people mean by the names of jobs, visits, technicians, times and days that they type."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import TYPE_CHECKING, ClassVar, Final

from fieldboard.board.plan import title_of
from fieldboard.domain.instants import Instant, SkippedTime, Zone, instant_of
from fieldboard.domain.job import Job
from fieldboard.domain.status import ENDED
from fieldboard.domain.technician import LatLng, Technician
from fieldboard.domain.visit import PlannedVisit

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk

CANDIDATES_SHOWN: Final = 8


class NotNamed(ValueError):
    """A name that does not mean exactly one thing; the text is one sentence with the candidates."""

    LEAD: ClassVar[str] = ": "

    def __init__(self, says: str, candidates: Sequence[str] = ()) -> None:
        self.candidates = tuple(candidates)
        shown = ", ".join(self.candidates[:CANDIDATES_SHOWN])
        more = len(self.candidates) - CANDIDATES_SHOWN
        tail = f"{self.LEAD}{shown}" + (f" and {more} more" if more > 0 else "") if shown else ""
        super().__init__(says + tail)


class Unknown(NotNamed):
    """Nothing is called that."""

    LEAD: ClassVar[str] = "; there is "


class Ambiguous(NotNamed):
    """Several things are called that."""


class NoTime(ValueError):
    """A text that is no time or no day; the text says what to write instead."""


class NoPlace(ValueError):
    """A text that is no place; the text says what to write instead."""


def parse_place(text: str) -> LatLng:
    """A place typed as `LAT,LNG` in degrees. Raises NoPlace."""
    lat, sign, lng = text.partition(",")
    try:
        found = LatLng(float(lat), float(lng))
    except ValueError:
        found = None
    if found is None or not sign or not all(isfinite(one) for one in found):
        raise NoPlace(f"{text!r} is no place; write LAT,LNG in degrees, as in 51.5074,-0.1278")
    return found


def find_technician(text: str, technicians: Iterable[Technician]) -> Technician:
    """The technician meant by an id, a name, or any part of a name that only one has (case ignored).

    An id wins over names, an exact name over parts. Raises Unknown, Ambiguous.
    """
    people = list(technicians)
    wanted = text.strip()
    for one in people:
        if one.id == wanted:
            return one
    low = wanted.casefold()
    if not low:
        raise Unknown("a technician's name is missing", [one.name for one in people])
    exact = [one for one in people if one.name.casefold() == low]
    found = exact or [one for one in people if low in one.name.casefold()]
    # Who still works here is meant before who left.
    found = [one for one in found if one.active] or found
    if len(found) == 1:
        return found[0]
    if not found:
        raise Unknown(f"there is no technician {wanted!r}", _near(low, people))
    same = len({one.name for one in found}) < len(found)
    names = [f"{one.name} ({one.id})" if same else one.name for one in found]
    raise Ambiguous(f"{wanted!r} may mean several technicians", names)


def find_job(text: str, desk: Desk) -> Job:
    """The job meant by the system's id or the job's number. Raises Unknown, Ambiguous."""
    wanted = text.strip()
    job = desk.store.job(wanted) if wanted else None
    if job is not None:
        return job
    found = desk.store.job_by_number(wanted) if wanted else []
    if len(found) == 1:
        return found[0]
    if not found:
        near = desk.search(wanted, 5) if wanted else []
        raise Unknown(
            f"there is no job {wanted!r} in the cache", list(dict.fromkeys(title_of(one) for one in near))
        )
    raise Ambiguous(
        f"several jobs have the number {wanted!r}; say the id", [f"{one.id} ({one.title})" for one in found]
    )


def find_visit(text: str, desk: Desk) -> tuple[PlannedVisit, str]:
    """The visit that a command means which changes technician or time, and what was named by it.

    `text` is a visit's id, `JOB/2`, or a job with one open visit; the second value is `visit:<id>`
    where a visit was named, else `job:<id>`. Raises Unknown, Ambiguous (with every `JOB/n`, its day and
    technicians).
    """
    wanted = text.strip()
    direct = list(desk.store.planned([wanted])) if wanted else []
    if direct and not direct[0].made_up:
        return direct[0], f"visit:{direct[0].id}"
    head, slash, tail = wanted.rpartition("/")
    if slash and tail.isdecimal():
        job = find_job(head, desk)
        visits = list(desk.planned_of_job(job.id))
        number = int(tail)
        if 1 <= number <= len(visits):
            visit = visits[number - 1]
            return visit, f"job:{job.id}" if visit.made_up else f"visit:{visit.id}"
        raise Unknown(f"{title_of(job)} has no visit {number}", _listed(job, visits, desk))
    job = find_job(wanted, desk)
    visits = list(desk.planned_of_job(job.id))
    open_visits = [one for one in visits if one.status not in ENDED]
    meant = open_visits or visits
    if len(meant) == 1:
        return meant[0], f"job:{job.id}"
    if not meant:
        raise Unknown(f"{title_of(job)} has no visits")
    raise Ambiguous(
        f"{title_of(job)} has {len(meant)} visits; say which",
        _listed(job, visits, desk, only=meant),
    )


def find_job_or_visit(text: str, desk: Desk) -> tuple[Job | PlannedVisit, str]:
    """What a command means that takes both: a job by id or number, else a visit. Raises like `find_visit`."""
    wanted = text.strip()
    direct = list(desk.store.planned([wanted])) if wanted else []
    if (direct and not direct[0].made_up) or re.search(r"/\d+$", wanted):
        return find_visit(wanted, desk)
    job = find_job(wanted, desk)
    return job, f"job:{job.id}"


def parse_day(text: str, today: date) -> date:
    """A day: `YYYY-MM-DD`, `today`, `tomorrow`, `yesterday`, `+3` or `-1`. Raises NoTime."""
    word = text.strip().lower()
    named = {"today": 0, "tomorrow": 1, "yesterday": -1}
    try:
        if word in named:
            return today + timedelta(days=named[word])
        if re.fullmatch(r"[+-]\d{1,4}", word):
            return today + timedelta(days=int(word))
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", word):
            return date.fromisoformat(word)
    except (ValueError, OverflowError):
        pass
    raise NoTime(f"{text!r} is no day: say YYYY-MM-DD, today, tomorrow, yesterday or +3")


def parse_time(text: str, day: date, zone: Zone) -> Instant:
    """A time: ISO-8601 with an offset or `Z`, or local: `2026-06-04T14:00`, or `14:00` on `day`.

    A local time that comes twice means the first. Raises NoTime for a text that is no time, SkippedTime
    (also a ValueError) for one that the clock skips.
    """
    word = text.strip()
    wall = _wall(word)
    if wall is not None:
        return zone.at(day, wall)
    if re.match(r"\d{4}-?\d{2}-?\d{2}[Tt ]", word):
        try:
            moment = datetime.fromisoformat(word)
            if moment.tzinfo is not None:
                return instant_of(moment)
            return zone.at(moment.date(), moment.time())
        except SkippedTime:
            raise
        except (ValueError, OverflowError):
            pass
    raise NoTime(f"{text!r} is no time: say 14:00, 2026-06-04T14:00 or 2026-06-04T14:00Z")


def parse_end(text: str, start: Instant, day: date, zone: Zone) -> Instant:
    """The end that belongs to a start: like `parse_time`; a bare `02:00` before the start is past midnight.

    Raises NoTime, SkippedTime.
    """
    end = parse_time(text, day, zone)
    if end <= start and _wall(text.strip()) is not None:
        end = parse_time(text, zone.date_of(start) + timedelta(days=1), zone)
        if end - start > 16 * 3600:
            raise NoTime(f"the end {text} is not after the start {zone.clock_text(start)}")
    if end <= start:
        raise NoTime(f"the end {text} is not after the start {zone.clock_text(start)}")
    return end


def typed_time(digits: str) -> time | None:
    """The time of day that digits mean while they are typed: `9`, `14`, `930`, `1430`, `9:3`; None: none."""
    hours, colon, minutes = digits.partition(":")
    if not colon and len(digits) > 2:
        hours, minutes = digits[:-2], digits[-2:]
    elif len(minutes) == 1:
        minutes += "0"
    if not hours.isdecimal() or (minutes and not minutes.isdecimal()):
        return None
    hour, minute = int(hours), int(minutes or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _wall(text: str) -> time | None:
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    return time(int(match[1]), int(match[2]))


def _near(low: str, people: Sequence[Technician]) -> list[str]:
    from difflib import get_close_matches

    names = {one.name.casefold(): one.name for one in people if one.active}
    parts: dict[str, str] = {part: name for low_name, name in names.items() for part in low_name.split()}
    close = get_close_matches(low, [*names, *parts], n=4, cutoff=0.5)
    return list(dict.fromkeys(names.get(one) or parts[one] for one in close)) or [*names.values()]


def _listed(
    job: Job, visits: Sequence[PlannedVisit], desk: Desk, only: Sequence[PlannedVisit] | None = None
) -> list[str]:
    rows: list[str] = []
    for number, visit in enumerate(visits, 1):
        if only is None or visit in only:
            who = _who(visit, desk.people.name_of)
            rows.append(f"{job.number or job.id}/{number} {_when(visit, desk.zone)}, {who}")
    return rows


def _when(visit: PlannedVisit, zone: Zone) -> str:
    if visit.start is not None:
        return f"{zone.local(visit.start):%Y-%m-%d %H:%M}"
    return visit.date.isoformat() if visit.date is not None else "no day"


def _who(visit: PlannedVisit, name_of: Callable[[str], str]) -> str:
    return " and ".join(name_of(one) for one in visit.technician_ids) or "nobody"
