"""The ways in which FieldCamp's documents contradict themselves, each as a switch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fieldboard.sandbox.switches import BadSetting, parse

__all__ = ["BadSetting", "Settings"]

_POSITIVE = frozenset({"page_size", "rate_limit"})


@dataclass(frozen=True, slots=True)
class Settings:
    """How this server resolves what the documents leave open; the defaults are the likeliest."""

    #: Which field of an update carries the status: ``jobStatus`` (schema) or ``status`` (prose).
    #: ``jobStatus: "cancelled"`` is honoured in both, as it is the documents' own example.
    dialect: Literal["schema", "prose"] = "schema"
    #: Whether lists come whole, or in pages that a top-level ``pagination`` announces.
    paging: Literal["none", "page"] = "none"
    page_size: int = 100
    #: Whether visits and team exist below ``/api/v1``.
    versioned: bool = True
    #: Whether one of the two token headers is enough.
    auth: Literal["either", "both"] = "either"
    #: Whether ``technicianId: null`` takes the technician off a visit; else it is ignored.
    null_unassign: bool = True
    #: Seconds that every answer takes.
    latency_s: float = 0.0
    #: Seconds during which reads still answer what was before a write.
    read_lag_s: float = 0.0
    #: A second job of the same number: refused with 409, or made.
    duplicate_number: Literal["409", "allow"] = "allow"
    #: Whether a job without a number is refused; else it gets the next one.
    number_required: bool = False
    #: Whether a changed visit stamps its job's ``updatedAt``.
    visit_bumps_job: bool = False
    #: Whether a job's ``assignedToTeams`` follows the technicians of its visits.
    crew_follows: bool = True
    #: Whether the window of a job follows its only visit.
    window_follows: bool = True
    #: Whether a job's new window moves its only visit, where that covered the old one.
    visit_follows: bool = True
    #: Whether the visits follow when a job is set to in-progress or completed.
    visits_follow_status: bool = True
    #: ``error`` as a string, or as an object with ``message``.
    errors: Literal["string", "object"] = "string"
    #: Requests per minute for the token, announced in the headers and enforced.
    rate_limit: int = 6000

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> Settings:
        """Settings from ``KEY=VALUE`` pairs; raises `BadSetting` naming what is possible."""
        return parse(cls, given, _POSITIVE)
