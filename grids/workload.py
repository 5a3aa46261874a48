"""What the units of a level have to look after, recounted only where an operation changed it.

Polygons, points and lines are all in the town's metric CRS. Points could also be counted in stored
longitudes and latitudes, but an edge that is straight there passes some millimetres beside the one
that is straight in metres, and a point between them would be counted on the other side.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from spatial.errors import InputError

type Ids = NDArray[np.int64]
type Floats = NDArray[np.float64]
type Numbers = NDArray[np.int64 | np.float64]
type Shapes = Mapping[int, BaseGeometry]

NOWHERE = -1


@dataclass(frozen=True)
class Points:
    """What is counted, each at its place.

    Attributes:
        xy: (n, 2) places.
        weights: by kind (households, rooms, shops, incidents …) what each point counts, (n,);
            whole numbers are counted as whole numbers.

    Raises:
        InputError: a kind has not one weight for each point.
    """

    xy: Floats
    weights: Mapping[str, Numbers] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind, weight in self.weights.items():
            if weight.shape != (len(self.xy),):
                raise InputError(f"{kind}: {len(weight)} weights for {len(self.xy)} points")

    @cached_property
    def shapes(self) -> NDArray[np.object_]:
        """The points as geometries, (n,)."""
        return np.asarray(shapely.points(self.xy), dtype=object)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Finds the points near a unit; made once for all operations."""
        return shapely.STRtree(self.shapes)


def units_of_points(points: Points, units: Shapes) -> Ids:
    """The unit that holds each point, (n,); NOWHERE for a point outside all.

    A point on a shared edge belongs to the unit with the lowest id.
    """
    ids, polygons = _columns(units)
    polygon, point = points.tree.query(polygons, predicate="intersects")
    return _lowest(len(points.xy), point, ids[polygon])


def units_after(
    points: Points, before: Ids, touched: Collection[int], changed: Shapes, beside: Shapes
) -> Ids:
    """The unit of each point after one operation; equal to counting all of them anew.

    Args:
        points: all of them.
        before: what `units_of_points` or this function said before the operation.
        touched: units that changed or are gone.
        changed: the touched units as they are now, and new ones.
        beside: neighbours of those whose shape stayed: a point on the edge may be theirs.
    """
    ids, polygons = _columns({**beside, **changed})
    _, near = points.tree.query(_columns(changed)[1], predicate="intersects")
    asked = np.union1d(np.flatnonzero(np.isin(before, list(touched))), near)
    point, polygon = shapely.STRtree(polygons).query(points.shapes[asked], predicate="intersects")
    after = before.copy()
    after[asked] = _lowest(len(asked), point, ids[polygon])
    return after


def totals(points: Points, unit_of_point: Ids, units: Ids) -> dict[str, Numbers]:
    """By kind the sum over the points of each of `units`, in their order.

    Args:
        points: what is counted.
        unit_of_point: (n,) the unit of each.
        units: (m,) the ids that are asked for, each once: all of a level, or what was touched;
            points of other units are left out.
    """
    order = np.argsort(units, kind="stable")
    place = np.minimum(np.searchsorted(units[order], unit_of_point), max(len(units) - 1, 0))
    if not len(units):
        return {kind: weight[:0] for kind, weight in points.weights.items()}
    row = order[place]
    counted = units[row] == unit_of_point
    return {
        kind: np.bincount(row[counted], weight[counted], len(units)).astype(weight.dtype)
        for kind, weight in points.weights.items()
    }


@dataclass(frozen=True)
class Streets:
    """Street lines in metres, (n,)."""

    lines: NDArray[np.object_]

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Finds the lines near a unit; made once for all operations."""
        return shapely.STRtree(self.lines)


def patrol_lengths_m(streets: Streets, units: Shapes) -> dict[int, float]:
    """Metres of street inside each unit.

    A street along the border of two units is patrolled half by each, so that the lengths of a
    coverage add up to the length of the streets. Needs nothing but the units that are asked for.
    """
    ids, polygons = _columns(units)
    row, line = streets.tree.query(polygons, predicate="intersects")
    lines = streets.lines[line]
    inside = shapely.length(shapely.intersection(lines, polygons[row]))
    along = shapely.length(shapely.intersection(lines, shapely.boundary(polygons)[row]))
    length = np.bincount(row, inside - along / 2, len(ids))
    return dict(zip(ids.tolist(), length.tolist(), strict=True))


def compactness(polygons: NDArray[np.object_]) -> Floats:
    """Polsby and Popper's 4π·area/perimeter² of polygons in metres: 1 for a disk, (n,)."""
    perimeter = shapely.length(polygons)
    square = np.where(perimeter > 0, perimeter, np.inf) ** 2
    result: Floats = 4 * np.pi * shapely.area(polygons) / square
    return result


@dataclass(frozen=True)
class Workload:
    """What one unit has to look after.

    Attributes:
        counts: by kind, as `totals` counts them.
        patrol_m: metres of street.
        compactness: Polsby and Popper's measure.
    """

    counts: Mapping[str, float]
    patrol_m: float
    compactness: float


def workloads(
    units: Shapes, points: Points, unit_of_point: Ids, streets: Streets
) -> dict[int, Workload]:
    """Everything about some units: all of a level, or what an operation touched."""
    ids, polygons = _columns(units)
    counted = {kind: sums.tolist() for kind, sums in totals(points, unit_of_point, ids).items()}
    patrol_m = patrol_lengths_m(streets, units)
    return {
        unit: Workload({kind: sums[row] for kind, sums in counted.items()}, patrol_m[unit], shape)
        for row, (unit, shape) in enumerate(zip(units, compactness(polygons).tolist(), strict=True))
    }


def _columns(units: Shapes) -> tuple[Ids, NDArray[np.object_]]:
    polygons = np.empty(len(units), dtype=object)
    polygons[:] = list(units.values())
    return np.fromiter(units, dtype=np.int64, count=len(units)), polygons


def _lowest(count: int, point: Ids, unit: Ids) -> Ids:
    """For each of `count` points the lowest unit that it was found in."""
    none = np.iinfo(np.int64).max
    lowest = np.full(count, none, dtype=np.int64)
    np.minimum.at(lowest, point, unit)
    return np.where(lowest == none, NOWHERE, lowest)
