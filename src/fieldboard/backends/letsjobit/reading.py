"""From LetsJobIt's visits to jobs of the domain; what cannot be read is set aside with a reason.

Pure. One visit of LetsJobIt is a job that is its own visit, by the visit's `_id`. It has a day and a place
in the day's order and no clock time. Of its stamps the reference does not say in which zone they
are: they are taken for the profile's, shown as given besides, and never compared. The picture of a
signature is dropped here, before anything is stored.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple

from fieldboard.backends.json_door import RowText, cleaned
from fieldboard.backends.letsjobit.rules import CONTACT, OPENING_HOURS, VEHICLES, Own
from fieldboard.backends.letsjobit.values import Object, Unreadable, line, whole
from fieldboard.backends.letsjobit.wire import MIDNIGHT, Opening, WireVisit, visit_of
from fieldboard.backends.port import Row, SetAside
from fieldboard.domain.instants import Instant, Zone, instant_of
from fieldboard.domain.job import CustomField, Job, JobItem, TimeWindow
from fieldboard.domain.operation import Json, Kind
from fieldboard.domain.status import Status
from fieldboard.domain.technician import LatLng

DROPPED: Final = frozenset({"signature", "appClientVersion"})
"""What is not kept of a visit: a picture of many kilobytes, and which release a phone has."""

FLAGS: Final = ("skipped", "closed", "confirmClose", "servicing", "inProgress", "inMobileApp")
"""The flags that stand for a status, the weightiest first."""


APP: Final[Mapping[str, str]] = {
    "emailMandatory": "wants an email",
    "NPSMandatory": "wants a score",
    "useStartPauseStopStyleButtonsInJobs": "jobs can be paused",
    "closeVisitOnLastJobClose": "closes with the last job",
    "showItemsOnOrderSection": "shows items on order",
    "showDiscountAndBonusOnItemsOnOrder": "shows discounts",
    "hideEquipmentDetails": "hides the equipment",
    "hideDeliveryItemsSection": "hides deliveries",
}
"""The switches of the driver's app in a dispatcher's words."""


class Driver(NamedTuple):
    """Somebody whom a visit names: LetsJobIt documents no list of them."""

    id: str
    name: str
    day: date | None


class Read(NamedTuple):
    """A visit of LetsJobIt as it is stored, and what else it tells.

    `obs` is its notes word for word, `erp_id` the id that the customer's own system gave it.
    """

    row: Row
    driver: Driver | None
    erp_id: str
    company_id: str
    obs: str
    busy: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the visits of one account, whose days and stamps are those of `zone`."""

    zone: Zone
    own: Own

    def rows_of(self, texts: Sequence[RowText]) -> tuple[list[Read], list[SetAside]]:
        """Those that could be read, and those set aside."""
        good: list[Read] = []
        bad: list[SetAside] = []
        for text in texts:
            try:
                if text.value is None:
                    raise Unreadable(text.why or "not readable")
                good.append(self.read(text.value))
            except (Unreadable, OverflowError, ValueError) as wrong:
                value = text.value
                raw = _text(value) if value is not None else cleaned(text)
                bad.append(SetAside(Kind.JOB, id_of(value), str(wrong), raw))
        return good, bad

    def read(self, value: dict[str, Json]) -> Read:
        """One visit. Raises Unreadable."""
        wire = visit_of(value)
        job = self._job(wire)
        obs = value.get("obs")
        return Read(
            Row(Kind.JOB, job.id, job, _text(value)),
            Driver(wire.driver_id, wire.driver, wire.day) if wire.driver_id else None,
            wire.erp_id,
            wire.company_id,
            obs if isinstance(obs, str) else "",
            busy=job.status is Status.IN_PROGRESS,
        )

    def _job(self, wire: WireVisit) -> Job:
        first = next((one.description for one in wire.lines if one.action and one.description), wire.kind)
        whose = wire.customer or wire.site
        ranked = whole(wire.priority)
        minutes = round(wire.duration_s / 60) if wire.duration_s is not None else 0
        return Job(
            id=wire.id,
            number=wire.number or None,
            title=" - ".join(part for part in (whose, first) if part),
            customer=wire.customer or None,
            phone=wire.phone or None,
            address=_address(wire),
            lat=place.lat if (place := _place(wire)) is not None else None,
            lng=place.lng if place is not None else None,
            status=status_of(wire),
            raw_status=flags_of(wire),
            priority=self.own.priority_of(
                ranked if ranked is not None and 1 <= ranked <= 10 else None, pressing=wire.pressing
            ),
            technician_ids=crew_of(wire),
            duration_min=minutes if 0 < minutes <= 60 * 24 * 31 else None,
            windows=self._windows(wire),
            skills=wire.skills,
            territory=wire.territory or None,
            notes=wire.notes or None,
            kind=wire.kind or None,
            items=_items(wire),
            fields=_fields(wire, ranked),
            created_at=self._moment(wire.created_at),
            updated_at=self._moment(wire.changed_at),
            site_id=wire.site_id or None,
            site=wire.site or None,
            actual_end=self._moment(wire.closed_at) if wire.closed else None,
            date=wire.day,
            sequence=wire.order,
        )

    def _windows(self, wire: WireVisit) -> tuple[TimeWindow, ...]:
        """The customer's opening times on the day of the visit, by the clock on the wall."""
        if wire.day is None:
            return ()
        found = []
        for one in wire.openings:
            start = self._on(wire.day, one.earliest)
            over = one.latest <= one.earliest
            end = self._on(wire.day + timedelta(days=1) if over else wire.day, one.latest)
            found.append(TimeWindow(start, end))
        return tuple(sorted(found))

    def _on(self, day: date, seconds: int) -> Instant:
        if seconds >= MIDNIGHT:
            return self.zone.day_bounds(day)[1]
        return self.zone.nearest(day, time(seconds // 3600, seconds // 60 % 60, seconds % 60))

    def _moment(self, text: str) -> Instant | None:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        if not 1971 <= moment.year < 2200:
            return None
        if moment.tzinfo is not None:
            return instant_of(moment)
        return self.zone.nearest(moment.date(), moment.time())


def status_of(wire: WireVisit) -> Status:
    """The status that the flags say: a skipped visit is tested first, as it may be closed too."""
    if wire.skipped:
        return Status.SKIPPED
    if wire.closed:
        return Status.COMPLETED
    if wire.servicing or wire.in_progress:
        return Status.IN_PROGRESS
    return Status.ASSIGNED if crew_of(wire) else Status.UNASSIGNED


def flags_of(wire: WireVisit) -> str:
    """The names of the flags that are set, with commas."""
    on = (wire.skipped, wire.closed, wire.confirmed, wire.servicing, wire.in_progress, wire.in_app)
    return ",".join(name for name, is_set in zip(FLAGS, on, strict=True) if is_set)


def crew_of(wire: WireVisit) -> tuple[str, ...]:
    """Who has the visit: a driver whose app does not show it is only pencilled in."""
    return (wire.driver_id,) if wire.driver_id and wire.in_app else ()


def id_of(value: Object | None) -> str | None:
    """The id in a row; None where it has none that is one."""
    try:
        return line((value or {}).get("_id"), "_id") or None
    except Unreadable:
        return None


def plain_json(row: Row) -> dict[str, Json]:
    """The server's own fields of a visit."""
    value = json.loads(row.raw)
    return value if isinstance(value, dict) else {}


def _text(value: Mapping[str, Json]) -> str:
    """The row as it is kept: keys in order, so that the same state is the same text."""
    told = {name: one for name, one in value.items() if name not in DROPPED}
    if value.get("signature"):
        told["signature"] = "not kept"
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return cleaned(RowText({**told}, text))


def _address(wire: WireVisit) -> str | None:
    """Street first, the site's name only where it is not the customer's."""
    site = (
        wire.site if wire.site.casefold() not in (wire.customer.casefold(), wire.address.casefold()) else ""
    )
    parts = (site, wire.address, wire.city, wire.post_code, wire.country)
    return ", ".join(part for part in parts if part) or None


def _place(wire: WireVisit) -> LatLng | None:
    lat, lng = wire.lat, wire.lng
    # 0, 0 is what a server has that never looked the address up.
    if lat is None or lng is None or (lat == 0 and lng == 0) or abs(lat) > 90 or abs(lng) > 180:
        return None
    return LatLng(lat, lng)


def _items(wire: WireVisit) -> tuple[JobItem, ...]:
    return tuple(
        JobItem(
            one.description or "a line without a description",
            one.quantity,
            " · ".join(
                part for part in ("" if one.action else "item", one.kind, one.location, one.equipment) if part
            ),
        )
        for one in wire.lines
    )


def _fields(wire: WireVisit, ranked: int | None) -> tuple[CustomField, ...]:
    """What else a visit tells, in a dispatcher's words; what is empty is left out."""
    planned = wire.driver or wire.driver_id
    score = f"{wire.rating} of 5" if wire.rating is not None else ""
    told = [
        (CONTACT, wire.contact),
        ("Pencilled in", planned if wire.driver_id and not wire.in_app else ""),
        (OPENING_HOURS, ", ".join(hours_of(one) for one in wire.openings)),
        ("Opening hours not understood", str(wire.bad_openings or "")),
        ("Priority", wire.priority if wire.priority and (ranked is None or not 1 <= ranked <= 10) else ""),
        (VEHICLES, ", ".join(wire.vehicles)),
        ("Sub-contractors", ", ".join(wire.subcontractors)),
        ("Skip reason", wire.skip_reason if wire.skipped else ""),
        ("Signed by", wire.signee if wire.signed or wire.closed else ""),
        ("Signed by (email)", wire.signee_email),
        ("Signature", "taken" if wire.signed else ""),
        ("Customer's score", score),
        ("Closed (as given)", wire.closed_at),
        ("Confirmed by the ERP", "yes" if wire.confirmed else ""),
        ("Jobs", str(wire.total_jobs) if (wire.total_jobs or 0) > max(1, len(wire.lines)) else ""),
        ("App", ", ".join(APP[name] for name in wire.switches)),
        ("Phone", "has changes that it has not sent yet" if wire.unsent else ""),
        ("Changed (as given)", " by ".join(part for part in (wire.changed_at, wire.changed_by) if part)),
        ("Created (as given)", " by ".join(part for part in (wire.created_at, wire.created_by) if part)),
        ("ERP id", wire.erp_id),
    ]
    found = [CustomField(name, value) for name, value in told if value]
    for one in wire.lines:
        for extra in one.extra:
            limits = f"({extra.limits})" if extra.limits else "–"
            value = extra.value or limits
            found.append(CustomField(extra.name, value))
    return tuple(found)


def hours_of(one: Opening) -> str:
    """An opening time by the clock on the wall, `08:30-18:00`."""
    over = " (overnight)" if one.latest <= one.earliest else ""
    return f"{_clock(one.earliest)}-{_clock(one.latest)}{over}"


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
