"""What an operation must keep, and the error that says which rule it would break, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from grids.arcs.model import Node
from grids.arcs.plane import Plane
from spatial.errors import InputError


class Rule(StrEnum):
    """The rules of a coverage; each says what is wrong where it is broken."""

    CROSSING = "an edge would cross or touch another one / 边界相交"
    COLLAPSED = "an edge would have no length / 边界重合"
    DUPLICATE = "a vertex is there already / 顶点重复"
    INSIDE_OUT = "a unit would turn inside out / 边界翻转"
    AREA = "a unit would be smaller than allowed / 面积过小"
    WIDTH = "a unit would be narrower than allowed / 宽度过窄"
    PIECES = "a unit would fall into several pieces / 单元不连片"
    GAP = "a gap, or a tip as thin as one, would lie at the outline / 外边界处有缝隙或尖角"
    OUTLINE = "the outline may only be changed by its own operation / 外边界须单独调整"
    NOT_NEIGHBOURS = "the two units share no edge / 两单元不相邻"
    NOT_ACROSS = "the line doesn't lead across the unit / 线未穿过单元"
    SEVERAL_CROSSINGS = "the line crosses the unit more than once / 线多次穿过单元"
    LEVEL = "the units are not of the levels that belong together / 层级不符"
    EMPTY_PARENT = "a unit would have nothing left below it / 上级单元将无下级"


_REMEDIES = {
    Rule.CROSSING: "keep it between the edges around",
    Rule.COLLAPSED: "leave the vertices apart, or take one out",
    Rule.DUPLICATE: "choose a place where no edges meet",
    Rule.INSIDE_OUT: "keep the edge between its two units",
    Rule.AREA: "leave it more ground, or merge it with a neighbour",
    Rule.WIDTH: "leave it more ground, or merge it with a neighbour",
    Rule.PIECES: "take the pieces that lie between along, or allow it several pieces",
    Rule.GAP: "close it, or leave a metre and more between the edges",
    Rule.OUTLINE: "change it by moving the outline",
    Rule.NOT_NEIGHBOURS: "choose two units with an edge between them",
    Rule.NOT_ACROSS: "draw it from edge to edge",
    Rule.SEVERAL_CROSSINGS: "cut once, then again",
    Rule.LEVEL: "choose units of one level, or a parent of the level above",
    Rule.EMPTY_PARENT: "merge the unit above with its neighbour instead",
}


class BrokenRuleError(InputError):
    """An operation would break a rule; nothing was changed.

    Attributes:
        rule: which one.
        place: longitude and latitude of where, if it is somewhere.
        units: the units concerned.
    """

    def __init__(
        self, rule: Rule, place: Node | None, units: Iterable[int] = (), remedy: str | None = None
    ) -> None:
        self.rule, self.place, self.units = rule, place, tuple(sorted(units))
        near = f", near {place[0]:.6f}, {place[1]:.6f}" if place else ""
        named = f" [{', '.join(map(str, self.units))}]" if self.units else ""
        super().__init__(f"{rule.value}{named}{near}", remedy=remedy or _REMEDIES[rule])


@dataclass(frozen=True)
class Rules:
    """The measures of the rules.

    Attributes:
        min_area_m2: the least area of a unit of the lowest level.
        min_width_m: its least width: a disk of this diameter fits in, and passes its narrows.
        snap_m: how far from an edge a drawn line may end, and still cut there; a cut nearer than
            this to a vertex goes through the vertex.
        in_pieces: units that may have several pieces.
    """

    min_area_m2: float = 100.0
    min_width_m: float = 2.0
    snap_m: float = 1.0
    in_pieces: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Ground:
    """Where operations take place: the metres of the town, and its rules."""

    plane: Plane
    rules: Rules = Rules()
