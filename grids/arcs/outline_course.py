"""A piece of the outline drawn anew, over whatever units lie along it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point

from grids.arcs.change import Edit
from grids.arcs.cuts import canonical_start, rolled
from grids.arcs.model import Arc, Coords, Node, Topology, node_at
from grids.arcs.moving import checked
from grids.arcs.outline import roots
from grids.arcs.rules import BrokenRuleError, Ground, Rule
from grids.arcs.runs import Line, is_free_ring, line_coords
from grids.arcs.sketch import Sketch
from grids.arcs.trace import Step, ring_coords, rings_of, unit_steps
from spatial.errors import InputError

_UM = 1e6  # along the outline is counted in micrometres, which add up without rounding


def redraw_outline(topology: Topology, ground: Ground, line: Line) -> Edit:
    """Put a drawn line in the place of the outline between the line's two ends.

    Of the two ways round, the shorter piece of the outline goes. An edge that ended on it is led
    straight on to the line, or ends where the line crosses it.

    Args:
        topology: what is edited.
        ground: metres and rules.
        line: (n, 2) longitudes and latitudes; begins and ends on the outline.

    Raises:
        BrokenRuleError: names the rule and the place.
        InputError: the line is none.
    """
    course = _placed(topology, ground, line_coords(line))
    sketch = Sketch(topology)
    for at, node in course.nodes():
        course.marks[at] = _led_on(sketch, ground, course, node)
    _require_order(course, topology)
    for number in range(len(course.ring.steps)):
        _redraw_step(topology, sketch, course, number)
    return checked(topology, sketch, ground, roots(topology))


class _Mark(NamedTuple):
    """A place of the drawn line, and how far along it lies."""

    along_m: float
    place: Node


@dataclass(frozen=True)
class _Ring:
    """A ring of the outline with the town on its left.

    Attributes:
        lonlat: its vertices, closed.
        at: how far along each lies, in micrometres.
        starts: the vertex at which each step begins, and the last vertex.
    """

    steps: Sequence[Step]
    lonlat: Coords
    at: NDArray[np.int64]
    starts: Sequence[int]
    shape: LineString

    @classmethod
    def of(cls, topology: Topology, ground: Ground, steps: Sequence[Step]) -> _Ring:
        """A ring of some steps that follow each other."""
        lonlat = ring_coords(steps, topology.coords)
        xy = ground.plane.to_metres(lonlat)
        at_m = np.append(0.0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T)))
        counts = [len(topology.coords(arc_id)) - 1 for arc_id, _ in steps]
        starts = [0, *np.cumsum(counts).tolist()]
        return cls(steps, lonlat, np.rint(at_m * _UM).astype(np.int64), starts, LineString(xy))

    @property
    def length(self) -> int:
        """All around, in micrometres."""
        return int(self.at[-1])

    def find(self, place: Node, xy: Point, snap_m: float) -> tuple[int, Node]:
        """How far along a place lies, and the vertex instead of it where one is near."""
        at = round(self.shape.project(xy) * _UM)
        vertex = int(np.argmin(np.abs(self.at - at)))
        if abs(int(self.at[vertex]) - at) > snap_m * _UM:
            return at, place
        return int(self.at[vertex]) % self.length, node_at(self.lonlat, vertex)


@dataclass(frozen=True)
class _Course:
    """A drawn line, run as the ring runs.

    Attributes:
        ring: what it takes the place of a piece of.
        begins, span: where on the ring that piece begins and how long it is, in micrometres.
        lonlat, at_m, shape: the line's vertices, how far along they lie, and the line in metres.
        marks: by how far along the piece a node, or an end, was: where it comes to lie.
    """

    ring: _Ring
    begins: int
    span: int
    lonlat: Coords
    at_m: NDArray[np.float64]
    shape: LineString
    marks: dict[int, _Mark]

    def ahead(self, at: int) -> int:
        """How far one goes around the ring from where the piece begins."""
        return (at - self.begins) % self.ring.length

    def nodes(self) -> Iterator[tuple[int, Node]]:
        """The nodes within the piece, in their order."""
        first = {self.ahead(int(self.ring.at[start])): start for start in self.ring.starts[:-1]}
        for at in sorted(first):
            if 0 < at < self.span:
                yield at, node_at(self.ring.lonlat, first[at])

    def part(self, first: _Mark, last: _Mark) -> list[Node]:
        """The line from one place to another."""
        inner = self.lonlat[(self.at_m > first.along_m) & (self.at_m < last.along_m)]
        return [first.place, *map(tuple, inner.tolist()), last.place]


def _placed(topology: Topology, ground: Ground, line: Coords) -> _Course:
    """The line as the course of the ring on which both of its ends lie."""
    if len(line) < 2:
        raise InputError("line has to be two places or more / 线至少两点")
    xy = ground.plane.to_metres(line)
    ends = [Point(xy[0]), Point(xy[-1])]
    rings = [
        _Ring.of(topology, ground, steps)
        for root in roots(topology)
        for steps in rings_of(topology.arcs, unit_steps(topology, root))
    ]
    ring = min(rings, key=lambda each: max(each.shape.distance(end) for end in ends))
    for end, place in zip(ends, line[[0, -1]].tolist(), strict=True):
        if ring.shape.distance(end) > ground.rules.snap_m:
            raise BrokenRuleError(Rule.NOT_ACROSS, tuple(place), roots(topology))
    return _oriented(ring, ground, line, xy, ends)


def _oriented(
    ring: _Ring, ground: Ground, line: Coords, xy: Coords, ends: Sequence[Point]
) -> _Course:
    places = [node_at(line, 0), node_at(line, -1)]
    (begins, first), (until, last) = (
        ring.find(place, end, ground.rules.snap_m) for place, end in zip(places, ends, strict=True)
    )
    if 2 * ((until - begins) % ring.length) > ring.length:
        line, xy = line[::-1], xy[::-1]
        begins, first, until, last = until, last, begins, first
    span = (until - begins) % ring.length
    if span == 0:
        raise BrokenRuleError(Rule.COLLAPSED, first, ())
    at_m = np.append(0.0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T)))
    marks = {0: _Mark(0.0, first), span: _Mark(float(at_m[-1]), last)}
    return _Course(ring, begins, span, line, at_m, LineString(xy), marks)


def _led_on(sketch: Sketch, ground: Ground, course: _Course, node: Node) -> _Mark:
    """Lead the edges that end in a node of the outline to the line; where they meet it."""
    ids = [i for i in sketch.arcs_at(node) if not sketch.arc(i).is_outline]
    alone = ids[0] if len(ids) == 1 else None
    if alone is not None:
        inward = _begun_at(sketch.arc(alone), node)
        crossed = _beyond_crossing(ground, course, inward.coords)
        kept = inward.coords if crossed is None else crossed[1]
        at_m = _nearest(ground, course, node) if crossed is None else crossed[0]
        mark = _mark_at(ground, course, at_m)
        _put(sketch, alone, inward, np.array([mark.place, *kept.tolist()]), node)
        return mark
    mark = _mark_at(ground, course, _nearest(ground, course, node))
    for arc_id in set(ids):
        inward = _begun_at(sketch.arc(arc_id), node)
        coords = inward.coords.copy()
        coords[[0, -1] if inward.is_closed else [0]] = mark.place
        _put(sketch, arc_id, inward, coords, node)
    return mark


def _begun_at(arc: Arc, node: Node) -> Arc:
    return arc if arc.start == node else arc.turned()


def _put(sketch: Sketch, arc_id: int, inward: Arc, coords: Coords, node: Node) -> None:
    arc = Arc(coords, inward.left, inward.right, None, inward.end_cut)
    sketch.put(arc_id, arc if sketch.arc(arc_id).start == node else arc.turned())


def _beyond_crossing(
    ground: Ground, course: _Course, inward: Coords
) -> tuple[float, Coords] | None:
    """Where the line crosses an edge last, seen from outside, and what is left of the edge."""
    xy = ground.plane.to_metres(inward)
    edge = LineString(xy)
    hits = shapely.get_coordinates(shapely.intersection(edge, course.shape))
    if not len(hits):
        return None
    along_m = [edge.project(Point(hit)) for hit in hits]
    last = int(np.argmax(along_m))
    at_m = np.append(0.0, np.cumsum(np.hypot(*np.diff(xy, axis=0).T)))
    kept = inward[at_m > along_m[last]]
    if not len(kept):
        raise BrokenRuleError(Rule.CROSSING, node_at(inward, -1), ())
    return float(course.shape.project(Point(hits[last]))), kept


def _nearest(ground: Ground, course: _Course, node: Node) -> float:
    return float(course.shape.project(Point(ground.plane.to_metres(np.array([node]))[0])))


def _mark_at(ground: Ground, course: _Course, at_m: float) -> _Mark:
    """A place of the line, its own vertex where one is near."""
    inner = course.at_m[1:-1]
    if len(inner) and np.abs(inner - at_m).min() <= ground.rules.snap_m:
        vertex = 1 + int(np.argmin(np.abs(inner - at_m)))
        return _Mark(float(course.at_m[vertex]), node_at(course.lonlat, vertex))
    xy = shapely.get_coordinates(course.shape.interpolate(at_m))
    return _Mark(at_m, node_at(ground.plane.to_lonlat(xy), 0))


def _require_order(course: _Course, topology: Topology) -> None:
    """Refuse a line that meets the edges in another order than the outline did."""
    for (_, one), (_, other) in pairwise(sorted(course.marks.items())):
        if one.along_m >= other.along_m:
            raise BrokenRuleError(Rule.CROSSING, other.place, roots(topology))


def _redraw_step(topology: Topology, sketch: Sketch, course: _Course, number: int) -> None:
    """Give an arc of the outline what it has of the line, and what stays of it."""
    arc_id, along = course.ring.steps[number]
    parts = list(_parts(course, number))
    if not any(is_drawn for is_drawn, _ in parts):
        return
    places = [place for _, part in parts for place in part]
    coords = np.array([place for i, place in enumerate(places) if i == 0 or place != places[i - 1]])
    arc = topology.arcs[arc_id]
    if is_free_ring(topology, arc):
        coords = rolled(coords, canonical_start(coords))
    was = arc if along else arc.turned()
    drawn = Arc(
        coords,
        was.left,
        was.right,
        was.start_cut if node_at(coords, 0) == was.start else None,
        was.end_cut if node_at(coords, -1) == was.end else None,
    )
    sketch.put(arc_id, drawn if along else drawn.turned())


def _parts(course: _Course, number: int) -> Iterator[tuple[bool, list[Node]]]:
    """A step's drawn and kept parts, in their order; it may lead over the line's beginning."""
    ring, span, length = course.ring, course.span, course.ring.length
    first, last = ring.starts[number], ring.starts[number + 1]
    begin = course.ahead(int(ring.at[first]))
    at = begin + (ring.at[first : last + 1] - ring.at[first])
    places = dict(zip(at.tolist(), map(tuple, ring.lonlat[first : last + 1].tolist()), strict=True))
    bounds = [(0, span), (span, length), (length, length + span), (length + span, 2 * length)]
    for i, (lower, upper) in enumerate(bounds):
        one, other = max(lower, begin), min(upper, int(at[-1]))
        if one >= other:
            continue
        marks = [course.marks.get(each % length) for each in (one, other)]
        if i % 2 == 0 and marks[0] and marks[1]:
            yield True, course.part(marks[0], marks[1])
        else:
            ends = [
                mark.place if mark else places[at]
                for mark, at in zip(marks, (one, other), strict=True)
            ]
            inner = [place for where, place in places.items() if one < where < other]
            yield False, [ends[0], *inner, ends[1]]
