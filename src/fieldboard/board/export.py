"""A day on paper or in a file: iCalendar, CSV, JSON rows, and a run sheet per technician."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from io import StringIO

from fieldboard.domain.instants import MINUTE, Instant, Zone, instant_text, to_utc
from fieldboard.domain.status import NOT_DONE, Status
from fieldboard.domain.technician import Technician
from fieldboard.domain.visit import PlannedVisit
from fieldboard.text import csv_safe, one_line

COLUMNS = (
    "id",
    "job_id",
    "number",
    "title",
    "customer",
    "address",
    "technicians",
    "technician_ids",
    "date",
    "start",
    "end",
    "estimated",
    "status",
    "raw_status",
    "priority",
    "skills",
    "pending",
)
"""The header row of the CSV, and the keys of a JSON row."""

Row = dict[str, str | bool | list[str] | None]

PENDING_MARKS = frozenset({"queued", "sending", "uncertain", "acked"})


def rows(visits: Iterable[PlannedVisit], crew: Mapping[str, Technician], zone: Zone) -> list[Row]:
    """The visits as plain rows by time; instants in UTC, a missing value None."""
    ordered = sorted(visits, key=_by_time)
    return [
        {
            "id": visit.id,
            "job_id": visit.job_id,
            "number": visit.number or None,
            "title": visit.title,
            "customer": visit.customer or None,
            "address": visit.address or None,
            "technicians": [_name(one, crew) for one in visit.technician_ids],
            "technician_ids": list(visit.technician_ids),
            "date": day.isoformat() if (day := _day(visit, zone)) is not None else None,
            "start": instant_text(visit.start) if visit.start is not None else None,
            "end": instant_text(visit.end) if visit.end is not None else None,
            "estimated": visit.estimated,
            "status": visit.status.value,
            "raw_status": visit.raw_status,
            "priority": visit.priority.word if visit.priority is not None else None,
            "skills": list(visit.skills),
            "pending": visit.mark in PENDING_MARKS,
        }
        for visit in ordered
    ]


def as_csv(visits: Iterable[PlannedVisit], crew: Mapping[str, Technician], zone: Zone) -> str:
    """One header row and a row a visit; no cell starts a formula."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows(visits, crew, zone):
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return out.getvalue()


def as_ics(
    visits: Iterable[PlannedVisit], crew: Mapping[str, Technician], zone: Zone, now: Instant, system: str
) -> bytes:
    """An iCalendar (RFC 5545) with an event a visit; a visit without a clock time is an all-day event.

    A visit of which not even the day is known has no place in a calendar and is left out.
    """
    from icalendar import Calendar, Event, vText

    calendar = Calendar()
    calendar.add("prodid", "-//fieldboard//dispatch board//EN")
    calendar.add("version", "2.0")
    for visit in sorted(visits, key=_by_time):
        day = _day(visit, zone)
        if day is None:
            continue
        event = Event()
        event.add("uid", f"{visit.id}@{system}.fieldboard")
        event.add("dtstamp", to_utc(now))
        if visit.start is not None:
            event.add("dtstart", to_utc(visit.start))
            end = visit.end if visit.end is not None else visit.start + visit.minutes * MINUTE
            event.add("dtend", to_utc(max(end, visit.start)))
        else:
            event.add("dtstart", day)
        event.add("summary", " ".join(part for part in (visit.number, visit.title) if part) or visit.id)
        if visit.address:
            event.add("location", visit.address)
        who = ", ".join(_name(one, crew) for one in visit.technician_ids) or "unassigned"
        about = [f"Technician: {who}", f"Status: {visit.status.value}"]
        if visit.customer:
            about.insert(0, f"Customer: {visit.customer}")
        if visit.estimated:
            about.append("The time is estimated.")
        event.add("description", "\n".join(about))
        event["status"] = vText("CANCELLED" if visit.status in NOT_DONE else "CONFIRMED")
        if visit.lat is not None and visit.lng is not None:
            event.add("geo", (visit.lat, visit.lng))
        calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text


def as_text(
    day: date, visits: Sequence[PlannedVisit], crew: Mapping[str, Technician], zone: Zone, age: str = ""
) -> str:
    """A run sheet a technician, to be printed for the day on which the line is down."""
    sheets: dict[str, list[PlannedVisit]] = {}
    for visit in sorted(visits, key=_by_time):
        for technician_id in visit.technician_ids or ("",):
            sheets.setdefault(technician_id, []).append(visit)
    names = sorted(sheets, key=lambda one: (one == "", _name(one, crew).casefold()))
    head = f"{day:%A} {day.day} {day:%B %Y}" + (f" · {age}" if age else "")
    parts = [f"{head} · {len(visits)} visit{'s' * (len(visits) != 1)}"]
    for technician_id in names:
        technician = crew.get(technician_id)
        title = _name(technician_id, crew) if technician_id else "Unassigned"
        if technician is not None and technician.phone:
            title += f" · {technician.phone}"
        parts.append(f"\n{one_line(title)}\n{'-' * min(72, len(title))}")
        parts += [_line(visit, zone) for visit in sheets[technician_id]]
    return "\n".join(parts) + "\n"


def _line(visit: PlannedVisit, zone: Zone) -> str:
    if visit.start is not None:
        end = visit.end if visit.end is not None else visit.start + visit.minutes * MINUTE
        mark = "~" if visit.estimated else " "
        when = f"{mark}{zone.clock_text(visit.start)}–{zone.clock_text(end)}"
    else:
        when = " any time   "
    facts = [visit.customer, visit.address, ", ".join(visit.skills)]
    detail = " · ".join(one_line(fact) for fact in facts if fact)
    what = one_line(" ".join(part for part in (visit.number, visit.title) if part) or visit.id)
    done = "x" if visit.status in (Status.COMPLETED, Status.CLOSED) else " "
    first = f"[{done}] {when}  {what}  ({visit.status.value})"
    return f"{first}\n                 {detail}" if detail else first


def _by_time(visit: PlannedVisit) -> tuple[bool, Instant, int, str]:
    return visit.start is None, visit.start or 0, visit.sequence or 0, visit.id


def _day(visit: PlannedVisit, zone: Zone) -> date | None:
    return zone.date_of(visit.start) if visit.start is not None else visit.date


def _name(technician_id: str, crew: Mapping[str, Technician]) -> str:
    technician = crew.get(technician_id)
    return technician.name if technician is not None else technician_id


def _cell(value: str | bool | list[str] | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return csv_safe("; ".join(value) if isinstance(value, list) else value)
