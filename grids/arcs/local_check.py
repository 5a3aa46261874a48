"""What an operation touched, and only that, in milliseconds: is it still a coverage?

Why that is enough: each arc has its two faces on its sides, so that the winding numbers of all
faces about any point add up to that of the outline: to 1 inside. Where every face is a valid
polygon with its ground on the left of its rings, each of these numbers is 0 or 1, hence exactly one
face holds the point: no gap and no overlap of any width. A face that no changed arc borders is as
it was. The search for crossings adds that arcs meet in nodes only, and names the place; that for
gaps looks at the outside, which may run in between units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import shapely

from grids.arcs.change import Edit
from grids.arcs.gap_check import gap_beside
from grids.arcs.metric import MetricArcs
from grids.arcs.model import FEWEST_RING_VERTICES, Arc, Node, Topology, node_at
from grids.arcs.rules import BrokenRuleError, Ground, Rule
from grids.arcs.shape_rules import eroded_pieces, narrow_place
from grids.arcs.trace import NoPolygonError, Shape, metric_polygon, unit_steps

_ROUNDING = 1e-9  # of an area
_APART = "FF*F*****"  # DE-9IM: neither's interior meets the other, ends included


def check_edit(before: Topology, edit: Edit, ground: Ground, units: Iterable[int] = ()) -> None:
    """Refuse an edit that breaks a rule.

    Args:
        before: the topology that the edit was made of.
        edit: its result; units that it names must be there.
        ground: metres and rules.
        units: units above the faces whose parts may have changed: they must stay in one piece.

    Raises:
        BrokenRuleError: names the rule, the place and the units.
    """
    after = edit.topology
    metric = MetricArcs(after.coords, ground.plane)
    changed = [i for i, (was, now) in edit.change.arcs.items() if now and not _same_line(was, now)]
    for arc_id in changed:
        _refuse_collapsed(after.arcs[arc_id])
    if changed:
        _refuse_crossings(after, metric, ground, changed)
    old = MetricArcs(before.coords, ground.plane)
    for face in sorted(edit.change.faces & after.arcs_of.keys()):
        _check_face(_Then(before, old), _Then(after, metric), ground, face)
    _refuse_gaps(after, metric, ground, [i for i, (_, now) in edit.change.arcs.items() if now])
    for unit in units:
        if unit in after.units.by_id:
            _check_pieces(_Then(before, old), _Then(after, metric), ground, unit)


class _Then:
    """The shapes of one of the two moments, in metres."""

    def __init__(self, topology: Topology, metric: MetricArcs) -> None:
        self.topology, self.metric = topology, metric

    def has(self, unit: int) -> bool:
        return unit in self.topology.units.by_id

    def shape(self, unit: int) -> Shape:
        return metric_polygon(self.topology, self.metric, unit)

    def place(self, unit: int) -> Node | None:
        steps = unit_steps(self.topology, unit)
        return self.topology.arcs[steps[0][0]].start if steps else None


def _same_line(was: Arc | None, now: Arc) -> bool:
    return was is not None and np.array_equal(was.coords, now.coords)


def _refuse_collapsed(arc: Arc) -> None:
    same = (arc.coords[1:] == arc.coords[:-1]).all(axis=1)
    if same.any():
        raise BrokenRuleError(Rule.COLLAPSED, node_at(arc.coords, int(np.argmax(same))), arc.faces)
    if arc.is_closed and len(arc.coords) < FEWEST_RING_VERTICES:
        raise BrokenRuleError(Rule.COLLAPSED, arc.start, arc.faces)


def _refuse_crossings(
    topology: Topology, metric: MetricArcs, ground: Ground, changed: list[int]
) -> None:
    near = set[int]().union(*(topology.index.near(topology.arcs[i].coords) for i in changed))
    metric.load(near)
    _refuse_self_crossings(topology, metric, ground, changed)
    lines, owner = metric.open_lines(changed)
    others, other_owner = metric.open_lines(sorted(near))
    mine, theirs = shapely.STRtree(others).query(lines)
    pairs = owner[mine] != other_owner[theirs]
    mine, theirs = mine[pairs], theirs[pairs]
    apart = shapely.relate_pattern(lines[mine], others[theirs], _APART)
    if not apart.all():
        first = int(np.argmin(apart))
        one, other = lines[mine[first]], others[theirs[first]]
        faces = topology.faces_beside((int(owner[mine[first]]), int(other_owner[theirs[first]])))
        raise BrokenRuleError(Rule.CROSSING, _meeting(one, other, ground), faces)


def _refuse_self_crossings(
    topology: Topology, metric: MetricArcs, ground: Ground, changed: list[int]
) -> None:
    whole = [shapely.LineString(metric.coords(arc_id)) for arc_id in changed]
    simple = shapely.is_simple(whole)
    if not simple.all():
        first = int(np.argmin(simple))
        noded = shapely.get_coordinates(shapely.node(whole[first]))
        known = {tuple(xy) for xy in shapely.get_coordinates(whole[first]).tolist()}
        xy = next((xy for xy in noded.tolist() if tuple(xy) not in known), noded[0].tolist())
        faces = topology.faces_beside([changed[first]])
        raise BrokenRuleError(Rule.CROSSING, _lonlat(xy, ground), faces)


def _refuse_gaps(
    topology: Topology, metric: MetricArcs, ground: Ground, changed: list[int]
) -> None:
    gap = gap_beside(topology, metric, changed) if changed else None
    if gap is not None:
        raise BrokenRuleError(Rule.GAP, _lonlat(gap[1], ground), [gap[0]])


def _meeting(one: shapely.LineString, other: shapely.LineString, ground: Ground) -> Node:
    """Where two lines meet other than in a node of both."""
    ends = {one.coords[0], one.coords[-1]} & {other.coords[0], other.coords[-1]}
    met = shapely.get_coordinates(shapely.intersection(one, other)).tolist()
    elsewhere = [xy for xy in met if tuple(xy) not in ends]
    return _lonlat((elsewhere or met or [one.coords[0]])[0], ground)


def _lonlat(xy: Iterable[float], ground: Ground) -> Node:
    return node_at(ground.plane.to_lonlat(np.array([list(xy)])), 0)


def _check_face(old: _Then, new: _Then, ground: Ground, face: int) -> None:
    shape = _checked_shape(new, face)
    _check_pieces(old, new, ground, face, shape)
    least_m2, width_m = ground.rules.min_area_m2, ground.rules.min_width_m
    if shape.area < least_m2 and not _was(old, face, lambda it: not _shrank(it, shape)):
        place = _lonlat(shape.representative_point().coords[0], ground)
        raise BrokenRuleError(Rule.AREA, place, [face])
    if _is_narrow(shape, width_m) and not _was(old, face, lambda it: _is_narrow(it, width_m)):
        raise BrokenRuleError(Rule.WIDTH, _lonlat(narrow_place(shape, width_m), ground), [face])


def _shrank(old: Shape, new: Shape) -> bool:
    return new.area < old.area * (1 - _ROUNDING)


def _is_narrow(shape: Shape, width_m: float) -> bool:
    return eroded_pieces(shape, width_m) != shapely.get_num_geometries(shape)


def _was(old: _Then, face: int, holds: Callable[[Shape], bool]) -> bool:
    """Whether it was so before: what was there already isn't held against an edit."""
    return old.has(face) and holds(old.shape(face))


def _checked_shape(new: _Then, unit: int) -> Shape:
    try:
        shape = new.shape(unit)
    except NoPolygonError as error:
        raise BrokenRuleError(Rule.INSIDE_OUT, error.place, [unit]) from error
    if not shape.is_valid:
        raise BrokenRuleError(Rule.INSIDE_OUT, new.place(unit), [unit])
    return shape


def _check_pieces(
    old: _Then, new: _Then, ground: Ground, unit: int, shape: Shape | None = None
) -> None:
    """One piece, unless it is allowed more or had as many before."""
    shape = shape or _checked_shape(new, unit)
    pieces = int(shapely.get_num_geometries(shape))
    if pieces <= 1 or unit in ground.rules.in_pieces:
        return
    if not _was(old, unit, lambda it: int(shapely.get_num_geometries(it)) >= pieces):
        smallest = min(shapely.get_parts(shape), key=lambda part: part.area)
        xy = smallest.representative_point().coords[0]
        raise BrokenRuleError(Rule.PIECES, _lonlat(xy, ground), [unit])
