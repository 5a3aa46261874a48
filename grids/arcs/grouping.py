"""Units above the lowest level made one, and made new: their shapes follow from what lies below."""

from __future__ import annotations

from collections.abc import Sequence

from grids.arcs.belonging import units_apart
from grids.arcs.change import Edit
from grids.arcs.joining import merge_faces
from grids.arcs.model import Topology, Unit
from grids.arcs.moving import checked
from grids.arcs.rules import BrokenRuleError, Ground, Rule
from grids.arcs.sketch import Sketch
from spatial.errors import InputError, NotFoundError


def merge_units(topology: Topology, ground: Ground, survivor: int, absorbed: int) -> Edit:
    """Make two neighbours of one level one: faces, or the units above them.

    Raises:
        BrokenRuleError: they are of different levels or no neighbours, the result would fall into
            pieces, or the parent of `absorbed` would have nothing left; names the rule.
        NotFoundError, InputError: one of them isn't there, or both are the same.
    """
    if survivor in topology.arcs_of and absorbed in topology.arcs_of:
        return merge_faces(topology, ground, survivor, absorbed)
    one, other = require_units(topology, (survivor, absorbed))
    if survivor == absorbed:
        raise InputError("a unit has no edge with itself / 须选两个单元")
    if one.level != other.level or one.level == 1:
        raise BrokenRuleError(Rule.LEVEL, None, [survivor, absorbed])
    if not _are_neighbours(topology, survivor, absorbed):
        raise BrokenRuleError(Rule.NOT_NEIGHBOURS, None, [survivor, absorbed])
    children = topology.units.children
    if one.parent != other.parent and children[other.parent] == (absorbed,):
        raise BrokenRuleError(Rule.EMPTY_PARENT, None, [other.parent])
    sketch = Sketch(topology)
    for child in children.get(absorbed, ()):
        sketch.put_unit(child, Unit(topology.units.by_id[child].level, survivor))
    sketch.put_unit(absorbed, None)
    return checked(topology, sketch, ground, units_apart(topology, survivor, absorbed))


def group_units(topology: Topology, ground: Ground, members: Sequence[int], new: int) -> Edit:
    """Put some units of one parent under a new unit beside that parent.

    Raises:
        BrokenRuleError: they are of several parents, nothing would be left to theirs, or one of
            both would fall into pieces; names the rule.
        NotFoundError: one of them isn't there.
    """
    units = require_units(topology, members)
    parents = {unit.parent for unit in units}
    old = min(parents)
    # The town has no one beside it.
    if len(parents) > 1 or old not in topology.units.by_id or topology.units.by_id[old].level == 1:
        raise BrokenRuleError(Rule.LEVEL, None, members)
    if set(topology.units.children[old]) <= set(members):
        raise BrokenRuleError(Rule.EMPTY_PARENT, None, [old])
    sketch = Sketch(topology)
    sketch.put_unit(new, topology.units.by_id[old])
    for member, unit in zip(members, units, strict=True):
        sketch.put_unit(member, Unit(unit.level, new))
    return checked(topology, sketch, ground, (old, new))


def require_units(topology: Topology, units: Sequence[int]) -> list[Unit]:
    """Units by their ids.

    Raises:
        NotFoundError: one of them isn't there.
    """
    for unit in units:
        if unit not in topology.units.by_id:
            raise NotFoundError(f"there is no unit {unit} / 单元不存在")
    return [topology.units.by_id[unit] for unit in units]


def _are_neighbours(topology: Topology, one: int, other: int) -> bool:
    theirs = frozenset(topology.units.leaves(other))
    return any(topology.neighbours(face) & theirs for face in topology.units.leaves(one))
