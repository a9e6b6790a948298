"""The roster: what the system cannot tell about technicians, written by hand (`roster.toml`)."""

from __future__ import annotations

import marshal
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from sys import intern
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from fieldboard.domain.instants import Zone, instant_of
from fieldboard.domain.technician import Absence, LatLng, WallSpan
from fieldboard.domain.value_class import value_class
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


@value_class
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


@value_class
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


class Roster:
    """The whole file. `skill_names` gives ids of skills their names (the `[skill_names]` table)."""

    def __init__(
        self, technicians: tuple[RosterEntry, ...] = (), skill_names: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.technicians = technicians
        self.skill_names = skill_names

    def entry_for(self, technician_id: str, name: str) -> RosterEntry | None:
        """The entry of a technician: by id, else by name (case ignored)."""
        return self._by_id.get(technician_id) or self._by_name.get(name.casefold())

    @cached_property
    def _by_id(self) -> Mapping[str, RosterEntry]:
        return {one.id: one for one in reversed(self.technicians) if one.id is not None}

    @cached_property
    def _by_name(self) -> Mapping[str, RosterEntry]:
        nameless = [one for one in reversed(self.technicians) if one.id is None]
        return {one.name.casefold(): one for one in nameless if one.name is not None}


def load(path: Path, copy: Path | None = None) -> Roster:
    """Read and check a roster file.

    `copy` is where a copy is kept that is read in a fiftieth of the time, as long as the file says the
    same. Raises ConfigError, naming file and line, for a file that cannot be read and for anything wrong
    in it.
    """
    if copy is None or (said := _said(path)) is None:
        return _checked(path)
    with suppress(OSError, ValueError, TypeError, EOFError):
        known = _recall(copy.read_bytes(), said)
        if known is not None:
            return known
    roster = _checked(path)
    # Without a copy, or where the file changed just now, it is read again the next time.
    with suppress(OSError, ValueError):
        if _said(path) == said:
            partial = copy.with_name(copy.name + ".new")
            partial.write_bytes(_kept(roster, said))
            partial.chmod(0o600)
            partial.replace(copy)
    return roster


def _said(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _checked(path: Path) -> Roster:
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


# The copy: marshal is good enough for a file of ours that may be made anew at any time.

_FORM: Final = 1
_EDITION: Final = f"roster {_FORM}"


def _kept(roster: Roster, said: bytes) -> bytes:
    entries = [
        (
            one.id, one.name, one.skills,
            None if one.shift is None else tuple((day, *_minutes(span)) for day, span in one.shift.items()),
            tuple(_minutes(span) for span in one.breaks),
            tuple((_plain(away.start), _plain(away.end), away.kind) for away in one.absences),
            tuple(one.home) if one.home is not None else None,
            one.capacity, one.territory, one.phone, one.line,
        )
        for one in roster.technicians
    ]  # fmt: skip
    return marshal.dumps((_EDITION, said, entries, dict(roster.skill_names)), 2)


def _recall(raw: bytes, said: bytes) -> Roster | None:
    """The roster of a copy; None where it is one of another file. Raises ValueError for rubbish."""
    edition, of, entries, names = marshal.loads(raw)  # noqa: S302 - a file of our own
    if (edition, of) != (_EDITION, said):
        return None
    technicians = tuple(
        RosterEntry(
            one, name, _skills_of(skills), _shift_of(shift) if shift is not None else None,
            tuple(_span_of(*span) for span in breaks),
            tuple(RosterAbsence(_moment_of(start), _moment_of(end), kind) for start, end, kind in absences),
            LatLng(*home) if home is not None else None, capacity, territory, phone, line,
        )
        for one, name, skills, shift, breaks, absences, home, capacity, territory, phone, line in entries
    )  # fmt: skip
    return Roster(technicians, MappingProxyType(names))


def _minutes(span: WallSpan) -> tuple[int, int]:
    return span.start.hour * 60 + span.start.minute, span.end.hour * 60 + span.end.minute


@lru_cache(maxsize=512)
def _span_of(start: int, end: int) -> WallSpan:
    return WallSpan(time(*divmod(start, 60)), time(*divmod(end, 60)))


@lru_cache(maxsize=512)
def _skills_of(skills: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(intern, skills))


@lru_cache(maxsize=512)
def _shift_of(days: tuple[tuple[int, int, int], ...]) -> Mapping[int, WallSpan]:
    return MappingProxyType({day: _span_of(start, end) for day, start, end in days})


def _plain(moment: Moment) -> int | str:
    return moment.days if isinstance(moment, timedelta) else moment.isoformat()


def _moment_of(plain: int | str) -> Moment:
    if isinstance(plain, int):
        return timedelta(days=plain)
    return date.fromisoformat(plain) if len(plain) <= 10 else datetime.fromisoformat(plain)
