"""Units of a coverage and their codes by a scheme: who follows it, and all numbered anew. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import shapely

from grids.arcs.metric import MetricArcs
from grids.arcs.model import OUTSIDE, Topology, Units
from grids.arcs.rules import Ground
from grids.arcs.trace import metric_polygon
from grids.codes import LEVELS, CodeScheme, reading_order
from spatial.errors import InputError, NotFoundError

type Codes = Mapping[int, str]  # by unit


def code_fault(scheme: CodeScheme, units: Units, codes: Codes, unit: int) -> str | None:
    """Why a unit's code is not well formed below that of its parent; None when it is."""
    level, parent = units.by_id[unit]
    above = None if parent == OUTSIDE else codes.get(parent)
    return scheme.fault(codes[unit], level, above)


def follows_scheme(scheme: CodeScheme, units: Units, codes: Codes, level: int) -> bool:
    """Whether more than half of a level's units have well-formed codes.

    A town that came with codes of its own keeps them; some odd codes don't make it such a town.
    """
    of_level = [unit for unit, each in units.by_id.items() if each.level == level]
    enough = len(of_level) // 2 + 1
    good = (unit for unit in of_level if code_fault(scheme, units, codes, unit) is None)
    return len(list(islice(good, enough))) == enough


@dataclass(frozen=True)
class Renumbering:
    """Units numbered anew: which codes they have, and which there ever were.

    Attributes:
        codes: of every unit, as they are.
        formerly: as they were before all changes that aren't in effect: free where their unit gets
            a new one.
        given: every code that was ever given and begins as that of the unit below which is
            renumbered.
    """

    topology: Topology
    ground: Ground
    scheme: CodeScheme
    codes: Codes
    formerly: Codes
    given: Collection[str]

    def new_codes(self, top: int, level: int) -> dict[int, str]:
        """Codes for everything below a unit, from a level down, in reading order.

        The levels below follow, since their codes begin so. Units pass their codes on among
        themselves; those of others and retired ones stay out.

        Raises:
            NotFoundError: there is no such unit.
            InputError: the level isn't below it.
            ConflictError: there are more units than codes.
        """
        self._require(top, level)
        parents = list(self._parents(top, level))
        taken = self._taken({child for up in parents for child in self._children(up)})
        metric = self._metric(top)
        found: dict[int, str] = {}
        for parent in parents:
            prefix = found.get(parent, self.codes[parent])
            children = self._in_order(self._children(parent), metric)
            below = self.topology.units.by_id[children[0]].level
            present = [self.codes[child] for child in children]
            given = taken[prefix, self.scheme.digits[below]] | set(present)
            numbered = self.scheme.renumber(prefix, below, present, given)
            found.update(zip(children, numbered, strict=True))
        return found

    def _require(self, top: int, level: int) -> None:
        unit = self.topology.units.by_id.get(top)
        if unit is None:
            raise NotFoundError(f"there is no unit {top} / 单元不存在")
        if not unit.level < level <= LEVELS[-1]:
            raise InputError(
                "level has to be below that of the unit / 须选更低的层级",
                remedy="2 villages, 3 grids, 4 micro-grids",
            )

    def _children(self, unit: int) -> tuple[int, ...]:
        return self.topology.units.children.get(unit, ())

    def _parents(self, top: int, level: int) -> Iterator[int]:
        """The units whose children get codes, from the top down."""
        waiting = [top]
        while waiting:
            unit, *waiting = waiting
            children = self._children(unit)
            waiting += children
            if children and self.topology.units.by_id[children[0]].level >= level:
                yield unit

    def _taken(self, renumbered: set[int]) -> Mapping[tuple[str, int], set[str]]:
        """Codes that no one may get, by what they begin with and how many digits follow."""
        stay = {code for unit, code in self.codes.items() if unit not in renumbered}
        own = {
            codes[unit]
            for codes in (self.codes, self.formerly)
            for unit in renumbered & codes.keys()
        }
        found: dict[tuple[str, int], set[str]] = defaultdict(set)
        for code in (set(self.given) - own) | stay:
            for digits in set(self.scheme.digits.values()):
                found[code[:-digits], digits].add(code)
        return found

    def _metric(self, top: int) -> MetricArcs:
        metric = MetricArcs(self.topology.coords, self.ground.plane)
        arcs_of = self.topology.arcs_of
        metric.load(set[int]().union(*(arcs_of[f] for f in self.topology.units.leaves(top))))
        return metric

    def _in_order(self, units: Collection[int], metric: MetricArcs) -> list[int]:
        """From north to south and from west to east; see `reading_order`."""
        ids = sorted(units)
        shapes = [metric_polygon(self.topology, metric, unit) for unit in ids]
        bounds = shapely.bounds(shapes)
        centres = shapely.get_coordinates(shapely.centroid(shapes))
        return [ids[row] for row in reading_order(centres, bounds[:, 3] - bounds[:, 1])]
