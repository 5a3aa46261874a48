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
