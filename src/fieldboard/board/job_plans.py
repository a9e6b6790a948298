"""Plans for jobs: create, edit, delete, note.

What a new job is made of stands in one change with the field `created`. Its value has these keys, each
left out where nothing was said: `title`, `customer_id`, `customer` (the name, for showing),
`phone`, `address`, `city`, `location_id`, `number`, `kind`, `territory`, `priority` (its word),
`times` (`[start, end, day]` as in `domain.fields`), `duration_min`, `skills`, `technicians`, `notes`
and `set` (further fields of the system, by name).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Final

from fieldboard.board.consequences import warnings_of
from fieldboard.board.order_plans import kept_by_order
from fieldboard.board.plan import Plan, change, job_change, refuse, title_of
from fieldboard.board.status_plans import plan_status
from fieldboard.board.timing import time_changes
from fieldboard.board.whole import seen_whole
from fieldboard.domain.conflicts import Conflict
from fieldboard.domain.fields import ASSETS, CREATED, DELETED, NOTE, OWN, SEQUENCE, TECHNICIANS, TIMES
from fieldboard.domain.instants import MINUTE, Instant
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Change, Intent, Json, Kind, OperationDraft
from fieldboard.domain.priority import priority_of
from fieldboard.domain.rules import Ability
from fieldboard.domain.status import ENDED, Status
from fieldboard.domain.view import NEW
from fieldboard.domain.visit import ASSUMED_MINUTES, PlannedVisit

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk

NEW_JOB: Final = f"{NEW}:"
"""How the id of a job begins that the server has not given one yet."""

FIELD_NAMES: Final = {
    "title": "title",
    "customer_id": "customer",
    "customer": "customer",
    "location_id": "location",
    "phone": "phone",
    "address": "address",
    "city": "city",
    "number": "number",
    "kind": "type",
    "territory": "territory",
    "priority": "priority",
    "date": "date",
    "start": "start",
    "end": "end",
    "duration_min": "duration",
    "skills": "skill",
    "technicians": "technician",
    "notes": "notes",
    ASSETS: "assets",
    "set": "further fields (--set)",
}
"""What each field is called on the command line and in forms."""

_TEXTS = ("title", "customer_id", "customer", "phone", "address", "city", "location_id", "number", "kind")
_EDITED = ("title", "customer_id", "customer", "phone", "address", "notes", "number", "kind", "territory")

Fields = Mapping[str, Json]
"""Fields by name: those above, with `start` and `end` as instants and `date` as an ISO day."""


def plan_create(desk: Desk, fields: Fields) -> Plan:
    """A new job.

    It gets an id of ours until the server gives one, and where the system wants it a number: the one
    given, or the highest seen plus one with a suffix of this desk, fixed now, so that a lost answer
    can be looked up.
    """
    if (lacking := desk.rules.why_not(Ability.CREATE)) is not None:
        return refuse(lacking)
    given = {name: value for name, value in fields.items() if value not in (None, "", [])}
    missing = [FIELD_NAMES.get(name, name) for name in desk.rules.create_needs if not _has(given, name)]
    if missing:
        return refuse(f"{desk.rules.title} needs {', '.join(sorted(missing))} for a new job")
    if (wrong := _not_taken(desk, given) or _wrong(given)) is not None:
        return refuse(wrong)
    value: dict[str, Json] = {name: given[name] for name in (*_TEXTS, "territory", "notes") if name in given}
    if "number" not in value and desk.rules.numbers_jobs:
        value["number"] = desk.next_number()
    for name in ("priority", "duration_min", "skills", "set"):
        if name in given:
            value[name] = given[name]
    further = _with_asset_ids(desk, given.get("set"))
    if isinstance(further, str):
        return refuse(further)
    if further:
        value["set"] = further
    if TECHNICIANS in given:
        for technician_id in _texts(given[TECHNICIANS]):
            if desk.people.technician(technician_id) is None:
                return refuse(f"there is no technician {technician_id}")
        value[TECHNICIANS] = [*sorted(_texts(given[TECHNICIANS]))]
    start, end = _times(given)
    dropped = (*_dropped(desk, given), *_unplaced(desk, given))
    told = "".join(f" · {one}" for one in dropped)
    if start is not None and not desk.rules.can(Ability.CLOCK_TIMES):
        value[TIMES] = [None, None, desk.zone.date_of(start).isoformat()]
    elif start is not None or "date" in given:
        value[TIMES] = [start, end, None if start is not None else given.get("date")]
    if kept_by_order(desk.rules):
        # Where it comes in that day is the system's to say.
        value[SEQUENCE] = None
    warnings = _new_warnings(desk, value)
    name = " ".join(str(value[one]) for one in ("number", "title") if value.get(one))
    name = name or ", ".join(str(value[one]) for one in ("kind", "customer") if value.get(one))
    draft = OperationDraft(
        Intent.CREATE,
        f"job:{NEW}",
        (Change(Kind.JOB, NEW, CREATED, None, value),),
        f"new job {name}",
        (*(one.says for one in warnings), *dropped),
    )
    if "number" not in given and "number" in value:
        told += f" · -{str(value['number']).rpartition('-')[2]}: a number given at this desk"
    return Plan((draft,), f"new job {name}{told}", warnings, None, bool(warnings))


def plan_edit(desk: Desk, job: Job, fields: Fields) -> Plan:
    """Change fields of a job; technicians and times are changed on its visit.

    What is already so is left out. An edit that changes nothing is refused.
    """
    if (lacking := desk.rules.why_not(Ability.EDIT)) is not None:
        return refuse(lacking)
    if (wrong := _wrong(fields)) is not None:
        return refuse(wrong)
    changes: list[Change] = []
    for name, value in fields.items():
        if name in ("start", "end", "date", TECHNICIANS):
            continue
        if name == "customer" and name not in desk.rules.edit_fields:
            # Only the name that goes with an id.
            continue
        if name == "set":
            further = _set_changes(desk, job, value)
            if isinstance(further, str):
                return refuse(further)
            changes += further
            continue
        if name not in desk.rules.edit_fields:
            return refuse(f"{desk.rules.title} does not let {FIELD_NAMES.get(name, name)} be changed")
        if name in desk.rules.create_needs and isinstance(value, str | None) and not (value or "").strip():
            return refuse(f"{desk.rules.title} needs {FIELD_NAMES.get(name, name)}: it cannot be empty")
        one = job_change(job, name, _plain_value(name, value))
        if one.expected != one.value:
            changes.append(one)
    planning = _visit_changes(desk, job, fields)
    if isinstance(planning, str):
        return refuse(planning)
    changes += planning[0]
    if not changes:
        return refuse(f"{title_of(job)} is already so")
    names = ", ".join(FIELD_NAMES.get(one.field, one.field.removeprefix(OWN)) for one in changes)
    warnings = planning[1]
    draft = OperationDraft(
        Intent.EDIT,
        f"job:{job.id}",
        tuple(changes),
        f"{job.number or title_of(job)}: {names}",
        (*(one.says for one in warnings), *_dropped(desk, fields)),
    )
    return Plan((draft,), f"{title_of(job)}: {names} changed", warnings, None, bool(warnings))


def plan_delete(desk: Desk, job: Job, reason: str | None = None) -> Plan:
    """Delete the job; where the system keeps its jobs, cancel it."""
    if desk.rules.can(Ability.DELETE):
        draft = OperationDraft(
            Intent.DELETE,
            f"job:{job.id}",
            (Change(Kind.JOB, job.id, DELETED, seen_whole(desk, job.id), True),),
            f"{job.number or title_of(job)} deleted",
            reason=reason,
        )
        return Plan((draft,), f"{title_of(job)} deleted", needs_second_enter=True, final=True)
    if desk.rules.can(Ability.CANCEL):
        return plan_status(desk, job, Status.CANCELLED, reason)
    return refuse(desk.rules.why_not(Ability.DELETE) or "jobs cannot be deleted")


def plan_note(desk: Desk, job: Job, text: str) -> Plan:
    """Append a line to the job's notes, as they are at the server when it is sent."""
    if (lacking := desk.rules.why_not(Ability.NOTE)) is not None:
        return refuse(lacking)
    if not text.strip():
        return refuse("the note is empty")
    draft = OperationDraft(
        Intent.NOTE,
        f"job:{job.id}",
        (Change(Kind.JOB, job.id, NOTE, job.notes, text.strip()),),
        f"note on {job.number or title_of(job)}",
    )
    return Plan((draft,), f"note on {title_of(job)}")


