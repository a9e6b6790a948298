"""LetsJobIt's JSON as the board reads it: every field in whichever of its types it comes.

The reference's tables, its example of a list and its example of a new visit disagree about types: flags
are true/false, 1/0 and "1"/"0", a priority is "3" or 3, ids are numbers or texts. All of these are taken;
what can be none of them makes the row unreadable, or, where little hangs on it, counts as not told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from fieldboard.backends.letsjobit.values import (
    Object,
    Unreadable,
    day,
    flag,
    identity,
    is_on,
    line,
    number,
    paragraphs,
    texts,
    whole,
)
from fieldboard.domain.operation import Json

MIDNIGHT: Final = 24 * 3600
CHANGED_AT: Final = ("modifieddAt", "modifiedAt", "modified_at")
"""The documents' own spelling, and the two that a correction would have."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One of a customer's opening times, in seconds from midnight on the wall."""

    earliest: int
    latest: int


def openings(value: Json) -> tuple[tuple[Opening, ...], int]:
    """The opening times that can be read, and how many others there are."""
    if isinstance(value, dict):
        value = [value] if value else None
    if not isinstance(value, list):
        return (), 0 if value in (None, "") else 1
    found: list[Opening] = []
    for one in value:
        early, late = (
            (whole(one.get("earliest")), whole(one.get("latest"))) if isinstance(one, dict) else (None,) * 2
        )
        if early is not None and late is not None and _sensible(early, late):
            found.append(Opening(early, late))
    return tuple(found), len(value) - len(found)


def _sensible(early: int, late: int) -> bool:
    return 0 <= early < MIDNIGHT and 0 <= late <= MIDNIGHT and early != late


@dataclass(frozen=True, slots=True)
class ExtraField:
    """A field that the company added to a line. `limits` is what may be entered, for people."""

    name: str
    value: str
    limits: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a visit; `action` marks a job to be done, others are things delivered or sold."""

    action: bool
    description: str
    quantity: float
    kind: str
    location: str
    equipment: str
    extra: tuple[ExtraField, ...]


@dataclass(frozen=True, slots=True)
class WireVisit:
    """A visit, each field in one type. Texts are clean, '' where nothing was told.

    `signed` says that a signature was there: the picture itself is dropped. `bad_openings` counts opening
    times that make no sense. `in_app` is whether the driver's mobile app shows the visit, `switches` are
    those of the app that are on.
    """

    id: str
    erp_id: str
    driver_id: str
    driver: str
    day: date | None
    number: str
    kind: str
    order: int | None
    customer: str
    site_id: str
    site: str
    address: str
    city: str
    post_code: str
    country: str
    territory: str
    lat: float | None
    lng: float | None
    notes: str
    contact: str
    phone: str
    company_id: str
    duration_s: float | None
    priority: str
    pressing: bool
    in_app: bool
    skills: tuple[str, ...]
    vehicles: tuple[str, ...]
    subcontractors: tuple[str, ...]
    openings: tuple[Opening, ...]
    bad_openings: int
    confirmed: bool
    in_progress: bool
    servicing: bool
    closed: bool
    skipped: bool
    skip_reason: str
    unsent: bool
    signee: str
    signee_email: str
    rating: int | None
    signed: bool
    lines: tuple[Line, ...]
    total_jobs: int | None
    created_at: str
    created_by: str
    changed_at: str
    changed_by: str
    closed_at: str
    switches: tuple[str, ...]


SWITCHES: Final = (
    *("emailMandatory", "NPSMandatory", "useStartPauseStopStyleButtonsInJobs", "closeVisitOnLastJobClose"),
    *("showItemsOnOrderSection", "showDiscountAndBonusOnItemsOnOrder", "hideEquipmentDetails"),
    "hideDeliveryItemsSection",
)
"""What the driver's app asks for and shows; nothing is decided by it here."""


