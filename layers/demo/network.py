"""The street network: one planar graph of arterial points and lane crossings.

Every street is an edge of one Delaunay triangulation, so that no two streets cross without a node.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.random import Generator
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree

from layers.demo.arterials import CLASSES, Arterials, distance_to_lines
from layers.demo.frame import Bools, Floats, Ints
from layers.demo.lanes import Lattice
from layers.demo.roadplan import triangulate
from layers.demo.shapes import segments
from layers.demo.terrain import Terrain

_ARTERIAL_STEP_M = 46.0
_CLEAR_OF_ARTERIALS_M = 23.0
_LONGEST_JUNCTION_M = 105.0
_JUNCTION_SHARE = 0.55
LINK = len(CLASSES)  # rank of a lane's link to a road, or between settlements
LANE = LINK + 1  # along a row of a lattice: houses stand on these
CROSS_LANE = LINK + 2


@dataclass(frozen=True)
class Network:
    """Straight edges between nodes.

    Attributes:
        xy: (n, 2) nodes in local metres.
        settlement, column, row: (n,) of lane crossings; -1 for arterial points.
        ends: (e, 2) node indices.
        rank: (e,) index into arterials.CLASSES, or LINK, LANE, CROSS_LANE.
        bridge: (e,) whether the edge crosses the river.
        road: (e,) the arterial road it belongs to, or -1.
    """

    xy: Floats
    settlement: Ints
    column: Ints
    row: Ints
    ends: Ints
    rank: Ints
    bridge: Bools
    road: Ints

    @property
    def lengths(self) -> Floats:
        """Metres of each edge."""
        length: Floats = np.hypot(*(self.xy[self.ends[:, 1]] - self.xy[self.ends[:, 0]]).T)
        return length


@dataclass(frozen=True)
class _Edges:
    ends: Ints
    rank: Ints
    bridge: Bools
    road: Ints


def make_network(
    chance: Generator, terrain: Terrain, arterials: Arterials, lattice: Lattice
) -> Network:
    """Join arterials and lattices to one connected planar network."""
    road_xy, roads = _sample(arterials)
    lattice = lattice.only(distance_to_lines(lattice.xy, arterials.lines) > _CLEAR_OF_ARTERIALS_M)
    xy = np.vstack([road_xy, lattice.xy])
    blank = np.full(len(road_xy), -1)
    settlement = np.concatenate([blank, lattice.settlement])
    column = np.concatenate([blank, lattice.column])
    row = np.concatenate([blank, lattice.row])
    possible = _possible(terrain, xy, roads)
    lanes = _lanes(possible, settlement, column, row)
    junctions = _junctions(chance, possible, xy, settlement)
    edges = _join(_join(roads, lanes), junctions)
    edges = _join(edges, _links(possible, edges, xy))
    return Network(xy, settlement, column, row, edges.ends, edges.rank, edges.bridge, edges.road)


def _join(first: _Edges, second: _Edges) -> _Edges:
    """All of `first`, and those of `second` that aren't in it."""
    known = set(map(tuple, np.sort(first.ends, axis=1).tolist()))
    fresh = np.array([tuple(sorted(pair)) not in known for pair in second.ends.tolist()], bool)
    return _Edges(
        np.vstack([first.ends, second.ends[fresh]]),
        np.concatenate([first.rank, second.rank[fresh]]),
        np.concatenate([first.bridge, second.bridge[fresh]]),
        np.concatenate([first.road, second.road[fresh]]),
    )


def _plain(ends: Ints, rank: Ints) -> _Edges:
    return _Edges(ends, rank, np.zeros(len(ends), bool), np.full(len(ends), -1))


