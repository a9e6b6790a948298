"""What FSM Navigator's documents leave open, each as a switch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fieldboard.sandbox.switches import parse

ALL_SCOPES = "jobs:read,jobs:write,technicians:read,customers:read,customers:write"
_POSITIVE = frozenset({"list_limit", "single_limit", "write_limit", "daily_limit"})


@dataclass(frozen=True, slots=True)
class Settings:
    """How this server resolves what the documents leave open; the defaults are the likeliest."""

    #: What the key may do, by commas; without one of them its calls are answered with 403.
    scopes: str = ALL_SCOPES
    #: Whether jobs show the words of the web application too: In-Transit, Arrived, Declined.
    app_words: bool = False
    #: What a PUT of null to technician or times does.
    put_null: Literal["accept", "refuse", "ignore"] = "accept"
    #: Whether naming a technician makes a Pending job Assigned by itself.
    put_assigns: bool = False
    #: Where the id of a new job stands: ``data.job_id`` (jobs page), ``data.id`` or ``job.id``.
    created_as: Literal["data.job_id", "data.id", "job.id"] = "data.job_id"
    #: What a single technician tells of skills: texts, objects with a name, or nothing.
    skills: Literal["texts", "objects", "none"] = "texts"
    #: Whether ``include=locations`` embeds a customer's locations; else only ``locations=1`` lists them.
    embeds: bool = True
    #: What the id of a location is called.
    location_key: Literal["location_id", "id", "customer_location_id"] = "location_id"
    #: Whether locations tell their place on the map, which no document names.
    coordinates: bool = False
    #: Whether the account has the Asset Management module.
    assets: bool = True
    #: Whether the headers announce the rate limits.
    announces: bool = True
    #: Requests a minute: lists, single entities, writes; and of all together in a day.
    list_limit: int = 3000
    single_limit: int = 1800
    write_limit: int = 600
    daily_limit: int = 100_000
    #: Seconds that every answer takes.
    latency_s: float = 0.0

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> Settings:
        """Settings from ``KEY=VALUE`` pairs; raises `BadSetting` naming what is possible."""
        return parse(cls, given, _POSITIVE)

    @property
    def granted(self) -> frozenset[str]:
        """The scopes of the key."""
        return frozenset(part.strip() for part in self.scopes.split(",") if part.strip())
