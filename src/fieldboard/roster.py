"""The roster: what the system cannot tell about technicians, written by hand (`roster.toml`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from fieldboard.domain.instants import Zone, instant_of
from fieldboard.domain.technician import Absence, LatLng, WallSpan
from fieldboard.tomlfile import ConfigError, Section, TomlFile, kind_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ConfigError", "Roster", "RosterAbsence", "RosterEntry", "load"]

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Moment = date | datetime | timedelta
"""A day, a moment (naive: on the wall of the profile's zone), or days counted from today."""

_ENTRY: Final = (
    *("id", "name", "skills", "shift", "breaks", "absences"),
    *("home", "capacity", "territory", "phone"),
)
_DAYS: Final = {"today": 0, "tomorrow": 1, "yesterday": -1}


@dataclass(frozen=True, slots=True)
class RosterAbsence:
    """Away from `start` to `end`, and why. A day as `end` is the last day away."""

    start: Moment
    end: Moment
    kind: str = "absent"

    def on_clock(self, zone: Zone, today: date) -> Absence:
        """The absence as instants, in a zone in which it is `today`."""
        start, end = _day_of(self.start, today), _day_of(self.end, today)
        return Absence(
            zone.day_bounds(start)[0] if not isinstance(start, datetime) else _instant(start, zone),
            zone.day_bounds(end)[1] if not isinstance(end, datetime) else _instant(end, zone),
            self.kind,
        )


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """What the roster says of one technician, found by `id` or by `name`; None: it does not say.

    `shift` maps weekdays (Monday is 0) to a span of wall-clock time; a weekday missing from it is a day off.
    `breaks` are spans of every working day. `line` is where the entry stands.
    """

    id: str | None = None
    name: str | None = None
    skills: tuple[str, ...] = ()
    shift: Mapping[int, WallSpan] | None = None
    breaks: tuple[WallSpan, ...] = ()
    absences: tuple[RosterAbsence, ...] = ()
    home: LatLng | None = None
    capacity: int | None = None
    territory: str | None = None
    phone: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Roster:
    """The whole file. `skill_names` gives ids of skills their names (the `[skill_names]` table)."""

    technicians: tuple[RosterEntry, ...] = ()
    skill_names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def entry_for(self, technician_id: str, name: str) -> RosterEntry | None:
        """The entry of a technician: by id, else by name (case ignored)."""
        for entry in self.technicians:
            if entry.id == technician_id:
                return entry
        for entry in self.technicians:
            if entry.id is None and entry.name is not None and entry.name.casefold() == name.casefold():
                return entry
        return None


def load(path: Path) -> Roster:
    """Read and check a roster file.

    Raises ConfigError, naming file and line, for a file that cannot be read and for anything wrong in it.
    """
    root = TomlFile.read(path, "the roster").root
    root.only(("technician", "skill_names"))
    entries: list[RosterEntry] = []
    seen: set[tuple[str, str]] = set()
    for section in root.sections("technician"):
        entry = _entry(section)
        mark = ("id", entry.id) if entry.id is not None else ("name", (entry.name or "").casefold())
        if mark in seen:
            raise section.fail(
                mark[0], f"technician {entry.id or entry.name!r} is in the roster twice; keep one"
            )
        seen.add(mark)
        entries.append(entry)
    names = root.section("skill_names")
    skill_names = {key: names.text(key) or "" for key in names.data} if names is not None else {}
    return Roster(tuple(entries), MappingProxyType(skill_names))


def _entry(section: Section) -> RosterEntry:
    section.only(_ENTRY)
    identity = section.data.get("id")
    if isinstance(identity, int) and not isinstance(identity, bool):
        identity = str(identity)
    elif identity is not None:
        identity = section.text("id")
    name = section.text("name")
    if identity is None and name is None:
        raise section.fail(None, "this technician has neither id nor name; give one of them")
    return RosterEntry(
        id=identity,
        name=name,
        skills=section.texts("skills"),
        shift=_shift(section.section("shift")),
        breaks=tuple(_span(section, "breaks", text) for text in section.texts("breaks")),
        absences=tuple(_absence(part) for part in section.sections("absences")),
        home=_home(section.section("home")),
        capacity=section.integer("capacity", least=0),
        territory=section.text("territory"),
        phone=section.text("phone"),
        line=section.file.line_of(section.key),
    )


def _shift(section: Section | None) -> Mapping[int, WallSpan] | None:
    if section is None:
        return None
    section.only(WEEKDAYS)
    return MappingProxyType(
        {WEEKDAYS.index(day): _span(section, day, section.text(day) or "") for day in section.data}
    )


def _span(section: Section, name: str, text: str) -> WallSpan:
    start, dash, end = text.replace("–", "-").partition("-")
    try:
        if not dash:
            raise ValueError
        span = WallSpan(_wall(start), _wall(end))
    except ValueError:
        raise section.fail(
            name, f'{name}: {text!r} is no span of time; write it like "08:00-17:00"'
        ) from None
    if span.start == span.end and end.strip() != "24:00":
        raise section.fail(name, f"{name}: {text!r} is no time at all; leave the day out for a day off")
    return span


def _wall(text: str) -> time:
    hours, colon, minutes = text.strip().partition(":")
    if not (hours.isdecimal() and (not colon or (minutes.isdecimal() and len(minutes) == 2))):
        raise ValueError(text)
    if int(hours) == 24 and not int(minutes or 0):
        return time()
    return time(int(hours), int(minutes or 0))


def _absence(section: Section) -> RosterAbsence:
    section.only(("from", "to", "kind"))
    if "from" not in section.data:
        raise section.fail(None, 'this absence has no from; write { from = "2026-06-04", to = "2026-06-05" }')
    start = _moment(section, "from", section.data["from"])
    if "to" not in section.data and isinstance(start, datetime):
        raise section.fail("from", "an absence from an hour on needs a to")
    end = _moment(section, "to", section.data.get("to", section.data["from"]))
    absence = RosterAbsence(start, end, section.text("kind") or "absent")
    if type(start) is type(end) and _is_after(start, end):
        raise section.fail("to", "this absence ends before it begins")
    return absence


def _is_after(start: Moment, end: Moment) -> bool:
    if isinstance(start, datetime) and isinstance(end, datetime):
        if (start.tzinfo is None) != (end.tzinfo is None):
            return False  # only the profile's zone can tell
        return start >= end
    if isinstance(start, timedelta) and isinstance(end, timedelta):
        return start > end
    return isinstance(start, date) and isinstance(end, date) and start > end


def _moment(section: Section, name: str, value: Any) -> Moment:
    if isinstance(value, (date, datetime)):
        return value
    if not isinstance(value, str):
        raise section.fail(name, f"{name} must be a day or a time, not {kind_of(value)}")
    text = value.strip()
    if text in _DAYS:
        return timedelta(days=_DAYS[text])
    try:
        if text[:1] in "+-":
            return timedelta(days=int(text))
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise section.fail(
            name, f"{name}: {text!r} is no day and no time; write 2026-06-04 or 2026-06-04T14:00"
        ) from None


def _home(section: Section | None) -> LatLng | None:
    if section is None:
        return None
    section.only(("lat", "lng"))
    for name, most in (("lat", 90), ("lng", 180)):
        if name not in section.data:
            raise section.fail(None, f"home has no {name}; write {{ lat = 51.5, lng = -0.12 }}")
        if section.number(name, 0.0, least=-most) > most:
            raise section.fail(name, f"{name} must be between -{most} and {most}")
    return LatLng(section.number("lat", 0.0, least=-90), section.number("lng", 0.0, least=-180))


def _day_of(moment: Moment, today: date) -> date | datetime:
    return today + moment if isinstance(moment, timedelta) else moment


def _instant(moment: datetime, zone: Zone) -> int:
    if moment.tzinfo is not None:
        return instant_of(moment.astimezone(UTC))
    return zone.nearest(moment.date(), moment.time())
