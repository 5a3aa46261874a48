"""Where the cells of the mesh have their seeds.

Pairs of seeds mirrored on a line make the edges between them follow it: so boundaries run along
the river and the outline. All other seeds are moved until their cells hold about equal weights.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.random import Generator
from scipy.spatial import cKDTree
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from layers.demo.frame import Floats
from layers.demo.shapes import along, left_normals
from layers.demo.terrain import Terrain

_RELAXATIONS = 6
# lengths as shares of the width of an average cell
_GUIDE_STEP = 0.94
_GUIDE_OFFSET = 0.4
_FENCE_DEPTH = 4.9
_FENCE_SPACING = 1.2


def place_seeds(
    chance: Generator, terrain: Terrain, weights: tuple[Floats, Floats], count: int
) -> tuple[Floats, Floats]:
    """`count` seeds inside the outline, and a fence of seeds outside that bounds their cells.

    Args:
        chance: the random stream.
        terrain: the outline and the river.
        weights: points (m, 2) and weights (m,).
        count: how many cells.
    """
    cell_m = float(np.sqrt(terrain.outline.area / count))
    offset_m = _GUIDE_OFFSET * cell_m
    left, right = _mirrored(terrain.outline.exterior, cell_m)
    inside, outside = terrain.outline.buffer(-offset_m / 2), terrain.outline.buffer(offset_m / 2)
    fixed = left[shapely.contains_xy(inside, left)]
    outer = right[~shapely.contains_xy(outside, right)]
    strip: BaseGeometry = terrain.outline.exterior.buffer(1.3 * offset_m)
    if not terrain.river_line.is_empty:
        banks = np.vstack(_mirrored(terrain.river_line, cell_m))
        inland = terrain.outline.buffer(-2 * offset_m)
        fixed = np.vstack([fixed, banks[shapely.contains_xy(inland, banks)]])
        strip = strip.union(terrain.river_line.buffer(1.4 * offset_m))
    fixed = _thinned(fixed, offset_m / 2)
    points, weight = weights
    free = shapely.contains_xy(terrain.outline.difference(strip), points)
    seeds = _relax(chance, points[free], weight[free], fixed, count - len(fixed))
    return seeds, np.vstack([outer, _fence(chance, terrain.outline, cell_m)])


def _mirrored(line: LineString, cell_m: float) -> tuple[Floats, Floats]:
    """Pairs of points to the left and right of a line; left of a ring is its inside."""
    steps = max(int(line.length // (_GUIDE_STEP * cell_m)), 3)
    station = (np.arange(steps) + 0.5) * line.length / steps
    here = along(line, station)
    left = left_normals(along(line, station + 1.0) - here) * _GUIDE_OFFSET * cell_m
    return here + left, here - left


def _thinned(points: Floats, apart_m: float) -> Floats:
    """The points without those that come too close to an earlier one."""
    pairs = cKDTree(points).query_pairs(apart_m, output_type="ndarray")
    keep = np.ones(len(points), dtype=bool)
    keep[pairs[:, 1]] = False
    return points[keep]


def _fence(chance: Generator, outline: Polygon, cell_m: float) -> Floats:
    inner = 2.6 * _GUIDE_OFFSET * cell_m
    belt = outline.buffer(_FENCE_DEPTH * cell_m).difference(outline.buffer(inner))
    west, south, east, north = belt.bounds
    spacing = _FENCE_SPACING * cell_m
    x, y = np.meshgrid(np.arange(west, east, spacing), np.arange(south, north, spacing))
    points = np.column_stack([x.ravel(), y.ravel()])
    points += chance.uniform(-0.3, 0.3, points.shape) * spacing
    return points[shapely.contains_xy(belt, points)]


def _relax(chance: Generator, points: Floats, weight: Floats, fixed: Floats, count: int) -> Floats:
    """The fixed seeds, and `count` free ones moved to the middles of what they hold (Lloyd)."""
    start = chance.choice(len(points), count, replace=False, p=weight / weight.sum())
    free = points[start] + chance.normal(0.0, 1.0, (count, 2))
    for _ in range(_RELAXATIONS):
        _, nearest = cKDTree(np.vstack([free, fixed])).query(points)
        held = np.bincount(nearest, weight, count + len(fixed))[:count]
        pull = [np.bincount(nearest, weight * axis, count + len(fixed)) for axis in points.T]
        middle = np.column_stack(pull)[:count]
        free = np.where(held[:, None] > 0, middle / np.maximum(held, 1e-12)[:, None], free)
    return np.vstack([free, fixed])
