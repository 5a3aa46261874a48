"""Which settlements a road joins, of which class, and where it crosses the river."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay
from shapely.geometry import Point

from layers.demo.frame import Bools, Floats, Geometries, Ints
from layers.demo.settlements import Kind, Settlements
from layers.demo.shapes import segments
from layers.demo.terrain import Terrain

_BRIDGES = 4
_BRIDGE_SPACING_M = 1_700.0
_RELAXED = 0.86  # roads make detours: a third point must be so much nearer to replace a road
_SHARE_OF_CLASS = (0.16, 0.46)  # of roads that are primary; and primary or secondary


@dataclass(frozen=True)
class RoadPlan:
    """Roads as pairs of settlements.

    Attributes:
        ends: (n, 2) settlements.
        rank: (n,) 1 primary, 2 secondary, 3 tertiary.
        bridge: (n,) whether the road crosses the river.
    """

    ends: Ints
    rank: Ints
    bridge: Bools


def plan_roads(terrain: Terrain, settlements: Settlements) -> RoadPlan:
    """Neighbouring settlements are joined; over the river only at a few places."""
    chosen = settlements.of(Kind.QUARTER, Kind.VILLAGE, Kind.INDUSTRY)
    xy = settlements.xy[chosen]
    pairs = triangulate(xy)
    straight = segments(xy, pairs)
    wet = shapely.intersects(terrain.river, straight)
    dry = np.flatnonzero(_relative_neighbours(xy, pairs) & ~wet)
    crossing = _choose_bridges(terrain, straight, np.flatnonzero(wet))
    roads = pairs[np.concatenate([dry, crossing])]
    bridge = np.arange(len(roads)) >= len(dry)
    return RoadPlan(chosen[roads], _rank(xy, roads), bridge)


def triangulate(xy: Floats) -> Ints:
    """The edges (e, 2) of the Delaunay triangulation, each once, the lower number first."""
    triangles = Delaunay(xy).simplices
    sides = np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [0, 2]]])
    return np.unique(np.sort(sides, axis=1), axis=0).astype(np.int64)


def _relative_neighbours(xy: Floats, pairs: Ints) -> Bools:
    """Whether no third point is clearly nearer to both ends."""
    distance = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    length = distance[pairs[:, 0], pairs[:, 1]]
    detour = np.maximum(distance[pairs[:, 0]], distance[pairs[:, 1]]).min(axis=1)
    return np.asarray(detour > _RELAXED * length)


def _choose_bridges(terrain: Terrain, straight: Geometries, wet: Ints) -> Ints:
    """The shortest crossings that lie apart from each other along the river, the inmost first."""
    if terrain.river_line.is_empty or len(wet) == 0:
        return np.array([], dtype=np.int64)
    middle = shapely.centroid(shapely.intersection(terrain.river_line, straight[wet]))
    inside = shapely.contains(terrain.outline, middle)
    station = shapely.line_locate_point(terrain.river_line, middle)
    centre = terrain.river_line.project(Point(0, 0))
    taken: list[int] = []
    for index in np.argsort(shapely.length(straight[wet]) + 0.35 * np.abs(station - centre)):
        apart = all(abs(station[index] - station[other]) > _BRIDGE_SPACING_M for other in taken)
        if apart and inside[index] and len(taken) < _BRIDGES:
            taken.append(int(index))
    return wet[taken]


def _rank(xy: Floats, roads: Ints) -> Ints:
    """Roads that more shortest ways use are of a higher class."""
    used = _uses(xy, roads)
    share = np.argsort(np.argsort(-used, kind="stable")) / len(roads)
    return np.searchsorted(_SHARE_OF_CLASS, share, side="right") + 1


def _uses(xy: Floats, roads: Ints) -> Ints:
    """How many of the shortest ways between two settlements run along each road."""
    a, b = roads.T
    length = np.hypot(*(xy[a] - xy[b]).T)
    matrix = coo_array((length, (a, b)), shape=(len(xy), len(xy))).tocsr()
    _, before = dijkstra(matrix, directed=False, return_predecessors=True)
    number = {(x, y): edge for edge, (x, y) in enumerate(np.sort(roads, axis=1).tolist())}
    used = np.zeros(len(roads), dtype=np.int64)
    for start in range(len(xy)):
        for end in range(start):
            node = end
            while before[start, node] >= 0:
                previous = int(before[start, node])
                used[number[min(node, previous), max(node, previous)]] += 1
                node = previous
    return used
