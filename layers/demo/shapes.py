"""Arrays of simple geometries from arrays of coordinates."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry import LineString

from layers.demo.frame import Floats, Geometries, Ints


def points_at(xy: Floats) -> Geometries:
    """(n,) points of (n, 2) coordinates."""
    return np.asarray(shapely.points(xy), dtype=object)


def segments(xy: Floats, ends: Ints) -> Geometries:
    """(e,) straight lines between the points that `ends` (e, 2) numbers."""
    return np.asarray(shapely.linestrings(xy[ends]), dtype=object)


def along(line: LineString, station_m: Floats) -> Floats:
    """(n, 2) the points at `station_m` along a line."""
    points = np.asarray(shapely.line_interpolate_point(line, station_m), dtype=object)
    return shapely.get_coordinates(points)


def distances(xy: Floats, centre: Floats) -> Floats:
    """(n,) metres of each point from one, or from its own (n, 2)."""
    apart = xy - centre
    return np.asarray(np.hypot(apart[:, 0], apart[:, 1]))


def left_normals(vectors: Floats) -> Floats:
    """The unit vectors to the left of (n, 2) vectors."""
    length = np.hypot(vectors[:, 0], vectors[:, 1])[:, None]
    return np.column_stack([-vectors[:, 1], vectors[:, 0]]) / length
