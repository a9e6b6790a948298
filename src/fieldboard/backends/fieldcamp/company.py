"""What reading needs to know of a company: its zone, and what it calls its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from fieldboard.backends.fieldcamp.windows import read_windows
from fieldboard.domain.instants import Instant, Zone
from fieldboard.domain.job import CustomField, TimeWindow


@dataclass(frozen=True, slots=True)
class Company:
    """A company as its profile tells of it.

    `skill_names` maps FieldCamp's opaque skill ids to the company's words, `window_field` names the
    company's own job field with the promised windows.
    """

    zone: Zone
    skill_names: Mapping[str, str] = field(default_factory=dict)
    window_field: str | None = None

    def skills(self, ids: tuple[str, ...]) -> tuple[str, ...]:
        """The company's words for these skills; the id of one that it has no word for."""
        if not ids:
            return ()
        names = self.skill_names
        return tuple(dict.fromkeys([names.get(one, one) for one in ids]))

    def windows(self, fields: tuple[CustomField, ...], start: Instant | None) -> tuple[TimeWindow, ...]:
        """The windows that were promised for a job that begins at `start`, by the company's own fields."""
        if self.window_field is None:
            return ()
        wanted = self.window_field.casefold()
        for one in fields:
            if one.name.casefold() == wanted:
                return read_windows(one.value, start, self.zone)
        return ()
