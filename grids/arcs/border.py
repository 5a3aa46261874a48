"""The border between two neighbours, drawn anew or laid along a street, wherever it met others."""

from __future__ import annotations

from collections import Counter

import numpy as np
import shapely

from grids.arcs.belonging import units_apart
from grids.arcs.change import Edit, apply_change
from grids.arcs.grouping import require_units
from grids.arcs.joining import absorb, require_faces
from grids.arcs.local_check import check_edit
from grids.arcs.metric import MetricArcs
from grids.arcs.model import Coords, Node, Topology
from grids.arcs.rules import BrokenRuleError, Ground, Rule
from grids.arcs.runs import Line, line_coords
from grids.arcs.sketch import Sketch
from grids.arcs.splitting import Cell, divide, label_piece
from grids.arcs.straightening import course_between
from grids.arcs.trace import metric_polygon
from grids.arcs.upper_border import redraw_upper_border


def redraw_border(topology: Topology, ground: Ground, one: int, other: int, line: Line) -> Edit:
    """Divide the ground of two neighbours anew, by a line that leads across both together once.

    Of units above the lowest level see `redraw_upper_border`. Of faces: where `follow_line` keeps
    the two ends of a run, here the border's ends move to where the line meets the edges around:
    the neighbours there keep their line, which gets a node, and loses the old one if that was set
    by a cut. Each unit keeps the piece that holds more of its old ground.

    Args:
        topology: what is edited.
        ground: metres and rules.
        one, other: two units of one level that share an edge.
        line: (n, 2) longitudes and latitudes, such as the course of a street; may be longer.

    Raises:
        BrokenRuleError: names the rule and the place.
        NotFoundError, InputError: one of them isn't there, both are the same, or the line is none.
    """
    if not {one, other} & topology.arcs_of.keys():
        return redraw_upper_border(topology, ground, one, other, line)
    require_faces(topology, one, other)
    joining = Sketch(topology)
    absorb(joining, one, other)
    joined = joining.finish()
    dividing = Sketch(joined.topology)
    pieces = divide(joined.topology, dividing, ground, one, line)
    label_piece(dividing, _piece_of(topology, ground, pieces, one, other).sides, other)
    change = joined.change.then(dividing.finish().change)
    edit = Edit(apply_change(topology, change), change)
    check_edit(topology, edit, ground, units_apart(topology, one, other))
    return edit


def led_to_border_ends(
    topology: Topology, ground: Ground, one: int, other: int, course: Line
) -> Coords:
    """A course that ends within two units, led on to the ends of the border between them.

    One that leads across is given back as it is, and so is one beside a border in several parts.

    Raises:
        NotFoundError: one of the units isn't there.
    """
    coords = line_coords(course)
    times = Counter(border_nodes(topology, one, other))
    ends = np.array(sorted(node for node, number in times.items() if number == 1))
    if len(ends) != 2 or len(coords) < 2:
        return coords
    metric = MetricArcs(topology.coords, ground.plane)
    both = shapely.union_all([metric_polygon(topology, metric, unit) for unit in (one, other)])
    if not shapely.contains_xy(both, ground.plane.to_metres(coords[[0, -1]])).any():
        return coords
    return np.concatenate([ends[:1], course_between(coords, ends, ground), ends[1:]])


def border_nodes(topology: Topology, one: int, other: int) -> list[Node]:
    """The ends of each arc between two units.

    Raises:
        NotFoundError: one of them isn't there.
        BrokenRuleError: they share no edge.
    """
    require_units(topology, (one, other))
    mine, theirs = (frozenset(topology.units.leaves(unit)) for unit in (one, other))
    ids = sorted({arc_id for face in mine for arc_id in topology.arcs_of[face]})
    arcs = [topology.arcs[arc_id] for arc_id in ids if topology.arcs[arc_id].faces & theirs]
    if one == other or not arcs:
        raise BrokenRuleError(Rule.NOT_NEIGHBOURS, None, (one, other))
    return [node for arc in arcs for node in (arc.start, arc.end)]


def _piece_of(
    topology: Topology, ground: Ground, pieces: tuple[Cell, Cell], one: int, other: int
) -> Cell:
    """Which of the two pieces is the other's: as little ground as possible changes hands."""
    metric = MetricArcs(topology.coords, ground.plane)
    mine, theirs = (metric_polygon(topology, metric, face) for face in (one, other))
    first, second = pieces
    kept_m2 = [
        shapely.intersection(mine, left.shape).area + shapely.intersection(theirs, gets.shape).area
        for left, gets in ((second, first), (first, second))
    ]
    return first if kept_m2[0] >= kept_m2[1] else second
