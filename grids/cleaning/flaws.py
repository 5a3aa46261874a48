"""What keeps polygons from being a coverage, and how wide it is, which decides what is mended."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from grids.coverage_edges import invalid_edges

type Polygons = NDArray[np.object_]

# Narrower gaps are taken for mistakes even where nothing says that the ground is covered.
GAP_WIDTH_M = 1.0
# What intersections leave of edges that only touch.
_NO_AREA_M2 = 1e-6
# What overlays cut out lies a rounding beside what it was cut from.
_BESIDE_M = 1e-6
_WIDTH_STEPS = 7
_REASONS_PLACE = re.compile(r"\[(\S+) (\S+)\]")


class FlawKind(StrEnum):
    """What is wrong."""

    CROSSING = "crossing"
    OVERLAP = "overlap"
    GAP = "gap"
    SPLINTER = "splinter"
    UNMATCHED = "unmatched edge"
    UNCOVERED = "uncovered part of the parent"
    BEYOND = "beyond the parent"


@dataclass(frozen=True)
class Flaw:
    """One flaw.

    Attributes:
        polygons: rows of the polygons concerned; of the parent, for UNCOVERED.
        where: the ground concerned; of UNMATCHED the lines.
        width_m: of the widest place.
    """

    kind: FlawKind
    polygons: tuple[int, ...]
    where: BaseGeometry
    width_m: float
    area_m2: float


def level_flaws(polygons: Polygons, gap_width_m: float = GAP_WIDTH_M) -> list[Flaw]:
    """What is wrong between the polygons of one level; empty for a valid coverage.

    Args:
        polygons: (Multi)Polygons in metres, valid or not.
        gap_width_m: narrower gaps are flaws.
    """
    sound = mended(polygons)
    lone = [*_crossings(polygons), *_pinholes(sound, gap_width_m), *splinters(sound, gap_width_m)]
    edges = invalid_edges(sound, gap_width_m)
    touched = np.flatnonzero(~shapely.is_empty(edges))
    if not len(touched):
        return lone
    areal = [*_overlaps(sound, touched), *_gaps(sound, touched, gap_width_m)]
    told = {row for flaw in areal for row in flaw.polygons}
    loose = [row for row in touched.tolist() if row not in told]
    return lone + areal + list(_unmatched(sound, edges, loose))


def parent_flaws(
    children: Polygons,
    parents: Polygons,
    parent_of: NDArray[np.int64],
    rows: Sequence[int] | None = None,
) -> list[Flaw]:
    """Where children and their parents disagree; rows of BEYOND are the children's.

    Args:
        children: a coverage in metres.
        parent_of: of each child the row of its parent.
        rows: the parents to look at; None takes all.
    """
    sound = mended(parents)
    flaws = []
    for row in range(len(parents)) if rows is None else rows:
        parent = sound[row]
        own = np.flatnonzero(parent_of == row)
        union = shapely.union_all(children[own])
        flaws += _flaws(FlawKind.UNCOVERED, [shapely.difference(parent, union)], [(row,)])
        beyond = _polygonal_parts(shapely.difference(union, parent))
        near = [own[shapely.dwithin(children[own], piece, _BESIDE_M)].tolist() for piece in beyond]
        flaws += _flaws(FlawKind.BEYOND, beyond, [tuple(each) for each in near])
    return flaws


def mended(polygons: Polygons) -> Polygons:
    """Each polygon itself, or, where it crosses itself, the valid ground within its rings."""
    result = polygons.copy()
    for row in np.flatnonzero(~shapely.is_valid(polygons)):
        valid = shapely.make_valid(polygons[row], method="structure", keep_collapsed=False)
        result[row] = shapely.multipolygons(_polygonal_parts(valid))
    return result


def widths_of(grounds: Polygons) -> NDArray[np.float64]:
    """The diameter of the largest circle inside each polygon, within a few per cent."""
    areas, lengths = shapely.area(grounds), shapely.length(grounds)
    # A circle of diameter 2A/P fits in every polygon; none is larger than the polygon itself.
    low = 2 * areas / np.maximum(lengths, 1e-12)
    high = 2 * np.sqrt(areas / np.pi)
    for _ in range(_WIDTH_STEPS):
        middle = np.sqrt(low * high)
        narrower = are_narrower(grounds, middle)
        low, high = np.where(narrower, low, middle), np.where(narrower, middle, high)
    widths: NDArray[np.float64] = np.sqrt(low * high)
    return widths


def are_narrower(grounds: Polygons, width_m: float | NDArray[np.float64]) -> NDArray[np.bool_]:
    """Of each polygon whether no circle of that diameter fits inside."""
    shrunk = shapely.buffer(grounds, -np.asarray(width_m) / 2, quad_segs=2)
    narrower: NDArray[np.bool_] = shapely.is_empty(shrunk)
    return narrower


def _polygonal_parts(shape: BaseGeometry) -> list[BaseGeometry]:
    parts = shapely.get_parts(shapely.get_parts([shape]))
    return [part for part in parts.tolist() if part.geom_type == "Polygon" and not part.is_empty]


def _flaws(
    kind: FlawKind, grounds: Polygons | list[BaseGeometry], rows: Sequence[tuple[int, ...]]
) -> list[Flaw]:
    """A flaw for each part of some grounds, each with the rows that it concerns."""
    parts, number = shapely.get_parts(np.asarray(grounds, dtype=object), return_index=True)
    areas = shapely.area(parts)  # of lines, in which edges only touch, nothing
    kept = np.flatnonzero(areas > _NO_AREA_M2)
    widths = widths_of(parts[kept])
    return [
        Flaw(kind, rows[number[each]], parts[each], float(width), float(areas[each]))
        for each, width in zip(kept, widths, strict=True)
    ]


def _crossings(polygons: Polygons) -> Iterator[Flaw]:
    """Polygons that cross themselves; the width is that of the ground on the wrong side."""
    for row in np.flatnonzero(~shapely.is_valid(polygons)):
        lobes = [lobe for part in shapely.get_parts(polygons[row]) for lobe in _lobes(part)]
        lost = shapely.union_all(lobes)
        where = lost if lobes else _place_of_fault(polygons[row])
        width_m = widths_of(np.asarray(lobes, dtype=object)).max(initial=0.0)
        yield Flaw(FlawKind.CROSSING, (int(row),), where, float(width_m), lost.area)


def _lobes(part: BaseGeometry) -> list[BaseGeometry]:
    """What a ring that crosses itself encloses, but for the largest piece."""
    [sound] = mended(np.asarray([part], dtype=object))
    return sorted(_polygonal_parts(sound), key=lambda piece: -piece.area)[1:]


def _place_of_fault(polygon: BaseGeometry) -> BaseGeometry:
    """Where GEOS found that it is not valid."""
    found = _REASONS_PLACE.search(shapely.is_valid_reason(polygon))
    place = found.groups() if found else shapely.get_coordinates(polygon)[0]
    return shapely.Point([float(each) for each in place])


def _pinholes(polygons: Polygons, gap_width_m: float) -> list[Flaw]:
    """Narrow holes of single polygons that nothing fills: GEOS finds gaps between two only."""
    parts, row = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    inner = np.flatnonzero(np.diff(part, prepend=-1) == 0)
    holes = np.asarray(shapely.polygons(rings[inner]), dtype=object)
    narrow = np.flatnonzero(are_narrower(holes, gap_width_m))
    holes, rows = holes[narrow], row[part[inner[narrow]]]
    hole, other = shapely.STRtree(polygons).query(holes, predicate="intersects")
    common = shapely.area(shapely.intersection(holes[hole], polygons[other]))
    empty = np.setdiff1d(np.arange(len(holes)), hole[common > _NO_AREA_M2])
    return _flaws(FlawKind.GAP, holes[empty], [(int(each),) for each in rows[empty]])


def splinters(polygons: Polygons, width_m: float) -> list[Flaw]:
    """Narrow parts of larger units that lie apart from everything, as digitizing leaves them."""
    parts, row = shapely.get_parts(polygons, return_index=True)
    several = np.flatnonzero(np.bincount(row, minlength=len(polygons))[row] > 1)
    narrow = several[are_narrower(parts[several], width_m)]
    wide_rows = np.unique(row[np.setdiff1d(np.arange(len(parts)), narrow)])
    narrow = narrow[np.isin(row[narrow], wide_rows)]
    near, _ = shapely.STRtree(parts).query(parts[narrow], predicate="intersects")
    met = np.bincount(near, minlength=len(narrow))  # each meets itself
    alone = narrow[met == 1]
    return _flaws(FlawKind.SPLINTER, parts[alone], [(int(each),) for each in row[alone]])


def _overlaps(polygons: Polygons, rows: NDArray[np.int64]) -> list[Flaw]:
    """Of what lies inside of another polygon the inner one's edges alone are faulty."""
    near, other = shapely.STRtree(polygons).query(polygons[rows], predicate="intersects")
    pairs = np.unique(np.sort(np.column_stack([rows[near], other]), axis=1), axis=0)
    first, second = pairs[pairs[:, 0] != pairs[:, 1]].T
    common = shapely.intersection(polygons[first], polygons[second])
    concerned = np.column_stack([first, second]).tolist()
    return _flaws(FlawKind.OVERLAP, common, [tuple(pair) for pair in concerned])


