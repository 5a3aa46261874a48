"""What the maps of a town show: its units and its ground, in metres of its CRS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from grids.arcs.plane import Plane
from layers.gridfiles.units import UnitRow
from layers.mapsheets.paper import Bounds
from layers.roles import Role
from spatial.database import Principal, become
from spatial.errors import InputError
from spatial.town import Town


class Feature(NamedTuple):
    """Something on the ground.

    Attributes:
        layer: water, street or building.
        label: its class: of a street OSM's highway value.
    """

    layer: str
    label: str | None
    name: str | None


@dataclass(frozen=True)
class Ground:
    """Water, streets and buildings, found by place."""

    features: Sequence[Feature]
    shapes: NDArray[np.object_]

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.shapes)

    def within(self, bounds: Bounds) -> list[tuple[Feature, BaseGeometry]]:
        """What lies in a rectangle, cut at its edges."""
        rows = self._tree.query(shapely.box(*bounds))
        cut = shapely.clip_by_rect(self.shapes[rows], *bounds)
        return [
            (self.features[row], shape)
            for row, shape in zip(rows.tolist(), cut, strict=True)
            if not shape.is_empty
        ]


@dataclass(frozen=True)
class MapContent:
    """All that can be on a map of the town; `units` have their shapes in metres."""

    town: Town
    units: Sequence[UnitRow]
    ground: Ground

    def at_level(self, level: int) -> list[UnitRow]:
        """The units of a level."""
        return [unit for unit in self.units if unit.level == level]

    def below(self, unit: UnitRow) -> list[UnitRow]:
        """The units of all levels within one, itself first."""
        found, codes = [unit], {unit.code}
        for each in self.units:  # from the town down
            if each.parent in codes:
                found.append(each)
                codes.add(each.code)
        return found

    def texts(self) -> list[str]:
        """All names that may be written."""
        names = {feature.name for feature in self.ground.features} - {None}
        shares = (f"{each.name}{each.code}" for unit in self.units for each in unit.shares)
        return [*map(str, names), *(f"{unit.name}{unit.code}" for unit in self.units), *shares]


def read_content(
    connection: psycopg.Connection[Any], town: Town, units: Sequence[UnitRow]
) -> MapContent:
    """The town's content for maps: only what everybody may see.

    Args:
        units: of the moment that is shown, in EPSG:4326.

    Raises:
        InputError: the town doesn't know yet where it lies.
    """
    if town.metric_srid is None:
        raise InputError(f"{town.name} has no CRS yet / 尚无坐标系", remedy="import grids first")
    plane = Plane(town.metric_srid)
    query = files(__package__).joinpath("ground.sql").read_text(encoding="utf-8")
    everybody = Principal(
        Role.ANONYMOUS, town.id, may_write=False, time_zone=town.time_zone, timeout_ms=0
    )
    with connection.transaction(force_rollback=True):  # the role ends with it
        become(connection, everybody)
        rows = connection.execute(query.encode()).fetchall()
    shapes = shapely.from_wkb([row[3] for row in rows])
    ground = Ground([Feature(*row[:3]) for row in rows], plane.projected(shapes))
    metric = plane.projected([unit.shape for unit in units])
    moved = [replace(unit, shape=shape) for unit, shape in zip(units, metric, strict=True)]
    return MapContent(town, moved, ground)
