"""SIGKILL at random moments of the real programs: nothing said to be saved is lost, nothing is done twice.

The long form: python -m tests.kills --kills 1000 --resume FILE. Both say nothing of a loss of power.
"""

from __future__ import annotations

from pathlib import Path

from tests.kills.campaign import campaign


def test_kills_lose_no_edit_and_do_none_twice(tmp_path: Path) -> None:
    tallies = [campaign(tmp_path / f"office-{seed}", seed, 25) for seed in (1, 2)]
    assert sum(one.kills for one in tallies) >= 50
    assert sum(one.of_services for one in tallies) > 0, "no kill met the sync process"
    assert sum(one.unprinted for one in tallies) > 0, "no kill came between saving and saying so"
    assert sum(one.printed for one in tallies) > 0, "no command came to its end"
