"""The keeper of the sync process: it starts one, replaces it, and gives up with a reason."""

from __future__ import annotations

import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

from fieldboard.cli.keeper import RESTARTS, SyncKeeper
from fieldboard.clock import FixedClock

NOW = datetime(2026, 6, 4, 9, 42, tzinfo=UTC)


def keeper(tmp_path: Path, program: str, *, somebody: bool = False) -> tuple[SyncKeeper, Path]:
    said = tmp_path / "sync.err"
    counted = f"open({str(tmp_path / 'starts')!r}, 'a').write('x')\n{program}"
    return SyncKeeper([sys.executable, "-c", counted], {}, FixedClock(NOW), said, lambda: somebody), said


def starts(tmp_path: Path) -> int:
    return len((tmp_path / "starts").read_text()) if (tmp_path / "starts").exists() else 0


def test_what_fails_again_and_again_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    sync, said = keeper(tmp_path, "import sys; sys.exit('fieldboard: no roster there')")
    sync.start()
    for _ in range(RESTARTS + 3):
        sync.wait(10)
        sync.check()
    assert starts(tmp_path) == RESTARTS
    assert sync.trouble is not None
    assert sync.trouble.endswith("no roster there")
    assert stat.S_IMODE(said.stat().st_mode) == 0o600


def test_one_that_ended_well_is_replaced_only_if_nobody_else_syncs(tmp_path: Path) -> None:
    sync, _ = keeper(tmp_path, "", somebody=True)
    sync.start()
    sync.wait(10)
    sync.check()
    assert starts(tmp_path) == 1
    sync, _ = keeper(tmp_path, "")
    sync.start()
    sync.wait(10)
    sync.check()
    sync.wait(10)
    assert starts(tmp_path) == 3
    assert sync.trouble is None


def test_a_program_that_cannot_be_started_is_said(tmp_path: Path) -> None:
    sync = SyncKeeper(["/no/such/program"], {}, FixedClock(NOW), tmp_path / "said", lambda: False)
    sync.start()
    sync.check()
    assert sync.trouble is not None
    assert "cannot be started" in sync.trouble
