"""What the words of a command mean: jobs, visits, technicians, customers, days and times.

Everything here raises Failure (exit code 2) with the candidates, or with what to write instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fieldboard.board import naming
from fieldboard.cli.failure import Failure
from fieldboard.domain.instants import Instant, SkippedTime
from fieldboard.domain.status import ENDED
from fieldboard.domain.technician import LatLng
from fieldboard.domain.visit import PlannedVisit

if TYPE_CHECKING:
    from datetime import date

    from fieldboard.cli.assemble import OpenProfile
    from fieldboard.domain.job import Job
    from fieldboard.domain.operation import Operation
    from fieldboard.domain.technician import Technician


@contextmanager
def _asked() -> Iterator[None]:
    try:
        yield
    except (naming.NotNamed, naming.NoPlace, naming.NoTime, SkippedTime) as wrong:
        raise Failure(str(wrong)) from wrong


def job_named(opened: OpenProfile, text: str) -> Job:
    """The job meant by an id or a number."""
    with _asked():
        return naming.find_job(text, opened.desk)


def visit_named(opened: OpenProfile, text: str) -> tuple[PlannedVisit, str]:
    """The one visit that a change of technician or time is about, and what was named by it."""
    with _asked():
        return naming.find_visit(text, opened.desk)


def job_or_visit_named(opened: OpenProfile, text: str) -> tuple[Job | PlannedVisit, str]:
    """What a status is about: a job, or a visit of it."""
    with _asked():
        return naming.find_job_or_visit(text, opened.desk)


def visit_to_plan(opened: OpenProfile, text: str) -> PlannedVisit:
    """The visit for which technicians are ranked: of a job the first open one without a technician."""
    with _asked():
        found, _entity = naming.find_job_or_visit(text, opened.desk)
    visits = [found] if isinstance(found, PlannedVisit) else [*opened.desk.planned_of_job(found.id)]
    still_open = [one for one in visits if one.status not in ENDED]
    if not still_open:
        raise Failure(f"{text}: nothing of it is open any more")
    return next((one for one in still_open if not one.technician_ids), still_open[0])


def technician_named(opened: OpenProfile, text: str) -> Technician:
    """The technician meant by an id, a name or a part of one."""
    with _asked():
        return naming.find_technician(text, opened.desk.people.everybody())


def customer_named(opened: OpenProfile, text: str) -> tuple[str, str]:
    """Id and name of the customer meant by an id or an exact name (case ignored)."""
    wanted = text.strip()
    found = opened.store.customer(wanted)
    if found is not None:
        return found.id, found.name
    near = opened.store.customers(wanted) if wanted else []
    exact = [one for one in near if one.name.casefold() == wanted.casefold()]
    if len(exact) == 1:
        return exact[0].id, exact[0].name
    if exact:
        ids = ", ".join(f"{one.id} ({one.address or 'no address'})" for one in exact[:8])
        raise Failure(f"several customers are called {wanted!r}; say the id: {ids}")
    names = ", ".join(one.name for one in near[:8])
    raise Failure(f"there is no customer {wanted!r} in the cache" + (f": {names}" if names else ""))


def parsed_day(opened: OpenProfile, text: str) -> date:
    """A day as it is typed."""
    with _asked():
        return naming.parse_day(text, opened.desk.today())


def times_of(
    opened: OpenProfile, day: date, start: str | None, end: str | None, was: Instant | None = None
) -> tuple[Instant | None, Instant | None]:
    """Start and end as typed; a bare time of day means `day`.

    `was` is the start that holds where only an end is typed.
    """
    with _asked():
        begin = naming.parse_time(start, day, opened.zone) if start is not None else None
        if end is None:
            return begin, None
        anchor = begin if begin is not None else was
        if anchor is None:
            raise Failure("--end needs --start: there is no start yet")
        return begin, naming.parse_end(end, anchor, opened.zone.date_of(anchor), opened.zone)


def operation_named(opened: OpenProfile, op_id: str) -> Operation:
    """The edit of that id."""
    found = opened.store.outbox.get(op_id.strip()) or opened.store.outbox.get(op_id.strip().upper())
    if found is None:
        raise Failure(f"there is no edit {op_id!r}; fieldboard outbox lists them")
    return found


def place_typed(text: str) -> LatLng:
    """A place typed as `LAT,LNG` in degrees."""
    with _asked():
        return naming.parse_place(text)
