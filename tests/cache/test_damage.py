"""Files that are damaged, newer, in the way or not to be written."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from fieldboard.cache import op_journal, purge, salvage, schema
from fieldboard.cache.errors import NewerData, StorageBusy, StorageDamaged, StorageRefused
from fieldboard.cache.files import ProfileFiles, refuse_share
from fieldboard.cache.outbox import Outbox
from fieldboard.cache.reader import CacheReader
from fieldboard.cache.windows import WindowLock
from fieldboard.cache.writer import CacheWriter
from fieldboard.domain.operation import OpState
from tests.cache.test_outbox import draft, settle
from tests.cache.world import DAY, ZONE, World, job, visit


def _spoil(path: Path, start: int = 4096, end: int | None = None) -> None:
    data = bytearray(path.read_bytes())
    data[start : end or len(data)] = b"\xa5" * ((end or len(data)) - start)
    path.write_bytes(data)


def test_a_damaged_cache_is_put_aside_with_its_log_and_begun_anew(world: World) -> None:
    op = world.outbox().add(draft())
    world.first_sync(job(1), visit(1))
    world.writer.checkpoint()
    assert salvage.damage(world.files) == []
    world.close()
    _spoil(world.files.cache)
    assert salvage.damage(world.files) == [world.files.cache]
    with pytest.raises(StorageDamaged):
        CacheReader(world.files, ZONE).day(DAY)
    place = salvage.rebuild_cache(world.files)
    assert place.parent == world.files.quarantine
    again = World(world.files.folder)
    assert again.reader().day(DAY) == []
    again.first_sync(job(1), visit(1))
    assert [one.id for one in again.reader().day(DAY)] == ["v1"]
    assert again.outbox().live() == [op]
    again.close()


def test_an_open_board_goes_on_with_what_was_put_in_the_place_of_a_damaged_file(world: World) -> None:
    store = world.shown()
    op = store.outbox.add(draft())
    world.first_sync(job(1), visit(1))
    store.poll()
    world.writer.close()
    salvage.rebuild_cache(world.files)
    salvage.salvage_outbox(world.files)
    delta = store.poll()
    assert delta is not None
    assert delta.everything
    assert store.day(DAY) == []
    assert [one.op_id for one in store.outbox.live()] == [op.op_id]
    assert store.outbox.add(draft()).state is OpState.QUEUED
    world.writer = CacheWriter(world.files, ZONE, world.clock)
    world.first_sync(job(1), visit(1))
    store.poll()
    assert [one.mark for one in store.day(DAY)] == ["queued"]


@pytest.mark.parametrize("content", [b"this is no database", b"SQLite format 3\x00" + b"\x00" * 100])
def test_what_is_no_database_is_said_to_be_damaged(world: World, content: bytes) -> None:
    world.close()
    for path in world.files.folder.glob("cache.db*"):
        path.unlink()
    world.files.cache.write_bytes(content)
    with pytest.raises(StorageDamaged, match="damaged"):
        CacheReader(world.files, ZONE)


def test_a_database_of_another_program_is_left_alone(world: World) -> None:
    world.close()
    for path in world.files.folder.glob("cache.db*"):
        path.unlink()
    other = sqlite3.connect(world.files.cache)
    other.executescript("CREATE TABLE mine (a); PRAGMA user_version=1;")
    other.close()
    with pytest.raises(StorageDamaged, match="another program"):
        CacheReader(world.files, ZONE)


def test_newer_data_are_refused_and_left_as_they_are(world: World) -> None:
    world.outbox().add(draft())
    world.close()
    newer = sqlite3.connect(world.files.outbox)
    newer.execute("PRAGMA user_version=99")
    newer.close()
    before = world.files.outbox.read_bytes()
    with pytest.raises(NewerData, match="newer fieldboard"):
        Outbox(world.files, world.clock)
    assert world.files.outbox.read_bytes() == before


def test_an_outbox_is_salvaged_from_its_rows(world: World) -> None:
    outbox = world.outbox()
    ops = [outbox.add(draft(f"v{n}")) for n in range(3)]
    settle(outbox, ops[1], OpState.SENDING, OpState.ACKED)
    world.close()
    world.files.journal.unlink()
    found = salvage.salvage_outbox(world.files)
    assert (found.from_rows, found.from_journal) == (3, 0)
    again = Outbox(world.files, world.clock)
    assert [(one.op_id, one.state) for one in again.all()] == [
        (ops[0].op_id, OpState.QUEUED),
        (ops[1].op_id, OpState.ACKED),
        (ops[2].op_id, OpState.QUEUED),
    ]
    assert again.add(draft()).seq == 4
    again.close()


def test_what_only_the_journal_knows_is_looked_up_before_it_is_sent(world: World) -> None:
    outbox = world.outbox()
    waiting, done, undone = (outbox.add(draft(f"v{n}")) for n in range(3))
    settle(outbox, done, OpState.SENDING, OpState.ACKED, OpState.CONFIRMED)
    outbox.cancel(undone.op_id)
    world.close()
    with world.files.journal.open("ab") as journal:
        journal.write(b'{"op_id": "torn')
    _spoil(world.files.outbox, 0)
    found = salvage.salvage_outbox(world.files)
    assert (found.from_rows, found.from_journal) == (0, 3)
    again = Outbox(world.files, world.clock)
    assert [(one.op_id, one.state, one.changes) for one in again.all()] == [
        (waiting.op_id, OpState.UNCERTAIN, waiting.changes),
        (done.op_id, OpState.CONFIRMED, done.changes),
        (undone.op_id, OpState.CANCELLED, undone.changes),
    ]
    fence = again.take_fence("next")
    assert fence > 1
    assert again.claim(waiting.op_id, fence) is None
    again.close()


def test_a_large_journal_is_begun_anew_and_still_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(op_journal, "LIMIT", 10)
    outbox = world.outbox()
    first = outbox.add(draft())
    outbox.purge()
    second = outbox.add(draft())
    assert not outbox.get("nothing")
    assert [one["op_id"] for one in op_journal.read(world.files.journal)] == [first.op_id, second.op_id]


def test_an_old_schema_is_brought_up_to_date_after_a_copy(world: World) -> None:
    op = world.outbox().add(draft())
    newer = schema.Schema(
        "outbox", False, (*schema.OUTBOX.versions, ("900_more", "ALTER TABLE operation ADD x INTEGER;"))
    )
    schema.ensure(world.files, newer, here=True)
    assert schema.version_of(world.files.outbox, newer) == newer.current
    database = sqlite3.connect(world.files.outbox)
    assert database.execute("SELECT op_id, x FROM operation").fetchall() == [(op.op_id, None)]
    names = [row[0] for row in database.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]
    database.close()
    assert names == [name for name, _ in newer.versions]
    assert (world.files.quarantine / f"outbox-v{schema.OUTBOX.current}.db").exists()
    broken = schema.Schema("outbox", False, (*newer.versions, ("901_bad", "CREATE TABLE y (a);\nNONSENSE;")))
    with pytest.raises(sqlite3.OperationalError):
        schema.ensure(world.files, broken, here=True)
    assert schema.version_of(world.files.outbox, broken) == newer.current


def test_plain_sql_and_migrations_make_the_same_file(tmp_path: Path) -> None:
    from sqlite_utils import Database

    for wanted in (schema.CACHE, schema.OUTBOX, schema.HISTORY):
        files = ProfileFiles(tmp_path / wanted.name)
        files.prepare()
        made = sqlite3.connect(schema.ensure(files, wanted))
        other = sqlite3.connect(":memory:", isolation_level=None)
        schema.migrations(wanted).apply(Database(other))
        query = "SELECT type, name FROM sqlite_schema WHERE name NOT LIKE '%sqlite_%' ORDER BY name"
        assert made.execute(query).fetchall() == other.execute(query).fetchall()
        assert not schema.migrations(wanted).pending(Database(made))
        made.close()
        other.close()


def test_a_process_of_its_own_brings_the_data_up_to_date(tmp_path: Path) -> None:
    files = ProfileFiles(tmp_path / "p")
    files.prepare()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-m", "fieldboard.cache.schema", str(files.folder)], env=environment, check=False
    )
    assert done.returncode == 0
    assert schema.version_of(files.outbox, schema.OUTBOX) == schema.OUTBOX.current
    files.outbox.write_bytes(b"rubbish" * 100)
    refused = subprocess.run(
        [sys.executable, "-m", "fieldboard.cache.schema", str(files.folder)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (refused.returncode, refused.stderr.count("\n")) == (5, 1)


_READ_ONLY = """
import os, sys
from datetime import date
from pathlib import Path
from fieldboard.cache.errors import StorageReadOnly
from fieldboard.cache.files import ProfileFiles
from fieldboard.cache.store import Store
from fieldboard.cache.writer import CacheWriter
from fieldboard.clock import SystemClock
from fieldboard.domain.instants import Zone
from fieldboard.domain.operation import Intent, OperationDraft
if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
files, zone = ProfileFiles(Path(sys.argv[1])), Zone("Europe/London")
store = Store(files, zone, SystemClock())
said = [one.id for one in store.day(date(2026, 6, 4))] + [str(len(store.operations()))]
try:
    store.outbox.add(OperationDraft(Intent.EDIT, "job:j1", ()))
