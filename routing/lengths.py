"""How long lines in degrees are on a sphere, as osmnx measures them."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

# The sphere on which osmnx measures lengths, so that ours and its agree.
EARTH_RADIUS_M = 6_371_009.0


def segment_lengths_m(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Great-circle metres between consecutive points in degrees, (n,) → (n - 1,) (haversine)."""
    phi = np.radians(lat)
    half_phi = np.diff(phi) / 2
    half_lambda = np.diff(np.radians(lon)) / 2
    h = np.sin(half_phi) ** 2 + np.cos(phi[:-1]) * np.cos(phi[1:]) * np.sin(half_lambda) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.minimum(np.sqrt(h), 1.0)))


def lengths_m(lines: NDArray[np.object_]) -> NDArray[np.float64]:
    """Great-circle length in metres of each LineString in degrees."""
    xy, line_of_vertex = shapely.get_coordinates(lines, return_index=True)
    if len(xy) < 2:
        return np.zeros(len(lines))
    steps = segment_lengths_m(xy[:, 0], xy[:, 1])
    within = line_of_vertex[:-1] == line_of_vertex[1:]
    return np.bincount(line_of_vertex[:-1][within], steps[within], minlength=len(lines))


def shares_along(
    vertices: NDArray[np.float64], first_vertex: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(V,) share of its line's length at which each vertex lies: 0 at its first, 1 at its last.

    Args:
        vertices: (V, 2) lon, lat of all lines, one after the other.
        first_vertex: (L + 1,) line l has vertices[first_vertex[l]:first_vertex[l + 1]].
    """
    travelled = np.zeros(len(vertices))
    if len(vertices) > 1:
        travelled[1:] = np.cumsum(segment_lengths_m(vertices[:, 0], vertices[:, 1]))
    start, last = first_vertex[:-1], first_vertex[1:] - 1
    counts = np.diff(first_vertex)
    length = np.repeat(travelled[last] - travelled[start], counts)
    share = travelled - np.repeat(travelled[start], counts)
    share = np.divide(share, length, out=np.zeros_like(share), where=length > 0)
    share[last] = 1.0
    return np.asarray(np.minimum(share, 1.0))
