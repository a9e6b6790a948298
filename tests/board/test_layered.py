"""A mapping that is changed a little at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldboard.board.layered import KEPT, Layered

KEYS = st.integers(0, 12)


@given(
    st.dictionaries(KEYS, st.integers(1, 9)), st.lists(st.dictionaries(KEYS, st.none() | st.integers(1, 9)))
)
def test_it_reads_like_a_dict_that_was_changed(
    base: dict[int, int], rounds: list[dict[int, int | None]]
) -> None:
    shown, plain = Layered(base), dict(base)
    for changes in rounds:
        before, was = shown, dict(plain)
        shown = before.changed(changes)
        for key, value in changes.items():
            plain.pop(key, None)
            if value is not None:
                plain[key] = value
        assert (dict(shown), len(shown), dict(before)) == (plain, len(plain), was)
        assert [key for key in range(13) if key in shown] == sorted(plain)
        assert [shown.get(key) for key in range(13)] == [plain.get(key) for key in range(13)]


class Unwalked(Mapping[int, int]):
    """A mapping of which nothing may be copied."""

    def __getitem__(self, key: int) -> int:
        if key < 8000:
            return key
        raise KeyError(key)

    def __iter__(self) -> Iterator[int]:
        raise AssertionError("a change has looked at everything")

    def __len__(self) -> int:
        return 8000


def test_a_change_copies_only_the_changes_before_it() -> None:
    shown = Layered(Unwalked())
    for key in range(KEPT):
        shown = shown.changed({key: None})
    assert len(shown) == 8000 - KEPT
    with pytest.raises(AssertionError):
        shown.changed({KEPT: None})
