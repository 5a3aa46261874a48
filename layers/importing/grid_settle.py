"""Vertices that came back from another CRS or format, put where they are stored.

A file in another CRS returns every coordinate changed in the last digits. Whoever moves one vertex
in it shall move that one only, so whatever lies within a ten-thousandth of a millimetre of a stored
vertex is that vertex, and vertices of the file that are as near to each other are one.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from grids.cleaning.snapping import as_places
from layers.importing.grid_rows import GridRow
from layers.importing.grid_units import Units

SAME_PLACE_DEG = 1e-9


def settle_rows(rows: list[GridRow], units: Units) -> list[GridRow]:
    """The same rows, their vertices on stored ones where these are the same place."""
    if not rows:
        return rows
    shapes = np.asarray([row.geom for row in rows], dtype=object)
    stored = np.asarray([unit.geom for unit in units.units if unit.geom], dtype=object)
    places = np.unique(as_places(shapely.get_coordinates(shapes)))
    targets = _merged(places)
    if len(stored):
        targets = _on_stored(targets, np.unique(shapely.get_coordinates(stored), axis=0))

    def settle(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        found = targets[np.searchsorted(places, as_places(coordinates))]
        return np.column_stack([found.real, found.imag])

    settled = shapely.transform(shapes, settle)
    return [replace(row, geom=shape) for row, shape in zip(rows, settled, strict=True)]


def _merged(places: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Each place, or the first of those that are the same."""
    pairs = cKDTree(_xy(places)).query_pairs(SAME_PLACE_DEG / 2, output_type="ndarray")
    targets = places.copy()
    for first, second in pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))].tolist():
        targets[second] = targets[first]
    return targets


def _on_stored(
    places: NDArray[np.complex128], stored: NDArray[np.float64]
) -> NDArray[np.complex128]:
    distance, nearest = cKDTree(stored).query(
        _xy(places), distance_upper_bound=SAME_PLACE_DEG * 1.000001
    )
    result = places.copy()
    near = np.isfinite(distance)
    result[near] = as_places(stored[nearest[near]])
    return result


def _xy(places: NDArray[np.complex128]) -> NDArray[np.float64]:
    return np.column_stack([places.real, places.imag])
