from __future__ import annotations

import pytest

from fieldboard.cli.plain import PlainBoard, plain_board


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("", PlainBoard()),
        ("board", PlainBoard()),
        ("board --offline", PlainBoard(offline=True)),
        ("--config c.toml board", PlainBoard(config="c.toml")),
        ("board --offline --profile north", PlainBoard(profile="north", offline=True)),
        ("--profile board --config c board --offline", PlainBoard("c", "board", offline=True)),
    ],
)
def test_the_plain_command_line_of_the_board(words: str, read: PlainBoard) -> None:
    assert plain_board(words.split()) == read


@pytest.mark.parametrize(
    "words",
    [
        *("--help", "board --help", "--version", "jobs", "board jobs", "board board"),
        *("--offline", "--offline board", "--config", "board --config", "--config --offline board"),
        *("--config=c board", "--config a --config b", "board --date today", "board --", "board --offlin"),
    ],
)
def test_all_else_is_left_to_the_parser(words: str) -> None:
    assert plain_board(words.split()) is None
