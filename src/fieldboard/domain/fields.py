"""The fields that edits speak of, and their values in a comparable form.

The board takes the value that the dispatcher saw, the sync compares it with what the server has now,
the view lays the wanted value over it: all three through `value_of`, so that they cannot differ in
what they call equal. Fields that belong together (start and end, a crew) are one field.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from fieldboard.domain.job import Asset, CustomField, Job, TimeWindow
from fieldboard.domain.operation import Json
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import STAGES, Status, open_status, status_key, status_of_key
from fieldboard.domain.technician import LatLng, Technician
from fieldboard.domain.visit import PlannedVisit, Visit

TECHNICIANS = "technicians"
"""Ids of the crew, sorted: the order in which a system lists a crew means nothing."""
TIMES = "times"
"""`[start, end, day]`: instants or null, and the day (ISO) of a visit without a clock time."""
WINDOWS = "windows"
"""What the customer was promised: a list of `[start, end]`, instants."""
SEQUENCE = "sequence"
"""The place in the order of a technician's day, where the system keeps one: a number, or null."""
LOCATION = "location"
"""Where a technician is: `[lat, lng]` in degrees (WGS 84), or null."""
STATUS = "status"
"""The status, where assigned and unassigned are both `open`."""
NOTE = "note"
"""A line that is added to the notes, whatever stands there: the value is the line alone."""
ASSETS = "assets"
"""Ids of the assets, sorted; null where nobody has told them yet."""
OWN = "own:"
"""How the names of the system's own fields of a job begin (`Job.fields`); the value is the text shown."""
CREATED = "created"
DELETED = "deleted"

JOB_TEXT_FIELDS = (
    "title", "customer_id", "customer", "phone", "address", "notes", "number", "kind", "territory",
)  # fmt: skip


def value_of(entity: Job | Visit | PlannedVisit | Technician, field: str) -> Json:
    """The comparable value of a field. Raises KeyError for a field that the entity does not have.

    The status of a technician is the system's own word.
    """
    if isinstance(entity, Technician):
        return _value_of_technician(entity, field)
    if field == TECHNICIANS:
        return [*sorted(entity.technician_ids)]
    if field == STATUS:
        return status_key(entity.status, entity.raw_status)
    if field == TIMES:
        if entity.date is not None and (entity.start is None or _estimated(entity)):
            return [None, None, entity.date.isoformat()]
        return [entity.start, entity.end, None]
    if field == SEQUENCE:
        return entity.sequence
    if field == WINDOWS and not isinstance(entity, Visit):
        return [[one.start, one.end] for one in entity.windows]
    if field == DELETED:
        return False
    if isinstance(entity, Job):
        return _value_of_job(entity, field)
    raise KeyError(field)


def _value_of_job(job: Job, field: str) -> Json:
    if field in JOB_TEXT_FIELDS:
        return getattr(job, field) or None
    if field == "priority":
        return job.priority.word if job.priority is not None else None
    if field == "duration_min":
        return job.duration_min
    if field == "skills":
        return [*sorted(job.skills)]
    if field == NOTE:
        return job.notes or None
    if field.startswith(OWN):
        name = field.removeprefix(OWN)
        return next((one.value for one in job.fields if one.name == name), None)
    if field == ASSETS:
        return None if job.assets is None else [*sorted(one.id for one in job.assets)]
    raise KeyError(field)


def _estimated(entity: Job | Visit | PlannedVisit) -> bool:
    return not isinstance(entity, Job) and entity.estimated


def _value_of_technician(technician: Technician, field: str) -> Json:
    if field == STATUS:
        return technician.status
    if field == LOCATION:
        return [*technician.position] if technician.position is not None else None
    raise KeyError(field)


def with_technician_value(technician: Technician, field: str, value: Json) -> Technician:
    """The technician with the wanted value laid over; a field of other things changes nothing."""
    if field == STATUS and isinstance(value, str):
        return replace(technician, status=value, since=None)
    if field == LOCATION and isinstance(value, list) and len(value) == 2:
        lat, lng = value
        if isinstance(lat, int | float) and isinstance(lng, int | float):
            return replace(technician, position=LatLng(float(lat), float(lng)))
    return technician


def lines_in(text: Json, line: Json) -> int:
    """How often a note stands in a text as whole lines of its own."""
    if not isinstance(text, str) or not isinstance(line, str) or not line:
        return 0
    all_lines, wanted = text.splitlines(), line.splitlines()
    places = range(len(all_lines) - len(wanted) + 1)
    return sum(all_lines[at : at + len(wanted)] == wanted for at in places)


def with_line(text: str | None, line: str) -> str:
    """A text with a line added at its end; what stands there stays as it is."""
    if not text:
        return line
    return f"{text}{line}" if text.endswith("\n") else f"{text}\n{line}"


