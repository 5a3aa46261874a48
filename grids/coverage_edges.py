"""The edges of a coverage that don't fit, without those that GEOS takes for such and that do.

Where two rings of one polygon meet in a vertex, as a hole does that touches the outer ring, GEOS
looks at the corner of one of them alone. A neighbour's edge that ends there then seems to lead
inside the polygon, unless a third polygon shares it: a sound coverage would be refused.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry

type Shapes = NDArray[np.object_] | Sequence[BaseGeometry]
type Places = NDArray[np.complex128]

_II, _IB, _BI = 0, 1, 3  # places of a DE-9IM pattern


def is_valid_coverage(polygons: Shapes, gap_width: float = 0.0) -> bool:
    """Whether no edge of a coverage is invalid, see `invalid_edges`."""
    if shapely.coverage_is_valid(polygons, gap_width=gap_width):
        return True
    return bool(shapely.is_empty(invalid_edges(polygons, gap_width)).all())


def invalid_edges(polygons: Shapes, gap_width: float = 0.0) -> NDArray[np.object_]:
    """Of each polygon the edges that overlap others, aren't shared as a whole, or bound a gap.

    Args:
        polygons: (n,) valid (Multi)Polygons.
        gap_width: gaps narrower than this count, in the unit of the coordinates; 0: none.

    Returns:
        (n,) lines, empty where nothing is wrong.
    """
    polygons = np.asarray(polygons, dtype=object)
    edges = shapely.coverage_invalid_edges(polygons, gap_width=gap_width)
    edges[shapely.is_missing(edges)] = LineString()
    corners = _corners_of_two_rings(polygons)
    if not len(corners) or shapely.is_empty(edges).all():
        return edges
    # At gap width 0 an edge is named for what it meets; one of a real gap has its other bank too.
    met = edges if gap_width == 0 else shapely.coverage_invalid_edges(polygons, gap_width=0)
    tree = shapely.STRtree(polygons)
    for row in np.flatnonzero(~(shapely.is_missing(met) | shapely.is_empty(met))).tolist():
        fits = [
            segment
            for segment in _segments(met[row])
            if _ends_at(segment, corners) and _fits(segment, row, polygons, tree)
        ]
        edges[row] = _without(edges[row], fits)
    return edges


def _corners_of_two_rings(polygons: NDArray[np.object_]) -> Places:
    """The vertices, sorted, in which a ring of a polygon meets another one of it."""
    parts = shapely.get_parts(polygons)
    parts = parts[shapely.get_num_interior_rings(parts) > 0]
    rings, part = shapely.get_rings(parts, return_index=True)
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    once = np.unique(np.column_stack([ring, coords]), axis=0)  # a ring's end is its start
    of_part = np.column_stack([part[once[:, 0].astype(np.int64)], once[:, 1:]])
    met, times = np.unique(of_part, axis=0, return_counts=True)
    return np.unique(_as_places(met[times > 1, 1:]))


def _as_places(coords: NDArray[np.float64]) -> Places:
    places: Places = coords[:, 0] + 1j * coords[:, 1]
    return places


def _ends_at(segment: LineString, corners: Places) -> bool:
    return bool(np.isin(_as_places(shapely.get_coordinates(segment)), corners).any())


def _segments(lines: BaseGeometry) -> list[LineString]:
    coords, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    same = line[:-1] == line[1:]
    ends = np.stack([coords[:-1][same], coords[1:][same]], axis=1)
    segments: list[LineString] = np.asarray(shapely.linestrings(ends), dtype=object).tolist()
    return segments


def _fits(
    segment: LineString, row: int, polygons: NDArray[np.object_], tree: shapely.STRtree
) -> bool:
    """Whether an edge of a polygon meets every other one in vertices, or as a whole."""
    others = [int(other) for other in tree.query(segment) if other != row]
    return all(_fits_beside(segment, polygons[row], polygons[other]) for other in others)


def _fits_beside(segment: LineString, own: BaseGeometry, other: BaseGeometry) -> bool:
    pattern = shapely.relate(segment, other)
    if pattern[_II] != "F" or pattern[_BI] != "F":
        return False
    if pattern[_IB] != "F":  # along an edge: the same one, with the ground on its other side
        is_same = any(segment.equals(edge) for edge in _segments(shapely.boundary(other)))
        return is_same and bool(shapely.relate(own, other)[_II] == "F")
    ends = [shapely.Point(xy) for xy in segment.coords]
    met = [end for end in ends if shapely.intersects(end, other)]
    vertices = shapely.MultiPoint(shapely.get_coordinates(other))
    return all(shapely.intersects(end, vertices) for end in met)


def _without(lines: BaseGeometry, fits: Sequence[LineString]) -> BaseGeometry:
    """The segments of lines but for some, joined again."""
    known = {_without_direction(segment) for segment in fits}
    kept = [each for each in _segments(lines) if _without_direction(each) not in known]
    return shapely.line_merge(MultiLineString(kept)) if kept else LineString()


def _without_direction(segment: LineString) -> tuple[tuple[float, ...], ...]:
    return tuple(sorted(segment.coords))
