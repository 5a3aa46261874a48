"""Which unit lies under which: a grid given to another village, a micro-grid to another grid."""

from __future__ import annotations

from collections.abc import Sequence

from grids.arcs.change import Edit
from grids.arcs.model import Topology, Unit
from grids.arcs.moving import checked
from grids.arcs.rules import BrokenRuleError, Ground, Rule
from grids.arcs.sketch import Sketch
from spatial.errors import NotFoundError


def set_parent(topology: Topology, ground: Ground, unit: int, parent: int) -> Edit:
    """Give a unit to another unit of the level that its parent is of.

    Raises:
        BrokenRuleError: the levels don't belong together, the old parent would have nothing left,
            or one of both would fall into pieces; names the rule and the place.
        NotFoundError: one of them isn't there.
    """
    return set_parents(topology, ground, (unit,), parent)


def set_parents(topology: Topology, ground: Ground, units: Sequence[int], parent: int) -> Edit:
    """Give several units to one at once, as where one alone would cut another off from the rest.

    Raises:
        BrokenRuleError, NotFoundError: as `set_parent` does.
    """
    by_id = topology.units.by_id
    for each in (*units, parent):
        if each not in by_id:
            raise NotFoundError(f"there is no unit {each} / 单元不存在")
    sketch, olds = Sketch(topology), {by_id[unit].parent for unit in units} - {parent}
    for old in sorted(olds):
        if old not in by_id or by_id[old].level != by_id[parent].level:
            raise BrokenRuleError(Rule.LEVEL, None, [*units, parent])
        if set(topology.units.children[old]) <= set(units):
            raise BrokenRuleError(Rule.EMPTY_PARENT, None, [old])
    for unit in units:
        sketch.put_unit(unit, Unit(by_id[unit].level, parent))
    apart = {above for old in olds for above in units_apart(topology, old, parent)}
    return checked(topology, sketch, ground, tuple(sorted(apart)))


def units_apart(topology: Topology, one: int, other: int) -> tuple[int, ...]:
    """The units that hold one of two but not both, themselves included."""
    above = set(topology.units.above(one)) ^ set(topology.units.above(other))
    return tuple(sorted(above))
