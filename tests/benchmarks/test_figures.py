"""What the benchmarks say of a figure."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.benchmarks.figures import Figure


def timed(limits: Sequence[tuple[float, float]]) -> Figure:
    return Figure.timed("a key", "≤ 4 ms", "", "", limits=limits, data={})


@pytest.mark.parametrize(
    ("limits", "word"),
    [
        ([(3.9, 4), (11.0, 12)], "yes"),
        ([(7.9, 4), (11.0, 12)], "at pace"),
        ([(8.1, 4), (11.0, 12)], "NO"),
        ([(3.9, 4), (24.1, 12)], "NO"),
    ],
)
def test_a_figure_that_holds_only_at_the_pace_of_the_computer_is_no_yes(
    limits: Sequence[tuple[float, float]], word: str
) -> None:
    assert timed(limits).verdict(2.0) == word


def test_a_quick_computer_makes_no_target_harder() -> None:
    assert timed([(3.9, 4)]).verdict(1.0) == "yes"


def test_a_ratio_has_no_pace() -> None:
    assert Figure("growth", "≤ 1.3 ×", "1.4 ×", "", False).verdict(2.0) == "NO"
    assert Figure("for information", "", "1.4 ×", "", None).verdict(2.0) == "-"
