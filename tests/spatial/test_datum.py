"""The shifted datums: known points, exact inverses, identity outside their box."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spatial.datum import (
    bd09_to_gcj02,
    bd09_to_wgs84,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_bd09,
    wgs84_to_gcj02,
)

CHINA_LON = st.floats(73.7, 135.0)
CHINA_LAT = st.floats(18.2, 53.5)


def test_gcj02_of_tiananmen_is_the_published_one() -> None:
    # The check value that accompanies the public formula.
    lon, lat = wgs84_to_gcj02(116.404, 39.915)
    assert (lon, lat) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-12)


def test_bd09_of_tiananmen_is_the_published_one() -> None:
    lon, lat = gcj02_to_bd09(116.404, 39.915)
    assert (lon, lat) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-9)


@given(CHINA_LON, CHINA_LAT)
def test_gcj02_there_and_back(lon: float, lat: float) -> None:
    back = gcj02_to_wgs84(*wgs84_to_gcj02(lon, lat))
    assert np.hypot(back[0] - lon, back[1] - lat) < 1e-9


@given(CHINA_LON, CHINA_LAT)
def test_bd09_there_and_back(lon: float, lat: float) -> None:
    back = bd09_to_wgs84(*wgs84_to_bd09(lon, lat))
    assert np.hypot(back[0] - lon, back[1] - lat) < 1e-9
    back = bd09_to_gcj02(*gcj02_to_bd09(lon, lat))
    assert np.hypot(back[0] - lon, back[1] - lat) < 1e-9


def test_the_shift_in_china_is_hundreds_of_metres_and_none_elsewhere() -> None:
    lon, lat = wgs84_to_gcj02(np.array([120.03, 9.5, -75.3]), np.array([29.2, 47.1, 40.2]))
    assert 0.001 < np.hypot(lon[0] - 120.03, lat[0] - 29.2) < 0.01
    np.testing.assert_array_equal(lon[1:], [9.5, -75.3])
    np.testing.assert_array_equal(lat[1:], [47.1, 40.2])


def test_arrays_are_treated_point_by_point() -> None:
    lon, lat = np.array([120.03, 116.4, 87.6]), np.array([29.2, 39.9, 43.8])
    together = np.column_stack(gcj02_to_wgs84(lon, lat))
    alone = [gcj02_to_wgs84(x, y) for x, y in zip(lon, lat, strict=True)]
    np.testing.assert_allclose(together, np.array(alone, dtype=float), atol=1e-12)
