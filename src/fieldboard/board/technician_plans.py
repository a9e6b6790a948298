"""Plans for what a technician is doing and where, where the system keeps that and takes it from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldboard.board.plan import Plan, refuse
from fieldboard.domain.fields import LOCATION, STATUS, value_of
from fieldboard.domain.lifecycle import plain_word
from fieldboard.domain.operation import Change, Intent, Json, Kind, OperationDraft
from fieldboard.domain.rules import Ability, SystemRules
from fieldboard.domain.technician import LatLng, Technician

if TYPE_CHECKING:
    from fieldboard.board.desk import Desk


def plan_technician(
    desk: Desk, technician: Technician, *, status: str | None = None, place: LatLng | None = None
) -> Plan:
    """Set what a technician is doing (a word of the system's), where they are, or both."""
    if (lacking := desk.rules.why_not(Ability.TECHNICIAN_STATUS)) is not None:
        return refuse(lacking)
    seen = next((one for one in desk.store.technicians() if one.id == technician.id), None)
    if seen is None:
        return refuse(f"{desk.rules.title} does not know {technician.name}")
    changes: list[Change] = []
    parts: list[str] = []
    if status is not None:
        word = technician_word(desk.rules, status)
        if word is None:
            words = ", ".join(desk.rules.technician_words)
            return refuse(f"{status!r} is no status of a technician; {desk.rules.title} has {words}")
        if word != seen.status:
            changes.append(_change(seen, STATUS, word))
        parts.append(word.replace("_", " "))
    if place is not None:
        if not (-90 <= place.lat <= 90 and -180 <= place.lng <= 180):
            return refuse(f"{place.lat},{place.lng} is no place on earth: latitude ±90, longitude ±180")
        if place != seen.position:
            changes.append(_change(seen, LOCATION, [place.lat, place.lng]))
        parts.append(f"at {place.lat:g},{place.lng:g}")
    what = f"{technician.name} → {', '.join(parts)}"
    if not changes:
        return Plan(sentence=f"{what} already")
    return Plan(
        (OperationDraft(Intent.TECHNICIAN, f"{Kind.TECHNICIAN}:{technician.id}", tuple(changes), what),), what
    )


def technician_word(rules: SystemRules, text: str) -> str | None:
    """The system's own spelling of what a technician may be doing; None for any other word."""
    plain = plain_word(text)
    return next((word for word in rules.technician_words if plain_word(word) == plain), None)


def _change(technician: Technician, field: str, value: Json) -> Change:
    return Change(Kind.TECHNICIAN, technician.id, field, value_of(technician, field), value)