def _gaps(polygons: Polygons, rows: NDArray[np.int64], gap_width_m: float) -> list[Flaw]:
    """Ground that polygons surround and none covers; wider gaps belong to somebody else."""
    # A gap can meet polygons that have no faulty edge themselves, at a corner.
    around = shapely.STRtree(polygons).query(polygons[rows], predicate="intersects")[1]
    rows = np.unique(around)
    near = polygons[rows]
    rings, part = shapely.get_rings(shapely.get_parts(shapely.union_all(near)), return_index=True)
    inner = rings[np.flatnonzero(np.diff(part, prepend=-1) == 0)]
    holes = np.asarray(shapely.polygons(inner), dtype=object)
    holes = holes[are_narrower(holes, gap_width_m)]
    hole, beside = shapely.STRtree(near).query(holes, predicate="dwithin", distance=_BESIDE_M)
    concerned = [tuple(rows[beside[hole == number]].tolist()) for number in range(len(holes))]
    return _flaws(FlawKind.GAP, holes, concerned)


def _unmatched(
    polygons: Polygons, edges: NDArray[np.object_], rows: Sequence[int]
) -> Iterator[Flaw]:
    """Edges that are faulty for no gap or overlap: vertices not shared, slits open to outside."""
    tree = shapely.STRtree(polygons)
    for row in rows:
        found = tree.query(edges[row], predicate="dwithin", distance=GAP_WIDTH_M).tolist()
        beside = [each for each in found if each != row]
        line = edges[row]
        others = shapely.union_all(shapely.boundary(polygons[beside]))
        ends = shapely.points(shapely.get_coordinates(line))
        width_m = shapely.distance(ends, others).max(initial=0.0) if beside else 0.0
        yield Flaw(FlawKind.UNMATCHED, (row, *beside), line, float(width_m), 0.0)
