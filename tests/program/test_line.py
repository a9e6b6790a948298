"""The line to the server: gone, back, not wanted, not allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.program.stage import Board, Profile, Server, eventually


def test_with_the_server_gone_edits_wait_and_are_sent_when_it_is_back(board: Board, server: Server) -> None:
    board.header_says("live")
    server.stop()
    board.press("R")
    board.wait_for(lambda screen: "live" not in screen.split("\n")[0], 60)
    number = board.number
    board.assign_to_the_best()
    board.header_says("1 queued")
    server.start()
    board.press("R")
    eventually(lambda: server.technicians_of(number), "the edit arrives")
    board.header_says("live")
    board.wait_for(lambda screen: "queued" not in screen.split("\n")[0], 60)


def test_offline_shows_the_cache_queues_and_sends_nothing(profile: Profile, server: Server) -> None:
    with profile.board("--offline") as board:
        board.ready()
        assert "offline" in board.header
        number = board.number
        board.assign_to_the_best()
        board.header_says("1 queued")
        board.press("]")
        board.header_says("tomorrow")
        assert board.leave() == 0
        assert "1 edit waits" in board.text()
    assert server.technicians_of(number) == set()
    assert profile.outbox()[0]["state"] == "queued"


@pytest.mark.usefixtures("profile")
def test_a_refused_token_is_said_in_one_line_and_the_cache_stays(server: Server, tmp_path: Path) -> None:
    wrong = Profile(tmp_path, server, token="of-yesterday")
    with wrong.board() as board:
        board.ready()
        assert board.number
        board.wait_for(lambda screen: "token" in screen.split("\n")[0].lower(), 60)
        assert "of-yesterday" not in board.text()
        assert board.leave() == 0


def test_without_a_server_at_the_first_start_it_says_what_it_waits_for(
    server: Server, tmp_path: Path
) -> None:
    server.stop()
    profile = Profile(tmp_path, server)
    with profile.board() as board:
        board.ready()
        board.shows("Waiting for FieldCamp")
        server.start()
        board.wait_for(lambda screen: "of 6" in screen, 60)
        assert board.leave() == 0
