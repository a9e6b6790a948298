from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldboard.domain.technician import LatLng
from fieldboard.domain.travel import DETOUR, crow_km, drive_km, drive_minutes

LONDON, PARIS = LatLng(51.5007, -0.1246), LatLng(48.8584, 2.2945)
PLACES = st.builds(LatLng, st.floats(-85, 85), st.floats(-179, 179))


def test_a_known_distance() -> None:
    assert crow_km(LONDON, PARIS) == pytest.approx(340.6, abs=1.0)
    assert drive_km(LONDON, PARIS) == pytest.approx(340.6 * DETOUR, abs=2.0)


def test_minutes_are_the_stated_figures_rounded_up() -> None:
    # One kilometre north: 1.3 km of street at 30 km/h are 2.6 minutes, and 3 to park.
    north = LatLng(51.5007 + 1 / 111.195, -0.1246)
    assert drive_minutes(LONDON, north) == 6


def test_the_same_place_is_no_drive() -> None:
    assert drive_minutes(LONDON, LatLng(51.5008, -0.1247)) == 0


def test_an_unknown_place_is_no_figure() -> None:
    assert drive_minutes(None, LONDON) is None
    assert drive_minutes(LONDON, None) is None


def test_across_the_date_line_is_near() -> None:
    assert crow_km(LatLng(0, 179.9), LatLng(0, -179.9)) == pytest.approx(22.2, abs=0.1)


@given(PLACES, PLACES)
def test_there_and_back_are_equal(a: LatLng, b: LatLng) -> None:
    assert drive_minutes(a, b) == drive_minutes(b, a)
    assert (drive_minutes(a, b) or 0) >= 0
