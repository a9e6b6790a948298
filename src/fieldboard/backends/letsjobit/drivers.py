"""LetsJobIt's drivers, as its visits name them: the API documents no list of them.

Who was seen is kept among the learned facts, so that a round that reads one day still knows everybody.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, MutableMapping
from datetime import date
from typing import Final

from fieldboard.backends.letsjobit.reading import Driver
from fieldboard.backends.port import Row
from fieldboard.domain.operation import Kind
from fieldboard.domain.technician import Technician

FACT: Final = "drivers"
ACTIVE_DAYS: Final = 30
"""How long after the last day of theirs a driver counts as working here."""


class Drivers:
    """The drivers of one account. `roster` are those whom the roster names by id, with their names."""

    def __init__(self, facts: MutableMapping[str, str], roster: Mapping[str, str]) -> None:
        self._facts = facts
        self._roster = roster
        self._seen: dict[str, tuple[str, str]] = _known(facts.get(FACT, ""))
        self._busy: frozenset[str] = frozenset()
        self._shown: dict[str, Technician] = {}

    def saw(self, drivers: Iterable[Driver], today: date) -> list[Row]:
        """Take in who was named; the rows of those who are new, or called otherwise than before."""
        changed: dict[str, None] = {}
        for one in drivers:
            day = one.day.isoformat() if one.day is not None else ""
            name, last = self._seen.get(one.id, ("", ""))
            if one.id not in self._seen or day > last or (not name and one.name):
                self._seen[one.id] = (one.name or name, max(day, last))
                changed[one.id] = None
        if changed:
            self._facts[FACT] = json.dumps(self._seen, ensure_ascii=False, sort_keys=True)
        rows = [row for one in changed if (row := self.row(one, today)) is not None]
        return [row for row in rows if self._shown.get(row.id) != row.entity and self._note(row)]

    def busy(self, drivers: Iterable[str]) -> None:
        """Say who has a visit in progress today."""
        self._busy = frozenset(drivers)

    def rows(self, today: date) -> list[Row]:
        """Everybody."""
        ids = dict.fromkeys((*self._seen, *self._roster))
        rows = [row for one in ids if (row := self.row(one, today)) is not None]
        for row in rows:
            self._note(row)
        return rows

    def row(self, driver_id: str, today: date) -> Row | None:
        """One driver; None for one whom neither a visit nor the roster names."""
        if driver_id not in self._seen and driver_id not in self._roster:
            return None
        name, last = self._seen.get(driver_id, ("", ""))
        person = Technician(
            id=driver_id,
            name=self.name_of(driver_id) or driver_id,
            status="busy" if driver_id in self._busy else None,
            active=driver_id in self._roster or _recent(last, today),
        )
        raw = json.dumps(
            {"driverId": driver_id, "name": name, "active": person.active, "status": person.status},
            ensure_ascii=False,
        )
        return Row(Kind.TECHNICIAN, driver_id, person, raw)

    def name_of(self, driver_id: str) -> str | None:
        """What the visits call a driver, else what the roster does; None for nobody."""
        return self._seen.get(driver_id, ("", ""))[0] or self._roster.get(driver_id) or None

    def __len__(self) -> int:
        return len(self._seen)

    def _note(self, row: Row) -> bool:
        if isinstance(row.entity, Technician):
            self._shown[row.id] = row.entity
        return True


def _recent(day: str, today: date) -> bool:
    try:
        return (today - date.fromisoformat(day)).days <= ACTIVE_DAYS
    except ValueError:
        # Named on a visit without a day: nothing says that the driver has left.
        return True


def _known(text: str) -> dict[str, tuple[str, str]]:
    try:
        value = json.loads(text) if text else {}
    except ValueError:
        return {}
    if not isinstance(value, dict):
        return {}
    return {
        one: (str(told[0]), str(told[1]))
        for one, told in value.items()
        if isinstance(told, list) and len(told) == 2
    }
