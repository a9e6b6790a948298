from __future__ import annotations

import shutil
from pathlib import Path

from fieldboard.cache.files import ProfileFiles


def number_of(folder: Path) -> str:
    found = folder.stat()
    return f"{found.st_dev}:{found.st_ino}"


def test_a_folder_is_asked_for_locks_once_and_a_copy_of_it_again(tmp_path: Path) -> None:
    files = ProfileFiles(tmp_path / "north")
    files.prepare()
    assert (files.folder / "probe.lock").read_text() == number_of(files.folder)

    copy = ProfileFiles(tmp_path / "copy")
    shutil.copytree(files.folder, copy.folder)
    copy.prepare()
    assert (copy.folder / "probe.lock").read_text() == number_of(copy.folder)
