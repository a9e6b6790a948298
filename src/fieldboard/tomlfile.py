"""Reading TOML files that people write by hand, with errors that say where and what to do."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from fieldboard.domain.value_class import value_class

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Key = tuple[str | int, ...]
"""The way to a value: names of tables and keys, and positions in arrays of tables."""


class ConfigError(Exception):
    """Something in a file of the user, or in what is configured, is wrong.

    The message is one line that says what is wrong and what to do.
    """


_HEADER: Final = re.compile(r"\s*(\[\[|\[)(.*?)\]\]?\s*(?:#.*)?$")
_NAME: Final = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)\s*(\.|=|$)""")
_STRING: Final = re.compile(r'"""|\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|#.*|[\[\]{}]')


def _names(text: str) -> tuple[list[str], bool]:
    """The dotted names at the start of `text`, and whether an equals sign ends them."""
    names: list[str] = []
    at = 0
    while match := _NAME.match(text, at):
        names.append(match[1].strip("\"'"))
        at = match.end()
        if match[2] != ".":
            return names, match[2] == "="
    return names, False


def key_lines(text: str) -> dict[Key, int]:
    """The line (from 1) on which each table and each key of a TOML text begins.

    Keys inside inline tables are not in it. The text should have been accepted by tomllib.
    """
    found: dict[Key, int] = {}
    counts: dict[Key, int] = {}
    table: Key = ()
    depth, quote = 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        if depth == 0 and not quote:
            header = _HEADER.match(line)
            names, is_key = _names(line)
            if header and not is_key:
                table = _resolved(tuple(_names(header[2])[0]), counts)
                if header[1] == "[[":
                    position = counts.get(table, -1) + 1
                    counts[table] = position
                    found.setdefault(table, number)
                    table = (*table, position)
                found.setdefault(table, number)
                continue
            if is_key:
                for length in range(1, len(names) + 1):
                    found.setdefault((*table, *names[:length]), number)
            depth, quote = _open_after(line.partition("=")[2], 0, "")
        else:
            depth, quote = _open_after(line, depth, quote)
    return found


@lru_cache(maxsize=2)
def _lines_of(text: str) -> Mapping[Key, int]:
    """`key_lines`, once a text: a roster asks it for every technician."""
    return key_lines(text)


def _resolved(names: Key, counts: dict[Key, int]) -> Key:
    """A header's names, with the position of the newest element behind each array of tables but the last."""
    path: Key = ()
    for place, name in enumerate(names):
        path = (*path, name)
        if place < len(names) - 1 and path in counts:
            path = (*path, counts[path])
    return path


def _open_after(line: str, depth: int, quote: str) -> tuple[int, str]:
    """How many brackets, and which long string, are open at the end of a line."""
    at = 0
    while at <= len(line):
        if quote:
            end = line.find(quote, at)
            if end < 0:
                return depth, quote
            at, quote = end + 3, ""
        match = _STRING.search(line, at)
        if match is None:
            break
        part, at = match[0], match.end()
        if part in ('"""', "'''"):
            quote = part
        elif part in "[{":
            depth += 1
        elif part in "]}":
            depth -= 1
    return max(depth, 0), quote


@value_class
class TomlFile:
    """One file: where it is, what it says and on which line."""

    path: Path
    text: str
    data: dict[str, Any] = field(repr=False)

    @classmethod
    def read(cls, path: Path, what: str) -> TomlFile:
        """Read a file; `what` says what it is, for messages.

        Raises ConfigError where it cannot be read or is no TOML.
        """
        try:
            raw = path.read_bytes()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise ConfigError(f"{what} {path} cannot be read: {reason}") from None
        try:
            text = raw.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            raise ConfigError(f"{path}, line {line}: not UTF-8 text; save the file as UTF-8") from None
        try:
            return cls(path, text, tomllib.loads(text))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            message = str(error).replace("\n", " ")
            place = re.search(r"\(at line (\d+), column (\d+)\)|\(at end of document\)", message)
            line = int(place[1]) if place and place[1] else text.count("\n") + 1
            said = message[: place.start()].strip() if place else message
            raise ConfigError(f"{path}, line {line}: not valid TOML: {said}") from None

    @property
    def root(self) -> Section:
        """The top level of the file."""
        return Section(self, (), self.data)

    def line_of(self, key: Key) -> int:
        """The line on which a key stands, or what encloses it (inline tables are searched for it)."""
        lines = _lines_of(self.text)
        for length in range(len(key), 0, -1):
            if key[:length] in lines:
                line = lines[key[:length]]
                return self._within(line, key[length:]) if length < len(key) else line
        return 1

    def _within(self, line: int, rest: Key) -> int:
        rows = self.text.split("\n")
        for name in (part for part in rest if isinstance(part, str)):
            pattern = re.compile(rf"""(?<![\w-])["']?{re.escape(name)}["']?\s*=""")
            for number in range(line, len(rows) + 1):
                row = rows[number - 1]
                if number > line and _HEADER.match(row) and not _names(row)[1]:
                    break
                if pattern.search(row):
                    line = number
                    break
        return line


