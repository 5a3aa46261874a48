"""Whether polygons cover their ground without gap and overlap, and stay within their parent.

Pure: polygons in, faults out. Coordinates are metres of the town's metric CRS; polygons that share
vertices in EPSG:4326 still share them after projection, vertex by vertex.

No single test is enough. `shapely.coverage_is_valid` sees gaps only up to its gap width, at 0 none
at all; it takes a hole whose edges match for part of the plan, and has no idea of where the outside
should be. So a level is asked at gap width 0 and at 1 m, *and* its exact union must have its
parent's rings, vertex for vertex.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from grids.coverage_edges import invalid_edges

Polygons = NDArray[np.object_] | Sequence[BaseGeometry]

GAP_WIDTHS_M = (0.0, 1.0)


class FaultKind(StrEnum):
    """What is wrong with a coverage."""

    INVALID = "a polygon is empty, crosses itself or is no polygon"
    OVERLAP = "edges overlap, or meet without sharing their vertices"
    GAP = "a gap lies between neighbours"
    NOT_ITS_PARENT = "the union's rings are not the parent's"
    ORPHAN = "the parent is not there"
    CHILDLESS = "nothing covers this parent"


@dataclass(frozen=True)
class Fault:
    """One fault.

    Attributes:
        kind: what is wrong.
        index: position of the polygon, or of the parent for the last three kinds.
        where: the ground or the lines concerned, in the coordinates of the polygons.
    """

    kind: FaultKind
    index: int
    where: BaseGeometry


@dataclass(frozen=True)
class Level:
    """One level of the town's division.

    Attributes:
        name: for messages.
        polygons: (Multi)Polygons in the metric CRS.
        parents: position of each one's parent in the level above; -1 for none.
    """

    name: str
    polygons: Polygons
    parents: NDArray[np.int64] | Sequence[int]


def coverage_faults(polygons: Polygons, gap_width_m: float) -> list[Fault]:
    """What is wrong between the polygons of one level; empty for a valid coverage.

    Args:
        polygons: (Multi)Polygons in metres.
        gap_width_m: gaps narrower than this are faults; at 0 only overlaps and unshared vertices.
    """
    polygons = np.asarray(polygons, dtype=object)
    invalid = invalid_polygons(polygons)
    if invalid:
        return invalid
    if not len(polygons) or shapely.coverage_is_valid(polygons, gap_width=gap_width_m):
        return []
    overlaps = invalid_edges(polygons)
    edges = invalid_edges(polygons, gap_width_m)
    found = [(FaultKind.OVERLAP, overlaps)]
    if gap_width_m > 0:
        found.append((FaultKind.GAP, shapely.difference(edges, overlaps)))
    return [
        Fault(kind, index, where)
        for kind, lines in found
        for index, where in enumerate(lines)
        if where is not None and not where.is_empty
    ]


def invalid_polygons(polygons: Polygons) -> list[Fault]:
    """The shapes that no coverage can be made of."""
    polygons = np.asarray(polygons, dtype=object)
    kinds = shapely.get_type_id(polygons)
    polygonal = (kinds == shapely.GeometryType.POLYGON) | (
        kinds == shapely.GeometryType.MULTIPOLYGON
    )
    sound = polygonal & shapely.is_valid(polygons) & ~shapely.is_empty(polygons)
    return [
        Fault(FaultKind.INVALID, int(index), polygons[index] or shapely.Point())
        for index in np.flatnonzero(~sound)
    ]


def ring_edges(polygon: BaseGeometry) -> NDArray[np.float64]:
    """The edges of all rings, shape (n, 4), each once, in an order that depends on nothing else.

    Rings that start elsewhere, run the other way or touch in a point compare equal.
    """
    coordinates, ring = shapely.get_coordinates(
        shapely.get_rings(shapely.get_parts(polygon)), return_index=True
    )
    starts, ends = coordinates[:-1], coordinates[1:]
    same_ring = ring[:-1] == ring[1:]
    starts, ends = starts[same_ring], ends[same_ring]
    turned = (starts[:, 0] > ends[:, 0]) | (
        (starts[:, 0] == ends[:, 0]) & (starts[:, 1] > ends[:, 1])
    )
    low = np.where(turned[:, None], ends, starts)
    high = np.where(turned[:, None], starts, ends)
    return _rows_once(np.hstack([low, high]))


def _rows_once(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each row once, in one order; `np.unique` takes several times as long for it."""
    ordered = rows[np.lexsort(rows.T)]
    first = np.ones(len(ordered), dtype=bool)
    first[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    return ordered[first]


def has_same_rings(one: BaseGeometry, other: BaseGeometry) -> bool:
    """Whether two (Multi)Polygons have the same rings, vertex for vertex."""
    return np.array_equal(ring_edges(one), ring_edges(other))


def union_fault(children: Polygons, parent: BaseGeometry) -> BaseGeometry | None:
    """The edges by which the exact union of `children` differs from `parent`; None if by none.

    Args:
        children: a valid coverage (see `coverage_faults`).
        parent: (Multi)Polygon that should carry the same vertices.
    """
    union = shapely.coverage_union_all(np.asarray(children, dtype=object))
    ours, theirs = ring_edges(union), ring_edges(parent)
    if np.array_equal(ours, theirs):
        return None
    edges, times = np.unique(np.vstack([ours, theirs]), axis=0, return_counts=True)
    return shapely.MultiLineString(list(edges[times == 1].reshape(-1, 2, 2)))


def union_equals_parent(children: Polygons, parent: BaseGeometry) -> bool:
    """Whether the exact union of a coverage has its parent's rings, vertex for vertex."""
    return union_fault(children, parent) is None


def tiling_faults(level: Level, above: Level) -> list[Fault]:
    """What is wrong between a level and the one above it; empty when each parent is tiled.

    Args:
        level: a valid coverage.
        above: the level that `level.parents` points into.
    """
    parents = np.asarray(level.parents, dtype=np.int64)
    polygons = np.asarray(level.polygons, dtype=object)
    known = (parents >= 0) & (parents < len(above.polygons))
    faults = [
        Fault(FaultKind.ORPHAN, int(index), polygons[index]) for index in np.flatnonzero(~known)
    ]
    for index, parent in enumerate(above.polygons):
        children = polygons[known & (parents == index)]
        if not len(children):
            faults.append(Fault(FaultKind.CHILDLESS, index, parent))
        elif (where := union_fault(children, parent)) is not None:
            faults.append(Fault(FaultKind.NOT_ITS_PARENT, index, where))
    return faults


def check_tiling(levels: Sequence[Level]) -> dict[str, list[Fault]]:
    """All faults of a town's levels by their names, from the town down; empty lists when sound.

    Each level is checked at GAP_WIDTHS_M, and, when it is a valid coverage, against its parents.
    """
    faults: dict[str, list[Fault]] = {}
    for position, level in enumerate(levels):
        found = next(filter(None, (coverage_faults(level.polygons, w) for w in GAP_WIDTHS_M)), [])
        if not found and position:
            found = tiling_faults(level, levels[position - 1])
        faults[level.name] = found
    return faults
