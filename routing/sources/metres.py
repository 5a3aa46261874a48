"""Degrees as metres about the middle of a town."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer


def metres_around(lonlat: NDArray[np.float64]) -> Transformer:
    """From degrees to metres about the middle of `lonlat` (n, 2): azimuthal equidistant.

    Distances there are true to 1e-5 within 50 km of the middle, in every direction.
    """
    if len(lonlat):
        lon, lat = (lonlat.min(axis=0) + lonlat.max(axis=0)) / 2
    else:
        lon, lat = 0.0, 0.0
    return Transformer.from_crs(
        4326, f"+proj=aeqd +lon_0={lon} +lat_0={lat} +ellps=WGS84 +units=m", always_xy=True
    )


def lines_in_metres(lines: NDArray[np.object_], to_metres: Transformer) -> NDArray[np.object_]:
    """LineStrings in degrees as LineStrings in the metres of `to_metres`."""
    xy, line_of_vertex = shapely.get_coordinates(lines, return_index=True)
    metric = np.column_stack(to_metres.transform(xy[:, 0], xy[:, 1]))
    return np.asarray(shapely.linestrings(metric, indices=line_of_vertex))
