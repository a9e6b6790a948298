"""Where things are, and that nobody else on the computer can read them.

Job notes are personal data (gate codes, illnesses): folders are 0700, files 0600.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

APP: Final = "fieldboard"
CONFIG_VARIABLE: Final = "FIELDBOARD_CONFIG"
DATA_VARIABLE: Final = "FIELDBOARD_DATA_DIR"


def config_file(option: str | os.PathLike[str] | None, environ: Mapping[str, str]) -> Path:
    """The configuration: `option` (``--config``), else ``$FIELDBOARD_CONFIG``, else the user's own place.

    The file need not exist.
    """
    named = os.fspath(option) if option is not None else environ.get(CONFIG_VARIABLE, "")
    if named:
        return Path(named).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_config_dir(APP, appauthor=False)) / "config.toml"


def data_dir(environ: Mapping[str, str]) -> Path:
    """The folder for caches, outboxes, logs and UI state: ``$FIELDBOARD_DATA_DIR`` or the user's own."""
    named = environ.get(DATA_VARIABLE, "")
    if named:
        return Path(named).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir(APP, appauthor=False))


def profile_dir(data: Path, profile: str) -> Path:
    """The folder of one profile's files within the data folder.

    A profile may have any name; what no file system takes is percent-encoded.
    """
    name = quote(profile, safe=" +@,")
    return data / "profiles" / (name.replace(".", "%2E", 1) if name.startswith(".") else name)


def log_dir(data: Path) -> Path:
    """The folder of the log files within the data folder."""
    return data / "logs"


def theme_files() -> tuple[Path, ...]:
    """The themes that come with fieldboard, by file name.

    In an installed package they lie inside it; in a work tree, at its top level.
    """
    here = Path(__file__).resolve().parent
    for folder in (here / "themes", here.parent.parent / "themes"):
        found = tuple(sorted(folder.glob("*.toml")))
        if found:
            return found
    return ()


def user_theme_files(config: Path) -> tuple[Path, ...]:
    """The user's own themes: ``themes/*.toml`` in the folder of the configuration file."""
    return tuple(sorted((config.parent / "themes").glob("*.toml")))


@contextmanager
def private() -> Iterator[None]:
    """What is created inside is readable by its owner alone, whatever the umask was.

    The umask belongs to the whole process: for its start, not for several threads at once.
    """
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def private_dir(folder: Path) -> Path:
    """Create `folder` and what is missing above it, 0700; one that was there is closed to others, too.

    Raises OSError where that cannot be done.
    """
    missing = [parent for parent in folder.parents if not parent.exists()]
    for parent in reversed(missing):
        parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    mode = folder.stat().st_mode
    # A sticky folder (like /tmp) is everybody's on purpose: closing it would break the computer.
    if mode & 0o077 and not mode & stat.S_ISVTX:
        # Closed to others; a folder that its owner made read-only stays so.
        folder.chmod(mode & 0o700)
    return folder


def private_file(file: Path) -> Path:
    """Create `file` empty, 0600; one that was there is closed to others and keeps what is in it.

    Raises OSError where that cannot be done.
    """
    os.close(os.open(file, os.O_CREAT | os.O_WRONLY | getattr(os, "O_CLOEXEC", 0), 0o600))
    if (mode := file.stat().st_mode) & 0o077:
        file.chmod(mode & 0o600)
    return file
