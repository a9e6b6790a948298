"""Jobs: a customer's work orders."""

from __future__ import annotations

from datetime import date

from fieldboard.domain.instants import Instant
from fieldboard.domain.named import NamedTuple
from fieldboard.domain.priority import Priority
from fieldboard.domain.status import Status
from fieldboard.domain.value_class import value_class


class TimeWindow(NamedTuple):
    """A promise to the customer: the visit begins or is done between `start` and `end`."""

    start: Instant
    end: Instant


class JobItem(NamedTuple):
    """One line of the work order."""

    name: str
    quantity: float
    detail: str


class CustomField(NamedTuple):
    """A field that the company itself added to its jobs."""

    name: str
    value: str


class Asset(NamedTuple):
    """A thing of the customer's that the job is about, and what is done with it.

    `relation` is the system's own word: serviced, installed, replaced …
    """

    id: str
    tag: str
    name: str
    status: str
    relation: str
    notes: str = ""


class Suggested(NamedTuple):
    """Whom the system itself would send, and what it says of that choice."""

    technician_id: str
    says: str = ""


@value_class
class Job:
    """A work order as the system keeps it.

    `technician_ids`, `start` and `end` are the job's own, which some systems keep beside those of
    its visits. `status` is the job's own; where a system counts open work as one status, it is
    refined by who is on the visits before anybody sees it. `site_id` names one of the customer's sites,
    where the system keeps these apart, and `site` is what it is called. `actual_start` and `actual_end`
    are there where the job itself is the visit. `assets` is None where nobody has told yet. `date` is the
    day of a job that has no clock time, `sequence` its place in the technician's order of that day, where
    the system keeps an order instead of times. `suggested` is whom the system itself would send, where it
    was asked.
    """

    id: str
    number: str | None = None
    title: str = ""
    customer_id: str | None = None
    customer: str | None = None
    phone: str | None = None
    address: str | None = None
    lat: float | None = None
    lng: float | None = None
    status: Status = Status.UNKNOWN
    raw_status: str = ""
    priority: Priority | None = None
    technician_ids: tuple[str, ...] = ()
    start: Instant | None = None
    end: Instant | None = None
    duration_min: int | None = None
    windows: tuple[TimeWindow, ...] = ()
    skills: tuple[str, ...] = ()
    territory: str | None = None
    notes: str | None = None
    kind: str | None = None
    items: tuple[JobItem, ...] = ()
    fields: tuple[CustomField, ...] = ()
    created_at: Instant | None = None
    updated_at: Instant | None = None
    site_id: str | None = None
    site: str | None = None
    actual_start: Instant | None = None
    actual_end: Instant | None = None
    assets: tuple[Asset, ...] | None = None
    date: date | None = None
    sequence: int | None = None
    suggested: Suggested | None = None
