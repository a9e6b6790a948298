"""What people type for times, lengths and days."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldboard.tui.dialogs.typed import typed_day, typed_minutes, typed_time

TODAY = date(2026, 6, 4)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("8", time(8)),
        ("14", time(14)),
        ("143", time(14, 30)),
        ("930", time(9, 30)),
        ("1430", time(14, 30)),
        ("14:30", time(14, 30)),
        ("9.15", time(9, 15)),
        ("24", None),
        ("1475", None),
        ("x", None),
        ("", None),
    ],
)
def test_times(text: str, means: time | None) -> None:
    assert typed_time(text) == means


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("90", 90),
        ("1h30", 90),
        ("1:30", 90),
        ("2h", 120),
        ("1.5h", 90),
        ("45m", 45),
        ("0", None),
        ("soon", None),
    ],
)
def test_lengths(text: str, means: int | None) -> None:
    assert typed_minutes(text) == means


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("today", TODAY),
        ("t", TODAY),
        ("tom", date(2026, 6, 5)),
        ("yesterday", date(2026, 6, 3)),
        ("thu", TODAY),
        ("fri", date(2026, 6, 5)),
        ("we", date(2026, 6, 10)),
        ("+3", date(2026, 6, 7)),
        ("-1", date(2026, 6, 3)),
        ("24", date(2026, 6, 24)),
        ("3", date(2026, 7, 3)),
        ("31", date(2026, 7, 31)),
        ("24.12", date(2026, 12, 24)),
        ("24.12.", date(2026, 12, 24)),
        ("24.12.2027", date(2027, 12, 24)),
        ("24 dec", date(2026, 12, 24)),
        ("dec 24", date(2026, 12, 24)),
        ("1.2", date(2027, 2, 1)),
        ("2026-12-24", date(2026, 12, 24)),
        ("2026-02-30", None),
        ("40", None),
        ("nonsense", None),
        ("+99999", None),
        ("", None),
    ],
)
def test_days(text: str, means: date | None) -> None:
    assert typed_day(text, TODAY) == means


def test_a_step_counts_from_the_day_on_the_board() -> None:
    assert typed_day("+3", TODAY, date(2026, 7, 1)) == date(2026, 7, 4)


@given(st.text(max_size=12))
def test_anything_may_be_typed(text: str) -> None:
    typed_day(text, TODAY)
    typed_time(text)
    minutes = typed_minutes(text)
    assert minutes is None or minutes > 0
