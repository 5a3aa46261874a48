"""Ponds in the fields, clear of streets and buildings."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.random import Generator
from scipy.spatial import cKDTree
from shapely.geometry import Polygon

from layers.demo.frame import Floats
from layers.demo.terrain import Terrain

_TRIES = 1_600
_VERTICES = 22
_CLEARANCE_M = 45.0
_LARGEST_M = 85.0


def make_ponds(chance: Generator, terrain: Terrain, taken: Floats, count: int) -> list[Polygon]:
    """At most `count` ponds, none near the points `taken` (n, 2) or the river."""
    west, south, east, north = terrain.outline.bounds
    centres = chance.uniform((west, south), (east, north), (_TRIES, 2))
    radius = np.clip(chance.lognormal(3.3, 0.45, _TRIES), 14.0, _LARGEST_M)
    land = terrain.outline.buffer(-2 * _LARGEST_M) - terrain.river.buffer(3 * _LARGEST_M)
    distance, _ = cKDTree(taken).query(centres)
    free = shapely.contains_xy(land, centres) & (distance > 1.5 * radius + _CLEARANCE_M)
    shapes = [_blob(chance, centres[row], radius[row]) for row in np.flatnonzero(free)]
    ponds: list[Polygon] = []
    for shape in shapes:
        if len(ponds) < count and all(shape.distance(other) > _CLEARANCE_M for other in ponds):
            ponds.append(shape)
    return ponds


def _blob(chance: Generator, centre: Floats, radius_m: float) -> Polygon:
    angle = np.linspace(0.0, 2 * np.pi, _VERTICES, endpoint=False)
    reach = np.ones(_VERTICES)
    for wave in (1, 2, 3):
        reach += chance.normal(0.0, 0.2 / wave) * np.cos(wave * angle + chance.uniform(0, 6.28))
    reach = radius_m * np.clip(reach, 0.45, 1.5)
    return Polygon(centre + np.column_stack([reach * np.cos(angle), reach * np.sin(angle)]))
