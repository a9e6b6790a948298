"""A bracketed paste is one text in its order, whatever it holds and however it was read."""

from __future__ import annotations

import pytest
from textual import events
from textual.message import Message

from fieldboard.tui.paste_parser import PasteParser

COLOURED = "AAA \x1b[31mBBB \x1b[0m CCC"
CLEANED = "AAA [31mBBB [0m CCC"


def bracketed(text: str) -> str:
    return f"\x1b[200~{text}\x1b[201~"


def said(messages: list[Message]) -> list[str]:
    """Keys by name, pastes as ``<text>``."""
    return [
        one.key if isinstance(one, events.Key) else f"<{one.text}>"
        for one in messages
        if isinstance(one, events.Key | events.Paste)
    ]


def read(*parts: str) -> list[str]:
    parser = PasteParser()
    return said([message for part in parts for message in parser.feed(part)])


TYPED = "a" + bracketed(COLOURED) + "b\x1b[A" + bracketed("two") + "c"


@pytest.mark.parametrize("at", range(1, len(TYPED)))
def test_a_paste_with_escapes_is_one_text_wherever_it_is_split(at: int) -> None:
    assert read(TYPED[:at], TYPED[at:]) == ["a", f"<{CLEANED}>", "b", "up", "<two>", "c"]


def test_a_paste_that_comes_character_by_character_is_one_text() -> None:
    assert read(*TYPED) == ["a", f"<{CLEANED}>", "b", "up", "<two>", "c"]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\x1b", ""),
        ("\x1b\x1b[A", "[A"),
        ("a\x1b[200~b", "a[200~b"),
        ("a\x1b[2", "a[2"),
        ("\x1b[M !!x", "[M !!x"),
        ("one\r\ntwo\rthree\ttab\x00\x07", "one\ntwo\nthree\ttab"),
        ("\x1b]0;title\x07x", "]0;titlex"),
        ("x" * 50_000, "x" * 50_000),
        ("", ""),
    ],
)
def test_what_a_terminal_would_act_on_is_dropped_and_all_else_kept(text: str, cleaned: str) -> None:
    assert read("j", bracketed(text), "k") == ["j", f"<{cleaned}>", "k"]


def test_other_sequences_are_keys_as_before() -> None:
    assert read("\x1b[2", "0~", "\x1b[201~", "x") == ["f9", "x"]