def _not_taken(desk: Desk, given: Fields) -> str | None:
    """Why a new job cannot have one of these fields."""
    takes = desk.rules.create_takes
    if takes is None:
        return None
    strange = [name for name in given if name not in takes and name not in _ALWAYS]
    if "start" not in given:
        # Alone they say nothing that could be kept.
        strange += [name for name in ("duration_min", "date") if name in given and name not in takes]
    if not strange:
        return None
    return f"{desk.rules.title} keeps no {FIELD_NAMES.get(strange[0], strange[0])} of a job"


def _set_changes(desk: Desk, job: Job, value: Json) -> list[Change] | str:
    """Changes by the system's own names of fields; a sentence for a name that it does not have."""
    changes: list[Change] = []
    for name, text in value.items() if isinstance(value, dict) else ():
        known = desk.rules.set_fields.get(name)
        if known is None:
            others = ", ".join(sorted(desk.rules.set_fields)) or "none"
            return f"{desk.rules.title} has no field {name} that an edit can set; it has {others}"
        wanted: Json = text
        if known.startswith(OWN):
            wanted = str(text or "").strip() or None
        if known == ASSETS:
            ids = _asset_ids(desk, str(text or ""))
            if isinstance(ids, str):
                return ids
            wanted = [*ids]
        one = job_change(job, known, wanted)
        if one.expected != one.value:
            changes.append(one)
    return changes


