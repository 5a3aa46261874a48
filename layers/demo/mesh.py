"""Micro-grids as a mesh: cells that share crooked edges, each edge made once.

The cells are those of a Voronoi diagram whose edges have been bent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.random import Generator
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Voronoi
from shapely.geometry import LineString

from layers.demo.frame import DECIMALS, Floats, Frame, Geometries, Ints
from layers.demo.seeds import place_seeds
from layers.demo.shapes import points_at
from layers.demo.terrain import Terrain

_SHORTEST_EDGE_M = 9.0
_VERTEX_STEP_M = 24.0
_ROUGHNESS = 0.085
_MOST_DISPLACED = 0.3  # of the way to a seed; 0.5 and more could meet another edge


@dataclass(frozen=True)
class Mesh:
    """The finest level.

    Attributes:
        seeds: (n, 2) a point inside each cell, in local metres.
        cells: (n,) polygons in EPSG:4326; neighbours share their vertices exactly.
        neighbours: (k, 2) pairs of cells that share an edge.
    """

    seeds: Floats
    cells: Geometries
    neighbours: Ints


def make_mesh(
    chance: Generator, terrain: Terrain, weights: tuple[Floats, Floats], count: int, frame: Frame
) -> Mesh:
    """`count` cells over the outline, smaller where there is more.

    Args:
        chance: the random stream.
        terrain: the outline and the river.
        weights: points (m, 2) and weights (m,): cells aim at equal weight.
        count: how many cells.
        frame: from metres to EPSG:4326.
    """
    seeds, fence = place_seeds(chance, terrain, weights, count)
    arcs, sides = _voronoi_arcs(chance, seeds, fence, frame)
    cells = _assemble(arcs, frame.to_lonlat(seeds))
    return Mesh(seeds, cells, sides[(sides < count).all(axis=1)])


def _voronoi_arcs(
    chance: Generator, seeds: Floats, fence: Floats, frame: Frame
) -> tuple[list[LineString], Ints]:
    """The shared edges as lines in EPSG:4326, and the two seeds that each one separates."""
    points = np.vstack([seeds, fence])
    diagram = Voronoi(points)
    sides = diagram.ridge_points
    ends = np.array(diagram.ridge_vertices)
    wanted = (sides < len(seeds)).any(axis=1)
    sides, ends = sides[wanted], ends[wanted]
    vertices, merged = _merge_close(diagram.vertices, ends)
    ends = merged[ends]
    real = ends[:, 0] != ends[:, 1]
    sides, ends = sides[real], ends[real]
    lines = [
        _crooked(chance, vertices[a], vertices[b], points[p], points[q])
        for (a, b), (p, q) in zip(ends.tolist(), sides.tolist(), strict=True)
    ]
    return _to_lonlat(lines, frame), sides


def _merge_close(vertices: Floats, ends: Ints) -> tuple[Floats, Ints]:
    """Vertices joined by a very short edge become one."""
    length = np.hypot(*(vertices[ends[:, 1]] - vertices[ends[:, 0]]).T)
    short = ends[length < _SHORTEST_EDGE_M]
    shape = (len(vertices), len(vertices))
    matrix = coo_array((np.ones(len(short)), (short[:, 0], short[:, 1])), shape=shape)
    count, label = connected_components(matrix.tocsr(), directed=False)
    size = np.bincount(label, minlength=count)
    middle = [np.bincount(label, vertices[:, axis], count) / size for axis in (0, 1)]
    return np.column_stack(middle), label


def _crooked(chance: Generator, start: Floats, end: Floats, left: Floats, right: Floats) -> Floats:
    """Points from start to end that swing towards the seeds on both sides.

    A point moves by a fraction of its way to a seed, so it stays in that seed's triangle over the
    edge, in which no other edge has a point.
    """
    steps = int(np.clip(round(np.hypot(*(end - start)) / _VERTEX_STEP_M), 1, 40))
    along = np.linspace(0.0, 1.0, steps + 1)[:, None]
    waves = np.arange(1, 7)
    height = chance.normal(0.0, _ROUGHNESS, len(waves)) / waves**0.9
    swing = np.clip(np.sin(np.pi * along * waves) @ height, -_MOST_DISPLACED, _MOST_DISPLACED)
    base = start + along * (end - start)
    target = np.where(swing[:, None] > 0, left, right)
    bent: Floats = base + np.abs(swing)[:, None] * (target - base)
    bent[0], bent[-1] = start, end
    return bent


def _to_lonlat(lines: list[Floats], frame: Frame) -> list[LineString]:
    """All vertices transformed and rounded at once: a shared vertex stays shared."""
    lonlat = frame.to_lonlat(np.vstack(lines))
    cuts = np.cumsum([len(line) for line in lines])[:-1]
    return [LineString(part) for part in np.split(lonlat, cuts)]


def _assemble(arcs: list[LineString], seeds: Floats) -> Geometries:
    """The faces between the arcs, in the order of the seeds that lie in them."""
    faces = shapely.get_parts(shapely.polygonize(arcs))
    face, seed = shapely.STRtree(points_at(seeds)).query(faces, predicate="contains")
    if len(faces) != len(seeds) or len(np.unique(seed)) != len(seeds) or len(seed) != len(seeds):
        msg = f"{len(seeds)} seeds made {len(faces)} cells at {DECIMALS} decimals"
        raise ArithmeticError(msg)
    cells = np.empty(len(seeds), dtype=object)
    cells[seed] = faces[face]
    return shapely.orient_polygons(cells)
