"""Where the files of a profile are, and whether they may lie there."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Final

from fieldboard import paths
from fieldboard.cache.errors import StorageReadOnly, StorageRefused, storage_error
from fieldboard.cache.locks import FileLocked
from fieldboard.domain.value_class import value_class

_SHARES: Final = frozenset(
    {
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "lustre", "glusterfs", "davfs",
        "fuse.sshfs", "fuse.rclone", "fuse.davfs", "fuse.gvfsd-fuse", "fuse.glusterfs", "fuse.s3fs",
        "fuse.gcsfuse", "fuse.google-drive-ocamlfuse", "fuse.onedriver",
    }
)  # fmt: skip
_MOUNTS: Final = Path("/proc/self/mountinfo")


@value_class
class ProfileFiles:
    """The files of one profile, all within `folder`."""

    folder: Path

    @property
    def cache(self) -> Path:
        """What was last seen at the server, and what is drawn from it: may be rebuilt."""
        return self.folder / "cache.db"

    @property
    def outbox(self) -> Path:
        """The dispatcher's edits: precious."""
        return self.folder / "outbox.db"

    @property
    def outbox_log(self) -> Path:
        """SQLite's rollback journal of the outbox: cut to nothing by each commit."""
        return self.folder / "outbox.db-journal"

    @property
    def history(self) -> Path:
        """What changed, when, by whom: kept when the cache is dropped."""
        return self.folder / "history.db"

    @property
    def ui(self) -> Path:
        """The remembered place of the board."""
        return self.folder / "ui.json"

    @property
    def sync_lock(self) -> Path:
        """Held by the one process that talks to the server."""
        return self.folder / "sync.lock"

    @property
    def write_lock(self) -> Path:
        """Held for each write of the cache (SQLite below 3.51.3) and for schema changes."""
        return self.folder / "cache.lock"

    @property
    def windows(self) -> Path:
        """A lock file for each open board window."""
        return self.folder / "windows"

    @property
    def journal(self) -> Path:
        """An append-only copy of each operation, to salvage from."""
        return self.folder / "outbox.journal.jsonl"

    @property
    def quarantine(self) -> Path:
        """Where damaged files are put aside."""
        return self.folder / "quarantine"

    @property
    def log(self) -> Path:
        """The log of this profile."""
        return self.folder / "fieldboard.log"

    def prepare(self) -> None:
        """Make the folders, readable by their owner alone.

        Where nothing can be written, but a cache is there, it can be looked at: whoever writes is
        refused then. Raises StorageRefused on a network share or a file system without real locks,
        StorageReadOnly and StorageFull where the folders cannot be made.
        """
        refuse_share(self.folder)
        try:
            self._make()
        except StorageReadOnly:
            if not self.cache.exists():
                raise

    def _make(self) -> None:
        try:
            for folder in (self.folder, self.windows, self.quarantine):
                paths.private_dir(folder)
        except OSError as error:
            raise storage_error(error, self.folder) or error from error
        self._probe()

    def _probe(self) -> None:
        # Once for a folder: a copy of it elsewhere has another number and is looked at again.
        path = self.folder / "probe.lock"
        there = self.folder.stat()
        number = f"{there.st_dev}:{there.st_ino}"
        with suppress(OSError, UnicodeDecodeError):
            if path.read_text(encoding="ascii") == number:
                return
        probe = FileLocked(path)
        taken = probe.try_take(1.0)
        probe.release()
        if taken:
            with suppress(OSError):
                path.write_text(number, encoding="ascii")


def refuse_share(folder: Path, mounts: str | None = None) -> None:
    """Raise StorageRefused where `folder` is on a network share.

    `mounts` is the text of `/proc/self/mountinfo`; a system without it is not checked this way.
    """
    if mounts is None:
        try:
            mounts = _MOUNTS.read_text(errors="surrogateescape")
        except OSError:
            return
    place = os.path.realpath(folder)
    best, kind = "", ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        words = before.split()
        if len(words) < 5 or not after:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), words[4])
        inside = place == point or place.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, after.split()[0]
    if kind in _SHARES:
        raise StorageRefused(
            f"{folder} is on a network share ({kind}), where locks and SQLite cannot be trusted; "
            "set FIELDBOARD_DATA_DIR to a folder on a local disk"
        )