def _asset_ids(desk: Desk, text: str) -> list[str] | str:
    """The ids of assets that are named by id, tag or name, with commas between; a sentence for a wrong name.

    Names are known of the assets that some job is linked with; of others the id is taken as it is.
    """
    known = desk.store.assets()
    ids: set[str] = set()
    for part in filter(None, (part.strip() for part in text.split(","))):
        if any(one.id == part for one in known):
            ids.add(part)
            continue
        named = [one for one in known if part.casefold() in (one.tag.casefold(), one.name.casefold())]
        if len(named) > 1:
            each = ", ".join(f"{one.id} ({one.tag or one.name})" for one in named)
            return f"several assets are called {part!r}; say the id: {each}"
        if not named and not part.isdecimal():
            return f"no job read so far has an asset called {part!r}; say its id"
        ids.add(named[0].id if named else part)
    return sorted(ids)


def _with_asset_ids(desk: Desk, further: Json) -> dict[str, Json] | str:
    """Further fields of a new job, with ids for the names of assets."""
    fields: dict[str, Json] = dict(further) if isinstance(further, dict) else {}
    for name, text in fields.items():
        if desk.rules.set_fields.get(name) == ASSETS:
            ids = _asset_ids(desk, str(text or ""))
            if isinstance(ids, str):
                return ids
            fields[name] = ",".join(ids)
    return fields


def _unplaced(desk: Desk, given: Fields) -> tuple[str, ...]:
    """What is to be known of a new job whose place the system wants and nobody knows."""
    further = given.get("set")
    told = isinstance(further, dict) and {"latitude", "longitude"} <= further.keys()
    if not desk.rules.wants_place or told:
        return ()
    if desk.store.is_placed(str(given.get("customer", "")), str(given.get("address", ""))):
        return ()
    return (
        f"{desk.rules.title} wants the place of a job and nobody knows this one: it is told 0, 0 "
        "(further fields latitude and longitude say it)",
    )


_ALWAYS: Final = frozenset({"customer", "date", "start", "end", "duration_min"})
"""What goes with other fields: a name beside an id, times that are one field."""


def _has(given: Fields, name: str) -> bool:
    if name == "times":
        return "start" in given
    return name in given or {"start": "date", "date": "start"}.get(name, name) in given


def _plain_value(name: str, value: Json) -> Json:
    if name == "skills":
        return [*sorted(_texts(value))]
    return value or None if name in _EDITED else value


def _wrong(fields: Fields) -> str | None:
    start, end = _times(fields)
    if start is not None and end is not None and end <= start:
        return "the end is not after the start"
    priority = fields.get("priority")
    if isinstance(priority, str) and priority_of(priority) is None:
        return f"{priority!r} is no priority; say urgent, high, normal or low"
    duration = fields.get("duration_min")
    if duration is not None and (not isinstance(duration, int) or duration <= 0):
        return "the duration is a number of minutes"
    return None


