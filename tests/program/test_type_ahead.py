"""Keys that arrive faster than dialogs open: whoever types blind, or pastes, is understood all the same."""

from __future__ import annotations

import pytest

from tests.program.stage import Board, Server, eventually


def test_two_keys_in_one_breath_assign_the_most_urgent_job(board: Board, server: Server) -> None:
    number = board.number
    board.send("a\r")
    board.settle()
    if board.number == number:
        # It would break a rule: that takes an Enter more.
        board.press("enter")
    eventually(lambda: bool(server.technicians_of(number)), "the server knows who goes")


@pytest.mark.parametrize(
    ("burst", "shown"),
    [
        ("fskill:nonsense", "Queue     skill:nonsense"),
        ("/abcdefghijklmnop", " abcdefghijklmnop"),
        ("cabcdefghijklmnop", "Title •        abcdefghijklmnop"),
        ("adai14", "Who dai   When 14:00"),
        (":abcdefghijklmnop", ":abcdefghijklmnop"),
        ("/zzz\x7f\x7f\x7fabc\x1b[D\x1b[Dde", " adebc"),
    ],
)
def test_an_opener_and_its_text_in_one_write_keep_their_order(board: Board, burst: str, shown: str) -> None:
    for _ in range(4):
        board.send(burst)
        board.shows(shown)
        # A form wants a second one.
        board.press("escape", "escape", "escape")
        board.wait_for(lambda screen: shown not in screen)


def test_a_pasted_search_goes_into_its_field(board: Board) -> None:
    board.send("/boiler")
    board.wait_for(lambda screen: "Search" in screen and "boiler" in screen)


def test_what_is_typed_while_the_details_are_read_is_theirs(board: Board, server: Server) -> None:
    number = board.number
    board.send("\ry")
    board.wait_for(lambda screen: "Copy" in screen)
    board.press("escape", "escape")
    assert server.technicians_of(number) == set()


def test_a_paste_with_escapes_in_it_keeps_its_order(board: Board) -> None:
    board.send("E")
    board.shows("Edit ", "Title")
    board.settle()
    board.press("ctrl+u")
    board.send("\x1b[200~AAA \x1b[31mBBB\x1b[0m CCC\x1b[201~")
    board.shows("AAA [31mBBB[0m CCC")
