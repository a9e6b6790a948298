"""What `doctor` wants to know of a live server; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fieldboard.backends.fieldopt.asking import AT_ONCE, LISTS, Asking, Taken
from fieldboard.backends.fieldopt.reading import plain_json
from fieldboard.backends.fieldopt.rules import Dialect
from fieldboard.backends.json_door import NotJson, parse
from fieldboard.backends.port import LineDown, Probe, Row, TokenRefused
from fieldboard.backends.server_clock import probe_clock
from fieldboard.domain.job import Job
from fieldboard.domain.operation import Kind


async def probe(asking: Asking, learned: Mapping[str, str]) -> Sequence[Probe]:
    """Address, dialect, lists, filters, counts, single reads, assignments, suggestions, clock."""
    found: list[Probe] = []
    http = asking.http
    try:
        await asking.look_at_schema()
        jobs = await _list(asking, Kind.JOB)
    except TokenRefused as refused:
        return (Probe("address", True, f"{http.base} answers"), Probe("token", False, str(refused)))
    except LineDown as down:
        return (Probe("address", False, str(down)),)
    found.append(Probe("address", True, f"{http.base} answers"))
    found.append(_dialect(asking, learned))
    found.append(Probe("jobs", not jobs.bad, _said(jobs)))
    try:
        technicians = await _list(asking, Kind.TECHNICIAN)
        found.append(Probe("technicians", not technicians.bad, _said(technicians)))
        found.append(await _summary(asking, jobs))
        if jobs.rows:
            found += await _filters(asking, jobs.rows)
            found += await _single(asking, jobs.rows, technicians.rows)
    except LineDown as down:
        found.append(Probe("reads", False, str(down)))
    found.append(_reassign(learned.get("reassign")))
    found.append(_auto_route(asking))
    return (*found, probe_clock(http))


async def _list(asking: Asking, kind: Kind) -> Taken:
    code = asking.speaks_code
    taken = await asking.take(kind, LISTS[kind], {"limit": str(AT_ONCE)} if code else None)
    if asking.speaks_code and not code:
        taken = await asking.take(kind, LISTS[kind], {"limit": str(AT_ONCE)})
    return taken


def _said(taken: Taken) -> str:
    bad = f", {len(taken.bad)} cannot be read: {taken.bad[0].why}" if taken.bad else ""
    return f"{taken.came} listed{bad}"


def _dialect(asking: Asking, learned: Mapping[str, str]) -> Probe:
    if asking.dialect is None:
        return Probe("dialect", None, "shows with the first job; the documented one is assumed")
    version = learned.get("version")
    of = f", it calls itself {version}" if version else ""
    features = learned.get("features")
    more = f", with {features.replace(' ', ', ')}" if features else ""
    which = "that of the documents" if asking.dialect is Dialect.DOCUMENTED else "that of the public servers"
    return Probe("dialect", True, f"{which}{of}{more}")


async def _summary(asking: Asking, jobs: Taken) -> Probe:
    counts = await asking.summary()
    if counts is None:
        return Probe(
            "summary", False, "the server does not count its jobs: whether a list is whole is guessed"
        )
    total = counts["total"]
    if total > jobs.came:
        says = f"{total} jobs, of which one list shows {jobs.came}: they are read in parts"
        return Probe("summary", True, says)
    return Probe("summary", True, f"{total} jobs, and one list shows all of them")


async def _filters(asking: Asking, rows: Sequence[Row]) -> list[Probe]:
    """Whether each documented filter narrows the list."""
    found: list[Probe] = []
    sample = plain_json(rows[0])
    limit = {"limit": str(AT_ONCE)} if asking.speaks_code else {}
    for name, field in (("status", "status"), ("scheduled_date", "scheduled_date"), ("type", "type")):
        value = sample.get(field) or (sample.get("job_type") if name == "type" else None)
        if not isinstance(value, str) or not value:
            continue
        wanted = value[:10] if name == "scheduled_date" else value
        try:
            taken = await asking.take(Kind.JOB, LISTS[Kind.JOB], {name: wanted, **limit})
        except LineDown as down:
            found.append(Probe(f"filter {name}", False, str(down)))
            continue
        others = [row for row in taken.rows if not _narrowed(row, name, field, wanted)]
        ignored = bool(others) and taken.came >= len(rows)
        says = "is ignored" if ignored else f"works: {taken.came} of {len(rows)}"
        if not ignored and others:
            says = f"{len(others)} of {taken.came} are of another {name}: the server may be in another zone"
        # The public servers know a job's type by another name, and need no such filter.
        found.append(Probe(f"filter {name}", not ignored or (asking.speaks_code and name == "type"), says))
    return found


def _narrowed(row: Row, name: str, field: str, wanted: str) -> bool:
    job = plain_json(row)
    value = job.get(field) or (job.get("job_type") if name == "type" else None)
    return str(value or "")[:10] == wanted if name == "scheduled_date" else value == wanted


async def _single(asking: Asking, jobs: Sequence[Row], technicians: Sequence[Row]) -> list[Probe]:
    """Single reads, assignments, the server's suggestion and its check: all of one job and technician."""
    found: list[Probe] = []
    waiting = next((row for row in jobs if _crew(row) is None and _open(row)), jobs[0])
    given = next((row for row in jobs if _crew(row) is not None), None)
    who = _crew(given) if given is not None else None
    person = next(
        (row.id for row in technicians if row.id == who), technicians[0].id if technicians else None
    )
    calls = [("one job", f"/jobs/{waiting.id}"), ("best technician", f"/routing/best-tech/{waiting.id}")]
    if person is not None:
        calls += [
            ("one technician", f"/technicians/{person}"),
            ("can-do", f"/jobs/{waiting.id}/can-do/{person}"),
            ("assignments of a technician", f"/assignments/technician/{person}"),
        ]
    if given is not None:
        calls.append(("assignments of a job", f"/assignments/job/{given.id}"))
    for name, path in calls:
        reply = await asking.get(path)
        good = reply.ok
        try:
            parse(reply.body, reply.content_type)
        except NotJson:
            good = False
        found.append(Probe(name, good or None, "works" if good else f"is not answered ({reply.status})"))
    silent = asking.known.silent
    if silent:
        found.append(
            Probe("technicians of jobs", None, f"{len(silent)} jobs do not tell theirs: asked apart")
        )
    return found


def _crew(row: Row) -> str | None:
    job = row.entity
    return job.technician_ids[0] if isinstance(job, Job) and job.technician_ids else None


def _open(row: Row) -> bool:
    return getattr(row.entity, "raw_status", "") == "pending"


def _reassign(known: str | None) -> Probe:
    if known == "broken":
        return Probe(
            "reassign", None, "fails on this server: a job is taken from one, then given to the other"
        )
    return Probe("reassign", None, "one call, until this server is seen to fail on it")


def _auto_route(asking: Asking) -> Probe:
    if asking.speaks_code:
        return Probe("auto-route", None, "never called: on this server it assigns every pending job")
    return Probe("auto-route", None, "only recommends here; its GET form is asked instead")
