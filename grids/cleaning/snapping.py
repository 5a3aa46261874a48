"""Vertices along faulty edges, brought together where they lie within a width of each other.

Only those: whatever is sound keeps every vertex.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from grids.cleaning.flaws import Polygons
from grids.coverage_edges import invalid_edges

type Floats = NDArray[np.float64]
type Places = NDArray[np.complex128]


class Snapped(NamedTuple):
    """Polygons after snapping; how far each moved vertex went, in metres."""

    polygons: Polygons
    distances_m: Floats


def snap_faulty_vertices(polygons: Polygons, width_m: float) -> Snapped:
    """Bring the vertices of faulty edges together; they go to where most polygons meet already.

    Args:
        polygons: valid (Multi)Polygons in metres.
        width_m: farthest that a vertex moves.
    """
    edges = invalid_edges(polygons, width_m)
    faulty = np.unique(as_places(shapely.get_coordinates(edges)))
    if not len(faulty):
        return Snapped(polygons, np.empty(0))
    targets = _targets(faulty, _sharers(polygons, faulty), width_m)
    moved = faulty != targets

    def snap(coordinates: Floats) -> Floats:
        places = as_places(coordinates)
        found = np.searchsorted(faulty, places).clip(max=len(faulty) - 1)
        result = np.where(faulty[found] == places, targets[found], places)
        return np.column_stack([result.real, result.imag])

    return Snapped(shapely.transform(polygons, snap), np.abs(faulty - targets)[moved])


def as_places(coordinates: Floats) -> Places:
    """(n, 2) coordinates as complex numbers, which sort and compare as one."""
    places: Places = coordinates[:, 0] + 1j * coordinates[:, 1]
    return places


def _sharers(polygons: Polygons, places: Places) -> NDArray[np.int64]:
    """How many polygons have a vertex at each of some sorted places."""
    coordinates, row = shapely.get_coordinates(polygons, return_index=True)
    pairs = np.unique(np.column_stack([as_places(coordinates), row]), axis=0)[:, 0]
    found = np.searchsorted(places, pairs).clip(max=len(places) - 1)
    return np.bincount(found[places[found] == pairs], minlength=len(places))


def _targets(places: Places, sharers: NDArray[np.int64], width_m: float) -> Places:
    """Where each place goes: to the nearest of those that stay, which are chosen greedily."""
    xy = np.column_stack([places.real, places.imag])
    near = cKDTree(xy).query_ball_point(xy, width_m)
    targets = places.copy()
    settled = np.zeros(len(places), dtype=bool)
    for centre in np.lexsort((places.imag, places.real, -sharers)):
        if settled[centre]:
            continue
        members = [each for each in near[centre] if not settled[each]]
        targets[members] = places[centre]
        settled[members] = True
    return targets
