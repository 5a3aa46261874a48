"""The roads between settlements: smooth lines of a class each, noded where they meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.random import Generator
from scipy.spatial import cKDTree
from shapely.geometry import LineString, Point
from shapely.ops import substring

from layers.demo.frame import Floats
from layers.demo.roadplan import plan_roads
from layers.demo.settlements import Kind, Settlements
from layers.demo.terrain import Terrain

CLASSES = ("trunk", "primary", "secondary", "tertiary", "unclassified", "footway")
FOOTWAY = CLASSES.index("footway")
_BANK_M = 26.0
_EXITS = 7
_TRIES_OF_A_BEND = 12
_END_BEFORE_OUTLINE_M = 65.0  # the exact outline swings about the one of the terrain
_FOOT_BRIDGE_FROM_CENTRE_M = 560.0
_PATH_TO_EMBANKMENT_M = 75.0


@dataclass(frozen=True)
class Arterials:
    """Pieces between junctions.

    Attributes:
        lines: LineStrings in local metres; pieces that meet share an end vertex exactly.
        rank: index into CLASSES.
        bridge: whether the piece crosses the river.
        road: which road a piece belongs to, for its name.
    """

    lines: list[LineString]
    rank: list[int]
    bridge: list[bool]
    road: list[int]


@dataclass(frozen=True)
class _Road:
    line: LineString
    rank: int


def make_arterials(chance: Generator, terrain: Terrain, settlements: Settlements) -> Arterials:
    """Roads between the settlements, a trunk road through the town, and a few bridges."""
    plan = plan_roads(terrain, settlements)
    roads = [_Road(_trunk_road(chance, terrain), CLASSES.index("trunk"))]
    roads += [_Road(line, CLASSES.index("secondary")) for line in _riverside_roads(terrain)]
    roads += [
        _Road(line, CLASSES.index("tertiary")) for line in _exits(chance, terrain, settlements)
    ]
    paths, decks = _foot_bridge(terrain)
    for (a, b), rank, bridge in zip(plan.ends, plan.rank.tolist(), plan.bridge, strict=True):
        start, end = settlements.xy[a], settlements.xy[b]
        if bridge:
            approaches, deck = _cross(chance, terrain, start, end)
            roads += [_Road(line, rank) for line in approaches]
            decks.append(_Road(deck, rank))
        else:
            roads.append(_Road(_bend(chance, start, end), rank))
    return _node(roads + paths, decks, terrain)


def _bend(chance: Generator, start: Floats, end: Floats) -> LineString:
    """A smooth line from start to end that swings a little to the sides."""
    length = float(np.hypot(*(end - start)))
    steps = max(int(length / 40.0), 4)
    along = np.linspace(0.0, 1.0, steps + 1)
    waves = np.array([1, 2, 3])
    swing = np.sin(np.pi * along[:, None] * waves) @ chance.normal(0.0, 0.05 / waves)
    normal = np.array([-(end - start)[1], (end - start)[0]])
    return LineString(start + along[:, None] * (end - start) + swing[:, None] * normal)


def _cross(
    chance: Generator, terrain: Terrain, start: Floats, end: Floats
) -> tuple[list[LineString], LineString]:
    """The approaches on both banks, and the deck that crosses the river at a right angle."""
    line = terrain.river_line
    crossing = line.intersection(LineString([start, end])).centroid
    deck = _deck(terrain, line.project(crossing))
    first, last = (np.array(point) for point in deck.coords)
    if LineString([start, first]).intersection(terrain.river).length > (
        LineString([start, last]).intersection(terrain.river).length
    ):
        first, last = last, first
    step = (last - first) / np.hypot(*(last - first)) * _PATH_TO_EMBANKMENT_M
    approaches = [
        LineString([first - step, first]),
        LineString([last, last + step]),
        _dry_bend(chance, terrain, start, first - step),
        _dry_bend(chance, terrain, last + step, end),
    ]
    return approaches, LineString([first, last])


def _dry_bend(chance: Generator, terrain: Terrain, start: Floats, end: Floats) -> LineString:
    """A bend that keeps out of the river, or else the straight line."""
    bends = (_bend(chance, start, end) for _ in range(_TRIES_OF_A_BEND))
    dry = (bend for bend in bends if not bend.intersects(terrain.river))
    return next(dry, LineString([start, end]))


def _deck(terrain: Terrain, station_m: float) -> LineString:
    line = terrain.river_line
    here, ahead = line.interpolate(station_m), line.interpolate(station_m + 20.0)
    along = np.array([ahead.x - here.x, ahead.y - here.y]) / 20.0
    reach = 400.0 * np.array([-along[1], along[0]])
    middle = np.array([here.x, here.y])
    wet = LineString([middle - reach, middle + reach]).intersection(terrain.river.buffer(_BANK_M))
    pieces = [piece for piece in shapely.get_parts(wet) if piece.distance(here) < 1.0]
    return LineString([pieces[0].coords[0], pieces[0].coords[-1]])


def _trunk_road(chance: Generator, terrain: Terrain) -> LineString:
    """One through road, on the town's side of the river, from end to end of the outline."""
    land = terrain.outline.buffer(-_END_BEFORE_OUTLINE_M)
    west, south, east, _ = land.bounds
    x = np.linspace(west, east, 160)
    base = _south_of_river(terrain, x)
    y = base - 2_750.0
    for wave_m, height_m in ((9_000.0, 260.0), (4_100.0, 110.0)):
        y += height_m * np.sin(2 * np.pi * x / wave_m + chance.uniform(0, 6.28))
    line = LineString(np.column_stack([x, np.maximum(y, south)])).intersection(land)
    longest: LineString = max(shapely.get_parts(line), key=lambda part: part.length)
    return longest


