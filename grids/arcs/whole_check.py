"""The whole draft, before it is approved: levels tile their parents, units keep the rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from grids.arcs.metric import MetricArcs
from grids.arcs.model import Node, Topology, node_at
from grids.arcs.rules import Ground, Rule
from grids.arcs.shape_rules import eroded_pieces, narrow_place
from grids.arcs.trace import Shape, polygons_of_level
from grids.coverage import Fault, Level, check_tiling

type Levels = dict[int, dict[int, Shape]]


@dataclass(frozen=True)
class Breach:
    """A rule that a unit of the draft breaks, and where.

    Attributes:
        rule: which one.
        unit: whose.
        place: longitude and latitude.
    """

    rule: Rule
    unit: int
    place: Node


@dataclass(frozen=True)
class WholeCheck:
    """What is wrong with a draft.

    Attributes:
        tiling: of each level, from the town down, what `grids.coverage.check_tiling` found; the
            index of a fault is the row of the unit among those of its level, by their ids.
        breaches: of the rules of size and of one piece.
    """

    tiling: dict[int, list[Fault]]
    breaches: list[Breach]


def check_whole(topology: Topology, ground: Ground) -> WholeCheck:
    """Everything that has to hold before a draft is approved.

    Raises:
        NoPolygonError: the arcs around a unit don't close.
    """
    shapes = metric_levels(topology, ground)
    return WholeCheck(_tiling(topology, shapes), _breaches(topology, shapes, ground))


def tiling_faults_of(topology: Topology, ground: Ground) -> dict[int, list[Fault]]:
    """Only `WholeCheck.tiling`.

    Raises:
        NoPolygonError: the arcs around a unit don't close.
    """
    return _tiling(topology, metric_levels(topology, ground))


def breaches(topology: Topology, ground: Ground) -> list[Breach]:
    """Only `WholeCheck.breaches`.

    Raises:
        NoPolygonError: the arcs around a unit don't close.
    """
    return _breaches(topology, metric_levels(topology, ground), ground)


def metric_levels(topology: Topology, ground: Ground) -> Levels:
    """The shapes of all units in metres, by level and unit, all from one arc set."""
    metric = MetricArcs(topology.coords, ground.plane)
    metric.load(topology.arcs)
    return {
        level: polygons_of_level(topology, level, metric.coords) for level in topology.units.levels
    }


def _tiling(topology: Topology, shapes: Levels) -> dict[int, list[Fault]]:
    levels = []
    above: dict[int, int] = {}
    for number, of_level in shapes.items():
        parents = [above.get(topology.units.by_id[unit].parent, -1) for unit in of_level]
        levels.append(Level(str(number), list(of_level.values()), parents))
        above = {unit: row for row, unit in enumerate(of_level)}
    found = check_tiling(levels)
    return {number: found[str(number)] for number in shapes}


def _breaches(topology: Topology, shapes: Levels, ground: Ground) -> list[Breach]:
    found = [breach for level in shapes.values() for breach in _in_pieces(level, ground)]
    faces = {
        unit: shape
        for level in shapes.values()
        for unit, shape in level.items()
        if unit in topology.arcs_of
    }
    return [*found, *_small(faces, ground), *_narrow(faces, ground)]


def _in_pieces(shapes: dict[int, Shape], ground: Ground) -> Iterator[Breach]:
    for unit, shape in shapes.items():
        parts = shapely.get_parts(shape)
        if len(parts) > 1 and unit not in ground.rules.in_pieces:
            smallest = min(parts, key=lambda part: part.area)
            yield Breach(Rule.PIECES, unit, _place(smallest, ground))


def _small(shapes: dict[int, Shape], ground: Ground) -> Iterator[Breach]:
    for unit, shape in shapes.items():
        if shape.area < ground.rules.min_area_m2:
            yield Breach(Rule.AREA, unit, _place(shape, ground))


def _narrow(shapes: dict[int, Shape], ground: Ground) -> Iterator[Breach]:
    for unit, shape in shapes.items():
        width_m = ground.rules.min_width_m
        if eroded_pieces(shape, width_m) != shapely.get_num_geometries(shape):
            yield Breach(Rule.WIDTH, unit, _lonlat(narrow_place(shape, width_m), ground))


def _place(shape: shapely.Geometry, ground: Ground) -> Node:
    return _lonlat(shapely.point_on_surface(shape).coords[0], ground)


def _lonlat(xy: tuple[float, ...], ground: Ground) -> Node:
    return node_at(ground.plane.to_lonlat(np.array([xy])), 0)
