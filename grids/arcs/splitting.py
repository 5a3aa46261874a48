"""A face divided by a drawn line."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import shapely
from shapely.geometry import Polygon

from grids.arcs.change import Edit
from grids.arcs.crossing import Boundary, Section, cut_at, sections_across
from grids.arcs.cuts import Cut, canonical_start, rolled
from grids.arcs.metric import MetricArcs
from grids.arcs.model import Arc, Coords, Topology, node_at
from grids.arcs.moving import checked
from grids.arcs.plane import Plane
from grids.arcs.rules import BrokenRuleError, Ground, Rule
from grids.arcs.runs import Line, line_coords
from grids.arcs.sketch import Sketch
from grids.arcs.trace import metric_polygon
from spatial.errors import InputError, NotFoundError

type Segment = tuple[tuple[float, float], tuple[float, float]]


class Cell(NamedTuple):
    """A piece that a line makes of a face.

    Attributes:
        shape: in metres.
        sides: the arcs around it, and whether it lies left and right of them.
    """

    shape: Polygon
    sides: dict[int, tuple[bool, bool]]


def split_face(topology: Topology, ground: Ground, face: int, line: Line, new_face: int) -> Edit:
    """Divide a face by a line that leads across it once, or by a ring inside it.

    The larger piece stays `face`. The line may begin and end in neighbours or outside, or up to
    `rules.snap_m` short of the boundary; it is cut at the boundary, where neighbours and the
    outline get a node that keeps their line. On its way it may pass through enclaves.

    Args:
        topology: what is edited.
        ground: metres and rules.
        face: a unit of the lowest level.
        line: (n, 2) longitudes and latitudes.
        new_face: the id of the smaller piece, which gets the level and the parent of `face`.

    Raises:
        BrokenRuleError: names the rule and the place.
        NotFoundError, InputError: there is no such face, the new id is taken, or the line is none.
    """
    if new_face in topology.units.by_id or new_face <= 0:
        raise InputError(f"unit {new_face} is there already / 单元编号已存在")
    sketch = Sketch(topology)
    _, smaller = divide(topology, sketch, ground, face, line)
    label_piece(sketch, smaller.sides, new_face)
    sketch.put_unit(new_face, topology.units.by_id[face])
    return checked(topology, sketch, ground)


def divide(
    topology: Topology, sketch: Sketch, ground: Ground, face: int, line: Line
) -> tuple[Cell, Cell]:
    """Draw the line across the face into the sketch; both pieces are still the face's.

    Returns:
        The larger and the smaller piece.

    Raises:
        BrokenRuleError: the line doesn't make two pieces of it.
        NotFoundError, InputError: there is no such face, or the line is none.
    """
    drawn = line_coords(line)
    cells = cut_up(topology, sketch, ground, face, drawn)
    if not cells:
        raise BrokenRuleError(Rule.NOT_ACROSS, node_at(drawn, 0) if len(drawn) else None, [face])
    larger, smaller, *more = cells
    if more:
        where = sketch.arc(min(more[0].sides)).start
        raise BrokenRuleError(Rule.SEVERAL_CROSSINGS, where, [face])
    return larger, smaller


def cut_up(topology: Topology, sketch: Sketch, ground: Ground, face: int, line: Line) -> list[Cell]:
    """Like `divide`, into any number of pieces, the largest first; none if the line misses it.

    Raises:
        BrokenRuleError: the line ends inside the face.
        NotFoundError, InputError: there is no such face, or the line is none.
    """
    if face not in topology.arcs_of:
        raise NotFoundError(f"there is no unit {face} with a shape / 单元不存在")
    drawn = line_coords(line)
    if len(drawn) < 2:
        return []
    metric = MetricArcs(topology.coords, ground.plane)
    shape = metric_polygon(topology, metric, face)
    boundary = Boundary.of(sorted(topology.arcs_of[face]), metric, shape)
    drawn = _begun_outside(drawn, boundary, ground.plane)
    sections = sections_across(boundary, ground.plane.to_metres(drawn), ground.rules.snap_m)
    if not sections:
        return []
    new = _draw(topology, sketch, ground.plane, (face, drawn), sections)
    return _cells_beside_line(sketch, ground.plane, face, new)


def _begun_outside(line: Coords, boundary: Boundary, plane: Plane) -> Coords:
    """A closed line, begun at one of its vertices outside the face, if there is one."""
    if len(line) < 4 or (line[0] != line[-1]).any():
        return line
    outside = ~shapely.contains_xy(boundary.shape, plane.to_metres(line))
    return rolled(line, int(np.argmax(outside)))


def _draw(
    topology: Topology,
    sketch: Sketch,
    plane: Plane,
    drawn: tuple[int, Coords],
    sections: Sequence[Section],
) -> list[int]:
    """Cut the boundary at the sections' ends and put arcs for them; returns their ids."""
    face, line = drawn
    cuts: dict[int, set[Cut]] = {}
    paths = []
    for section in sections:
        path = line[list(section.inner)]
        if section.ends is None:
            paths.append(rolled(path, canonical_start(path)))
            continue
        first, last = (cut_at(topology, plane, hit) for hit in section.ends)
        for hit, cut in zip(section.ends, (first, last), strict=True):
            cuts.setdefault(hit.arc_id, set()).add(cut)
        paths.append(np.concatenate([[first.at], path, [last.at]]))
    for arc_id in sorted(cuts):
        sketch.cut(arc_id, sorted(cuts[arc_id]))
    return [sketch.add(Arc(path, face, face)) for path in paths]


