"""The area that is reached from a point in so many seconds, or from which one is there in them.

What is reached are parts of streets. The area is what lies within ASIDE_M of them, in metres of
the ground: nothing else is claimed. A hole in it that is narrower than HOLE_M, such as a courtyard,
belongs to the area unless a street that isn't reached runs through it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from pyproj.enums import TransformDirection
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from routing.modes import Mode
from routing.nearest.engine import Engine
from routing.nearest.routes import Legs
from routing.reach.field import Field, Piece

# Assumed: what a person does on foot in the seconds in which the way to the street isn't counted.
ASIDE_M = 30.0
HOLE_M = 80.0
_QUARTER_SEGMENTS = 3
# What is drawn may be so far off.
_SIMPLER_M = 1.0
Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Area:
    """What is reached in a time.

    Attributes:
        limit_s: seconds.
        shape: in degrees; empty where nothing is reached.
        street_m: how many metres of streets are reached.
    """

    limit_s: float
    shape: MultiPolygon
    street_m: float


class AreaMaker:
    """Draws areas of one mode in the metres of a town."""

    def __init__(self, engine: Engine, mode: Mode, to_metres: Transformer) -> None:
        """Know the streets.

        Args:
            engine: of the streets.
            mode: whose.
            to_metres: from degrees to metres of the ground, lon before lat.
        """
        self._engine = engine
        self._to_metres = to_metres
        self._admits = engine.lane(mode).network.admits.any(axis=1)

    def areas(self, field: Field, limits_s: Sequence[float]) -> list[Area]:
        """The areas of a field for ascending times: each lies in the next."""
        made, drawn = [], _Drawn()
        shape: BaseGeometry = Polygon()
        for limit_s in sorted(limits_s):
            piece = field.within(limit_s)
            lines = self._lines(drawn.new_of(piece))
            strips = shapely.union_all(shapely.buffer(lines, ASIDE_M, quad_segs=_QUARTER_SEGMENTS))
            shape = shapely.union(shape, shapely.simplify(strips, _SIMPLER_M))
            shape = self._fill_holes(shape, piece)
            made.append(Area(limit_s, self._in_degrees(shape), self._metres(piece)))
        return made

    def _lines(self, piece: Piece) -> Shapes:
        """Parts of streets as lines in metres."""
        first = np.arange(len(piece.street) + 1, dtype=np.int64)
        drawn = self._engine.lines_of(Legs(first, piece.street, piece.start, piece.end))
        return self._metric(drawn.xy, drawn.line)

    def _metric(self, lonlat: NDArray[np.float64], line: NDArray[np.integer]) -> Shapes:
        if not len(lonlat):
            return np.zeros(0, object)
        xy = np.column_stack(self._to_metres.transform(lonlat[:, 0], lonlat[:, 1]))
        return np.asarray(shapely.linestrings(xy, indices=line))

    def _metres(self, piece: Piece) -> float:
        length_m = self._engine.graph.length_m
        return float(((piece.end - piece.start) * length_m[piece.street]).sum())

    def _fill_holes(self, shape: BaseGeometry, piece: Piece) -> BaseGeometry:
        polygons = shapely.get_parts(shape)
        rings = [ring for polygon in polygons for ring in polygon.interiors]
        if not rings:
            return shape
        holes = shapely.polygons(rings)
        narrow = holes[shapely.is_empty(shapely.buffer(holes, -HOLE_M / 2, quad_segs=1))]
        missed = shapely.STRtree(self._missed(piece, shapely.total_bounds(holes)))
        crossed = missed.query(narrow, predicate="intersects")[0]
        return shapely.union_all([shape, *np.delete(narrow, crossed)])

    def _missed(self, piece: Piece, bounds: NDArray[np.float64]) -> Shapes:
        """Streets of the mode, in metres, that aren't wholly reached, about a box of metres."""
        graph = self._engine.graph
        whole = np.zeros(len(graph.street_ids), np.bool_)
        whole[piece.street[(piece.start <= 0) & (piece.end >= 1)]] = True
        left, bottom, right, top = bounds.tolist()
        west, south, east, north = self._to_metres.transform_bounds(
            left, bottom, right, top, direction=TransformDirection.INVERSE
        )
        lon, lat = graph.vertices.T
        inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        street = np.repeat(np.arange(len(whole)), np.diff(graph.first_vertex))
        near = np.zeros(len(whole), np.bool_)
        near[street[inside]] = True
        # a segment may cross the box with both its ends outside
        near[street[1:][_crosses(graph.vertices, (west, south, east, north))]] = True
        rows = np.flatnonzero(near & self._admits & ~whole)
        n = len(rows)
        return self._lines(Piece(rows.astype(np.int32), np.zeros(n), np.ones(n)))

    def _in_degrees(self, shape: BaseGeometry) -> MultiPolygon:
        inverse = TransformDirection.INVERSE
        back = shapely.transform(
            shape,
            lambda xy: np.column_stack(
                self._to_metres.transform(xy[:, 0], xy[:, 1], direction=inverse)
            ),
        )
        parts = [part for part in shapely.get_parts(back) if isinstance(part, Polygon)]
        return MultiPolygon(parts)


class _Drawn:
    """Which parts of streets have been drawn for a shorter time."""

    def __init__(self) -> None:
        self._known: set[tuple[int, float, float]] = set()

    def new_of(self, piece: Piece) -> Piece:
        """Those that are new, or longer now."""
        rows = list(zip(*(column.tolist() for column in piece), strict=True))
        new = np.array([row not in self._known for row in rows], np.bool_)
        self._known.update(rows)
        return Piece(piece.street[new], piece.start[new], piece.end[new])


def _crosses(
    vertices: NDArray[np.float64], box: tuple[float, float, float, float]
) -> NDArray[np.bool_]:
    """(V - 1,) whether the box around each vertex and the next one meets a box."""
    low = np.minimum(vertices[:-1], vertices[1:])
    high = np.maximum(vertices[:-1], vertices[1:])
    west, south, east, north = box
    return np.asarray(
        (low[:, 0] <= east) & (high[:, 0] >= west) & (low[:, 1] <= north) & (high[:, 1] >= south)
    )
