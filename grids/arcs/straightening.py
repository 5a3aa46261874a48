"""A run drawn straight, or along a street or a river."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point

from grids.arcs.change import Edit
from grids.arcs.model import Coords, Topology, node_at
from grids.arcs.moving import put_run
from grids.arcs.plane import Plane
from grids.arcs.rules import BrokenRuleError, Ground, Rule
from grids.arcs.runs import Line, Run, line_coords, opened, refuse_outline


def straighten(
    topology: Topology, ground: Ground, run: Run, tolerance_m: float | None = None
) -> Edit:
    """Take out the vertices of a run: all of them, or those that stray less than a tolerance.

    Args:
        topology: what is edited.
        ground: metres and rules.
        run: its two end vertices stay.
        tolerance_m: how far the old line may leave the new one; None for a straight edge.

    Raises:
        BrokenRuleError: names the rule and the place.
        NotFoundError, InputError: there is no such run.
    """
    arc, first, last = opened(topology, run)
    refuse_outline(arc, node_at(arc.coords, first))
    kept = _bends(arc.coords[first : last + 1], ground.plane, tolerance_m)
    return put_run(topology, ground, run, kept)


def _bends(lonlat: Coords, plane: Plane, tolerance_m: float | None) -> Coords:
    """The inner vertices that a line keeps when it is simplified, as they are stored."""
    if tolerance_m is None:
        return lonlat[:0]
    xy = plane.to_metres(lonlat)
    simple = shapely.simplify(LineString(xy), tolerance_m, preserve_topology=False)
    kept = {tuple(vertex) for vertex in shapely.get_coordinates(simple).tolist()}
    keep = np.array([tuple(vertex) in kept for vertex in xy.tolist()])
    keep[[0, -1]] = False
    inner: Coords = lonlat[keep]
    return inner


def follow_line(topology: Topology, ground: Ground, run: Run, line: Line) -> Edit:
    """Lay a run along a given line, such as a street's or a river's course.

    From its first vertex the run leads straight to the nearest point of the line, follows the
    line's own vertices, and leads from the point nearest to its last vertex straight there.

    Args:
        topology: what is edited.
        ground: metres and rules.
        run: its two end vertices stay.
        line: (n, 2) longitudes and latitudes; its vertices are taken as they are.

    Raises:
        BrokenRuleError: names the rule and the place.
        NotFoundError, InputError: there is no such run, or the line is none.
    """
    arc, first, last = opened(topology, run)
    refuse_outline(arc, node_at(arc.coords, first))
    course = line_coords(line)
    if len(course) < 2:
        raise BrokenRuleError(Rule.NOT_ACROSS, node_at(arc.coords, first), arc.faces)
    between = course_between(course, arc.coords[[first, last]], ground)
    return put_run(topology, ground, run, between)


def course_between(course: Coords, ends: Coords, ground: Ground) -> Coords:
    """The part of a line nearest to two places, without what lies at these places themselves."""
    xy, ends_xy = ground.plane.to_metres(course), ground.plane.to_metres(ends)
    way = LineString(xy)
    start_m, end_m = (way.project(Point(end)) for end in ends_xy)
    along_m = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(xy, axis=0).T))])
    low_m, high_m = sorted((start_m, end_m))
    inner = np.flatnonzero((along_m > low_m) & (along_m < high_m))
    joints = np.array([way.interpolate(metres).coords[0] for metres in (low_m, high_m)])
    joints_lonlat = _stored_where_known(joints, xy, course, ground.plane)
    path = np.concatenate([joints_lonlat[:1], course[inner], joints_lonlat[1:]])
    path_xy = np.concatenate([joints[:1], xy[inner], joints[1:]])
    if start_m > end_m:
        path, path_xy = path[::-1], path_xy[::-1]
    return path[_apart(path_xy, ends_xy, ground.rules.snap_m)]


def _stored_where_known(points: Coords, xy: Coords, lonlat: Coords, plane: Plane) -> Coords:
    """Longitudes and latitudes of points; of those that are vertices, as these are stored."""
    known = {tuple(vertex): index for index, vertex in enumerate(xy.tolist())}
    there = plane.to_lonlat(points)
    for row, point in enumerate(points.tolist()):
        if tuple(point) in known:
            there[row] = lonlat[known[tuple(point)]]
    return there


def _apart(path: Coords, ends: Coords, snap_m: float) -> NDArray[np.bool_]:
    """Which points of a path neither repeat the one before nor lie at the ends."""
    apart = np.ones(len(path), dtype=bool)
    apart[1:] = np.hypot(*np.diff(path, axis=0).T) > 1e-3
    apart[0] &= np.hypot(*(path[0] - ends[0])) > snap_m
    apart[-1] &= np.hypot(*(path[-1] - ends[1])) > snap_m
    return apart
