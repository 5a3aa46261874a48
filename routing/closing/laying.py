"""Which streets, in which direction, a drawing lies on. A street is closed whole or not at all.

- A point lies on the nearest street; with a radius, on every street that comes as near.
- A line lies on the streets that it runs along: for half of the street's length or half of its
  own it is as near and as parallel as a hand draws. What it merely crosses stays open. Of two
  streets side by side, only the nearer counts where the other is farther by more than 8 m: a line
  in the middle of two carriageways means both.
- A line as a barrier lies on every street that it crosses. What runs along no street is one.
- An area lies on the streets of which 5 m, or half, are inside; what it only touches stays open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from routing.closing.drawing import Drawing, DrawnAs
from routing.modes import ALL_MODES, Mode
from routing.network.graph import Graph
from routing.sources.metres import lines_in_metres, metres_around
from spatial.errors import InputError

# How far a hand draws beside a street: assumed, a lane's width and the shake of a mouse.
BESIDE_M = 20.0
NEAREST_M = 50.0
_NEARER_M = 8.0
_PARALLEL = float(np.cos(np.radians(35)))
_PIECE_M = 5.0
_BIN_M = 10.0
_HALF = 0.5
_INSIDE_M = 5.0
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Laid:
    """Where a drawing lies.

    Attributes:
        drawn_as: how it was taken.
        street: (n,) indices of the graph's streets, ascending.
        steps: ids of the streets; negative for the direction against the geometry.
    """

    drawn_as: DrawnAs
    street: Ints
    steps: tuple[int, ...]


def lay(graph: Graph, drawing: Drawing, modes: Mode = ALL_MODES) -> Laid:
    """The streets that a drawing lies on, of those that any of `modes` may use.

    Raises:
        InputError: there are none.
    """
    near = _Nearby(graph, drawing.shape, modes, (drawing.radius_m or 0.0) + NEAREST_M)
    drawn_as = drawing.drawn_as or _KIND[drawing.shape.geom_type]
    found, sign = near.chosen(drawn_as, drawing.radius_m)
    if not len(found) and drawing.drawn_as is None and drawn_as is DrawnAs.ALONG:
        drawn_as = DrawnAs.BARRIER
        found, sign = near.chosen(drawn_as, None)
    if not len(found):
        raise InputError(
            "no street lies there / 此处没有道路",
            remedy="draw along a street, across it, or around it",
        )
    if drawing.one_way and drawn_as is DrawnAs.BARRIER:
        raise InputError("a barrier has no direction / 拦断线没有方向")
    signs = (sign,) if drawing.one_way else (np.ones_like(sign), -np.ones_like(sign))
    steps = np.concatenate([graph.street_ids[found] * each for each in signs])
    return Laid(drawn_as, found, tuple(steps.tolist()))


_KIND = {
    "Point": DrawnAs.POINT,
    "MultiPoint": DrawnAs.POINT,
    "LineString": DrawnAs.ALONG,
    "MultiLineString": DrawnAs.ALONG,
    "Polygon": DrawnAs.AREA,
    "MultiPolygon": DrawnAs.AREA,
}


class _Nearby:
    """The streets about a drawing, and the drawing, in metres."""

    def __init__(self, graph: Graph, shape: BaseGeometry, modes: Mode, reach_m: float) -> None:
        corners = np.array(shape.bounds).reshape(2, 2)
        to_metres = metres_around(corners)
        self.street = _touching(graph, corners, modes, reach_m)
        self.lines = lines_in_metres(_lines(graph, self.street), to_metres)
        self.shape = _in_metres(shape, to_metres)

    def chosen(self, drawn_as: DrawnAs, radius_m: float | None) -> tuple[Ints, Ints]:
        """Indices of streets, and 1 or -1 for the direction in which each was drawn."""
        if not len(self.street):
            return self.street, self.street
        if drawn_as in {DrawnAs.ALONG, DrawnAs.STREETS}:
            parts = [self._run_along(line) for line in shapely.get_parts(self.shape)]
            # what is along any part; the direction is that of the part that goes farther along it
            along = np.array(parts)
            strongest = np.abs(along).argmax(axis=0)
            sums = along[strongest, np.arange(len(self.street))]
            taken = sums != 0
            return self.street[taken], np.where(sums[taken] < 0, -1, 1)
        if drawn_as is DrawnAs.BARRIER:
            taken = np.asarray(shapely.intersects(self.lines, self.shape))
        elif drawn_as is DrawnAs.AREA:
            inside_m = shapely.length(shapely.intersection(self.lines, self.shape))
            taken = (inside_m >= _INSIDE_M) | (inside_m > _HALF * shapely.length(self.lines))
        else:
            taken = self._near(radius_m)
        return self.street[taken], np.ones(int(taken.sum()), np.int64)

    def _near(self, radius_m: float | None) -> NDArray[np.bool_]:
        """(n,) who comes near one of the points."""
        away_m = np.array([shapely.distance(self.lines, p) for p in shapely.get_parts(self.shape)])
        if radius_m is not None:
            return np.asarray((away_m <= radius_m).any(axis=0))
        nearest = away_m.argmin(axis=1)
        nearest = nearest[away_m[np.arange(len(away_m)), nearest] <= NEAREST_M]
        return np.isin(np.arange(len(self.street)), nearest)

    def _run_along(self, drawn: shapely.LineString) -> Floats:
        """(n,) metres that each street runs along a line, negative against it; 0: it doesn't."""
        pieces = _pieces(self.lines)
        away_m = shapely.distance(pieces.middle, drawn)
        at_m = shapely.line_locate_point(drawn, pieces.middle)
        cosine = (pieces.direction * _directions_at(drawn, at_m)).sum(axis=1)
        counts = (away_m <= BESIDE_M) & (np.abs(cosine) >= _PARALLEL)
        place = (at_m // _BIN_M).astype(np.int64)
        nearest_m = np.full(int(place.max(initial=0)) + 1, np.inf)
        np.minimum.at(nearest_m, place[counts], away_m[counts])
        counts &= away_m <= nearest_m[place] + _NEARER_M
        n = len(self.lines)
        along_m = np.bincount(pieces.line, pieces.length_m * counts, n)
        signed_m = np.bincount(pieces.line, pieces.length_m * counts * np.sign(cosine), n)
        runs = (along_m >= _HALF * shapely.length(self.lines)) | (along_m >= _HALF * drawn.length)
        return np.where(runs & (along_m > 0), along_m * np.where(signed_m < 0, -1.0, 1.0), 0.0)


@dataclass(frozen=True)
class _Pieces:
    """Lines cut into pieces of a few metres.

    Attributes:
        line: (p,) index of the line that each is of.
        middle: (p,) points.
        direction: (p, 2) unit vectors.
        length_m: (p,)
    """

    line: Ints
    middle: NDArray[np.object_]
    direction: Floats
    length_m: Floats


def _pieces(lines: NDArray[np.object_]) -> _Pieces:
    xy, line = shapely.get_coordinates(shapely.segmentize(lines, _PIECE_M), return_index=True)
    step = np.diff(xy, axis=0)
    length_m = np.hypot(step[:, 0], step[:, 1])
    real = (line[1:] == line[:-1]) & (length_m > 0)
    middle = shapely.points((xy[1:] + xy[:-1])[real] / 2)
    direction = step[real] / length_m[real, None]
    return _Pieces(line[:-1][real], np.asarray(middle), direction, length_m[real])


def _directions_at(line: shapely.LineString, at_m: Floats) -> Floats:
    """(p, 2) unit vectors of a line at places along it, over 20 m: a hand shakes."""
    ends = [
        shapely.get_coordinates(shapely.line_interpolate_point(line, np.clip(m, 0, line.length)))
        for m in (at_m - _BIN_M, at_m + _BIN_M)
    ]
    step = ends[1] - ends[0]
    length_m = np.hypot(step[:, 0], step[:, 1])
    return np.asarray(step / np.maximum(length_m, 1e-9)[:, None])


def _touching(graph: Graph, corners: Floats, modes: Mode, reach_m: float) -> Ints:
    """Streets of the modes whose bounds come near the drawing's."""
    if not len(graph.street_ids):
        return np.zeros(0, np.int64)
    narrow = max(float(np.cos(np.radians(corners[:, 1].mean()))), 0.01)
    reach = reach_m / 110_000.0 * np.array([1 / narrow, 1.0])
    first = graph.first_vertex[:-1]
    low = np.minimum.reduceat(graph.vertices, first)
    high = np.maximum.reduceat(graph.vertices, first)
    near = ((low <= corners[1] + reach) & (high >= corners[0] - reach)).all(axis=1)
    return np.flatnonzero(near & ((graph.modes & modes) != 0).any(axis=1))


def _lines(graph: Graph, street: Ints) -> NDArray[np.object_]:
    first, end = graph.first_vertex[street], graph.first_vertex[street + 1]
    counts = end - first
    offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    xy = graph.vertices[np.repeat(first, counts) + offset]
    of_line = np.repeat(np.arange(len(street)), counts)
    return np.asarray(shapely.linestrings(xy, indices=of_line))


def _in_metres(shape: BaseGeometry, to_metres: Transformer) -> BaseGeometry:
    moved: BaseGeometry = shapely.transform(
        shape, lambda xy: np.column_stack(to_metres.transform(xy[:, 0], xy[:, 1]))
    )
    return moved


def lines_of(graph: Graph, street: Ints) -> shapely.MultiLineString:
    """The streets' geometry in degrees."""
    return shapely.MultiLineString(list(_lines(graph, street)))
