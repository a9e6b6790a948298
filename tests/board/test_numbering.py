from __future__ import annotations

import pytest

from fieldboard.board.numbering import desk_suffix, next_number


@pytest.mark.parametrize(
    ("seen", "given"),
    [
        ([], "1-KX"),
        (["4471", "99"], "4472-KX"),
        (["4471", "4472-AB"], "4473-KX"),
        (["JOB-0099", "JOB-0007"], "JOB-0100-KX"),
        (["JOB-9999"], "JOB-10000-KX"),
        (["Boiler", ""], "1-KX"),
        (["123456789012"], "1-KX"),
    ],
)
def test_the_highest_plus_one_as_it_is_written(seen: list[str], given: str) -> None:
    assert next_number(seen, "KX") == given


def test_a_desk_keeps_its_suffix() -> None:
    assert desk_suffix("north") == desk_suffix("north")
    assert len(desk_suffix()) == 2
    assert len({desk_suffix(f"desk {number}") for number in range(40)}) > 20
