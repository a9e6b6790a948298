"""The limit that several processes keep together."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldboard.backends.shared_rate import Ledger, SharedBudget, ledger_of, turn
from fieldboard.clock import FixedClock
from tests.backends.synced import NOW


@settings(max_examples=200, deadline=None)
@given(st.integers(7, 12), st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_no_window_ever_has_more_than_its_share(most: int, pauses: list[float]) -> None:
    now, kept, sent = 0.0, list[float](), list[float]()
    for pause in pauses:
        now += pause
        at, kept = turn(kept, now, most, 10.0)
        assert at >= now
        sent.append(at)
    for first in sent:
        assert sum(first <= at < first + 10.0 - 1e-6 for at in sent) <= most


def test_moments_of_a_clock_that_began_anew_count_for_nothing() -> None:
    assert turn([5000.0] * 9, 3.0, 2, 10.0) == (3.0, [3.0])


def test_windows_share_what_they_send(tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    clock.advance(100)
    windows = [
        SharedBudget(clock, most=4, window_s=10, ledger=ledger_of(tmp_path, "https://app.example/api"))
        for _ in range(3)
    ]
    waits = [random.Random(1).choice(windows).pace_s() for _ in range(8)]
    assert waits == [0, 0, 0, 0, 10, 10, 10, 10]
    clock.advance(10)
    assert windows[1].pace_s() == 10
    (file,) = tmp_path.glob("*.json")
    assert file.name == "requests-app.example.json"
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "not json", "{}", '["a", null]'])
def test_a_file_that_says_nothing_is_begun_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "r.json").write_text(text)
    assert Ledger(tmp_path / "r.json").take(3.0, 1, 10.0) == 3.0
    assert Ledger(tmp_path / "r.json").take(3.0, 1, 10.0) == 13.0


def test_where_nothing_can_be_written_each_process_counts_its_own(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ledger = Ledger(tmp_path / "file" / "r.json")
    assert [ledger.take(3.0, 1, 10.0) for _ in range(2)] == [3.0, 13.0]


_TAKES = """
import sys
from pathlib import Path
from fieldboard.backends.shared_rate import Ledger
ledger = Ledger(Path(sys.argv[1]))
print(*[ledger.take(50.0, 10, 10.0) for _ in range(20)])
"""


def test_processes_that_take_turns_at_once_never_take_one_twice(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _TAKES, str(tmp_path / "r.json")]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    taken = sorted(float(at) for one in started for at in one.communicate(timeout=60)[0].split())
    assert taken == sorted(50.0 + 10.0 * (n // 10) for n in range(60))
