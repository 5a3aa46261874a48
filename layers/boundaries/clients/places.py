"""Vertices that a client didn't move, put back to the bit. Pure.

Clients send a polygon whole, each number with as many decimals as they write: QGIS 3.40 writes
changed polygons in full, with noise in the last bit, and new ones with six decimals. A number that
was rounded to n decimals lies within half a unit of the last one from where it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry.base import BaseGeometry

type Coords = NDArray[np.float64]

# Items are served with nine decimals; a little more than half a unit for the noise.
SERVED_TOLERANCE_DEG = 1e-9
_SERVED_DECIMALS = 9
# A tenth of a metre: whoever writes fewer decimals can't mean a boundary.
_FEWEST_DECIMALS = 6


def tolerance_of(coordinates: Any) -> float:
    """How far from where they were the rounded numbers of a GeoJSON geometry can lie, in degrees.

    Args:
        coordinates: the member of that name, longitude and latitude.
    """
    numbers = np.fromiter(_numbers(coordinates), dtype=np.float64)
    for decimals in range(_FEWEST_DECIMALS, _SERVED_DECIMALS):
        if np.array_equal(np.round(numbers, decimals), numbers):
            return 0.5 * 10.0**-decimals + SERVED_TOLERANCE_DEG
    return SERVED_TOLERANCE_DEG


def _numbers(coordinates: Any) -> Iterator[float]:
    waiting = [coordinates]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting += each
        elif isinstance(each, int | float):
            yield each


def put_back[S: BaseGeometry](shape: S, known: Coords, tolerance_deg: float) -> S:
    """A shape whose vertices are the known ones where these are the same within rounding.

    Args:
        known: (n, 2) longitudes and latitudes.
        tolerance_deg: how far a vertex may lie from the known one in each direction.
    """
    if not len(known):
        return shape
    tree = cKDTree(known)

    def back(coordinates: Coords) -> Coords:
        distance, nearest = tree.query(coordinates, p=np.inf, distance_upper_bound=tolerance_deg)
        found = np.isfinite(distance)
        result = coordinates.copy()
        result[found] = known[nearest[found]]
        return result

    moved: S = shapely.transform(shape, back)
    return moved


def is_same_shape(one: BaseGeometry, other: BaseGeometry) -> bool:
    """Whether two (Multi)Polygons have the same rings to the bit, wherever these begin."""
    pair = np.asarray([as_multi(one), as_multi(other)], dtype=object)
    return bool(shapely.equals_identical(*shapely.normalize(pair)))


def as_multi(shape: BaseGeometry) -> shapely.MultiPolygon:
    """A polygon or several, as several, without heights."""
    parts = shapely.get_parts(shapely.force_2d(shape))
    return shapely.MultiPolygon(parts.tolist())
