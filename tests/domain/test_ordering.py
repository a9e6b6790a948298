from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from fieldboard.domain.ordering import moved_to


def test_a_gap_takes_the_visit_without_touching_the_others() -> None:
    assert moved_to([("a", 1), ("b", 5)], "x", 1) == {"x": 3}


def test_without_a_gap_those_behind_move_on() -> None:
    assert moved_to([("a", 1), ("b", 2), ("c", 9)], "x", 1) == {"x": 2, "b": 3}


def test_who_stands_there_already_costs_nothing() -> None:
    assert moved_to([("a", 1), ("b", 3)], "x", 1, 2) == {}


def test_visits_without_a_place_are_numbered() -> None:
    assert moved_to([("a", None), ("b", None)], "x", 2) == {"a": 1, "b": 2, "x": 3}


PLACES = st.lists(st.none() | st.integers(1, 30), max_size=8)


@given(PLACES, st.integers(0, 9), st.none() | st.integers(1, 30))
def test_afterwards_the_order_is_the_one_that_was_wanted(
    places: list[int | None], position: int, now: int | None
) -> None:
    numbered = sorted(one for one in places if one is not None)
    others: list[tuple[str, int | None]] = [(f"v{at}", one) for at, one in enumerate(numbered)]
    others += [(f"w{at}", None) for at in range(places.count(None))]
    changed = moved_to(others, "x", position, now)
    wanted = [one for one, _ in others]
    wanted.insert(min(position, len(wanted)), "x")
    after = {**dict(others), "x": now, **changed}
    numbers = [after[one] for one in wanted]
    assert None not in numbers
    assert all(a < b for a, b in itertools.pairwise(numbers) if a is not None and b is not None)
    assert all(after[one] != dict(others).get(one) for one in changed if one != "x")