def _sample(arterials: Arterials) -> tuple[Floats, _Edges]:
    """Points along the arterials, shared where pieces meet, and the edges between them."""
    numbers: dict[tuple[float, float], int] = {}
    ends, rank, bridge, road = [], [], [], []
    for line, piece_rank, deck, owner in zip(
        arterials.lines, arterials.rank, arterials.bridge, arterials.road, strict=True
    ):
        steps = 1 if deck else max(round(line.length / _ARTERIAL_STEP_M), 1)
        along = np.linspace(0.0, 1.0, steps + 1)
        points = np.round(
            shapely.get_coordinates(shapely.line_interpolate_point(line, along, normalized=True)), 2
        )
        nodes = [numbers.setdefault((x, y), len(numbers)) for x, y in points.tolist()]
        pairs = [pair for pair in pairwise(nodes) if pair[0] != pair[1]]
        ends += pairs
        rank += [piece_rank] * len(pairs)
        bridge += [deck] * len(pairs)
        road += [owner] * len(pairs)
    edges = _Edges(np.array(ends), np.array(rank), np.array(bridge), np.array(road))
    return np.array(list(numbers)), edges


def _possible(terrain: Terrain, xy: Floats, roads: _Edges) -> Ints:
    """Edges of the triangulation on dry land that cross no road."""
    edges = triangulate(xy)
    edges = edges[np.hypot(*(xy[edges[:, 1]] - xy[edges[:, 0]]).T) < 1_500.0]
    lines = segments(xy, edges)
    shapely.prepare(terrain.river)
    wet = shapely.intersects(terrain.river, lines)
    road_lines = segments(xy, roads.ends)
    crossing, _ = shapely.STRtree(road_lines).query(lines, predicate="crosses")
    free = ~wet
    free[crossing] = False
    return np.asarray(edges[free])


def _lanes(possible: Ints, settlement: Ints, column: Ints, row: Ints) -> _Edges:
    """Edges between neighbouring crossings of one lattice."""
    a, b = possible.T
    same = (settlement[a] == settlement[b]) & (settlement[a] >= 0)
    columns, rows = np.abs(column[a] - column[b]), np.abs(row[a] - row[b])
    along = same & (columns == 1) & (rows == 0)
    across = same & (columns == 0) & (rows == 1)
    rank = np.where(along, LANE, CROSS_LANE)
    return _plain(possible[along | across], rank[along | across])


def _junctions(chance: Generator, possible: Ints, xy: Floats, settlement: Ints) -> _Edges:
    """Short links from lanes to the road that they run into, one for each lane's end."""
    on_road = settlement[possible] < 0
    mixed = possible[on_road[:, 0] ^ on_road[:, 1]]
    mixed = np.where((settlement[mixed[:, 0]] < 0)[:, None], mixed, mixed[:, ::-1])
    length = np.hypot(*(xy[mixed[:, 1]] - xy[mixed[:, 0]]).T)
    order = np.argsort(length, kind="stable")
    mixed, length = mixed[order], length[order]
    _, first_of_lane = np.unique(mixed[:, 1], return_index=True)
    first = np.zeros(len(mixed), bool)
    first[first_of_lane] = True
    keep = first & (length < _LONGEST_JUNCTION_M) & (chance.random(len(mixed)) < _JUNCTION_SHARE)
    return _plain(mixed[keep], np.full(int(keep.sum()), LINK))


def _links(possible: Ints, edges: _Edges, xy: Floats) -> _Edges:
    """The shortest further edges that make the network one piece."""
    both = np.vstack([edges.ends, possible])
    weight = np.hypot(*(xy[both[:, 1]] - xy[both[:, 0]]).T)
    weight[: len(edges.ends)] *= 1e-4
    # duplicates would be added up by a sparse matrix: keep the first, which is the cheaper one
    _, first = np.unique(np.sort(both, axis=1), axis=0, return_index=True)
    matrix = coo_array((weight[first], both[first].T), shape=(len(xy), len(xy)))
    tree = minimum_spanning_tree(matrix.tocsr()).tocoo()
    ends = np.column_stack([tree.row, tree.col]).astype(np.int64)
    return _plain(ends, np.full(len(ends), LINK))
