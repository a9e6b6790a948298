"""What LetsJobIt's documents leave open or say in two ways, each as a switch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from fieldboard.sandbox.switches import parse

_POSITIVE = frozenset({"rate_limit"})


@dataclass(frozen=True, slots=True)
class Settings:
    """How this server resolves what the documents leave open; the defaults are the likeliest."""

    #: Where the key comes: in the ``Authorization`` header (all examples) or in the query (the text).
    auth: Literal["bearer", "query", "either"] = "bearer"
    #: The name of the key in the query, which the documents do not give.
    key_parameter: str = "api_key"
    #: Which id ``/visits/{ID}`` takes: the internal one, the ERP's, or either.
    path_id: Literal["internal", "erp", "both"] = "internal"
    #: ``data`` of a single visit: a list of one, as "the same structure" says, or the visit itself.
    single: Literal["array", "object"] = "array"
    #: What a visit that is not there answers: 404, or no records.
    missing: Literal["404", "empty"] = "404"
    #: Whether a list says how many records there are; else it stops at a hundred without a word.
    totals: bool = True
    #: What ``nextStart`` of the last page is.
    last_next: Literal["absent", "null", "end"] = "absent"
    #: Meta counts as numbers, or as texts.
    counts: Literal["number", "text"] = "number"
    #: Flags as the GET example has them, as the table does, as the POST example does, or all of these.
    booleans: Literal["bool", "number", "text", "mixed"] = "bool"
    #: Whether a changed visit goes to the end of the list, so that pages shift.
    order: Literal["created", "updated"] = "created"
    #: What a POST does to the fields of a known visit that it does not name.
    upsert: Literal["merge", "replace"] = "merge"
    #: What closed, inProgress, skipped and confirmClose in a write do.
    flag_writes: Literal["take", "ignore", "refuse"] = "take"
    #: What a driver that no visit ever had does in a write.
    unknown_driver: Literal["take", "refuse"] = "take"
    #: What stands for a driver where nobody is to go yet: one who could, a name for nobody, or nothing.
    placeholder: Literal["planned", "nobody", "empty"] = "planned"
    #: Whether a skipped visit is closed too.
    skipped_closes: bool = False
    #: Whether one of today's visits belongs to a driver that no roster knows.
    stranger: bool = False
    #: Whether LetsJobIt's routing rewrites ``serviceOrder`` after each change of a route.
    routing: bool = False
    #: Where the sentence of a failure stands.
    error_at: Literal["top", "meta", "none"] = "top"
    #: Whether failures but those of the key and the limit have status 200.
    soft_errors: bool = False
    #: Characters of the signature on closed visits.
    signature_size: int = 50_000
    #: Requests in ten seconds.
    rate_limit: int = 100
    #: ``X-Rate-Limit-Reset`` in seconds from now, or as a Unix time.
    reset_as: Literal["seconds", "epoch"] = "seconds"
    #: Seconds that every answer takes.
    latency_s: float = 0.0

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> Settings:
        """Settings from ``KEY=VALUE`` pairs; raises `BadSetting` naming what is possible."""
        return parse(cls, given, _POSITIVE)
