"""Neighbours made one."""

from __future__ import annotations

from grids.arcs.belonging import units_apart
from grids.arcs.change import Edit
from grids.arcs.model import Topology
from grids.arcs.moving import checked
from grids.arcs.rules import BrokenRuleError, Ground, Rule
from grids.arcs.sketch import Sketch
from spatial.errors import InputError, NotFoundError


def merge_faces(topology: Topology, ground: Ground, survivor: int, absorbed: int) -> Edit:
    """Make two neighbours one, which keeps the id and the parent of `survivor`.

    Vertices that a split had set on edges go again, where no other arc meets there.

    Raises:
        BrokenRuleError: they share no edge, are of different levels, or the parent of `absorbed`
            would have nothing left; names the rule and the place.
        NotFoundError, InputError: one of them isn't there, or both are the same.
    """
    require_faces(topology, survivor, absorbed)
    by_id = topology.units.by_id
    if by_id[survivor].level != by_id[absorbed].level:
        raise BrokenRuleError(Rule.LEVEL, None, [survivor, absorbed])
    old_parent = by_id[absorbed].parent
    if old_parent != by_id[survivor].parent and topology.units.children[old_parent] == (absorbed,):
        raise BrokenRuleError(Rule.EMPTY_PARENT, None, [old_parent])
    sketch = Sketch(topology)
    absorb(sketch, survivor, absorbed)
    sketch.put_unit(absorbed, None)
    return checked(topology, sketch, ground, units_apart(topology, survivor, absorbed))


def require_faces(topology: Topology, one: int, other: int) -> None:
    """Refuse units that are no two faces.

    Raises:
        NotFoundError: one of them has no shape of its own.
        InputError: both are the same.
    """
    for face in (one, other):
        if face not in topology.arcs_of:
            raise NotFoundError(f"there is no unit {face} with a shape / 单元不存在")
    if one == other:
        raise InputError("a unit has no edge with itself / 须选两个单元")


def absorb(sketch: Sketch, survivor: int, absorbed: int) -> None:
    """Make the ground of `absorbed` that of `survivor`, in the sketch.

    Raises:
        BrokenRuleError: they share no edge.
    """
    between = [i for i in sketch.arcs_of(absorbed) if survivor in sketch.arc(i).faces]
    if not between:
        raise BrokenRuleError(Rule.NOT_NEIGHBOURS, None, [survivor, absorbed])
    sketch.relabel(absorbed, survivor)
    ends = sorted({node for i in between for node in (sketch.arc(i).start, sketch.arc(i).end)})
    for arc_id in between:
        sketch.put(arc_id, None)
    for node in ends:
        sketch.heal(node)
