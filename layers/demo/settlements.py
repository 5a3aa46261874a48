"""Where people live: town quarters, villages, hamlets and industrial areas."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import shapely
from numpy.random import Generator
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from layers.demo.frame import Bools, Floats, Ints
from layers.demo.terrain import Terrain

_CENTRE_RADIUS_M = 2_100.0
_VILLAGE_DISTANCE_M = 1_080.0
_HAMLETS = 64
_INDUSTRIAL_AREAS = 6


class Kind(IntEnum):
    """What a settlement is; its streets and houses follow from it."""

    QUARTER = 0
    VILLAGE = 1
    HAMLET = 2
    INDUSTRY = 3


@dataclass(frozen=True)
class Settlements:
    """Arrays of one row a settlement; quarters come first, then villages.

    Attributes:
        xy: (n, 2) centres in local metres.
        kind: codes of Kind.
        radius_m: how far it is built up.
        bearing: of its lanes, in radians.
    """

    xy: Floats
    kind: Ints
    radius_m: Floats
    bearing: Floats

    def of(self, *kinds: Kind) -> Ints:
        """The indices of the settlements of these kinds."""
        return np.flatnonzero(np.isin(self.kind, kinds))


def make_settlements(
    chance: Generator, terrain: Terrain, quarters: int, villages: int
) -> Settlements:
    """Quarters about the centre, villages spread over the rest, hamlets and industry between."""
    built = _place_quarters(chance, terrain, quarters)
    inner = Point(built[0]).buffer(_CENTRE_RADIUS_M)
    land = terrain.outline.buffer(-420.0).difference(terrain.river.buffer(330.0))
    built = _scatter(chance, land - inner, built, villages, _VILLAGE_DISTANCE_M)
    near = land.intersection(Point(built[0]).buffer(4_600.0)) - inner
    built = _scatter(chance, near, built, _INDUSTRIAL_AREAS, 760.0)
    land = terrain.outline.buffer(-200.0).difference(terrain.river.buffer(200.0))
    built = _scatter(chance, land - inner, built, _HAMLETS, 520.0)
    counts = {
        Kind.QUARTER: quarters,
        Kind.VILLAGE: villages,
        Kind.INDUSTRY: _INDUSTRIAL_AREAS,
        Kind.HAMLET: _HAMLETS,
    }
    kind = np.repeat([int(each) for each in counts], list(counts.values()))
    return Settlements(built, kind, _radii(chance, kind), _bearings(chance, kind))


def _radii(chance: Generator, kind: Ints) -> Floats:
    middle = np.array([820.0, 325.0, 118.0, 430.0])[kind]
    return middle * np.exp(chance.normal(0.0, 0.16, len(kind)))


def _bearings(chance: Generator, kind: Ints) -> Floats:
    """Houses look south; a town's quarters agree with each other more than villages do."""
    spread = np.array([0.14, 0.24, 0.4, 0.3])[kind]
    return np.where(kind == Kind.QUARTER, 0.28, 0.1) + chance.normal(0.0, spread)


def _place_quarters(chance: Generator, terrain: Terrain, count: int) -> Floats:
    """One on the far bank, the others in a cluster on the near one, first the innermost."""
    ring = max(count - 2, 1)
    angle = np.linspace(0.0, 2 * np.pi, ring, endpoint=False) + chance.uniform(0.0, 0.6)
    xy = np.column_stack([1_250.0 * np.cos(angle), 820.0 * np.sin(angle)])
    xy = np.vstack([[0.0, 0.0], xy])[: count - 1] + chance.normal(0.0, 90.0, (count - 1, 2))
    turn = np.deg2rad(24.0)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    near_bank = xy @ rotation + _offset_from_river(terrain, -1_150.0)
    far_bank = _offset_from_river(terrain, 820.0)
    return np.vstack([near_bank, far_bank[None, :]])


def _offset_from_river(terrain: Terrain, distance_m: float) -> Floats:
    """The point that lies so far across the river from its middle next to the centre."""
    if terrain.river_line.is_empty:
        return np.array([0.0, distance_m])
    line = terrain.river_line
    station = line.project(shapely.Point(0, 0))
    here, ahead = line.interpolate(station), line.interpolate(station + 50.0)
    along = np.array([ahead.x - here.x, ahead.y - here.y]) / 50.0
    return np.array([here.x, here.y]) + distance_m * np.array([-along[1], along[0]])


def _scatter(
    chance: Generator, land: BaseGeometry, taken: Floats, count: int, apart_m: float
) -> Floats:
    """`taken` and `count` more points, `apart_m` from all others if there is room."""
    west, south, east, north = land.bounds
    points = taken
    while len(points) < len(taken) + count:
        tries = chance.uniform((west, south), (east, north), (400, 2))
        tries = tries[shapely.contains_xy(land, tries)]
        points = _add_distant(points, tries, len(taken) + count, apart_m)
        apart_m *= 0.93
    return points


def _add_distant(points: Floats, tries: Floats, count: int, apart_m: float) -> Floats:
    for each in tries:
        if len(points) == count:
            break
        if np.hypot(*(points - each).T).min() >= apart_m:
            points = np.vstack([points, each])
    return points


def nearest_settlement(settlements: Settlements, xy: Floats) -> tuple[Ints, Floats]:
    """For each point the settlement it belongs to, and its distance in that one's radii."""
    nearest = np.zeros(len(xy), dtype=np.int64)
    closest = np.full(len(xy), np.inf)
    for index in range(len(settlements.xy)):
        distance = np.hypot(*(xy - settlements.xy[index]).T) / settlements.radius_m[index]
        better: Bools = distance < closest
        closest[better], nearest[better] = distance[better], index
    return nearest, closest
