"""Which dialect a server speaks, told by what it shows: its own schema, the keys of a row, a refusal. Pure.

What was found is remembered (`learned`): `dialect`, the `version` that the schema claims, and `features`,
the paths beyond the documents that can be used. Rows outvote the schema, for they are what is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping
from typing import Final

from fieldboard.backends.fieldopt.rules import Dialect
from fieldboard.domain.operation import Json

SEARCH: Final = "search"
WAITING: Final = "pending"
BATCH: Final = "batch"

_CODE_KEYS: Final = frozenset(
    {
        "job_type", "customer_name", "service_address", "required_skills", "time_slot_start", "time_slot_end",
        "assigned_tech_id", "max_jobs_per_day", "home_latitude", "home_longitude", "is_active",
    }
)  # fmt: skip
_DOCUMENTED_KEYS: Final = frozenset(
    {
        "type", "customer", "address", "skills_required", "time_slot", "assigned_technician", "capacity",
        "current_workload",
    }
)  # fmt: skip

_PATHS: Final[Mapping[str, str]] = {
    "/jobs/search/query": SEARCH,
    "/jobs/pending": WAITING,
    "/assignments/batch-assign": BATCH,
}


def by_keys(keys: Iterable[str]) -> Dialect | None:
    """The dialect whose names these are; None where they are of neither, or of both alike."""
    names = frozenset(keys)
    code, documented = len(names & _CODE_KEYS), len(names & _DOCUMENTED_KEYS)
    if code == documented:
        return None
    return Dialect.CODE if code > documented else Dialect.DOCUMENTED


def by_schema(schema: Json) -> tuple[Dialect | None, str, frozenset[str]]:
    """What an OpenAPI document says: the dialect, the version that it claims, and the features."""
    root = schema if isinstance(schema, dict) else {}
    parts, info, paths = root.get("components"), root.get("info"), root.get("paths")
    schemas = parts.get("schemas") if isinstance(parts, dict) else None
    names: set[str] = set()
    for name, one in schemas.items() if isinstance(schemas, dict) else ():
        properties = one.get("properties") if isinstance(one, dict) else None
        if isinstance(properties, dict) and any(word in name.lower() for word in ("job", "tech")):
            names.update(properties)
    version = info.get("version") if isinstance(info, dict) else None
    found = {
        feature
        for path in (paths if isinstance(paths, dict) else ())
        for ending, feature in _PATHS.items()
        if path.rstrip("/").endswith(ending)
    }
    return by_keys(names), version[:20] if isinstance(version, str) else "", frozenset(found)


def by_refusal(detail: Json) -> Dialect | None:
    """The dialect whose fields a 422 misses."""
    missing: set[str] = set()
    for one in detail if isinstance(detail, list) else ():
        place = one.get("loc") if isinstance(one, dict) else None
        missing.update(str(part) for part in (place if isinstance(place, list) else ()))
    return by_keys(missing)


def learn(learned: MutableMapping[str, str], dialect: Dialect | None) -> bool:
    """Remember a dialect; says whether it is another than was remembered."""
    if dialect is None or learned.get("dialect") == dialect:
        return False
    learned["dialect"] = dialect.value
    return True


def has(learned: Mapping[str, str], feature: str) -> bool:
    """Whether the server's schema names the paths of a feature."""
    return feature in learned.get("features", "").split()
