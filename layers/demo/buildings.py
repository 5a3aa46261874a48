"""Buildings along the streets: aligned to them, on no street, in no water, on no other building."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.random import Generator

from layers.demo.arterials import FOOTWAY
from layers.demo.frame import Bools, Floats, Geometries, Ints
from layers.demo.network import LANE, LINK, Network
from layers.demo.settlements import Kind, Settlements, nearest_settlement
from layers.demo.shapes import distances, segments
from layers.demo.terrain import Terrain

USES = ("residential", "commercial", "industrial", "public", "other")
RESIDENTIAL, COMMERCIAL, INDUSTRIAL, PUBLIC, OTHER = range(5)
_CLEAR_OF_STREETS_M = 2.5
_CLEAR_OF_WATER_M = 14.0
_CLEAR_OF_EACH_OTHER_M = 1.2
_CORNER_M = 9.0


@dataclass(frozen=True)
class Buildings:
    """Rows of buildings.

    Attributes:
        shape: (n,) rectangles in local metres.
        xy: (n, 2) their middles.
        door: (n, 2) the middle of the side that looks to the street.
        use: (n,) index into USES.
        floors: (n,)
        settlement: (n,) the settlement they belong to.
        edge: (n,) the edge of the network that they stand at.
    """

    shape: Geometries
    xy: Floats
    door: Floats
    use: Ints
    floors: Ints
    settlement: Ints
    edge: Ints

    def only(self, keep: Bools) -> Buildings:
        """The buildings where `keep` is true."""
        return Buildings(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class _Style:
    """How one sort of street is built up: metres, and the share of lots in use."""

    width_m: float
    gap_m: float
    depth_m: float
    setback_m: float
    occupied: float


_AT_LANE = {
    Kind.QUARTER: _Style(23.0, 4.5, 12.5, 6.0, 0.8),
    Kind.VILLAGE: _Style(15.5, 3.0, 11.5, 4.2, 0.64),
    Kind.HAMLET: _Style(13.5, 5.0, 10.5, 4.5, 0.5),
    Kind.INDUSTRY: _Style(52.0, 14.0, 30.0, 12.0, 0.8),
}
_AT_ROAD = _Style(27.0, 6.0, 14.0, 15.0, 0.85)


def make_buildings(
    chance: Generator, terrain: Terrain, network: Network, settlements: Settlements
) -> Buildings:
    """Lots on both sides of the built-up streets, thinned until nothing overlaps."""
    middle = network.xy[network.ends].mean(axis=1)
    owner, distance = nearest_settlement(settlements, middle)
    kind = settlements.kind[owner]
    lots = []
    for each, style in _AT_LANE.items():
        both_ways = np.array([LANE, LANE + 1]) if each == Kind.INDUSTRY else np.array([LANE])
        edges = np.flatnonzero(np.isin(network.rank, both_ways) & (kind == each))
        lots.append(_lots(chance, network, edges, style))
    roads = np.flatnonzero(
        (network.rank < FOOTWAY) & (network.rank > 0) & ~network.bridge & (distance < 1.05)
    )
    lots.append(_lots(chance, network, roads, _AT_ROAD))
    shape, door, edge = (np.concatenate(parts) for parts in zip(*lots, strict=True))
    xy = shapely.get_coordinates(shapely.centroid(shape))
    use = _uses(chance, network.rank[edge] < LINK, kind[edge])
    floors = _floors(chance, use, kind[edge], distances(xy, settlements.xy[0]))
    buildings = Buildings(shape, xy, door, use, floors, owner[edge], edge)
    buildings = buildings.only(_free_ground(terrain, network, buildings.shape))
    return buildings.only(_without_overlaps(buildings.shape))


def _lots(
    chance: Generator, network: Network, edges: Ints, style: _Style
) -> tuple[Geometries, Floats, Ints]:
    """Rectangles along both sides of the edges, their doors, and the edge of each."""
    length = network.lengths[edges]
    pitch = style.width_m + style.gap_m
    slots = np.maximum(((length - 2 * _CORNER_M + style.gap_m) // pitch).astype(np.int64), 0)
    row = np.repeat(np.arange(len(edges)), 2 * slots)
    order = np.arange(len(row)) - np.repeat(np.cumsum(2 * slots) - 2 * slots, 2 * slots)
    side = np.where(order % 2 == 0, 1.0, -1.0)
    used = chance.random(len(row)) < style.occupied
    row, order, side = row[used], order[used], side[used]
    free = (length[row] - slots[row] * pitch + style.gap_m) / 2
    along_m = free + (order // 2) * pitch + style.width_m / 2 + chance.normal(0, 0.5, len(row))
    width = style.width_m * chance.uniform(0.82, 1.06, len(row))
    depth = style.depth_m * chance.uniform(0.85, 1.15, len(row))
    setback = style.setback_m + chance.exponential(0.7, len(row))
    return *_rectangles(network, edges[row], along_m, side, (width, depth, setback)), edges[row]


def _rectangles(
    network: Network, edge: Ints, along_m: Floats, side: Floats, size: tuple[Floats, ...]
) -> tuple[Geometries, Floats]:
    """Rectangles of (width, depth, setback) beside the edges, and the middles of their fronts."""
    width, depth, setback = size
    start, end = network.xy[network.ends[edge, 0]], network.xy[network.ends[edge, 1]]
    along = (end - start) / np.hypot(*(end - start).T)[:, None]
    out = side[:, None] * np.column_stack([-along[:, 1], along[:, 0]])
    door = start + along_m[:, None] * along + setback[:, None] * out
    half, deep = (width / 2)[:, None] * along, depth[:, None] * out
    corners = np.stack([door - half, door + half, door + half + deep, door - half + deep], axis=1)
    return np.asarray(shapely.polygons(np.round(corners, 3)), dtype=object), door


def _uses(chance: Generator, at_road: Bools, kind: Ints) -> Ints:
    """What each building is used for, by where it stands."""
    draw = chance.random(len(kind))
    use = np.full(len(kind), RESIDENTIAL)
    use[at_road & (draw < 0.78)] = COMMERCIAL
    use[(kind == Kind.QUARTER) & ~at_road & (draw < 0.14)] = COMMERCIAL
    use[(kind == Kind.VILLAGE) & ~at_road & (draw < 0.035)] = COMMERCIAL
    use[(kind == Kind.VILLAGE) & (draw > 0.935)] = INDUSTRIAL
    use[draw > 0.968] = OTHER
    use[draw > 0.988] = PUBLIC
    use[kind == Kind.INDUSTRY] = INDUSTRIAL
    return use


def _floors(chance: Generator, use: Ints, kind: Ints, from_centre_m: Floats) -> Ints:
    """Higher in town and towards its centre, with some blocks of flats."""
    usual = np.array([5.6, 3.7, 2.7, 3.2])[kind] + 2.2 * np.exp(-from_centre_m / 900.0)
    floors = np.clip(np.round(chance.normal(usual, 1.0)), 1, 18).astype(np.int64)
    tall = (kind == Kind.QUARTER) & (use == RESIDENTIAL) & (chance.random(len(use)) < 0.07)
    return np.where(tall, floors + chance.integers(5, 12, len(use)), floors)


def _free_ground(terrain: Terrain, network: Network, shape: Geometries) -> Bools:
    """Whether a building is clear of water and of all streets."""
    streets = segments(network.xy, network.ends)
    hit, _ = shapely.STRtree(streets).query(
        shape, predicate="dwithin", distance=_CLEAR_OF_STREETS_M
    )
    shapely.prepare(terrain.river)
    free: Bools = ~shapely.dwithin(terrain.river, shape, _CLEAR_OF_WATER_M)
    free[hit] = False
    return free


def _without_overlaps(shape: Geometries) -> Bools:
    """Keep every building that is clear of all those kept before it."""
    later, earlier = shapely.STRtree(shape).query(
        shape, predicate="dwithin", distance=_CLEAR_OF_EACH_OTHER_M
    )
    pairs = np.column_stack([later, earlier])[later > earlier]
    keep = np.ones(len(shape), dtype=bool)
    for a, b in pairs[np.lexsort(pairs.T[::-1])].tolist():
        if keep[b]:
            keep[a] = False
    return keep
