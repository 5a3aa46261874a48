"""Where no whole micro-grid fits: the buildings of one that lie beyond a straight line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import cos, pi, sin
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from grids.rebalance.town import Floats, Ints
from grids.rebalance.village import Leafset, Village

DIRECTIONS = 16
_LEAST_CONTACT_M = 1.0  # less edge than this holds nothing together
_LEAST_ROOM_M = 0.2  # between the middles of two buildings that a line passes
_SEEN_M = 0.05  # two outlines that are cut by lines may miss each other by rounding


@dataclass(frozen=True)
class Plot:
    """A leaf, or a part of one, as ground.

    Attributes:
        leaf: the row of the leaf in the village before anything was cut.
        polygon: in metres.
        buildings: (b,) rows of the buildings on it.
        households: (b,) of each.
        xy: (b, 2) of each.
        cut_off_by: the line that parted it from the rest of its leaf, from outline to outline.
    """

    leaf: int
    polygon: BaseGeometry
    buildings: Ints
    households: Ints
    xy: Floats
    cut_off_by: BaseGeometry | None = None

    def beyond(self, line: Line, *, near: bool = False) -> Plot:
        """The part beyond a line, or the rest."""
        far = self.xy @ line.normal > line.distance_m
        kept = ~far if near else far
        half = _half_plane(line, self.polygon, near=near)
        return replace(
            self,
            polygon=shapely.intersection(self.polygon, half),
            buildings=self.buildings[kept],
            households=self.households[kept],
            xy=self.xy[kept],
            cut_off_by=self.cut_off_by if near else _across(line, self.polygon),
        )


@dataclass(frozen=True)
class Line:
    """The points whose product with `normal` (of length 1) is `distance_m`."""

    normal: Floats
    distance_m: float


class Ground(NamedTuple):
    """A village whose leaves may be cut, and the plot of each leaf."""

    village: Village
    plots: tuple[Plot, ...]


class Parting(NamedTuple):
    """A way to cut one leaf; sorts by how little goes."""

    households: int
    leaf: int
    direction: int
    line: Line


def partings(plot: Plot, leaf: int, need: int, cap: int) -> Iterator[Parting]:
    """For each direction the line that leaves fewest households beyond, from `need` to `cap`."""
    for direction in range(DIRECTIONS):
        angle = 2 * pi * direction / DIRECTIONS
        normal = np.array([cos(angle), sin(angle)])
        along = plot.xy @ normal
        order = np.argsort(-along, kind="stable")
        beyond = np.cumsum(plot.households[order])
        room = along[order][:-1] - along[order][1:] > _LEAST_ROOM_M
        fits = np.flatnonzero(room & (beyond[:-1] >= need) & (beyond[:-1] <= cap))
        if len(fits):
            last = int(fits[0])
            middle = float(along[order][last : last + 2].mean())
            yield Parting(int(beyond[last]), leaf, direction, Line(normal, middle))


def cut(ground: Ground, leaf: int, line: Line) -> Ground | None:
    """The ground with one leaf cut in two: what is beyond the line becomes the last leaf.

    Returns:
        None where the line leaves more than two pieces.
    """
    whole = ground.plots[leaf]
    near, far = whole.beyond(line, near=True), whole.beyond(line)
    if not (_is_one_piece(near.polygon) and _is_one_piece(far.polygon)):
        return None
    plots = [*ground.plots, far]
    plots[leaf] = near
    return Ground(_village_after(ground, leaf, near, far), tuple(plots))


def _is_one_piece(polygon: BaseGeometry) -> bool:
    return isinstance(polygon, Polygon) and not polygon.is_empty


def _village_after(ground: Ground, leaf: int, near: Plot, far: Plot) -> Village:
    village, new = ground.village, len(ground.plots)
    whole = ground.plots[leaf].polygon
    borders = [*map(dict, village.borders_m), {}]
    for other, length_m in village.borders_m[leaf].items():
        shares = _shared(ground, leaf, other, (near, far))
        for part, share in ((leaf, shares[0]), (new, shares[1])):
            borders[part].pop(other, None)
            borders[other].pop(part, None)
            if share * length_m >= _LEAST_CONTACT_M:
                borders[part][other] = borders[other][part] = share * length_m
    chord_m = (near.polygon.length + far.polygon.length - whole.length) / 2
    borders[leaf][new] = borders[new][leaf] = chord_m
    return Village(
        _replaced(village.households, leaf, int(near.households.sum()), int(far.households.sum())),
        borders,
        _replaced(village.perimeters_m, leaf, near.polygon.length, far.polygon.length),
        _replaced(village.areas_m2, leaf, near.polygon.area, far.polygon.area),
        tuple(home | (1 << new if home >> leaf & 1 else 0) for home in village.homes),
    )


def _replaced[T](of_leaves: Sequence[T], leaf: int, near: T, far: T) -> list[T]:
    """A leaf's value gives way to those of its two parts."""
    return [*of_leaves[:leaf], near, *of_leaves[leaf + 1 :], far]


def _shared(ground: Ground, leaf: int, other: int, parts: tuple[Plot, Plot]) -> tuple[float, float]:
    """How the border with a neighbour falls to the two parts: shares of 1 together."""
    beside = shapely.buffer(ground.plots[other].polygon, _SEEN_M)
    near_m, far_m = (
        shapely.intersection(
            shapely.intersection(shapely.boundary(ground.plots[leaf].polygon), beside),
            shapely.buffer(part.polygon, _SEEN_M / 10),
        ).length
        for part in parts
    )
    together = near_m + far_m
    return (near_m / together, far_m / together) if together > 0 else (0.0, 0.0)


def _half_plane(line: Line, polygon: BaseGeometry, *, near: bool) -> Polygon:
    """A rectangle that holds whatever of the polygon is on one side of the line."""
    west, south, east, north = polygon.bounds
    middle = np.array([(west + east) / 2, (south + north) / 2])
    foot = middle + (line.distance_m - middle @ line.normal) * line.normal
    reach = (east - west) + (north - south) + abs(line.distance_m - middle @ line.normal) + 1.0
    along = reach * np.array([-line.normal[1], line.normal[0]])
    out = (-reach if near else reach) * line.normal
    return Polygon([foot - along, foot + along, foot + along + out, foot - along + out])


def _across(line: Line, polygon: BaseGeometry) -> BaseGeometry:
    """The line where it passes the polygon."""
    start, end, *_ = shapely.get_coordinates(_half_plane(line, polygon, near=False))
    crossing: BaseGeometry = shapely.intersection(shapely.linestrings([start, end]), polygon)
    return crossing


def with_homes(ground: Ground, homes: tuple[Leafset, ...]) -> Ground:
    """The same ground for an opening that adds empty grids."""
    return ground._replace(village=replace(ground.village, homes=homes))
