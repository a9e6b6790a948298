from __future__ import annotations

import json
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fieldboard.board.filters import Filter
from fieldboard.board.place import HOURS, PANES, SLOTS, Place, place_of_json
from fieldboard.board.queue_order import GroupBy, Order

TODAY = date(2026, 6, 4)
PLACES = st.builds(
    Place,
    day=st.none() | st.dates(date(2026, 6, 5), date(2030, 1, 1)),
    pane=st.sampled_from(PANES),
    visit=st.none() | st.text(),
    technician=st.none() | st.text(),
    slot_minutes=st.sampled_from(SLOTS),
    hours=st.sampled_from(HOURS),
    full_screen=st.booleans(),
    order=st.sampled_from(Order),
    group_by=st.sampled_from(GroupBy),
    filter=st.builds(Filter, st.text(), st.text()),
    theme=st.none() | st.text(),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(PLACES)
def test_a_place_comes_back_from_json(place: Place) -> None:
    assert place_of_json(json.loads(json.dumps(place.to_json())), TODAY) == place


@given(st.dictionaries(st.sampled_from(list(Place().to_json())), JSON))
def test_rubbish_is_as_at_a_first_start(values: dict[str, Any]) -> None:
    place = place_of_json(values, TODAY)
    assert place.pane in PANES
    assert place.slot_minutes in SLOTS
    assert place.hours in HOURS


def test_no_place_and_a_day_that_has_passed() -> None:
    assert place_of_json(None, TODAY) == Place()
    assert place_of_json({"day": "2026-06-03"}, TODAY).day is None
    assert place_of_json({"day": "2026-06-04"}, TODAY).day is None
    assert place_of_json({"day": "2026-06-05"}, TODAY).day == date(2026, 6, 5)
