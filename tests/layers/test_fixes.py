"""Fixes as they are sent: read, brought to one datum, and judged by the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.positions.fixes import Fix, Outcome, judge_by_clock, judge_by_place
from layers.positions.reading import read_fixes
from spatial.datum import wgs84_to_bd09, wgs84_to_gcj02
from spatial.errors import DatumError, InputError

NOW_S = 1_800_000_000.0


@pytest.mark.parametrize(
    ("document", "n"),
    [
        ({"lon": 120, "lat": 29, "datum": "wgs84"}, 1),
        ([{"lon": 120, "lat": 29, "datum": "WGS84"}] * 2, 2),
        ({"datum": "cgcs2000", "positions": [{"responder": "a", "lon": 120, "lat": 29}]}, 1),
        ({"datum": "wgs84", "positions": []}, 0),
    ],
)
def test_fixes_come_alone_or_in_lists(document: Any, n: int) -> None:
    told = read_fixes(document, now_s=NOW_S)
    assert (len(told.fixes), told.faults) == (n, {})


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({"lon": 120, "lat": 29}, DatumError),
        ({"lon": 120, "lat": 29, "datum": "beijing54"}, DatumError),
        ({"lon": 120, "datum": "wgs84"}, InputError),
        ({"lon": "120", "lat": 29, "datum": "wgs84"}, InputError),
        ({"lon": float("nan"), "lat": 29, "datum": "wgs84"}, InputError),
        ({"lon": 120, "lat": 91, "datum": "wgs84"}, InputError),
        ({"lon": 120, "lat": 29, "datum": "wgs84", "at": "2026-01-01T10:00:00"}, InputError),
        ({"lon": 120, "lat": 29, "datum": "wgs84", "at": True}, InputError),
        ({"lon": 120, "lat": 29, "datum": "wgs84", "at": 10**400}, InputError),
        ({"lon": 120, "lat": 29, "datum": "wgs84", "accuracy_m": -3}, InputError),
        ({"lon": 120, "lat": 29, "datum": "wgs84", "responder": 7}, InputError),
        ([1], InputError),
        ("x", InputError),
        ([{"lon": 120, "lat": 29, "datum": "wgs84"}] * 5001, InputError),
    ],
)
def test_what_is_no_fix_is_refused_in_words(document: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_fixes(document, now_s=NOW_S)


def test_one_that_cannot_be_read_takes_no_other_along() -> None:
    good = {"lon": 120, "lat": 29, "datum": "wgs84"}
    told = read_fixes([good, {"lon": 120}, good | {"lat": "29"}, good, 5], now_s=NOW_S)
    assert (told.places, sorted(told.faults)) == ([0, 3], [1, 2, 4])
    assert "position 2: lat" in str(told.faults[2])


@pytest.mark.parametrize(
    ("lon", "lat", "outcome"),
    [
        (0.0, 0.0, Outcome.NO_FIX),
        (1e-7, -1e-7, Outcome.NO_FIX),
        (120.0, 29.0, None),
        (120.4, 29.3, None),  # 40 km
        (121.47, 31.23, None),  # the next metropolis
        (29.0, 89.0, Outcome.FAR_AWAY),
        (-120.0, 29.0, Outcome.FAR_AWAY),
        (120.0, 0.0, Outcome.FAR_AWAY),
    ],
)
def test_nobody_is_at_null_island_or_on_another_continent(
    lon: float, lat: float, outcome: Outcome | None
) -> None:
    bounds = (119.9, 28.9, 120.1, 29.1)
    assert judge_by_place(Fix("a", lon, lat, NOW_S), bounds) is outcome


@pytest.mark.parametrize(("datum", "shift"), [("gcj02", wgs84_to_gcj02), ("bd09", wgs84_to_bd09)])
def test_shifted_datums_come_back_to_where_they_were(datum: str, shift: Callable[..., Any]) -> None:
    lon, lat = shift(120.05, 29.05)
    (fix,) = read_fixes({"lon": float(lon), "lat": float(lat), "datum": datum}, now_s=NOW_S).fixes
    assert (fix.lon, fix.lat) == pytest.approx((120.05, 29.05), abs=1e-9)


@pytest.mark.parametrize(
    "at", ["2027-01-15T08:00:00Z", "2027-01-15T16:00:00+08:00", NOW_S, NOW_S * 1000]
)
def test_moments_come_as_text_or_as_seconds(at: Any) -> None:
    (fix,) = read_fixes({"lon": 120, "lat": 29, "datum": "wgs84", "at": at}, now_s=0).fixes
    assert fix.at_s == NOW_S


@given(ahead_s=st.floats(-1e6, 1e6))
def test_no_fix_is_of_the_future_and_none_of_days_ago(ahead_s: float) -> None:
    fix, fault = judge_by_clock(Fix("a", 120, 29, NOW_S + ahead_s), NOW_S)
    if ahead_s > 30:
        assert fault is Outcome.AHEAD
    elif ahead_s < -86400:
        assert fault is Outcome.TOO_OLD
    else:
        assert fault is None
        assert NOW_S - 86400 <= fix.at_s <= NOW_S


@pytest.mark.parametrize(
    ("fix_at", "as_of", "age_s"),
    [
        ("now() - interval '70 s'", "NULL", 70),
        ("now() + interval '70 s'", "NULL", 70),  # a clock ahead makes it no younger
        # In a demo, whose clock stands still: what came with it, and what a device told since.
        ("'2026-06-30 02:00Z'::timestamptz - interval '40 s'", "'2026-06-30 02:00Z'", 40),
        ("now() - interval '9 s'", "'2026-06-30 02:00Z'", 9),
        ("now() - interval '9 s'", "'2099-06-30 02:00Z'", 9),
    ],
)
def test_the_age_of_a_fix(
    connection: psycopg.Connection, fix_at: str, as_of: str, age_s: float
) -> None:
    row = connection.execute(f"SELECT layers.fix_age_s({fix_at}, {as_of})").fetchone()
    assert row == (pytest.approx(age_s),)
