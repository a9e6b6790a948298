"""A dispatcher's acts on the real program, and what the server says of them."""

from __future__ import annotations

from tests.program.stage import Board, Profile, Server, eventually
from tests.terminal import mouse_report


def test_the_most_urgent_job_is_assigned_with_two_keys(board: Board, server: Server) -> None:
    number = board.number
    assert server.technicians_of(number) == set()
    board.assign_to_the_best()
    eventually(lambda: server.technicians_of(number), "the server knows who goes")
    board.wait_for(lambda _: board.number != number)


def test_a_status_arrives(board: Board, server: Server) -> None:
    number = scheduled(server)
    board.go_to(number)
    before = server.job(number)["jobStatus"]
    board.press("s")
    assert "Status" in board.text()
    board.press("enter")
    eventually(
        lambda: (
            server.job(number)["jobStatus"] != before
            or any(one["visitStatus"] != "scheduled" for one in server.visits(number))
        ),
        "the server has another status",
    )


def test_a_visit_is_carried_to_the_next_technician_and_back(board: Board, server: Server) -> None:
    number = scheduled(server)
    before = server.technicians_of(number)
    board.go_to(number)
    board.press("space", "l")
    assert "MOVE" in board.lines
    board.confirm()
    eventually(lambda: server.technicians_of(number) not in (set(), before), "somebody else goes")
    board.press("u")
    eventually(lambda: server.technicians_of(number) == before, "the one before goes again")


def test_a_job_is_dragged_from_the_queue_to_a_technician_and_an_hour(board: Board, server: Server) -> None:
    number = board.number
    name = "Ben"
    column, _ = board.find(name)
    _, row = board.find(number)
    _, hour = board.find("15:00")
    board.send(mouse_report("press", 6, row))
    for x, y in ((12, row + 2), (column, hour - 2), (column + 2, hour)):
        board.send(mouse_report("drag", x, y))
        board.settle()
    assert name in board.lines, "the line says what letting go would do"
    board.send(mouse_report("release", column + 2, hour))
    board.settle()
    if board.named() is None:
        # It would break a rule: that takes a word more.
        board.press("enter")
    eventually(lambda: server.technicians_of(number) == {server.technician(name)}, "Ben goes")
    (visit,) = server.visits(number)
    assert visit["scheduledStart"][14:16] in ("00", "30")


def test_another_dispatchers_new_job_is_announced(board: Board, server: Server, profile: Profile) -> None:
    with profile.board() as other:
        other.ready()
        number = other.number
        other.assign_to_the_best()
        board.wait_for(lambda _: board.number != number)
        eventually(lambda: server.technicians_of(number), "the server knows")
        assert other.leave() == 0
    # The window that is left still has somebody who syncs.
    assert board.sync_process()
    following = board.number
    board.assign_to_the_best()
    eventually(lambda: server.technicians_of(following), "the server knows of the other, too")


def scheduled(server: Server) -> str:
    """A job of today that has not begun, with one technician, who is not in the last column."""
    last = max(server.ask("/api/v1/team")["team"], key=lambda one: str(one["firstName"]))["id"]
    jobs = {one["id"]: one for one in server.ask("/api/v1/jobs")["jobs"]}
    visits = server.ask("/api/v1/visits")["visits"]
    open_visits = [
        one
        for one in visits
        if one["visitStatus"] == "scheduled"
        and one.get("technicianId") not in (None, last)
        and sum(other["jobId"] == one["jobId"] for other in visits) == 1
    ]
    first = min(open_visits, key=lambda one: one["scheduledStart"])
    number: str = jobs[first["jobId"]]["jobNumber"]
    return number
