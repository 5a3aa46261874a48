"""What a rebalance has to know of a draft's coverage: its micro-grids, and who lives in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from grids.arcs.metric import MetricArcs
from grids.arcs.model import Topology
from grids.arcs.plane import Plane
from grids.arcs.trace import polygons_of_level
from grids.rebalance.town import Buildings, Leaves, shared_borders
from grids.workload import NOWHERE, Ids, Points, totals, units_of_points
from layers.boundaries.burdens import Weighted
from spatial.errors import ConflictError

VILLAGE, GRID, MICRO_GRID = 2, 3, 4
HOUSEHOLDS = "households"


def homes_of(households: Weighted, plane: Plane) -> Points:
    """Inhabited buildings as points in metres, each with its households."""
    xy = plane.to_metres(households[:, :2]) if len(households) else households[:, :2]
    return Points(xy, {HOUSEHOLDS: households[:, 2].astype(np.int64)})


@dataclass(frozen=True)
class Inhabited:
    """A coverage and where its households live.

    Attributes:
        topology: with micro-grids at the lowest level.
        plane: the town's metres.
        homes: inhabited buildings, in metres.
    """

    topology: Topology
    plane: Plane
    homes: Points

    @cached_property
    def shapes(self) -> Mapping[int, BaseGeometry]:
        """The ground of each micro-grid in metres."""
        metric = MetricArcs(self.topology.coords, self.plane)
        metric.load(self.topology.arcs)
        return polygons_of_level(self.topology, MICRO_GRID, metric.coords)

    @cached_property
    def unit_of_home(self) -> Ids:
        """The micro-grid of each building; NOWHERE outside all."""
        return units_of_points(self.homes, self.shapes)

    @cached_property
    def grid_of_home(self) -> Ids:
        """The grid of each building; NOWHERE outside all."""
        by_id = self.topology.units.by_id
        found = [NOWHERE if i == NOWHERE else by_id[i].parent for i in self.unit_of_home.tolist()]
        return np.array(found, dtype=np.int64)

    @cached_property
    def households(self) -> Mapping[int, int]:
        """Of each grid."""
        grids = np.array(self.units(GRID), dtype=np.int64)
        held = totals(self.homes, self.grid_of_home, grids)[HOUSEHOLDS]
        return dict(zip(grids.tolist(), held.astype(int).tolist(), strict=True))

    def units(self, level: int) -> list[int]:
        """The units of a level, the lowest id first."""
        return sorted(i for i, unit in self.topology.units.by_id.items() if unit.level == level)

    def village(self, unit: int) -> int:
        """The village in which a unit lies."""
        return self.topology.units.at_level(unit, VILLAGE)

    def plots(self, villages: Collection[int]) -> tuple[Leaves, Buildings]:
        """The micro-grids of some villages, and the buildings on them, as a rebalance takes them.

        Raises:
            ConflictError: the grids have no micro-grids.
        """
        if MICRO_GRID not in self.topology.units.levels:
            raise ConflictError(
                "the town has no micro-grids that could change their grid / 没有微网格，无法均衡",
                remedy="import micro-grids, or split the grids first",
            )
        ids = np.array([i for i in self.shapes if self.village(i) in villages], dtype=np.int64)
        shapes = np.array([self.shapes[i] for i in ids.tolist()], dtype=object)
        on = np.flatnonzero(np.isin(self.unit_of_home, ids))
        leaf = np.searchsorted(ids, self.unit_of_home[on])
        households = self.homes.weights[HOUSEHOLDS][on].astype(np.int64)
        leaves = Leaves(
            ids=ids,
            households=np.bincount(leaf, households, len(ids)).astype(np.int64),
            grids=self._above(ids, GRID),
            villages=self._above(ids, VILLAGE),
            perimeters_m=shapely.length(shapes),
            areas_m2=shapely.area(shapes),
            borders=shared_borders(shapes),
        )
        return leaves, Buildings(on, leaf, households, self.homes.xy[on], shapes)

    def _above(self, units: Ids, level: int) -> Ids:
        at_level = self.topology.units.at_level
        return np.array([at_level(unit, level) for unit in units.tolist()], dtype=np.int64)
