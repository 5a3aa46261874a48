"""Moving what lies between two faces: vertices, nodes, runs. Both sides move, sharing it."""

from __future__ import annotations

import numpy as np

from grids.arcs.change import Edit
from grids.arcs.local_check import check_edit
from grids.arcs.model import Arc, Coords, Node, Topology, node_at
from grids.arcs.rules import BrokenRuleError, Ground, Rule
from grids.arcs.runs import (
    Line,
    Run,
    find_arc,
    is_free_ring,
    line_coords,
    opened,
    refuse_outline,
    replaced,
)
from grids.arcs.sketch import Sketch
from spatial.errors import InputError, NotFoundError


def reshape_arc(topology: Topology, ground: Ground, run: Run, line: Line) -> Edit:
    """Put a drawn line in the place of a run.

    Args:
        topology: what is edited.
        ground: metres and rules.
        run: its two end vertices stay.
        line: (n, 2) longitudes and latitudes from the run's first vertex to its last; an end that
            lies within `rules.snap_m` of the vertex is taken for it. Empty: a straight edge.

    Raises:
        BrokenRuleError: names the rule and the place.
        NotFoundError, InputError: there is no such run, or the line is none.
    """
    arc, first, last = opened(topology, run)
    refuse_outline(arc, node_at(arc.coords, first))
    ends = arc.coords[[first, last]]
    return put_run(topology, ground, run, without_ends(line_coords(line), ends, ground))


def move_vertex(topology: Topology, ground: Ground, arc_id: int, vertex: int, to: Node) -> Edit:
    """Move a vertex that isn't a node.

    Raises:
        BrokenRuleError: names the rule and the place.
        NotFoundError, InputError: there is no such vertex, or it is a node.
    """
    return put_run(topology, ground, _around(topology, arc_id, vertex), line_coords([to]))


def remove_vertex(topology: Topology, ground: Ground, arc_id: int, vertex: int) -> Edit:
    """Take out a vertex that isn't a node.

    Raises:
        BrokenRuleError: names the rule and the place.
        NotFoundError, InputError: there is no such vertex, or it is a node.
    """
    return put_run(topology, ground, _around(topology, arc_id, vertex), line_coords([]))


def add_vertex(topology: Topology, ground: Ground, arc_id: int, edge: int, at: Node) -> Edit:
    """Set a vertex on the edge that begins at vertex `edge`.

    Raises:
        BrokenRuleError: names the rule and the place.
        NotFoundError, InputError: there is no such edge.
    """
    arc = find_arc(topology, arc_id)
    if not 0 <= edge < len(arc.coords) - 1:
        raise InputError(f"arc {arc_id} has no edge {edge} / 边序号不对", remedy="read it again")
    refuse_outline(arc, at)
    return put_run(topology, ground, Run(arc_id, edge, edge + 1), line_coords([at]))


def move_node(topology: Topology, ground: Ground, node: Node, to: Node) -> Edit:
    """Move a node, and with it the ends of all arcs that meet there.

    Raises:
        BrokenRuleError: names the rule and the place.
        NotFoundError: no arcs meet at exactly this vertex.
    """
    for arc_id in topology.arcs_at.get(node, ()):
        refuse_outline(topology.arcs[arc_id], node)
    return shift_node(topology, ground, node, to)


def shift_node(
    topology: Topology, ground: Ground, node: Node, to: Node, units: tuple[int, ...] = ()
) -> Edit:
    """`move_node` of any node, on the outline too; its callers say whether that is right."""
    ids = topology.arcs_at.get(node)
    if not ids:
        raise NotFoundError(
            f"no edges meet at {node[0]:.6f}, {node[1]:.6f} / 该处无结点",
            remedy="read the draft again",
        )
    target = node_at(line_coords([to]), 0)
    if target != node and target in topology.arcs_at:
        raise BrokenRuleError(Rule.DUPLICATE, target, topology.faces_beside(ids))
    sketch = Sketch(topology)
    for arc_id in set(ids):
        sketch.put(arc_id, _with_end_moved(topology.arcs[arc_id], node, target))
    return checked(topology, sketch, ground, units)


def _with_end_moved(arc: Arc, node: Node, to: Node) -> Arc:
    coords = arc.coords.copy()
    start_cut, end_cut = arc.start_cut, arc.end_cut
    if arc.start == node:
        coords[0], start_cut = to, None
    if arc.end == node:
        coords[-1], end_cut = to, None
    return Arc(coords, arc.left, arc.right, start_cut, end_cut)


def _around(topology: Topology, arc_id: int, vertex: int) -> Run:
    """The run from the vertex before one to the vertex after it."""
    arc = find_arc(topology, arc_id)
    count = len(arc.coords) - 1
    if not 0 <= vertex <= count:
        raise InputError(f"arc {arc_id} has no vertex {vertex} / 顶点序号不对")
    refuse_outline(arc, node_at(arc.coords, vertex))
    if is_free_ring(topology, arc):
        return Run(arc_id, (vertex - 1) % count, (vertex + 1) % count)
    if vertex in {0, count}:
        raise InputError(
            f"vertex {vertex} of arc {arc_id} is a node / 该点为结点", remedy="move the node"
        )
    return Run(arc_id, vertex - 1, vertex + 1)


def without_ends(line: Coords, ends: Coords, ground: Ground) -> Coords:
    """The line without its own end vertices where they lie at those of the run."""
    if not len(line):
        return line
    xy = ground.plane.to_metres(np.concatenate([line[[0, -1]], ends]))
    near = np.hypot(*(xy[:2] - xy[2:]).T) <= ground.rules.snap_m
    first, last = int(near[0]), len(line) - int(near[1])
    return line[first : max(first, last)]


def put_run(topology: Topology, ground: Ground, run: Run, between: Coords) -> Edit:
    """Give a run other vertices between its ends, and check; of any arc, the outline's too."""
    sketch = Sketch(topology)
    sketch.put(run.arc_id, replaced(topology, run, between))
    return checked(topology, sketch, ground)


def checked(
    topology: Topology, sketch: Sketch, ground: Ground, units: tuple[int, ...] = ()
) -> Edit:
    """The sketch's edit, if it keeps the rules.

    Raises:
        BrokenRuleError: it doesn't.
    """
    edit = sketch.finish()
    check_edit(topology, edit, ground, units)
    return edit