def visit_of(value: Object) -> WireVisit:
    """Read a visit. Raises Unreadable."""
    get = value.get
    windows, bad = openings(get("time_windows"))
    rating = whole(get("signeeRating"))
    return WireVisit(
        id=identity(get("_id"), "_id"),
        erp_id=line(get("id"), "id"),
        driver_id=line(get("driverId"), "driverId"),
        driver=line(get("name"), "name"),
        day=day(get("date"), "date"),
        number=line(get("docNo"), "docNo"),
        kind=line(get("docType"), "docType"),
        order=whole(get("serviceOrder")),
        customer=line(get("customer"), "customer"),
        site_id=line(get("siteId"), "siteId"),
        site=line(get("site"), "site"),
        address=line(get("address"), "address"),
        city=line(get("city"), "city"),
        post_code=line(get("postCode"), "postCode"),
        country=line(get("country"), "country"),
        territory=line(get("territory"), "territory"),
        lat=number(get("lat")),
        lng=number(get("lng")),
        notes=paragraphs(get("obs"), "obs"),
        contact=line(get("contactPerson"), "contactPerson"),
        phone=line(get("contactPhone"), "contactPhone"),
        company_id=line(get("companyId"), "companyId"),
        duration_s=number(get("duration")),
        priority=line(get("priority"), "priority"),
        pressing=flag(get("precedencePriorityVisit"), "precedencePriorityVisit"),
        # Where a server does not speak of the app at all, whoever is named has the visit.
        in_app=flag(get("inMobileApp"), "inMobileApp") if "inMobileApp" in value else True,
        skills=texts(get("required_skills"), "required_skills"),
        vehicles=texts(get("allowed_vehicles"), "allowed_vehicles"),
        subcontractors=texts(get("subContractorIds"), "subContractorIds"),
        openings=windows,
        bad_openings=bad,
        confirmed=flag(get("confirmClose"), "confirmClose"),
        in_progress=flag(get("inProgress"), "inProgress"),
        servicing=flag(get("servicing"), "servicing"),
        closed=flag(get("closed"), "closed"),
        skipped=flag(get("skipped"), "skipped"),
        skip_reason=line(get("skippedReasonId"), "skippedReasonId"),
        unsent=flag(get("hasChangesToSync"), "hasChangesToSync"),
        signee=line(get("signeeName"), "signeeName"),
        signee_email=line(get("signeeEmail"), "signeeEmail"),
        rating=rating if rating and 1 <= rating <= 10 else None,
        signed=bool(get("signature")),
        lines=_lines(get("lines")),
        total_jobs=whole(get("totalJobs")),
        created_at=line(get("createdAt"), "createdAt"),
        created_by=line(get("createdUser"), "createdUser"),
        changed_at=line(next((get(one) for one in CHANGED_AT if get(one)), None), CHANGED_AT[0]),
        changed_by=line(get("modifyUser"), "modifyUser"),
        closed_at=line(get("closeDate"), "closeDate"),
        switches=tuple(name for name in SWITCHES if is_on(get(name))),
    )


def _lines(value: Json) -> tuple[Line, ...]:
    if value is None or value == "":
        return ()
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Unreadable("lines: not a list of objects")
    return tuple(_line(one) for one in value if isinstance(one, dict))


def _line(one: Object) -> Line:
    quantity = number(one.get("qty"))
    equipment = (line(one.get(name), name) for name in ("brand", "model", "serialNr"))
    extra = one.get("extraData")
    return Line(
        action=flag(one.get("actionItem"), "actionItem"),
        description=line(one.get("description"), "description"),
        quantity=quantity if quantity is not None else 1.0,
        kind=line(one.get("jobType"), "jobType"),
        location=line(one.get("location"), "location"),
        equipment=" ".join(part for part in equipment if part),
        extra=tuple(_extra(field) for field in extra if isinstance(field, dict))
        if isinstance(extra, list)
        else (),
    )


def _extra(one: Object) -> ExtraField:
    caption = line(one.get("caption"), "caption") or line(one.get("name"), "name")
    value = line(one.get("value"), "value") or line(one.get("options_default"), "options_default")
    kind, least, most = (line(one.get(name), name) for name in ("type", "min", "max"))
    choices = texts(_split(one.get("options_values")), "options_values")
    said: Sequence[str] = (
        kind,
        f"{least or '…'} to {most or '…'}" if least or most else "",
        " / ".join(choices),
        line(one.get("required"), "required"),
    )
    return ExtraField(caption or "further field", value, ", ".join(part for part in said if part))


def _split(value: Json) -> Json:
    return [part for part in value.split("|") if part.strip()] if isinstance(value, str) else None
