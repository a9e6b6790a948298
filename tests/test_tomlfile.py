from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fieldboard.tomlfile import ConfigError, TomlFile, key_lines, nearest

if TYPE_CHECKING:
    from pathlib import Path

TEXT = '''\
top = 1
[profiles.north]   # a comment [not.a.header]
backend = "fieldcamp"
token_command = [
    "pass",  # ]
    "x = 1",
]
notes = """
[fake]
backend = 2
"""
system.zone = "UTC"

[[technician]]
name = "One"
shift = { mon = "08:00-17:00", tue = "08:00-17:00" }
[[technician]]
name = "Two"
[[technician.absences]]
from = "today"
[ "quoted key" ]
"other key" = 1
'''


def test_every_key_has_its_line() -> None:
    lines = key_lines(TEXT)
    assert lines == {
        ("top",): 1,
        ("profiles", "north"): 2,
        ("profiles", "north", "backend"): 3,
        ("profiles", "north", "token_command"): 4,
        ("profiles", "north", "notes"): 8,
        ("profiles", "north", "system"): 12,
        ("profiles", "north", "system", "zone"): 12,
        ("technician",): 14,
        ("technician", 0): 14,
        ("technician", 0, "name"): 15,
        ("technician", 0, "shift"): 16,
        ("technician", 1): 17,
        ("technician", 1, "name"): 18,
        ("technician", 1, "absences"): 19,
        ("technician", 1, "absences", 0): 19,
        ("technician", 1, "absences", 0, "from"): 20,
        ("quoted key",): 21,
        ("quoted key", "other key"): 22,
    }


def test_keys_of_inline_tables_are_found_within_their_table(tmp_path: Path) -> None:
    (tmp_path / "f.toml").write_text(TEXT)
    file = TomlFile.read(tmp_path / "f.toml", "the file")
    assert file.line_of(("technician", 0, "shift", "tue")) == 16
    assert file.line_of(("technician", 0, "shift", "wed")) == 16
    assert file.line_of(("nothing",)) == 1


@pytest.mark.parametrize(
    ("raw", "line", "said"),
    [
        (b"a = 1\nb = \n", 2, "not valid TOML"),
        (b'a = 1\nb = "open', 2, "not valid TOML"),
        (b"a = 1\na = 2\n", 2, "not valid TOML"),
        (b"a = 1\nb = '\xff'\n", 2, "UTF-8"),
        (b"a = " + b"[" * 100_000, 1, "not valid TOML"),
    ],
)
def test_broken_files_are_named_with_their_line(tmp_path: Path, raw: bytes, line: int, said: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(raw)
    with pytest.raises(ConfigError, match=said) as caught:
        TomlFile.read(path, "the file")
    assert str(caught.value).startswith(f"{path}, line {line}: ")
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.toml", tmp_path):
        with pytest.raises(ConfigError, match=r"the roster .* cannot be read"):
            TomlFile.read(path, "the roster")


def test_a_byte_order_mark_and_foreign_line_ends_are_no_error(tmp_path: Path) -> None:
    path = tmp_path / "f.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n")
    file = TomlFile.read(path, "the file")
    assert file.data == {"a": 1, "b": 2}
    assert file.line_of(("b",)) == 2


def test_the_nearest_word_is_named() -> None:
    assert nearest("timezon", ["timezone", "token_env"]) == "did you mean 'timezone'?"
    assert nearest("TIMEZONE", ["timezone"]) == "did you mean 'timezone'?"
    assert nearest("xyz", ["timezone", "roster"]) == "known are timezone, roster"
