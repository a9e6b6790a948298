"""The checks of the code dialect: whatever does not fit is answered with 422 and a list of why."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.requests import Request

from fieldboard.sandbox.fieldopt.replies import MOST_ID, Body, Broken, Refused

_WHOLE = re.compile(r"[+-]?\d{1,18}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?", re.IGNORECASE
)
_CLOCK = re.compile(r"\d{2}:\d{2}")
_URL = "https://errors.pydantic.dev/2.5/v/"

#: Where a value stands: ``("body", name)`` and the like.
Place = tuple[str | int, ...]


class Wrong(Exception):
    """A value that does not fit: what kind of wrong it is, the sentence, and what else is told of it."""

    def __init__(self, kind: str, said: str, **more: object) -> None:
        super().__init__(said)
        self.kind, self.said, self.more = kind, said, more


def problem(wrong: Wrong, place: Place, value: object) -> dict[str, object]:
    """One entry of the list."""
    row: dict[str, object] = {"type": wrong.kind, "loc": list(place), "msg": wrong.said, "input": value}
    if wrong.more:
        row["ctx"] = wrong.more
    return row | {"url": _URL + wrong.kind}


def refusal(*problems: dict[str, object]) -> Refused:
    """422 with these problems."""
    return Refused(422, list(problems))


async def object_in(request: Request) -> Body:
    """The JSON object that was sent, with the content type that says so."""
    raw = await request.body()
    if not raw:
        raise refusal(problem(Wrong("missing", "Field required"), ("body",), None))
    value: object
    if "json" in request.headers.get("content-type", "").lower():
        try:
            value = json.loads(raw)
        except json.JSONDecodeError as bad:
            wrong = Wrong("json_invalid", "JSON decode error", error=bad.msg)
            raise refusal(problem(wrong, ("body", bad.pos), {})) from None
        except ValueError:
            raise Refused(400, "There was an error parsing the body") from None
    else:
        value = raw.decode("utf-8", "replace")
    if not isinstance(value, dict):
        said = "Input should be a valid dictionary or object to extract fields from"
        raise refusal(problem(Wrong("model_attributes_type", said), ("body",), value))
    return value


class Fields:
    """Takes values out of a body or a query, and collects everything that is wrong with them."""

    def __init__(self, values: Mapping[str, object], where: str) -> None:
        self._values = values
        self._where = where
        self.problems: list[dict[str, object]] = []

    def take(self, name: str, check: Callable[[object], Any], *, needed: bool = False) -> Any:
        """A value, or None where it is not given or null; null is wrong for what is needed."""
        place = (self._where, name)
        if name not in self._values:
            if needed:
                self.problems.append(problem(Wrong("missing", "Field required"), place, dict(self._values)))
            return None
        value = self._values[name]
        if value is None and not needed:
            return None
        try:
            return check(value)
        except Wrong as wrong:
            self.problems.append(problem(wrong, place, value))
            return None

    def done(self) -> None:
        """Refuse the request where anything was wrong."""
        if self.problems:
            raise refusal(*self.problems)


def id_at(request: Request, name: str = "id") -> int:
    """The id in the path."""
    value = request.path_params[name]
    try:
        return known(whole(value))
    except Wrong as wrong:
        label = {"id": "job_id" if "/jobs/" in request.url.path else "technician_id"}.get(name, name)
        raise refusal(problem(wrong, ("path", label), value)) from None


def known(number: int) -> int:
    """An id that the database can look up."""
    if abs(number) > MOST_ID:
        raise Broken
    return number


def whole(value: object) -> int:
    """A whole number, also as a text."""
    if isinstance(value, str):
        if _WHOLE.fullmatch(value.strip()):
            return int(value)
        said = "Input should be a valid integer, unable to parse string as an integer"
        raise Wrong("int_parsing", said)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, int):
        raise Wrong("int_type", "Input should be a valid integer")
    return int(value)


def between(low: int, high: int | None = None) -> Callable[[object], int]:
    """A whole number of that span."""

    def check(value: object) -> int:
        number = whole(value)
        if number < low:
            raise Wrong("greater_than_equal", f"Input should be greater than or equal to {low}", ge=low)
        if high is not None and number > high:
            raise Wrong("less_than_equal", f"Input should be less than or equal to {high}", le=high)
        return number

    return check


def degrees(most: int) -> Callable[[object], float]:
    """A latitude or longitude."""

    def check(value: object) -> float:
        try:
            number = float(value) if isinstance(value, int | float | str) else math.nan
        except ValueError:
            number = math.nan
        if math.isnan(number):
            raise Wrong("float_type", "Input should be a valid number")
        if number < -most:
            raise Wrong("greater_than_equal", f"Input should be greater than or equal to -{most}", ge=-most)
        if number > most:
            raise Wrong("less_than_equal", f"Input should be less than or equal to {most}", le=most)
        return number

    return check


def text(value: object) -> str:
    """Any text."""
    if not isinstance(value, str):
        raise Wrong("string_type", "Input should be a valid string")
    return value


def sized(least: int, most: int) -> Callable[[object], str]:
    """A text of that length."""

    def check(value: object) -> str:
        found = text(value)
        if len(found) < least:
            said = f"String should have at least {least} character"
            raise Wrong("string_too_short", said, min_length=least)
        if len(found) > most:
            raise Wrong("string_too_long", f"String should have at most {most} characters", max_length=most)
        return found

    return check


def clock(value: object) -> str:
    """Two digits, a colon, two digits: ``99:99`` passes."""
    if not _CLOCK.fullmatch(text(value)):
        pattern = r"^\d{2}:\d{2}$"
        said = f"String should match pattern '{pattern}'"
        raise Wrong("string_pattern_mismatch", said, pattern=pattern)
    return str(value)


def one_of(choices: Sequence[str]) -> Callable[[object], str]:
    """One of these words, in lower case as they are."""

    def check(value: object) -> str:
        if value not in choices:
            named = ", ".join(f"'{one}'" for one in choices[:-1]) + f" or '{choices[-1]}'"
            raise Wrong("enum", f"Input should be {named}", expected=named)
        return str(value)

    return check


def texts(value: object) -> tuple[str, ...]:
    """A list of texts."""
    if not isinstance(value, list):
        raise Wrong("list_type", "Input should be a valid list")
    return tuple(text(one) for one in value)


def ids(value: object) -> list[int]:
    """A list of ids."""
    if not isinstance(value, list):
        raise Wrong("list_type", "Input should be a valid list")
    return [whole(one) for one in value]


def day(value: object) -> date:
    """``YYYY-MM-DD``."""
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise Wrong("date_from_datetime_parsing", "Input should be a valid date or datetime, input is too short")


def instant(zone: ZoneInfo) -> Callable[[object], datetime]:
    """A point in time, of the server's ``zone`` where it has no offset; a bare date is none."""

    def check(value: object) -> datetime:
        try:
            if isinstance(value, int | float) and not isinstance(value, bool):
                return datetime.fromtimestamp(value, UTC)
            if isinstance(value, str) and _INSTANT.fullmatch(value):
                moment = datetime.fromisoformat(value.upper().replace("Z", "+00:00"))
                return (moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError, OSError):
            pass
        said = "Input should be a valid datetime, input is too short"
        raise Wrong("datetime_parsing", said, error="input is too short")

    return check
