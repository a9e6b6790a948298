"""What people type for times, lengths and days, read as they mean it."""

from __future__ import annotations

import calendar
import re
from datetime import date, time, timedelta
from typing import Final

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS: Final = tuple(name.lower() for name in calendar.month_name)


def typed_time(text: str) -> time | None:
    """The time that the digits say: `8`, `14`, `930`, `1430`, `14:30`; None for anything else.

    Three digits are hour and tens of minutes where that makes an hour of the day (`143` is 14:30, on the way
    to `1435`), else one digit of hours (`930`).
    """
    text = text.strip().replace(".", ":").replace("h", ":")
    if match := re.fullmatch(r"(\d{1,2}):(\d{0,2})", text):
        hour, minute = int(match[1]), int(match[2].ljust(2, "0") or 0)
    elif not text.isdecimal() or len(text) > 4:
        return None
    elif len(text) <= 2:
        hour, minute = int(text), 0
    elif len(text) == 3:
        hour, minute = int(text[:2]), int(text[2]) * 10
        if hour > 23 or minute > 59:
            hour, minute = int(text[0]), int(text[1:])
    else:
        hour, minute = int(text[:2]), int(text[2:])
    return time(hour, minute) if hour < 24 and minute < 60 else None


def half_typed(text: str) -> bool:
    """Whether one digit of a time stands alone that most likely gets a second one (`1`, `2`, `0`)."""
    return text in ("0", "1", "2")


def typed_minutes(text: str) -> int | None:
    """A length in minutes: `90`, `90m`, `1h30`, `1:30`, `2h`, `1.5h`; None for anything else or nothing."""
    text = text.strip().lower().replace(" ", "").replace(",", ".")
    if match := re.fullmatch(r"(\d{1,4})(?:m|min)?", text):
        minutes = int(match[1])
    elif match := re.fullmatch(r"(\d{1,3})(?:h|:)(\d{0,2})m?", text):
        minutes = int(match[1]) * 60 + int(match[2] or 0)
    elif match := re.fullmatch(r"(\d{1,3})\.(\d{1,2})h", text):
        minutes = round(float(f"{match[1]}.{match[2]}") * 60)
    else:
        return None
    return minutes or None


def typed_day(text: str, today: date, shown: date | None = None) -> date | None:
    """The day that is meant: `today`, `fri`, `+3`, `-1`, `24`, `24.12`, `24 dec`, `2026-12-24`.

    A weekday is the next one, today included; a day of the month without its month is the next such day from
    today on; a day and month the nearest from three months back on. `+3` counts from `shown`, the day that
    is on the board, else from today. None for text that names no day.
    """
    text = text.strip().lower()
    if not text:
        return None
    if re.fullmatch(r"[+-]\d{1,4}", text):
        return _plus(shown or today, int(text))
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := re.fullmatch(r"(\d{1,2})\.?", text):
        return _next_of_month(int(match[1]), today)
    if match := re.fullmatch(r"(\d{1,2})[./ ]+(\d{1,2}|[a-z]{3,9})\.?(?:[ ./]*(\d{4}))?", text):
        month = _month(match[2])
        if month is None:
            return None
        return _dated(int(match[1]), month, int(match[3]) if match[3] else None, today)
    if match := re.fullmatch(r"([a-z]{3,9})\.? +(\d{1,2})", text):
        month = _month(match[1])
        return _dated(int(match[2]), month, None, today) if month is not None else None
    return _word(text, today)


def _word(text: str, today: date) -> date | None:
    for word, days in (("today", 0), ("tomorrow", 1), ("yesterday", -1)):
        if word.startswith(text) and (len(text) >= 3 or text in ("t", "y")):
            return _plus(today, days)
    if len(text) >= 2:
        for number, name in enumerate(_WEEKDAYS):
            if name.startswith(text):
                return _plus(today, (number - today.weekday()) % 7)
    return None


def _month(text: str) -> int | None:
    if text.isdecimal():
        return int(text) if 1 <= int(text) <= 12 else None
    return next((n for n, name in enumerate(_MONTHS) if n and name.startswith(text)), None)


def _dated(day: int, month: int, year: int | None, today: date) -> date | None:
    if year is not None:
        return _day(year, month, day)
    found = _day(today.year, month, day)
    if found is None or found < today - timedelta(days=92):
        return _day(today.year + 1, month, day)
    return found


def _next_of_month(day: int, today: date) -> date | None:
    year, month = today.year, today.month
    for _ in range(13):
        found = _day(year, month, day)
        if found is not None and found >= today:
            return found
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _plus(day: date, days: int) -> date | None:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None