def _times(fields: Fields) -> tuple[int | None, int | None]:
    start, end, minutes = fields.get("start"), fields.get("end"), fields.get("duration_min")
    if not isinstance(start, int):
        return None, None
    if isinstance(end, int):
        return start, end
    return start, start + (minutes if isinstance(minutes, int) else ASSUMED_MINUTES) * MINUTE


def _texts(value: Json) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [] if value is None else [str(value)]


def _visit_changes(desk: Desk, job: Job, fields: Fields) -> tuple[list[Change], tuple[Conflict, ...]] | str:
    if not {"start", "end", "date", TECHNICIANS} & fields.keys():
        return [], ()
    visits = [one for one in desk.planned_of_job(job.id) if one.status not in ENDED]
    if len(visits) != 1:
        return f"{title_of(job)} has {len(visits)} open visits: name the visit that is meant"
    visit = visits[0]
    changes: list[Change] = []
    moved = visit
    if TECHNICIANS in fields:
        crew = sorted(_texts(fields[TECHNICIANS]))
        changes.append(change(visit, TECHNICIANS, [*crew]))
        moved = moved._replace(technician_ids=tuple(crew))
    start = _start_on(desk, visit, fields)
    if not desk.rules.can(Ability.CLOCK_TIMES):
        day = _day_on(desk, fields)
        if day is not None:
            changes.append(change(visit, TIMES, [None, None, day.isoformat()]))
            moved = moved._replace(date=day, start=None, end=None)
    elif {"start", "end", "date"} & fields.keys() and start is not None:
        end = fields.get("end")
        finish = end if isinstance(end, int) else start + visit.minutes * MINUTE
        if finish <= start:
            return "the end is not after the start"
        timed = time_changes(desk, visit, start, finish)
        changes += timed.changes
        moved = moved._replace(start=start, end=timed.end)
    changes = [one for one in changes if one.expected != one.value]
    return changes, warnings_of(desk, moved) if changes else ()


def _dropped(desk: Desk, fields: Fields) -> tuple[str, ...]:
    """What is said where a clock time was given that the system does not keep."""
    lacking = desk.rules.why_not(Ability.CLOCK_TIMES)
    return (lacking,) if lacking is not None and isinstance(fields.get("start"), int) else ()


def _day_on(desk: Desk, fields: Fields) -> date | None:
    """The new day of a visit without a clock time: that of a start, or the one given."""
    given, day = fields.get("start"), fields.get("date")
    if isinstance(given, int):
        return desk.zone.date_of(given)
    return date.fromisoformat(day) if isinstance(day, str) else None


def _start_on(desk: Desk, visit: PlannedVisit, fields: Fields) -> Instant | None:
    """The new start: the one given, else the old one, on another day at the same time of day."""
    given, day = fields.get("start"), fields.get("date")
    if isinstance(given, int):
        return given
    if isinstance(day, str) and visit.start is not None:
        wall = desk.zone.local(visit.start).time().replace(tzinfo=None)
        return desk.zone.nearest(date.fromisoformat(day), wall)
    return visit.start


def _new_warnings(desk: Desk, value: Mapping[str, Json]) -> tuple[Conflict, ...]:
    times, crew = value.get(TIMES), _texts(value.get(TECHNICIANS))
    if not isinstance(times, list) or not crew:
        return ()
    start, end = times[0], times[1]
    if not isinstance(start, int) or not isinstance(end, int):
        return ()
    title = value.get("title")
    return warnings_of(
        desk,
        PlannedVisit(
            id=NEW,
            job_id=NEW,
            technician_ids=tuple(crew),
            start=start,
            end=end,
            date=None,
            sequence=None,
            estimated=False,
            status=Status.ASSIGNED,
            raw_status="",
            actual_start=None,
            actual_end=None,
            observed=False,
            made_up=True,
            number=str(value.get("number") or ""),
            title=str(title or ""),
            customer="",
            address="",
            priority=None,
            duration_min=None,
            windows=(),
            skills=tuple(_texts(value.get("skills"))),
            lat=None,
            lng=None,
            territory=None,
            job_status=Status.ASSIGNED,
            created_at=None,
            nth=1,
            of=1,
            mark="",
        ),
    )
