"""A status several moves away says by way of what, whole or in short."""

from __future__ import annotations

import pytest

from fieldboard.tui.dialogs.status_picker import way_words

WAY = ("in progress", "completed", "invoiced", "paid")


@pytest.mark.parametrize(
    ("room", "says"),
    [
        (57, "  by way of in progress → completed → invoiced → paid"),
        (45, "  by way of in progress → … → paid"),
        (25, "  by way of 4 steps"),
        (10, ""),
    ],
)
def test_no_word_of_the_way_is_cut(room: int, says: str) -> None:
    assert way_words(WAY, room) == says
