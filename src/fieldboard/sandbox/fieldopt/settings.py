"""Which FieldOpt this server is, and what its documents leave open, each as a switch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fieldboard.sandbox.switches import BadSetting, parse

#: What answers are like: see the setting.
Types = Literal["documented", "texts", "nulls", "lists", "odd"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How this server behaves; the defaults are the documented dialect at its likeliest."""

    #: The API of the wiki, or the one that the public releases speak.
    dialect: Literal["wiki", "code"] = "wiki"
    #: Which release the code dialect is; the older ones lack features.
    version: Literal["0.0.3", "0.0.4", "0.0.6", "0.0.7", "0.0.8"] = "0.0.8"
    #: Whether ``/openapi.json`` tells the dialect.
    openapi: bool = True
    #: What stands in ``assigned_technician``: its type is never shown.
    assigned_as: Literal["id", "name", "object"] = "id"
    #: What writes answer whose body is not documented: the entity, only its id and status, or 204.
    answers: Literal["entity", "partial", "nothing"] = "entity"
    #: What the capacity of a technician limits, by 409: the open jobs of a day, all open jobs, nothing.
    capacity: Literal["day", "all", "off"] = "day"
    #: Whether a batch does what it can, or refuses as a whole.
    batch: Literal["partial", "whole"] = "partial"
    #: Lists of the documented dialect stop here without saying so; 0 is never.
    list_cap: int = 0
    #: Whether answers are as promised, or all texts, or null wherever that can be, or a list where an object
    #: is promised and the other way round, or with a fork's own fields, statuses and types.
    types: Literal["documented", "texts", "nulls", "lists", "odd"] = "documented"
    #: The zone of the server's process in the code dialect: it cuts days there, and shifts its stamps.
    server_zone: str = "UTC"
    #: Whether the jobs of one night's import share ``created_at``, so that skip paging is unsafe.
    ties: bool = True
    #: Whether the time of a technician is counted over all days together, as the releases do; in a company
    #: that plans ahead nobody has any then.
    time_all: bool = False
    #: Whether the simulation may be started, which reseeds the database.
    demo: bool = False
    #: The server loses its database after so many requests and numbers anew; 0 is never.
    reset_after: int = 0
    #: Whether the database can be reached; without it every call fails, and ``/health`` is well.
    database: bool = True
    #: Whether a bearer token is needed, as in some forks.
    auth: bool = False
    #: Seconds that every answer takes.
    latency_s: float = 0.0

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> Settings:
        """Settings from ``KEY=VALUE`` pairs; raises `BadSetting` naming what is possible."""
        settings = parse(cls, given)
        try:
            ZoneInfo(settings.server_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise BadSetting(f"server_zone is an IANA time zone, not {settings.server_zone!r}") from None
        return settings

    def since(self, version: str) -> bool:
        """Whether this release is ``version`` or a later one."""
        return self.version >= version