def _cells_beside_line(sketch: Sketch, plane: Plane, face: int, new: Sequence[int]) -> list[Cell]:
    """What the new arcs divide the face into, the largest piece first."""
    ids = sketch.arcs_of(face)
    metric = MetricArcs(lambda arc_id: sketch.arc(arc_id).coords, plane)
    metric.load(ids)
    cells = _cells([metric.coords(arc_id) for arc_id in ids])
    cell_at = _cells_by_edge(cells)
    sides = {arc_id: _cells_beside(metric.coords(arc_id), cell_at) for arc_id in ids}
    apart = {cell for arc_id in new for cell in sides[arc_id]}
    beside = [cell for cell in apart if cell is not None]
    if None in apart or len(beside) < 2:
        raise BrokenRuleError(Rule.NOT_ACROSS, sketch.arc(new[0]).start, [face])
    beside.sort(key=lambda cell: -cells[cell].area)
    return [Cell(cells[cell], _sides_of(sketch, face, sides, cell)) for cell in beside]


def _cells(lines: Iterable[Coords]) -> list[Polygon]:
    """The polygons between lines that meet at their ends."""
    found = shapely.polygonize([shapely.LineString(line) for line in lines])
    return [cell for cell in found.geoms if isinstance(cell, Polygon)]


def _cells_by_edge(cells: Iterable[Polygon]) -> dict[Segment, int]:
    """Of each edge, in the direction that has the cell on its left: the cell."""
    found: dict[Segment, int] = {}
    for number, cell in enumerate(shapely.orient_polygons(list(cells))):
        for ring in shapely.get_rings(cell):
            vertices = list(map(tuple, shapely.get_coordinates(ring).tolist()))
            found |= dict.fromkeys(itertools.pairwise(vertices), number)
    return found


def _cells_beside(xy: Coords, cell_at: Mapping[Segment, int]) -> tuple[int | None, int | None]:
    """The cells on the left and on the right of an arc."""
    first, second = map(tuple, xy[:2].tolist())
    return cell_at.get((first, second)), cell_at.get((second, first))


def _sides_of(
    sketch: Sketch, face: int, sides: Mapping[int, tuple[int | None, int | None]], cell: int
) -> dict[int, tuple[bool, bool]]:
    """The arcs around a cell, and on which of their sides it lies."""
    found = {}
    for arc_id, (left, right) in sides.items():
        arc = sketch.arc(arc_id)
        on = (arc.left == face and left == cell, arc.right == face and right == cell)
        if any(on):
            found[arc_id] = on
    return found


def label_piece(sketch: Sketch, sides: Mapping[int, tuple[bool, bool]], label: int) -> None:
    """Make the piece on some sides of arcs the ground of `label`."""
    for arc_id, (on_left, on_right) in sides.items():
        arc = sketch.arc(arc_id)
        left, right = label if on_left else arc.left, label if on_right else arc.right
        sketch.put(arc_id, replace(arc, left=left, right=right))
