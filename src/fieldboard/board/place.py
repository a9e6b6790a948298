"""The place where a dispatcher was: what is restored at the next start. Never anything about jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, field, fields
from datetime import date
from typing import Any, Final

from fieldboard.board.filters import Filter
from fieldboard.board.queue_order import GroupBy, Order
from fieldboard.domain.value_class import value_class

PANES: Final = ("queue", "board", "timeline")
SLOTS: Final = (60, 30, 15)
"""Minutes of a row of the board, from far to near."""
HOURS: Final = (168, 24, 12, 8, 4, 2)
"""Hours across the timeline, from far to near."""


@value_class
class Place:
    """Where the board stands.

    `day` None means today, whenever that is; `left` is the day on which the board was left there.
    `technician` and `visit` are ids.
    """

    day: date | None = None
    left: date | None = None
    pane: str = "queue"
    visit: str | None = None
    technician: str | None = None
    slot_minutes: int = 30
    hours: int = 12
    full_screen: bool = False
    order: Order = Order.URGENCY
    group_by: GroupBy = GroupBy.NOTHING
    filter: Filter = field(default_factory=Filter)
    theme: str | None = None
    seen_news: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The place as a JSON object."""
        values = asdict(self)
        for name in ("day", "left"):
            day = getattr(self, name)
            values[name] = day.isoformat() if day is not None else None
        return values


def place_of_json(values: Mapping[str, Any] | None, today: date) -> Place:
    """The place that a JSON object tells; what is missing or rubbish in it is as at a first start.

    A day other than today is kept if it lies ahead, or if the board was left on it today: what was
    reviewed yesterday is not today's place.
    """
    if not isinstance(values, Mapping):
        return Place()
    kept: dict[str, Any] = {}
    for name in ("visit", "technician", "theme", "seen_news"):
        if isinstance(values.get(name), str):
            kept[name] = values[name]
    if values.get("pane") in PANES:
        kept["pane"] = values["pane"]
    if values.get("slot_minutes") in SLOTS and not isinstance(values["slot_minutes"], bool):
        kept["slot_minutes"] = values["slot_minutes"]
    if values.get("hours") in HOURS and not isinstance(values["hours"], bool):
        kept["hours"] = values["hours"]
    if isinstance(values.get("full_screen"), bool):
        kept["full_screen"] = values["full_screen"]
    if values.get("order") in [one.value for one in Order]:
        kept["order"] = Order(values["order"])
    if values.get("group_by") in [one.value for one in GroupBy]:
        kept["group_by"] = GroupBy(values["group_by"])
    shown = values.get("filter")
    if isinstance(shown, Mapping):
        texts = {one.name: shown.get(one.name) for one in fields(Filter)}
        kept["filter"] = Filter(**{name: text for name, text in texts.items() if isinstance(text, str)})
    day = values.get("day")
    if isinstance(day, str):
        try:
            parsed = date.fromisoformat(day)
        except ValueError:
            parsed = today
        if parsed > today or (parsed < today and values.get("left") == today.isoformat()):
            kept["day"] = parsed
    return Place(**kept)
