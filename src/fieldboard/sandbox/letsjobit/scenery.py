"""What the visits of a world have in LetsJobIt that the world has no word for: all from their turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from fieldboard.sandbox.names import FAMILY, GIVEN
from fieldboard.sandbox.records import Client, Job, World
from fieldboard.sandbox.streets import DISTRICTS

_TERRITORIES = {district.name: district.territory for district in DISTRICTS}
_SUBCONTRACTORS = (["Severn Drains Ltd"], ["Avon Scaffolding", "Severn Drains Ltd"])
_REASONS: tuple[object, ...] = (3, "12", 7, "4")
_ROOMS = ("kitchen", "airing cupboard", "utility room", "plant room, 1st floor", "loft", "bathroom")
_PARTS = ("Magnetic filter", "Isolation valve 22 mm", "Inhibitor 1 l", "Flue seal kit")
_MORNING, _AFTERNOON = (28_800, 46_800), (50_400, 64_800)

Json = dict[str, object]


def doc_type(job: Job) -> str:
    """The kind of document that the visit is for."""
    title = job.title.lower()
    if title.startswith("quote") or "survey" in title:
        return "QUOTE"
    if job.priority in ("high", "urgent"):
        return "CALL OUT"
    if job.duration_min >= 150:
        return "INSTALL"
    return "SERVICE" if any(word in title for word in ("annual", "check", "certificate")) else "REPAIR"


def territory(job: Job) -> str:
    """The dispatchers' name for where it is."""
    return _TERRITORIES.get(job.site.district, "")


def contact(job: Job, client: Client, turn: int) -> tuple[str, str]:
    """Whom to ask for, and the number."""
    name = client.name
    if client.kind != "person":
        name = f"{GIVEN[turn * 7 % len(GIVEN)]} {FAMILY[turn * 5 % len(FAMILY)]}"
    digits = job.phone.removeprefix("+44").replace(" ", "")
    return name, f"0{digits}" if digits else ""


def observations(job: Job, client: Client, turn: int) -> str:
    """The text for the driver, in lines that end as on Windows."""
    name, phone = contact(job, client, turn)
    lines = [f"Contact Info: {client.name}, {name}: {phone} "] if client.kind != "person" else []
    return "\r\n".join(lines + ([job.notes] if job.notes else []))


def time_windows(world: World, job: Job, client: Client, turn: int) -> list[Json] | None:
    """When the customer is open, in seconds from local midnight; null now and then."""
    if job.promise is not None:
        first, last = (_seconds(world, instant) for instant in job.promise)
        return [_window((first, last))]
    if client.kind == "company" and turn % 2:
        return [_window(_MORNING), _window(_AFTERNOON)]
    return None if turn % 7 == 3 else []


def vehicles(turn: int) -> list[str]:
    """The vehicles that may go; mostly any."""
    return [f"Van {turn % 9 + 1}"] if turn % 19 == 2 else []


def subcontractors(turn: int) -> Sequence[str] | None:
    """Those who go instead; mostly nobody."""
    return _SUBCONTRACTORS[turn % 2] if turn % 23 == 4 else None


def lines(job: Job, turn: int) -> list[Json] | None:
    """The items of the visit; a few have none."""
    if turn % 29 == 11:
        return None
    room = _ROOMS[turn % len(_ROOMS)]
    first: Json = {"actionItem": True, "allowRebrand": turn % 4 == 0}
    make = next((value for name, value in job.fields if name == "Appliance"), "")
    if make:
        brand, _, model = make.partition(" ")
        first |= {"brand": brand, "brandId": 20 + len(brand), "description": job.title}
        first |= {"extraData": _readings(turn), "hasBatch": False, "hasReturn": False}
        more: Json = {"model": model, "modelId": 300 + len(model)}
        serial: Json = {"serialNr": f"{brand[:2].upper()}{210_000 + turn * 37}", "serialNrId": 51_000 + turn}
    else:
        first |= {"description": job.title, "extraData": [], "hasBatch": False, "hasReturn": False}
        more, serial = {}, {}
    kind = doc_type(job).lower().replace("call out", "repair")
    first |= {"id": turn * 10 + 1, "itemId": 700 + len(job.title), "jobType": kind, "location": room}
    found = [first | more | {"qty": 1} | serial]
    if turn % 8 == 5:
        found.append(
            {"actionItem": True, "description": "Test the carbon monoxide alarm", "id": turn * 10 + 2,
             "jobType": "inspection", "location": "hall", "qty": 1}
        )  # fmt: skip
    if turn % 3 == 0:
        found.append(
            {"actionItem": False, "description": _PARTS[turn // 3 % len(_PARTS)], "hasBatch": False,
             "hasReturn": turn % 2 == 0, "id": turn * 10 + 3, "itemId": 900 + turn % 40, "qty": 1 + turn % 2}
        )  # fmt: skip
    return found


def score(turn: int) -> object:
    """The customer's score of a closed visit: a text, or 0 where none was entered."""
    return 0 if turn % 4 == 1 else str((5, 5, 4, 5, 3, 5, 4, 2)[turn % 8])


def skip_reason(turn: int) -> object:
    """Why a visit was skipped: a number or a text."""
    return _REASONS[turn % len(_REASONS)]


def _readings(turn: int) -> list[Json]:
    """What the company wants filled in at a boiler."""
    found: list[Json] = [
        {"type": "number", "caption": "CO reading", "description": "In ppm, at the flue", "name": "co_ppm",
         "min": 0, "max": 200, "step": 0.5, "pattern": "[0-9]+([\\.,][0-9]+)?", "required": "required"},
        {"type": "select", "caption": "Flue", "name": "flue", "options_values": "sound | sealed | defect",
         "options_default": "sound", "value": "sealed" if turn % 5 == 0 else "sound"},
    ]  # fmt: skip
    if turn % 2:
        found.append(
            {"type": "text", "caption": "Warranty", "name": "warranty", "readonly": "readonly",
             "value": f"until {2027 + turn % 5}"}
        )  # fmt: skip
    return found


def _seconds(world: World, instant: datetime) -> int:
    """What the clock on the wall shows, in seconds from midnight."""
    local = instant.astimezone(world.zone)
    return int(timedelta(hours=local.hour, minutes=local.minute, seconds=local.second).total_seconds())


def _window(span: tuple[int, int]) -> Json:
    return {"earliest": span[0], "latest": span[1]}
