from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fieldboard.backends.port import LineDown, TokenRefused
from fieldboard.clock import FixedClock
from fieldboard.domain.instants import instant_of
from fieldboard.sync.line import Line, MustWait

NOON = datetime(2026, 6, 4, 12, tzinfo=UTC)


class Caller:
    """A read that fails as it is told, and takes its time."""

    def __init__(self, clock: FixedClock, *fates: LineDown | None, takes_s: float = 0.0) -> None:
        self.clock = clock
        self.fates = list(fates)
        self.calls = 0
        self.takes_s = takes_s

    async def __call__(self) -> str:
        self.calls += 1
        self.clock.advance(self.takes_s)
        fate = self.fates.pop(0) if self.fates else None
        if fate is not None:
            raise fate
        return "answer"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def line(clock: FixedClock) -> Line:
    async def sleep(seconds: float) -> None:
        clock.advance(seconds)

    return Line(clock, sleep)


async def test_a_read_that_fails_once_is_made_again(clock: FixedClock, line: Line) -> None:
    call = Caller(clock, LineDown("502"))
    assert await line.ask(call) == "answer"
    assert call.calls == 2


async def test_a_server_that_answers_only_errors_ends_the_round_within_half_a_minute(
    clock: FixedClock, line: Line
) -> None:
    call = Caller(clock, *[LineDown("503")] * 50, takes_s=4.0)
    with pytest.raises(LineDown, match="503"):
        await line.ask(call)
    assert clock.monotonic() < 30


async def test_a_request_that_ran_into_its_deadline_is_not_made_again(clock: FixedClock, line: Line) -> None:
    call = Caller(clock, *[LineDown("timed out")] * 50, takes_s=20.0)
    with pytest.raises(LineDown):
        await line.ask(call)
    assert (call.calls, clock.monotonic()) == (1, 20.0)


async def test_a_refused_token_ends_it_at_once(clock: FixedClock, line: Line) -> None:
    call = Caller(clock, TokenRefused("401"))
    with pytest.raises(TokenRefused):
        await line.ask(call)
    assert (call.calls, clock.monotonic()) == (1, 0.0)


async def test_the_server_is_left_alone_as_long_as_it_asks(clock: FixedClock, line: Line) -> None:
    call = Caller(clock, LineDown("429", wait_s=45))
    assert await line.ask(call) == "answer"
    assert clock.monotonic() == 45


async def test_a_wait_of_more_than_a_minute_ends_the_round_and_says_until_when(
    clock: FixedClock, line: Line
) -> None:
    call = Caller(clock, LineDown("429", wait_s=90))
    with pytest.raises(MustWait) as wait:
        await line.ask(call)
    assert (call.calls, clock.monotonic()) == (1, 0.0)
    assert 90 <= wait.value.until - instant_of(NOON) <= 91


async def test_waiting_and_waiting_again_ends_the_round_too(clock: FixedClock, line: Line) -> None:
    call = Caller(clock, *[LineDown("429", wait_s=20)] * 9)
    with pytest.raises(MustWait):
        await line.ask(call)
    assert clock.monotonic() <= 60


async def test_patience_is_whole_again_after_an_answer(clock: FixedClock, line: Line) -> None:
    for _ in range(5):
        assert await line.ask(Caller(clock, LineDown("429", wait_s=40))) == "answer"
