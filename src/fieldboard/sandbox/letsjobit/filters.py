"""The eleven parameters of the list of visits."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fieldboard.sandbox.letsjobit.card import Card
from fieldboard.sandbox.letsjobit.replies import Refused
from fieldboard.sandbox.letsjobit.wire import doc_no
from fieldboard.sandbox.records import Job

_FLAGS = ("closed", "confirmClose", "inProgress", "skipped")

Test = Callable[[Job, Card], bool]


def start_of(query: Mapping[str, str]) -> int:
    """``pagination``: how many records are skipped."""
    text = query.get("pagination", "0")
    if not text.isdecimal() or len(text) > 12:
        raise Refused(400, "pagination must be a number")
    return int(text)


def tests_of(query: Mapping[str, str]) -> list[Test]:
    """What a visit must pass, all of it: one test for each given parameter, the narrowest first."""
    tests: list[Test] = []
    if (key := query.get("_id")) is not None:
        tests.append(lambda _, card: card.key == key)
    if (erp_id := query.get("id")) is not None:
        tests.append(lambda _, card: str(card.erp_id) == erp_id)
    if (day := query.get("date")) is not None:
        tests.append(lambda _, card: card.day == day)
    if (driver := query.get("driverId")) is not None:
        tests.append(lambda _, card: card.driver_id == driver)
    if (priority := query.get("priority")) is not None:
        tests.append(lambda _, card: card.priority == priority)
    tests += [test for name in _FLAGS if (test := _flag(query, name)) is not None]
    if (part := query.get("docNo")) is not None:
        wanted = part.casefold()
        tests.append(lambda job, card: wanted in doc_no(job, card).casefold())
    return tests


def _flag(query: Mapping[str, str], name: str) -> Test | None:
    text = query.get(name)
    if text is None:
        return None
    if text not in ("0", "1"):
        raise Refused(400, f"{name} must be 0 or 1")
    wanted = text == "1"
    match name:
        case "closed":
            return lambda _, card: card.closed == wanted
        case "confirmClose":
            return lambda _, card: card.confirmed == wanted
        case "inProgress":
            return lambda _, card: card.in_progress == wanted
        case _:
            return lambda _, card: card.skipped == wanted
