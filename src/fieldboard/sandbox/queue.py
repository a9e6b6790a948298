"""The queue of a world: work without a technician, without a time, or not yet agreed."""

from __future__ import annotations

from datetime import date, timedelta

from fieldboard.sandbox.desk import Desk
from fieldboard.sandbox.records import Client, Priority
from fieldboard.sandbox.trades import CATALOGUE, Work

_BY_TITLE = {work.title: work for work in CATALOGUE}

#: (title, customer's place in the list, minutes, priority, days ahead, promised span, kind).
#: Kinds: timed (a visit with a time and nobody), open (a visit with neither), kept (a visit with a
#: technician and no time), bare (a job without visits), any (the same, on some day), draft.
_ROWS: tuple[tuple[str, int, int, Priority, int, tuple[int, int] | None, str], ...] = (
    ("Boiler leaking, no heat", 0, 120, "urgent", 0, (480, 900), "open"),
    ("Gas smell, meter box", 1, 60, "urgent", 0, (600, 780), "open"),
    ("Radiators cold upstairs", 2, 90, "high", 0, (720, 960), "timed"),
    ("Annual boiler service", 3, 180, "high", 0, (480, 1020), "open"),
    ("Thermostat replacement", 4, 45, "normal", 0, (780, 900), "timed"),
    ("Quote: heat pump", 5, 60, "normal", 0, (480, 1020), "any"),
    ("Bleed and balance system", 6, 45, "normal", 1, (480, 720), "timed"),
    ("Cylinder swap", 7, 240, "normal", 0, None, "bare"),
    ("Blocked kitchen drain", 8, 60, "high", 0, (840, 1020), "timed"),
    ("Consumer unit tripping", 9, 75, "high", 1, (600, 720), "timed"),
    ("Shower valve dripping", 10, 60, "normal", 0, None, "kept"),
    ("Heat pump check", 11, 75, "low", 3, (540, 720), "timed"),
    ("Outside tap", 13, 60, "low", 0, None, "bare"),
    ("Boiler replacement", 12, 240, "normal", 0, None, "draft"),
)


def fill_queue(desk: Desk, count: int, clients: list[Client]) -> None:
    """Add ``count`` jobs of one queue row each; fourteen make the well-known ones."""
    rng = desk.rng
    for index in range(count):
        title, place, minutes, priority, ahead, span, kind = _ROWS[index % len(_ROWS)]
        work: Work = _BY_TITLE[title]
        client = clients[place]
        if index >= len(_ROWS):
            client = rng.choice(clients)
            ahead = rng.randint(0, 10)
            if kind != "draft":
                work = rng.choice(CATALOGUE)
                minutes, priority = rng.choice(work.minutes), work.priority
        day: date = desk.calendar.today + timedelta(days=ahead)
        while ahead and day.weekday() >= 5:
            day += timedelta(days=1)
        window = None
        if span is not None:
            window = (desk.calendar.instant(day, span[0]), desk.calendar.instant(day, span[1]))
        age = timedelta(minutes=rng.randint(20, 110) if priority == "urgent" else 0)
        if priority != "urgent":
            age = timedelta(hours=rng.uniform(3, 160))
        # Work that waits for a time keeps the span that was first thought of: it says how long it takes.
        first = window[0] if window else desk.calendar.instant(day, 540)
        booked = (first, first + timedelta(minutes=minutes))
        if kind == "any" and window is not None:
            booked = window
        job = desk.take_down(work, minutes, client, desk.now - age, booked, promise=window)
        job.priority = priority
        if kind == "timed":
            desk.add_visit(job, [], *booked)
        elif kind == "open":
            desk.add_visit(job, [], None, None)
            job.schedule_later = True
        elif kind == "kept":
            staff = list(desk.world.technicians.values())
            skilled = [one for one in staff if set(work.skills) <= set(one.skills)]
            desk.add_visit(job, [rng.choice(skilled)] if skilled else [], None, None)
            job.schedule_later = True
        elif kind == "any":
            job.any_time = True
        else:
            job.schedule_later = True
            if kind == "draft":
                job.status = "draft"
