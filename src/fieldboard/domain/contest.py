"""What an edit met at the server when it could not be carried out as it was meant."""

from __future__ import annotations

from fieldboard.domain.instants import Instant
from fieldboard.domain.operation import Json, Kind
from fieldboard.domain.value_class import value_class


@value_class
class Contest:
    """One field on which two sides disagree: what was seen, what was wanted, what the server had.

    `by` is who made it theirs and `at` when, as far as the system says; `seen_at` is when we saw it. For
    something that was created more than once, `field` is `created` and `theirs` the list of its ids.
    """

    kind: Kind
    id: str
    field: str
    base: Json
    mine: Json
    theirs: Json
    by: str | None = None
    at: Instant | None = None
    seen_at: Instant | None = None
