"""The zip that goes with a support request: versions, settings, checks, logs and counts.

Nothing of a customer is in it and no token: of the configuration only what is listed here, of the edits
only how many there are in each state, of the logs the last lines with addresses and secrets hidden.
"""

from __future__ import annotations

import json
import platform
import re
import sqlite3
import sys
from collections import Counter
from contextlib import suppress
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import fieldboard
from fieldboard import paths
from fieldboard.domain.operation import Json
from fieldboard.secret import TokenMissing, redact
from fieldboard.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fieldboard.cli.assemble import OpenProfile
    from fieldboard.cli.shapes import Document

LOG_BYTES: Final = 200_000
"""How much of the end of each log goes along."""

_LIBRARIES: Final = ("textual", "rich", "httpx", "pydantic", "sqlite-utils", "click", "filelock")
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_QUOTED: Final = re.compile(r"\"[^\"\n]{12,}\"")


def write_bundle(file: Path, opened: OpenProfile, doctor: Document) -> None:
    """Write the zip, readable by its owner alone. Raises Failure where that cannot be done."""
    from zipfile import ZIP_DEFLATED, ZipFile

    from fieldboard.cli.failure import NOT_SAVED, Failure

    secrets = _secrets(opened)
    parts = {
        "versions.json": _json(_versions()),
        "profile.json": _json(_settings(opened)),
        "doctor.json": _json(doctor),
        "sync.json": _json(_sync(opened)),
        "counts.json": _json(_counts(opened)),
        **dict(_logs(opened)),
    }
    try:
        with paths.private(), ZipFile(file, "w", ZIP_DEFLATED) as archive:
            for name, text in parts.items():
                archive.writestr(name, _hidden(text, secrets))
    except OSError as error:
        raise Failure(f"{file} cannot be written: {error.strerror or error}", NOT_SAVED) from error


def _hidden(text: str, secrets: list[str]) -> str:
    for secret in secrets:
        text = redact(text, secret)
    return text.replace(str(Path.home()), "~")


def _secrets(opened: OpenProfile) -> list[str]:
    found = [opened.environ.get(opened.profile.token_env, "").strip()]
    # Without a token there is none that could be in a log.
    with suppress(TokenMissing):
        found.append(opened.token())
    return [one for one in dict.fromkeys(found) if one]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n"


def _versions() -> Document:
    libraries: dict[str, Json] = {}
    for name in _LIBRARIES:
        try:
            libraries[name] = version(name)
        except PackageNotFoundError:
            libraries[name] = None
    return {
        "fieldboard": fieldboard.__version__,
        "python": sys.version.split()[0],
        "sqlite": sqlite3.sqlite_version,
        "platform": platform.platform(),
        "libraries": libraries,
    }


def _settings(opened: OpenProfile) -> Document:
    """The profile without what may hold a secret: of `token_command` only whether there is one."""
    one = opened.profile
    return {
        "name": one.name,
        "backend": one.backend,
        "base_url": one.base_url,
        "timezone": one.timezone,
        "token_env": one.token_env,
        "token_command": bool(one.token_command),
        "roster": one.roster is not None,
        "timeout_s": one.timeout_s,
        "settle_s": one.settle_s,
        "poll_s": one.poll_s,
        "ca_file": one.ca_file is not None,
        "allow_http": one.allow_http,
        "system_keys": [*sorted(one.system)],
    }


def _sync(opened: OpenProfile) -> Document:
    return {"state": asdict(opened.store.state()), "learned": dict(opened.store.learned())}


def _counts(opened: OpenProfile) -> Document:
    store = opened.store
    operations = Counter(one.state.value for one in store.outbox.all(None))
    jobs = Counter(one.status.value for one in store.jobs())
    return {
        "technicians": len(store.technicians()),
        "jobs": dict(jobs),
        "edits": dict(operations),
        "files": {
            one.name: one.stat().st_size for one in sorted(opened.files.folder.glob("*")) if one.is_file()
        },
    }


def _logs(opened: OpenProfile) -> Iterator[tuple[str, str]]:
    for folder in (paths.log_dir(opened.data), opened.files.folder):
        for file in sorted(folder.glob("*.log")):
            with file.open("rb") as stream:
                stream.seek(max(0, file.stat().st_size - LOG_BYTES))
                text = stream.read().decode("utf-8", "replace")
            yield f"logs/{file.name}", _QUOTED.sub('"…"', _MAIL.sub("…@…", clean(text, LOG_BYTES)))
