"""What `doctor` wants to know of a live account; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from fieldboard.backends.fsmnavigator.lists import RESOURCES, Lists, Params
from fieldboard.backends.fsmnavigator.reading import plain_json
from fieldboard.backends.fsmnavigator.replies import error_of, scope_of, value_of
from fieldboard.backends.fsmnavigator.rules import MOVES, known_word
from fieldboard.backends.http import Http
from fieldboard.backends.json_door import NotJson
from fieldboard.backends.port import LineDown, Probe, ReadAnswer, Reading, TokenRefused
from fieldboard.backends.server_clock import probe_clock
from fieldboard.domain.customer import Customer
from fieldboard.domain.operation import Json, Kind
from fieldboard.domain.technician import Technician


class Reads(Protocol):
    """How one entity is read. Raises LineDown."""

    async def read(self, kind: Kind, entity_id: str, *, fresh: bool = False) -> ReadAnswer:
        """One entity as it is now."""
        ...


async def probe(http: Http, lists: Lists, reads: Reads, learned: Mapping[str, str]) -> Sequence[Probe]:
    """Address, key, scopes, paging, each filter, what reads by id tell, the clock, the limits."""
    found: list[Probe] = []
    samples: dict[Kind, Sequence[Mapping[str, Json]]] = {}
    for kind in (Kind.JOB, Kind.TECHNICIAN, Kind.CUSTOMER):
        resource = RESOURCES[kind]
        try:
            rows, says, ok = await _first(lists, resource, {"per_page": "100", "page": "1"})
        except TokenRefused as refused:
            return (Probe("address", True, f"{http.base} answers"), Probe("token", False, str(refused)))
        except LineDown as down:
            if kind is Kind.JOB:
                return (Probe("address", False, str(down)),)
            found.append(Probe(resource, False, str(down)))
            continue
        if kind is Kind.JOB:
            found.append(Probe("address", True, f"{http.base} answers"))
            found.append(Probe("token", True, "the API key is accepted"))
        found.append(Probe(resource, ok, says))
        found.append(Probe(f"scope {scope_of('GET', resource)}", ok, "granted" if ok else says))
        if rows:
            samples[kind] = rows
    found.append(Probe("scope jobs:write", None, "shows only when something is sent"))
    try:
        if Kind.JOB in samples:
            found += await _jobs(lists, reads, samples[Kind.JOB])
        found += await _by_id(reads, samples, learned)
    except LineDown as down:
        found.append(Probe("reads by id", False, str(down)))
    found.append(_null(learned.get("null_technician")))
    return (*found, probe_clock(http), *_limits(http), _today(learned))


async def _first(lists: Lists, resource: str, params: Params) -> tuple[list[dict[str, Json]], str, bool]:
    """The first page of a list, what it says of its pages, and whether it can be had."""
    reply = await lists.get(resource, params)
    if not reply.ok or reply.is_page:
        said = error_of(reply)[1]
        return [], f"refused ({reply.status}){': ' + said if said else ''}", False
    try:
        envelope = value_of(reply)
    except NotJson as strange:
        return [], str(strange), False
    data, pages = envelope.get("data"), envelope.get("pagination")
    rows = [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []
    if not isinstance(data, list):
        return [], "the answer holds no list", False
    if not isinstance(pages, dict):
        return rows, f"{len(rows)} read; the list says nothing of pages", True
    return rows, f"{len(rows)} of {pages.get('total')} read, {pages.get('total_pages')} pages of 100", True


async def _jobs(lists: Lists, reads: Reads, jobs: Sequence[Mapping[str, Json]]) -> list[Probe]:
    """Whether each documented filter narrows the list, and whether the statuses are the documented ones."""
    found: list[Probe] = []
    for name, field in (
        ("status", "job_status"),
        ("priority", "job_priority"),
        ("assigned_technician_id", "assigned_technician_id"),
        ("customer_location_id", "customer_location_id"),
        ("created_after", "created_at"),
        ("created_before", "created_at"),
    ):
        value = next((one[field] for one in jobs if one.get(field) is not None), None)
        if value is None:
            found.append(Probe(f"filter {name}", None, "no job of the first page has a value to ask for"))
            continue
        rows, says, ok = await _first(lists, "jobs", {name: str(value), "per_page": "10", "page": "1"})
        if name.startswith("created"):
            sign = 1 if name == "created_after" else -1
            narrowed = all(sign * _order(row.get(field), value) >= 0 for row in rows)
        else:
            narrowed = all(str(row.get(field)) == str(value) for row in rows)
        found.append(Probe(f"filter {name}", ok and narrowed, says if narrowed else "is ignored"))
    sample = jobs[0]
    word = sample.get("job_status")
    answer = await reads.read(Kind.JOB, str(sample.get("job_id")))
    ok = answer.reading is Reading.FOUND
    told = answer.row is not None and "assets" in plain_json(answer.row)
    found.append(
        Probe(
            "one job by id", ok, "works" + (", with its assets" if told else "") if ok else answer.why or ""
        )
    )
    if isinstance(word, str) and known_word(word) is None:
        found.append(Probe("statuses", True, f"{word} is beside the nine: {', '.join(MOVES)}"))
    return found


async def _by_id(
    reads: Reads, samples: Mapping[Kind, Sequence[Mapping[str, Json]]], learned: Mapping[str, str]
) -> list[Probe]:
    found: list[Probe] = []
    if Kind.TECHNICIAN in samples:
        one = samples[Kind.TECHNICIAN][0]
        answer = await reads.read(Kind.TECHNICIAN, str(one.get("technician_id")))
        person = answer.row.entity if answer.row is not None else None
        skilled = isinstance(person, Technician) and person.skills_known
        says = "told by a technician's own read" if skilled else "not told: the roster is asked"
        found.append(Probe("skills", None if not skilled else True, says))
    if Kind.CUSTOMER in samples:
        one = samples[Kind.CUSTOMER][0]
        answer = await reads.read(Kind.CUSTOMER, str(one.get("customer_id")))
        customer = answer.row.entity if answer.row is not None else None
        sites = customer.sites if isinstance(customer, Customer) else ()
        how = "by locations=1" if learned.get("locations") == "apart" else "with the customer"
        placed = ", with their place on the map" if any(site.place for site in sites) else ""
        says = f"told {how}{placed}" if sites else "none told of the first customer"
        found.append(Probe("locations", bool(sites) or None, says))
    return found


def _null(found_out: str | None) -> Probe:
    """Whether a job can go back to nobody, as far as an edit has shown."""
    says = {"works": "works", "refused": "is refused", "ignored": "is ignored"}.get(found_out or "")
    if says is None:
        return Probe("unassign", None, "shows only when somebody is taken off a job")
    return Probe("unassign", found_out == "works", f"naming no technician {says}")


def _order(one: Json, other: Json) -> int:
    return (str(one) > str(other)) - (str(one) < str(other))


def _limits(http: Http) -> list[Probe]:
    found: list[Probe] = []
    for name, method, params in (("lists", "GET", {}), ("single reads", "GET", {"id": "1"})):
        budget = http.budget_of(method, params)
        told = budget.remaining is not None
        of = f" of {budget.limit}" if budget.limit is not None else ""
        says = f"{budget.remaining}{of} requests left in this window" if told else "the server announces none"
        found.append(Probe(f"rate limit, {name}", True if told else None, says))
    return found


def _today(learned: Mapping[str, str]) -> Probe:
    day, _, number = learned.get("calls", "").partition(" ")
    return Probe(
        "requests today", None, f"{number or 0} on {day or 'this day'} (a cap a day is documented, no number)"
    )
