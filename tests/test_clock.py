from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from fieldboard.clock import Clock, FixedClock, SystemClock


def test_the_system_clock_is_aware_and_never_goes_back() -> None:
    clock: Clock = SystemClock()
    assert clock.now().tzinfo is UTC
    first = clock.monotonic()
    assert clock.monotonic() >= first


def test_a_fixed_clock_stands_until_it_is_advanced() -> None:
    clock = FixedClock(datetime(2026, 6, 4, 12, 42, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now() == clock.now() == datetime(2026, 6, 4, 10, 42, tzinfo=UTC)
    started = clock.monotonic()
    clock.advance(90.5)
    assert clock.now() == datetime(2026, 6, 4, 10, 43, 30, 500_000, tzinfo=UTC)
    assert clock.monotonic() - started == 90.5


def test_a_fixed_clock_refuses_what_is_no_instant() -> None:
    with pytest.raises(ValueError, match="aware"):
        FixedClock(datetime(2026, 6, 4))
    with pytest.raises(ValueError, match="go back"):
        FixedClock(datetime(2026, 6, 4, tzinfo=UTC)).advance(-1)
