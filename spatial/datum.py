"""GCJ-02 and BD-09, the shifted datums of Chinese web maps, to and from WGS 84.

No authority publishes the shifts. The forward formula of GCJ-02 is the one that became public in
2010 (Krasovsky 1940 ellipsoid; EvilTransform, https://on4wp7.codeplex.com/SourceControl/changeset/
view/21483, and later eviltransform on GitHub); that of BD-09 upon GCJ-02 is from the same sources
(bd_encrypt). Both are applied to whole arrays; the inverses are found by fixed-point iteration,
which converges because the shift changes by less than a hundredth of a move.

All functions take and give degrees as float64 arrays of one shape (or numbers).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Degrees = NDArray[np.float64]
Shift = Callable[[Degrees, Degrees], tuple[Degrees, Degrees]]

_SEMI_MAJOR_AXIS_M = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BAIDU_TURNS = np.pi * 3000.0 / 180.0
# Outside this box GCJ-02 is WGS 84, as the public formula has it.
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
_TOLERANCE_DEG = 1e-13
_MAX_ITERATIONS = 30


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """GCJ-02 (AMap, Tencent, WeChat) of WGS 84."""
    lon, lat = _as_degrees(lon, lat)
    shift_lon, shift_lat = _gcj02_shift(lon, lat)
    return lon + shift_lon, lat + shift_lat


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """WGS 84 of GCJ-02, exact to the precision of the numbers."""
    return _inverse(wgs84_to_gcj02, *_as_degrees(lon, lat))


def gcj02_offset_m(lon: float, lat: float) -> float:
    """How far GCJ-02 puts a place of WGS 84 beside where it is."""
    moved_lon, moved_lat = wgs84_to_gcj02(lon, lat)
    east = (float(moved_lon) - lon) * np.cos(np.radians(lat))
    metres_per_degree = _SEMI_MAJOR_AXIS_M * np.pi / 180
    return float(np.hypot(east, float(moved_lat) - lat) * metres_per_degree)


def gcj02_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """BD-09 (Baidu) of GCJ-02."""
    lon, lat = _as_degrees(lon, lat)
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BAIDU_TURNS)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU_TURNS)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def bd09_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """GCJ-02 of BD-09, exact to the precision of the numbers."""
    return _inverse(gcj02_to_bd09, *_as_degrees(lon, lat))


def wgs84_to_bd09(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """BD-09 of WGS 84."""
    return gcj02_to_bd09(*wgs84_to_gcj02(lon, lat))


def bd09_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    """WGS 84 of BD-09."""
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


def _as_degrees(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    return np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)


def _gcj02_shift(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """How far GCJ-02 lies from WGS 84, in degrees; nothing outside the box."""
    x, y = lon - 105.0, lat - 35.0
    common = _waves(x, 20.0, 6.0, 20.0, 2.0)
    north_m = (
        -100.0 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
        + common + _waves(y, 20.0, 1.0, 40.0, 1 / 3) + _waves(y, 160.0, 1 / 12, 320.0, 1 / 30)
    )  # fmt: skip
    east_m = (
        300.0 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
        + common + _waves(x, 20.0, 1.0, 40.0, 1 / 3) + _waves(x, 150.0, 1 / 12, 300.0, 1 / 30)
    )  # fmt: skip
    phi = np.radians(lat)
    flattening = 1 - _ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    meridian_radius_m = (
        _SEMI_MAJOR_AXIS_M * (1 - _ECCENTRICITY_SQUARED) / (flattening * np.sqrt(flattening))
    )
    parallel_radius_m = _SEMI_MAJOR_AXIS_M / np.sqrt(flattening) * np.cos(phi)
    inside = (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)
    with np.errstate(divide="ignore", invalid="ignore"):
        shift_lon = np.degrees(east_m / parallel_radius_m)
        shift_lat = np.degrees(north_m / meridian_radius_m)
    return np.where(inside, shift_lon, 0.0), np.where(inside, shift_lat, 0.0)


def _waves(  # the formula's pairs of sines, two thirds of each amplitude
    x: Degrees, first_m: float, first_turns: float, second_m: float, second_turns: float
) -> Degrees:
    return (
        (first_m * np.sin(first_turns * np.pi * x) + second_m * np.sin(second_turns * np.pi * x))
        * 2.0
        / 3.0
    )


def _inverse(forward: Shift, lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """The point whose image by `forward` is (lon, lat)."""
    guess_lon, guess_lat = lon.copy(), lat.copy()
    for _ in range(_MAX_ITERATIONS):
        image_lon, image_lat = forward(guess_lon, guess_lat)
        miss_lon, miss_lat = lon - image_lon, lat - image_lat
        guess_lon, guess_lat = guess_lon + miss_lon, guess_lat + miss_lat
        worst = max(np.max(np.abs(miss), initial=0.0) for miss in (miss_lon, miss_lat))
        if not worst > _TOLERANCE_DEG:
            break
    return guess_lon, guess_lat
