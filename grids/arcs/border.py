"""The border between two neighbours, drawn anew or laid along a street, wherever it met others."""

from __future__ import annotations

import shapely

from grids.arcs.belonging import units_apart
from grids.arcs.change import Edit, apply_change
from grids.arcs.joining import absorb, require_faces
from grids.arcs.local_check import check_edit
from grids.arcs.metric import MetricArcs
from grids.arcs.model import Topology
from grids.arcs.rules import Ground
from grids.arcs.runs import Line
from grids.arcs.sketch import Sketch
from grids.arcs.splitting import Cell, divide, label_piece
from grids.arcs.trace import metric_polygon


def redraw_border(topology: Topology, ground: Ground, one: int, other: int, line: Line) -> Edit:
    """Divide the ground of two neighbours anew, by a line that leads across both together once.

    Where `follow_line` keeps the two ends of a run, here the border's ends move to where the line
    meets the edges around: the neighbours there keep their line, which gets a node, and loses the
    old one if that was set by a cut. Each unit keeps the piece that holds more of its old ground.

    Args:
        topology: what is edited.
        ground: metres and rules.
        one, other: two faces that share an edge.
        line: (n, 2) longitudes and latitudes, such as the course of a street; may be longer.

    Raises:
        BrokenRuleError: names the rule and the place.
        NotFoundError, InputError: one of them isn't there, both are the same, or the line is none.
    """
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
