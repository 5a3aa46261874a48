"""Where a drawn line leads across a face: which edges it meets, and what lies between.

All in metres. A place on an edge nearer than the snapping distance to a vertex is the vertex.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import LineString, Point

from grids.arcs.cuts import Cut
from grids.arcs.metric import MetricArcs
from grids.arcs.model import Coords, Topology, node_at
from grids.arcs.plane import Plane
from grids.arcs.trace import Shape

_ROUNDING_M = 1e-3  # a place so near the end of an edge is that end, whatever is asked


@dataclass(frozen=True)
class Hit:
    """Where a line meets the boundary of a face.

    Attributes:
        along_m: how far along the line.
        xy: the place.
        arc_id: an arc that is met there.
        edge: number of the edge of the arc, or of the vertex if `share` is 0.
        share: how far along the edge, in [0, 1).
    """

    along_m: float
    xy: tuple[float, float]
    arc_id: int
    edge: int
    share: float


@dataclass(frozen=True)
class Section:
    """A stretch of the line inside the face, from boundary to boundary; or a ring inside it.

    Attributes:
        ends: where it begins and ends; None for a ring.
        inner: numbers of the line's own vertices between.
    """

    ends: tuple[Hit, Hit] | None
    inner: Sequence[int]


@dataclass(frozen=True)
class Boundary:
    """The edges around a face.

    Attributes:
        shape: the face.
        start, end: (n, 2) of each edge.
        arc: (n,) the arc that it is of.
        edge: (n,) its number along the arc.
    """

    shape: Shape
    start: Coords
    end: Coords
    arc: NDArray[np.int64]
    edge: NDArray[np.int64]

    @classmethod
    def of(cls, ids: Sequence[int], metric: MetricArcs, shape: Shape) -> Boundary:
        """The boundary of a shape around which these arcs lie."""
        lines = [metric.coords(arc_id) for arc_id in ids]
        return cls(
            shape,
            np.concatenate([line[:-1] for line in lines]),
            np.concatenate([line[1:] for line in lines]),
            np.repeat(ids, [len(line) - 1 for line in lines]),
            np.concatenate([np.arange(len(line) - 1) for line in lines]),
        )

    def hit(self, row: int, share: float, along_m: float, snap_m: float) -> Hit:
        """The place at a share of the edge `row`, or its vertex nearby."""
        start, end = self.start[row], self.end[row]
        length = float(np.hypot(*(end - start)))
        snap_share = max(min(snap_m / length, 0.5), _ROUNDING_M / length)
        if share <= snap_share or share >= 1 - snap_share:
            at_end = share > 0.5
            x, y = (end if at_end else start).tolist()
            return Hit(along_m, (x, y), int(self.arc[row]), int(self.edge[row]) + at_end, 0.0)
        x, y = (start + share * (end - start)).tolist()
        return Hit(along_m, (x, y), int(self.arc[row]), int(self.edge[row]), share)

    def nearest(self, xy: Coords, along_m: float, snap_m: float) -> Hit | None:
        """The place of the boundary within `snap_m` of a point."""
        edge = self.end - self.start
        share = ((xy - self.start) * edge).sum(axis=1) / (edge**2).sum(axis=1)
        share = np.clip(share, 0, 1)
        away = np.hypot(*(self.start + share[:, None] * edge - xy).T)
        row = int(np.argmin(away))
        if away[row] > snap_m:
            return None
        return self.hit(row, float(share[row]), along_m, snap_m)


def sections_across(boundary: Boundary, line: Coords, snap_m: float) -> list[Section]:
    """The stretches of a line inside a face.

    Args:
        boundary: of the face, in metres.
        line: (n, 2) in metres; closed if it ends where it begins.
        snap_m: an end nearer than this to the boundary is taken to lie on it.
    """
    along_m = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    hits = _apart(_hits(boundary, line, along_m, snap_m), snap_m)
    if not hits and (line[0] == line[-1]).all() and boundary.shape.contains(LineString(line)):
        return [Section(None, range(len(line)))]
    way = LineString(line)
    return [
        Section((first, last), _between(line, along_m, first, last, snap_m))
        for first, last in itertools.pairwise(hits)
        if _leads_inside(boundary, way, first, last)
    ]


def _hits(boundary: Boundary, line: Coords, along_m: Coords, snap_m: float) -> list[Hit]:
    """All places where the line meets the boundary, its ends' included, in their order along it."""
    ends = []
    if (line[0] != line[-1]).any():
        nearest = [boundary.nearest(line[i], float(along_m[i]), snap_m) for i in (0, -1)]
        ends = [hit for hit in nearest if hit is not None]
    start, step = line[:-1, None], np.diff(line, axis=0)[:, None]
    edge, apart = (boundary.end - boundary.start)[None], boundary.start[None] - start
    turn = _cross(step, edge)
    with np.errstate(divide="ignore", invalid="ignore"):
        on_line, on_edge = _cross(apart, edge) / turn, _cross(apart, step) / turn
    meets = (turn != 0) & _within(on_line, step) & _within(on_edge, edge)
    leg, row = np.nonzero(meets)
    met_m = along_m[leg] + on_line[meets] * np.diff(along_m)[leg]
    found = zip(row.tolist(), on_edge[meets].tolist(), met_m.tolist(), strict=True)
    crossed = [boundary.hit(*place, snap_m) for place in found]
    return sorted(ends + crossed, key=lambda hit: hit.along_m)


def _within(share: Coords, step: Coords) -> NDArray[np.bool_]:
    """Whether places at shares of steps lie on these, give or take what rounding moves."""
    slack = _ROUNDING_M / np.hypot(step[..., 0], step[..., 1])
    within: NDArray[np.bool_] = (share >= -slack) & (share <= 1 + slack)
    return within


def _cross(one: Coords, other: Coords) -> Coords:
    return one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]


def _apart(hits: Sequence[Hit], snap_m: float) -> list[Hit]:
    """Hits of one place as one: the vertex, where one of them is a vertex."""
    kept: list[Hit] = []
    for hit in hits:
        if kept and (
            hit.xy == kept[-1].xy or hit.along_m - kept[-1].along_m <= max(snap_m, _ROUNDING_M)
        ):
            if kept[-1].share > 0 and hit.share == 0:
                kept[-1] = hit
        else:
            kept.append(hit)
    return kept


def _leads_inside(boundary: Boundary, way: LineString, first: Hit, last: Hit) -> bool:
    """Whether the line leads through the face between two hits, not along its boundary."""
    middle: Point = way.interpolate((first.along_m + last.along_m) / 2)
    shape = boundary.shape
    return shape.contains(middle) and shape.boundary.distance(middle) > _ROUNDING_M


def _between(line: Coords, along_m: Coords, first: Hit, last: Hit, snap_m: float) -> list[int]:
    """The line's vertices between two hits that don't lie at these."""
    inner = np.flatnonzero((along_m > first.along_m) & (along_m < last.along_m))
    away = [np.hypot(*(line[inner] - hit.xy).T) for hit in (first, last)]
    kept: list[int] = inner[(away[0] > snap_m) & (away[1] > snap_m)].tolist()
    return kept


def cut_at(topology: Topology, plane: Plane, hit: Hit) -> Cut:
    """The cut of an arc at a hit: at a vertex as it is stored, else at a new point."""
    if hit.share == 0:
        return Cut(hit.edge, 0.0, node_at(topology.arcs[hit.arc_id].coords, hit.edge))
    return Cut(hit.edge, hit.share, node_at(plane.to_lonlat(np.array([hit.xy])), 0))
