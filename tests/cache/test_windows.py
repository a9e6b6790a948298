from __future__ import annotations

import errno
import os
import subprocess
import sys
import time

import pytest

from fieldboard.cache import ui_state
from fieldboard.cache.errors import StorageRefused
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.locks import FileLocked
from fieldboard.cache.windows import SyncLock, WindowLock, any_window, last_use, windows_open
from tests.cache.world import World

_HOLDER = """
import sys
from pathlib import Path
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.windows import SyncLock, WindowLock
files = ProfileFiles(Path(sys.argv[1]))
window, sync = WindowLock(files), SyncLock(files)
window.take()
print(sync.try_take(), flush=True)
sys.stdin.read()
"""


def _holder(files: ProfileFiles) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(files.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def test_one_process_syncs_and_its_locks_die_with_it(world: World) -> None:
    assert not any_window(world.files)
    holder = _holder(world.files)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "True\n"
    mine = SyncLock(world.files)
    assert not mine.try_take()
    assert any_window(world.files)
    holder.kill()
    holder.communicate()
    assert not any_window(world.files)
    assert mine.try_take()
    assert mine.held
    mine.release()
    assert not mine.held


def test_windows_come_and_go_and_say_when_they_were_used(world: World) -> None:
    with WindowLock(world.files) as one, WindowLock(world.files) as other:
        assert windows_open(world.files) == sorted((one.path, other.path))
        os.utime(one.path, (100, 100))
        os.utime(other.path, (200, 200))
        assert last_use(windows_open(world.files)) == 200
        one.in_use()
        used = last_use(windows_open(world.files))
        assert used is not None
        assert used > 1_000_000
    assert not any_window(world.files)
    assert list(world.files.windows.iterdir()) == []
    assert last_use(windows_open(world.files)) is None


def test_what_a_crashed_window_left_is_swept_away(world: World) -> None:
    left = world.files.windows / "dead.lock"
    left.touch()
    old = time.time() - 60
    os.utime(left, (old, old))
    assert not any_window(world.files)
    assert not left.exists()


def test_a_lock_is_held_once_even_within_a_process(world: World) -> None:
    one, other = FileLocked(world.files.write_lock), FileLocked(world.files.write_lock)
    assert one.try_take()
    assert not other.try_take()
    one.release()
    one.release()
    assert other.try_take()
    other.release()


def test_the_place_is_remembered(world: World) -> None:
    assert ui_state.load(world.files) == {}
    ui_state.save(world.files, {"day": "2026-06-04", "zoom": 30, "filter": ["Rí"]})
    assert ui_state.load(world.files) == {"day": "2026-06-04", "zoom": 30, "filter": ["Rí"]}
    assert world.files.ui.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in world.files.folder.glob(".ui-*")] == []


@pytest.mark.parametrize(
    "rubbish", [b"", b"{", b"[1]", b"\xff\xfe", b"[" * 100_000, b'{"a":' + b"1" * 5000 + b"}"]
)
def test_rubbish_is_not_remembered(world: World, rubbish: bytes) -> None:
    world.files.ui.write_bytes(rubbish)
    assert ui_state.load(world.files) == {}


_LEAN = """
import sys
from pathlib import Path
from fieldboard.cache.locks import FileLocked
with FileLocked(Path(sys.argv[1])) as lock:
    print(lock.held, sorted({"secrets", "hashlib", "_hashlib", "ssl"} & sys.modules.keys()))
import filelock._api
print(filelock._api.secrets.randbelow(1))
import secrets
print(secrets.__file__ is not None, filelock._api.secrets.token_hex is secrets.token_hex)
"""


def test_a_lock_brings_no_openssl_into_the_process_and_what_it_left_out_comes_when_it_is_asked_for(
    world: World,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LEAN, str(world.files.write_lock)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["True []", "0", "True True"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has locks everywhere")
def test_a_marker_file_is_no_lock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def missing(*_: object) -> None:
        raise OSError(errno.ENOSYS, "no locks here")

    path = world.files.windows / "new.lock"
    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", missing)
        with pytest.raises(StorageRefused, match="without real locks"):
            FileLocked(path).try_take()
    assert not path.exists()
