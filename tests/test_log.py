from __future__ import annotations

import logging
import stat
from typing import TYPE_CHECKING

import pytest

from fieldboard import log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "fc_live_canary"


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    log.close_log()


def test_the_log_is_a_private_file_and_nothing_else(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log.open_log(tmp_path / "logs", "board")
    logging.getLogger("fieldboard.sync.push").warning("sent %d", 3)
    file = tmp_path / "logs" / "board.log"
    line = file.read_text(encoding="utf-8")
    assert line.endswith("Z WARNING fieldboard.sync.push: sent 3\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert capfd.readouterr() == ("", "")


def test_the_token_is_in_no_line_and_no_traceback(tmp_path: Path) -> None:
    logger = log.open_log(tmp_path, "sync", [TOKEN, ""])
    logger.info("header %s", f"Bearer {TOKEN}")
    try:
        raise ValueError(TOKEN)
    except ValueError:
        logger.exception("failed")
    text = (tmp_path / "sync.log").read_text(encoding="utf-8")
    assert TOKEN not in text
    assert "ValueError: •••" in text


def test_what_a_server_sent_is_harmless_and_forges_no_line(tmp_path: Path) -> None:
    logger = log.open_log(tmp_path, "sync")
    logger.info("said %s", "\x1b[2Jx\r\n2026-01-01T00:00:00.000Z INFO fieldboard: forged\ud800")
    lines = (tmp_path / "sync.log").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("    2026")
    assert "\x1b" not in lines[0]


def test_it_turns_over_and_stays_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MAX_BYTES", 2_000)
    logger = log.open_log(tmp_path, "board")
    for number in range(200):
        logger.info("line %d", number)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["board.log", "board.log.1", "board.log.2", "board.log.3"]
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    assert sum(file.stat().st_size for file in files) <= 4 * 2_000


def test_a_folder_that_cannot_be_written_stops_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").write_text("a file in its place")
    log.open_log(tmp_path / "logs", "board").error("lost")
    assert capfd.readouterr() == ("", "")


def test_opening_again_writes_once(tmp_path: Path) -> None:
    log.open_log(tmp_path, "board")
    log.open_log(tmp_path, "board").info("once")
    assert (tmp_path / "board.log").read_text(encoding="utf-8").count("once") == 1
