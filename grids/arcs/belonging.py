"""Which unit lies under which: a grid given to another village, a micro-grid to another grid."""

from __future__ import annotations

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
    by_id = topology.units.by_id
    for each in (unit, parent):
        if each not in by_id:
            raise NotFoundError(f"there is no unit {each} / 单元不存在")
    old = by_id[unit].parent
    if old not in by_id or by_id[old].level != by_id[parent].level:
        raise BrokenRuleError(Rule.LEVEL, None, [unit, parent])
    if old != parent and topology.units.children[old] == (unit,):
        raise BrokenRuleError(Rule.EMPTY_PARENT, None, [old])
    sketch = Sketch(topology)
    sketch.put_unit(unit, Unit(by_id[unit].level, parent))
    return checked(topology, sketch, ground, units_apart(topology, old, parent))


def units_apart(topology: Topology, one: int, other: int) -> tuple[int, ...]:
    """The units that hold one of two but not both, themselves included."""
    above = set(topology.units.above(one)) ^ set(topology.units.above(other))
    return tuple(sorted(above))
