"""Slivers repaired up to a width, level by level, and levels made one arc set.

Gaps and overlaps that are narrower go to the neighbour with the longest common border. Levels are
taken from the bottom up: the lowest edges hold, and a parent is the exact union of its children.
Whatever would have to move farther than the width is left as it is, and told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from grids.cleaning.flaws import (
    Flaw,
    FlawKind,
    Polygons,
    are_narrower,
    level_flaws,
    mended,
    parent_flaws,
    splinters,
)
from grids.cleaning.snapping import as_places, snap_faulty_vertices
from grids.coverage_edges import is_valid_coverage

# Of coordinates in metres: nearer vertices are one and the same.
_NOISE_M = 1e-6
_ROUNDS = 4
# Widths are measured within a few per cent, and new corners lie a rounding beside old edges.
_LEEWAY = 1.05


@dataclass(frozen=True)
class Repair:
    """What became of the polygons of one level.

    Attributes:
        polygons: a valid coverage where `left` is empty.
        mended: the flaws that are gone.
        left: those that are wider than the width.
        vertices_moved: how many vertices went elsewhere; the farthest by `farthest_m`.
        vertices_added: on the polygons' edges, where neighbours meet.
        area_m2: ground that went from one polygon to another, or to or from none.
        changed: rows whose shape is another one.
    """

    polygons: Polygons
    mended: list[Flaw] = field(default_factory=list)
    left: list[Flaw] = field(default_factory=list)
    vertices_moved: int = 0
    farthest_m: float = 0.0
    vertices_added: int = 0
    area_m2: float = 0.0
    changed: Sequence[int] = ()


def repair_level(polygons: Polygons, width_m: float) -> Repair:
    """A valid coverage of the polygons of one level, if slivers of `width_m` are all that's wrong.

    Args:
        polygons: (Multi)Polygons in metres, valid or not.
        width_m: widest sliver that may be given to a neighbour, farthest that a vertex may move.
    """
    flaws = level_flaws(polygons, max(width_m, 1.0))
    if not flaws:
        return Repair(polygons)
    left = [flaw for flaw in flaws if flaw.width_m > width_m * _LEEWAY]
    if left:
        return Repair(polygons, left=left)
    start = _without_splinters(_without_lobes(polygons, width_m), width_m)
    cleaned, distances_m = _cleaned(start, width_m)
    left = level_flaws(cleaned, max(width_m, 1.0)) + list(_moved_too_far(start, cleaned, width_m))
    if left:
        return Repair(polygons, left=left)
    changed = np.flatnonzero(_differ(polygons, cleaned))
    return Repair(
        cleaned,
        mended=flaws,
        vertices_moved=len(distances_m),
        farthest_m=float(distances_m.max(initial=0.0)),
        vertices_added=_new_places(polygons, cleaned),
        area_m2=_area_moved(start[changed], cleaned[changed]),
        changed=changed.tolist(),
    )


def repair_parents(
    children: Polygons, parents: Polygons, parent_of: NDArray[np.int64], width_m: float
) -> Repair:
    """The parents as exact unions of their children, if they differ by slivers of `width_m`.

    Args:
        children: a valid coverage in metres.
        parents: the shapes that they should tile.
        parent_of: of each child the row of its parent; a parent without children stays.
    """
    flaws = parent_flaws(children, parents, parent_of)
    left = [flaw for flaw in flaws if flaw.width_m > width_m * _LEEWAY]
    if left:
        return Repair(parents, left=left)
    unions = parents.copy()
    for row in np.unique(parent_of[parent_of >= 0]):
        unions[row] = shapely.coverage_union_all(children[parent_of == row])
    changed = np.flatnonzero(_differ(parents, unions))
    return Repair(
        unions,
        mended=flaws,
        farthest_m=max((flaw.width_m for flaw in flaws), default=0.0),
        vertices_added=_new_places(parents, unions),
        area_m2=sum(flaw.area_m2 for flaw in flaws),
        changed=changed.tolist(),
    )


def _without_lobes(polygons: Polygons, width_m: float) -> Polygons:
    """Polygons that cross themselves without the narrow ground on the wrong side."""
    result = mended(polygons)
    for row in np.flatnonzero(~shapely.is_valid(polygons)):
        parts = shapely.get_parts(result[row])
        wide = parts[~are_narrower(parts, width_m * _LEEWAY)]
        result[row] = shapely.multipolygons(wide if len(wide) else parts[:1])
    return result


def _without_splinters(polygons: Polygons, width_m: float) -> Polygons:
    """Without narrow parts that nothing is beside: no neighbour could take them."""
    result = polygons.copy()
    for flaw in splinters(polygons, width_m * _LEEWAY):
        [row] = flaw.polygons
        result[row] = shapely.multipolygons(
            [part for part in shapely.get_parts(result[row]) if part != flaw.where]
        )
    return result


def _cleaned(polygons: Polygons, width_m: float) -> tuple[Polygons, NDArray[np.float64]]:
    """Snap, then let slivers go to neighbours, until nothing is wrong."""
    distances_m = []
    for _ in range(_ROUNDS):
        snapped = snap_faulty_vertices(polygons, width_m)
        distances_m.append(snapped.distances_m)
        # shapely >= 2.2 with GEOS >= 3.14; its stubs don't know it yet
        polygons = shapely.coverage_clean(  # type: ignore[attr-defined]
            mended(snapped.polygons), gap_width=width_m * _LEEWAY, snapping_distance=_NOISE_M
        )
        if is_valid_coverage(polygons, width_m):
            break
    return polygons, np.concatenate(distances_m)


def _moved_too_far(before: Polygons, after: Polygons, width_m: float) -> list[Flaw]:
    """Ground wider than the width that changed hands all the same."""
    rows = np.flatnonzero(_differ(before, after))
    moved = shapely.symmetric_difference(before[rows], after[rows])
    parts, number = shapely.get_parts(moved, return_index=True)
    wide = np.flatnonzero(~are_narrower(parts, 2 * width_m * _LEEWAY))
    return [
        Flaw(FlawKind.UNMATCHED, (int(rows[number[i]]),), parts[i], 2 * width_m, parts[i].area)
        for i in wide
    ]


def _differ(before: Polygons, after: Polygons) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = shapely.equals_identical(
        shapely.normalize(_as_multi(before)), shapely.normalize(_as_multi(after))
    )
    return ~same


def _as_multi(polygons: Polygons) -> Polygons:
    single = shapely.get_type_id(polygons) == shapely.GeometryType.POLYGON
    result = polygons.copy()
    result[single] = shapely.multipolygons(polygons[single][:, None])
    return result


def _new_places(before: Polygons, after: Polygons) -> int:
    old = np.unique(as_places(shapely.get_coordinates(before)))
    return len(np.setdiff1d(as_places(shapely.get_coordinates(after)), old))


def _area_moved(before: Polygons, after: Polygons) -> float:
    """Each bit of ground is counted where it left and where it came: half of both."""
    return float(shapely.area(shapely.symmetric_difference(before, after)).sum() / 2)
