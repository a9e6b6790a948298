"""Kill -9 at the worst moments: nothing that was said to be saved is lost, nothing is sent twice."""

from __future__ import annotations

import os
import signal

from fieldboard.cli.sync_service import NICE
from tests.program.stage import Board, Profile, Server, eventually, runs


def test_a_killed_board_has_lost_nothing(profile: Profile, server: Server) -> None:
    server.stop()
    with profile.board() as board:
        board.ready()
        number = board.number
        board.assign_to_the_best()
        board.shows("1 queued")
        board.kill()
    with profile.board("--offline") as board:
        board.ready()
        assert "1 queued" in board.header
        assert board.leave() == 0
    server.start()
    with profile.board() as board:
        board.ready()
        eventually(lambda: server.technicians_of(number), "the edit arrives")
        eventually(lambda: profile.outbox()[0]["state"] == "confirmed", "and is seen to have arrived")
    (edit,) = profile.outbox()
    assert edit["attempts"] == 1


def test_a_killed_sync_process_is_replaced_and_the_edit_sent_once(
    board: Board, profile: Profile, server: Server
) -> None:
    killed = board.sync_process()
    number = board.number
    os.kill(killed, signal.SIGKILL)
    board.assign_to_the_best()
    eventually(lambda: not runs(killed), "it is gone")
    eventually(lambda: server.technicians_of(number), "the edit arrives")
    eventually(lambda: profile.outbox()[0]["state"] == "confirmed", "and is seen to have arrived")
    (edit,) = profile.outbox()
    assert edit["attempts"] == 1
    assert board.sync_process() != killed
    assert board.process.poll() is None


def test_the_sync_process_of_a_killed_board_ends(board: Board) -> None:
    syncing = board.sync_process()
    board.kill()
    eventually(lambda: not runs(syncing), "it has ended", limit=60)


def test_the_sync_process_gives_way_to_the_keys_of_the_board(board: Board) -> None:
    syncing = board.sync_process()
    ours = os.getpriority(os.PRIO_PROCESS, board.process.pid)
    eventually(lambda: os.getpriority(os.PRIO_PROCESS, syncing) == min(19, ours + NICE), "it counts for less")
