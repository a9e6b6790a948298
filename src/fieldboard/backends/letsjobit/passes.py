"""One pass over a list of visits: what came, where the next page begins, and whether that was all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from fieldboard.backends.letsjobit.reading import Read
from fieldboard.backends.letsjobit.values import whole

PAGE: Final = 100
"""Visits in an answer; the reference calls it a hard limit."""
MAX_PAGES: Final = 10_000


@dataclass
class Pass:
    """One pass over one list: what came, and whether that was all of it."""

    ids: set[str] = field(default_factory=set)
    bad: int = 0
    total: int | None = None
    complete: bool = False
    why_not: str | None = None
    _moved: bool = False
    pages: int = 0
    _new: int = 0

    def take(self, good: Sequence[Read], bad: int) -> list[Read]:
        """The rows that this pass has not brought yet."""
        fresh = [one for one in {one.row.id: one for one in good}.values() if one.row.id not in self.ids]
        self.ids.update(one.row.id for one in fresh)
        self.bad += bad
        self._new += len(fresh) + bad
        return fresh

    def next_start(self, meta: Mapping[str, object], start: int, taken: int) -> int | None:
        """Where the next page begins; None at the end, when it is judged what came."""
        total, remaining, following = (
            _count(meta.get(name)) for name in ("totalRecords", "remainingRecords", "nextStart")
        )
        self.pages += 1
        new, self._new = self._new, 0
        if total is not None:
            self._moved = self._moved or self.total not in (None, total)
            self.total = total
        if remaining is None and total is not None:
            remaining = total - start - taken
        # It says nothing of itself: a full page may not be all.
        more = remaining > 0 if remaining is not None else taken >= PAGE
        if more and new > 0 and self.pages < MAX_PAGES:
            return following if following is not None and following > start else start + taken
        self._judge(taken, new)
        return None

    def _judge(self, taken: int, new: int) -> None:
        came = len(self.ids) + self.bad
        if self._moved:
            self.why_not = "the list changed its length while it was read"
        elif self.total is not None and came != self.total:
            self.why_not = f"the server announces {self.total} visits and sent {came}"
        elif self.total is None and taken >= PAGE and new == 0:
            self.why_not = "the list does not say where it ends"
        else:
            self.complete = True


def _count(value: object) -> int | None:
    found = whole(value) if isinstance(value, str | int | float) else None
    return found if found is not None and found >= 0 else None
