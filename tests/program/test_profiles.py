"""From one profile to another, in one program."""

from __future__ import annotations

from tests.program.stage import Profile


def test_another_profile_opens_in_the_same_terminal(profile: Profile) -> None:
    profile.sync()
    told = profile.config.read_text(encoding="utf-8")
    south = told.split("\n", 1)[1]
    profile.config.write_text(
        f'default_profile = "north"\n{told}\n[profiles.south]\n{south}', encoding="utf-8"
    )
    with profile.board() as board:
        board.ready()
        board.header_says("north")
        board.send("p")
        board.shows("Profile", "south")
        board.send("s")
        board.header_says("south")
        board.shows("QUEUE")
        # The other profile has files of its own, which its own sync fills.
        board.header_says("live")
        board.send("p")
        board.shows("Profile", "north")
        board.send("n")
        board.header_says("north")
        board.send("q")
        assert board.wait(20) == 0
