"""What a second more or less of the server's clock means."""

from __future__ import annotations

import pytest

from fieldboard.backends.http import Http
from fieldboard.backends.server_clock import FAR_OFF_S, probe_clock
from fieldboard.clock import SystemClock


@pytest.mark.parametrize(
    ("offset", "ok", "says"),
    [
        (None, None, "the server does not say what time it is"),
        (0, True, "the clocks agree"),
        (-1, True, "the clocks agree"),
        (1, True, "the clocks agree"),
        (-2, True, "the server's clock is 2 s behind"),
        (11, True, "the server's clock is 11 s ahead"),
        (FAR_OFF_S + 1, False, "the server's clock is 121 s ahead"),
    ],
)
async def test_no_difference_is_told_that_whole_seconds_can_explain(
    offset: int | None, ok: bool | None, says: str
) -> None:
    http = Http("https://x.example", token=lambda: "t", clock=SystemClock())
    http.clock_offset_s = offset
    probe = probe_clock(http)
    assert (probe.ok, probe.says) == (ok, says)
    await http.close()