def shows(entity: Job | Visit | Technician, field: str, value: Json) -> bool:
    """Whether the entity has what an edit wanted. A field that it does not have shows nothing."""
    try:
        has = value_of(entity, field)
    except KeyError:
        return False
    return lines_in(has, value) > 0 if field == NOTE else has == value


def with_visit_value(visit: Visit, field: str, value: Json) -> Visit:
    """The visit with the wanted value laid over it; a field it does not have leaves it as it is."""
    if field == TECHNICIANS and isinstance(value, list):
        crew = tuple(str(one) for one in value)
        status = visit.status
        if status in (Status.ASSIGNED, Status.UNASSIGNED):
            status = open_status(has_technician=bool(crew))
        return replace(visit, technician_ids=crew, status=status)
    if field == TIMES and isinstance(value, list):
        start, end, day = (*value, None, None, None)[:3]
        return replace(
            visit,
            start=start if isinstance(start, int) else None,
            end=end if isinstance(end, int) else None,
            date=date.fromisoformat(day) if isinstance(day, str) else None,
        )
    if field == SEQUENCE:
        return replace(visit, sequence=value if isinstance(value, int) else None)
    if field == STATUS and isinstance(value, str):
        status = _status(value, has_technician=bool(visit.technician_ids))
        return replace(visit, status=status, raw_status=_word(value, visit.raw_status))
    return visit


def with_job_value(job: Job, field: str, value: Json) -> Job:
    """The job with the wanted value laid over it; a field it does not have leaves it as it is."""
    if field == TECHNICIANS and isinstance(value, list):
        return replace(job, technician_ids=tuple(str(one) for one in value))
    if field == TIMES and isinstance(value, list):
        start, end, day = (*value, None, None, None)[:3]
        return replace(
            job,
            start=start if isinstance(start, int) else None,
            end=end if isinstance(end, int) else None,
            date=date.fromisoformat(day) if isinstance(day, str) else None,
        )
    if field == SEQUENCE:
        return replace(job, sequence=value if isinstance(value, int) else None)
    if field == STATUS and isinstance(value, str):
        status = _status(value, has_technician=bool(job.technician_ids))
        return replace(job, status=status, raw_status=_word(value, job.raw_status))
    if field == "priority":
        return replace(job, priority=Priority[value.upper()] if isinstance(value, str) else None)
    if field == "duration_min":
        return replace(job, duration_min=value if isinstance(value, int) else None)
    if field in ("skills", WINDOWS) and isinstance(value, list):
        return _with_list(job, field, value)
    if field == NOTE and isinstance(value, str):
        return job if lines_in(job.notes, value) else replace(job, notes=with_line(job.notes, value))
    if field == ASSETS and isinstance(value, list):
        known = {one.id: one for one in job.assets or ()}
        wanted = (str(one) for one in value)
        return replace(job, assets=tuple(known.get(one) or Asset(one, "", "", "", "") for one in wanted))
    return _with_text(job, field, value if isinstance(value, str) else None)


def _with_own(job: Job, name: str, text: str | None) -> Job:
    """The job with another text in one of the system's own fields; a new one comes last."""
    kept = [one._replace(value=text) if one.name == name and text else one for one in job.fields]
    if not text:
        kept = [one for one in kept if one.name != name]
    elif name not in {one.name for one in kept}:
        kept.append(CustomField(name, text))
    return replace(job, fields=tuple(kept))


def _with_list(job: Job, field: str, values: list[Json]) -> Job:
    if field == "skills":
        return replace(job, skills=tuple(str(one) for one in values))
    spans = [one for one in values if isinstance(one, list) and len(one) == 2]
    windows = [TimeWindow(a, b) for a, b in spans if isinstance(a, int) and isinstance(b, int)]
    return replace(job, windows=tuple(windows))


def _with_text(job: Job, field: str, text: str | None) -> Job:
    match field:
        case "title":
            return replace(job, title=text or "")
        case "customer_id" | "customer":
            return replace(job, customer_id=text) if field == "customer_id" else replace(job, customer=text)
        case "phone":
            return replace(job, phone=text)
        case "address":
            return replace(job, address=text)
        case "notes":
            return replace(job, notes=text)
        case "number":
            return replace(job, number=text)
        case "kind":
            return replace(job, kind=text)
        case "territory":
            return replace(job, territory=text)
        case _ if field.startswith(OWN):
            return _with_own(job, field.removeprefix(OWN), text)
        case _:
            return job


def _status(word: str, *, has_technician: bool) -> Status:
    return status_of_key(word, has_technician=has_technician)


def _word(value: str, raw: str) -> str:
    """The system's word beside a wanted status: it is not known here, but a stage shows by nothing else."""
    return value.capitalize() if value in STAGES or raw.strip().lower() in STAGES else raw