except StorageReadOnly as error:
    said.append("refused")
try:
    CacheWriter(files, zone, SystemClock()).set_state(error="x")
except StorageReadOnly as error:
    said.append("refused")
print(" ".join(said))
"""


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="permissions are of another kind here")
def test_a_folder_that_cannot_be_written_is_read_and_takes_no_edit() -> None:
    folder = Path(tempfile.mkdtemp(prefix="fieldboard-test-"))
    try:
        world = World(folder / "p")
        world.first_sync(job(1), visit(1))
        world.outbox().add(draft())
        world.close()
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        done = subprocess.run(
            [sys.executable, "-c", _READ_ONLY, str(world.files.folder)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "HOME": "/nonexistent"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert (done.stdout.split(), done.stderr) == (["v1", "1", "refused", "refused"], "")
    finally:
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("kind", "refused"),
    [("nfs4", True), ("cifs", True), ("fuse.sshfs", True), ("ext4", False), ("btrfs", False)],
)
def test_network_shares_are_refused(tmp_path: Path, kind: str, refused: bool) -> None:
    mounts = (
        f"21 1 8:1 / / rw - ext4 /dev/sda rw\n22 21 0:1 / {tmp_path} rw,relatime shared:1 - {kind} x rw\n"
    )
    if refused:
        with pytest.raises(StorageRefused, match=kind):
            refuse_share(tmp_path / "fieldboard" / "p", mounts)
    else:
        refuse_share(tmp_path / "fieldboard" / "p", mounts)


def test_data_in_use_are_not_taken_away(world: World) -> None:
    world.first_sync(job(1))
    op = world.outbox().add(draft())
    with WindowLock(world.files), pytest.raises(StorageBusy):
        purge.drop_cache(world.files)
    world.close()
    purge.drop_cache(world.files)
    assert not world.files.cache.exists()
    again = Outbox(world.files, world.clock)
    assert again.live() == [op]
    again.close()
    purge.drop_all(world.files)
    assert [path.name for path in world.files.folder.iterdir() if path.suffix in (".db", ".jsonl")] == []


def test_retention_of_all_three_files(world: World) -> None:
    world.first_sync(job(1), visit(1))
    world.close()
    found = purge.retain(world.files, ZONE, world.clock, DAY)
    assert found == purge.Purged(0, 0, 0)


def test_an_outbox_of_the_first_version_keeps_its_edits_and_learns_what_they_meet(world: World) -> None:
    schema.path_of(world.files, schema.OUTBOX).unlink(missing_ok=True)
    first = schema.Schema("outbox", False, schema.OUTBOX.versions[:1])
    schema.ensure(world.files, first)
    database = sqlite3.connect(world.files.outbox)
    database.execute(
        "INSERT INTO operation (op_id, version, intent, entity, changes, label, warnings, state, created_at, "
        "created_by, born, rev) "
        "VALUES ('01OLD', 1, 'assign', 'visit:v1', '[]', 'an edit', '[]', 'queued', 1, 'kim', 1, 1)"
    )
    database.commit()
    database.close()
    outbox = world.outbox()
    assert [one.op_id for one in outbox.all()] == ["01OLD"]
    assert outbox.contests_of("01OLD") == ()