def _south_of_river(terrain: Terrain, x: Floats) -> Floats:
    if terrain.river_line.is_empty:
        return np.zeros_like(x)
    coords = shapely.get_coordinates(terrain.river_line)
    order = np.argsort(coords[:, 0])
    smooth = np.polynomial.Polynomial.fit(coords[order, 0], coords[order, 1], 2)
    fitted: Floats = smooth(x)
    return fitted


def _riverside_roads(terrain: Terrain) -> list[LineString]:
    """Embankment roads on both banks, as far as the town reaches."""
    if terrain.river_line.is_empty:
        return []
    station = terrain.river_line.project(Point(0, 0))
    reach = substring(terrain.river_line, station - 3_000.0, station + 3_000.0)
    sides = [shapely.offset_curve(reach, side * (118.0 + _BANK_M)) for side in (-1, 1)]
    inside = shapely.intersection(shapely.simplify(sides, 2.0), terrain.outline)
    return list(shapely.get_parts(inside))


def _exits(chance: Generator, terrain: Terrain, settlements: Settlements) -> list[LineString]:
    """Roads from outlying villages to the outline: the town has neighbours."""
    land = terrain.outline.buffer(-_END_BEFORE_OUTLINE_M)
    villages = settlements.xy[settlements.of(Kind.VILLAGE)]
    bearing = np.arctan2(villages[:, 1], villages[:, 0])
    sector = np.floor((bearing + np.pi) / (2 * np.pi) * _EXITS).astype(np.int64)
    lines = []
    for number in range(_EXITS):
        within = villages[sector == number]
        if len(within):
            outermost = within[np.argmax(np.hypot(*within.T))]
            ahead = LineString([outermost, 1.6 * outermost]).intersection(land)
            lines.append(_bend(chance, outermost, np.array(ahead.coords[-1])))
    return [line for line in lines if not line.intersects(terrain.river)]


def _foot_bridge(terrain: Terrain) -> tuple[list[_Road], list[_Road]]:
    """A bridge for walkers near the old town, and its paths to the embankment roads."""
    if terrain.river_line.is_empty:
        return [], []
    station = terrain.river_line.project(Point(0, 0)) - _FOOT_BRIDGE_FROM_CENTRE_M
    deck = _deck(terrain, station)
    first, last = (np.array(point) for point in deck.coords)
    step = (last - first) / np.hypot(*(last - first)) * _PATH_TO_EMBANKMENT_M
    paths = [LineString([first - step, first]), LineString([last, last + step])]
    return [_Road(path, FOOTWAY) for path in paths], [_Road(deck, FOOTWAY)]


def _node(roads: list[_Road], decks: list[_Road], terrain: Terrain) -> Arterials:
    """Cut the roads where they meet; each piece knows the road it came from."""
    lines = np.array([road.line for road in roads], dtype=object)
    pieces = [
        piece
        for piece in shapely.get_parts(shapely.node(shapely.union_all(lines)))
        if piece.length > 1.0 and not piece.intersects(terrain.river)
    ]
    tree = shapely.STRtree(lines)
    result = Arterials([], [], [], [])
    for piece in pieces:
        owners = tree.query(piece.interpolate(0.5, normalized=True), "dwithin", distance=0.01)
        owner = min(owners, key=lambda index: (roads[index].rank, index))
        _append(result, piece, roads[owner].rank, bridge=False, road=int(owner))
    for number, deck in enumerate(decks):
        _append(result, deck.line, deck.rank, bridge=True, road=len(roads) + number)
    return result


def _append(arterials: Arterials, line: LineString, rank: int, *, bridge: bool, road: int) -> None:
    arterials.lines.append(line)
    arterials.rank.append(rank)
    arterials.bridge.append(bridge)
    arterials.road.append(road)


def distance_to_lines(xy: Floats, lines: list[LineString]) -> Floats:
    """How far each point is from the nearest vertex of lines cut to pieces of 20 m."""
    vertices = shapely.get_coordinates(shapely.segmentize(np.array(lines, dtype=object), 20.0))
    distance, _ = cKDTree(vertices).query(xy)
    measured: Floats = distance
    return measured
