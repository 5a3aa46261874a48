"""The town's outline, which only these operations change; who may use them is asked elsewhere."""

from __future__ import annotations

from grids.arcs.change import Edit
from grids.arcs.model import Node, Topology, node_at
from grids.arcs.moving import checked, shift_node, without_ends
from grids.arcs.rules import BrokenRuleError, Ground, Rule
from grids.arcs.runs import Line, Run, line_coords, opened, replaced
from grids.arcs.sketch import Sketch


def move_outline(topology: Topology, ground: Ground, run: Run, line: Line) -> Edit:
    """Put a drawn line in the place of a run of the outline; see `reshape_arc`.

    Raises:
        BrokenRuleError: names the rule and the place.
        NotFoundError, InputError: there is no such run, or the line is none.
    """
    arc, first, last = opened(topology, run)
    if not arc.is_outline:
        raise _not_outline(node_at(arc.coords, first), arc.faces)
    ends = arc.coords[[first, last]]
    sketch = Sketch(topology)
    sketch.put(run.arc_id, replaced(topology, run, without_ends(line_coords(line), ends, ground)))
    return checked(topology, sketch, ground, roots(topology))


def move_outline_node(topology: Topology, ground: Ground, node: Node, to: Node) -> Edit:
    """Move a node of the outline, and with it the ends of all arcs that meet there.

    Raises:
        BrokenRuleError: names the rule and the place.
        NotFoundError: no arcs meet at exactly this vertex.
    """
    arcs = [topology.arcs[arc_id] for arc_id in topology.arcs_at.get(node, ())]
    if arcs and not any(arc.is_outline for arc in arcs):
        raise _not_outline(node, frozenset[int]().union(*(arc.faces for arc in arcs)))
    return shift_node(topology, ground, node, to, roots(topology))


def roots(topology: Topology) -> tuple[int, ...]:
    """The units that lie under none: the town, whose boundary is the outline."""
    by_id = topology.units.by_id
    return tuple(unit_id for unit_id, unit in by_id.items() if unit.parent not in by_id)


def _not_outline(place: Node, faces: frozenset[int]) -> BrokenRuleError:
    return BrokenRuleError(
        Rule.OUTLINE, place, faces, remedy="this edge lies inside: move it as one between units"
    )