@value_class
class Section:
    """One table of a file, read key by key with its types checked.

    Every method raises ConfigError, naming file and line, for a value of another type.
    """

    file: TomlFile
    key: Key
    data: dict[str, Any] = field(repr=False)

    def fail(self, name: str | int | None, message: str) -> ConfigError:
        """The error for a key of this table (None: for the table itself): file, line and message."""
        key = self.key if name is None else (*self.key, name)
        return ConfigError(f"{self.file.path}, line {self.file.line_of(key)}: {message}")

    @property
    def title(self) -> str:
        """The table as a header names it; the file's top level is called so."""
        names = ".".join(str(part) for part in self.key if isinstance(part, str))
        return f"[{names}]" if names else "the top level"

    def only(self, known: Iterable[str]) -> None:
        """Raise ConfigError for the first key that is not `known`, naming the nearest that is."""
        names = list(known)
        for name in self.data:
            if name not in names:
                hint = nearest(name, names)
                raise self.fail(name, f"unknown key {name!r} in {self.title}; {hint}")

    def text(self, name: str, default: str | None = None) -> str | None:
        """A string that is not empty, or the default where the key is missing."""
        value = self.data.get(name)
        if value is None:
            return default
        if not isinstance(value, str):
            raise self.fail(name, f"{name} must be text in quotes, not {kind_of(value)}")
        if not value.strip():
            raise self.fail(name, f"{name} is empty; give it a value or remove the line")
        return value

    def number(self, name: str, default: float, least: float = 0.0) -> float:
        """A finite number of at least `least`."""
        value = self.data.get(name, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.fail(name, f"{name} must be a number, not {kind_of(value)}")
        if not math.isfinite(value) or value < least:
            raise self.fail(name, f"{name} must be at least {least:g}, not {value}")
        return float(value)

    def integer(self, name: str, least: int) -> int | None:
        """A whole number of at least `least`, or None."""
        value = self.data.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.fail(name, f"{name} must be a whole number, not {kind_of(value)}")
        if value < least:
            raise self.fail(name, f"{name} must be at least {least}, not {value}")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """True or false."""
        value = self.data.get(name, default)
        if not isinstance(value, bool):
            raise self.fail(name, f"{name} must be true or false, not {kind_of(value)}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings, none of them empty; empty where the key is missing."""
        value = self.data.get(name, [])
        if not isinstance(value, list) or not all(isinstance(part, str) and part.strip() for part in value):
            raise self.fail(name, f'{name} must be a list of texts, like ["…", "…"]')
        return tuple(value)

    def section(self, name: str) -> Section | None:
        """A table inside this one, or None."""
        value = self.data.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.fail(name, f"{name} must be a table, not {kind_of(value)}")
        return Section(self.file, (*self.key, name), value)

    def sections(self, name: str) -> Iterator[Section]:
        """The tables of an array, none where the key is missing."""
        value = self.data.get(name, [])
        if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
            raise self.fail(name, f"{name} must be tables; write [[{name}]] above each")
        for position, part in enumerate(value):
            yield Section(self.file, (*self.key, name, position), part)


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for a word that is not known: the nearest that is, else all of them."""
    from difflib import get_close_matches

    names = list(known)
    folded = {candidate.casefold(): candidate for candidate in names}
    close = get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    if close:
        return f"did you mean {folded[close[0]]!r}?"
    return f"known are {', '.join(names)}"


def kind_of(value: object) -> str:
    """What a TOML value is, in words."""
    words = {
        bool: "true or false",
        str: "text",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "a table",
    }
    return words.get(type(value), "a date or time")
