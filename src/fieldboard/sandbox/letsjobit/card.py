"""What LetsJobIt keeps of a visit beside what the world knows of it."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime

from fieldboard.sandbox.records import Priority

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz"


def internal_id(*what: object) -> str:
    """Seventeen letters and digits that look random, always the same for the same thing."""
    return "".join(random.Random(" ".join(map(str, what))).choices(_LETTERS, k=17))


@dataclass(slots=True)
class Card:
    """One visit as this server knows it: who, when, in which place of the route, and its flags.

    ``day`` is ``YYYY-MM-DD``, ``priority`` a number as text. ``driver_id`` is also there where the
    visit is not ``in_app``: somebody it is meant for. ``written`` are the documented fields that came
    in writes, as they are read back. A ``plain`` visit has nothing but what was written.
    """

    key: str
    erp_id: int
    #: What tells this visit's decoration from the next one's.
    turn: int
    driver_id: str = ""
    driver_name: str = ""
    day: str = ""
    order: int | None = None
    in_app: bool = False
    closed: bool = False
    skipped: bool = False
    in_progress: bool = False
    servicing: bool = False
    #: Whether the customer signed on the driver's telephone.
    signed: bool = False
    confirmed: bool = False
    priority: str = "2"
    precedence: bool = False
    modified_by: str = "API"
    plain: bool = False
    written: dict[str, object] = field(default_factory=dict)
    #: The revision of the world's job that these facts are of.
    rev: int = -1
    #: Who and when the world had at that revision.
    place: tuple[str | None, datetime | None] | None = None
    #: The priority that the world had at that revision.
    rank: Priority | None = None
    #: Until when the driver's telephone has no line.
    offline_until: datetime | None = None
    #: Whose telephone that is.
    telephone: str = ""
    #: When the server last heard of a change.
    changed_at: datetime | None = None
    #: How often this card changed.
    edition: int = 0

    @property
    def flags(self) -> tuple[bool, ...]:
        """How far the visit is."""
        return self.closed, self.skipped, self.in_progress, self.servicing
