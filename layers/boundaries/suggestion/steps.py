"""What a rebalance suggests, drawn into a draft by the steps that a person would take.

Village by village: micro-grids are cut, new grids grouped, micro-grids given to other grids, and a
grid that would keep nothing is merged into the one that gets its last. A step may have to wait for
another (no grid may fall into pieces on the way), so that what can't be done yet is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import shapely
from shapely.geometry.base import BaseGeometry

from grids.arcs.metric import MetricArcs
from grids.arcs.rules import BrokenRuleError, Ground
from grids.arcs.trace import metric_polygon
from grids.rebalance.cut_lines import lines_around
from grids.rebalance.outcome import Cut, Suggestion
from grids.rebalance.town import Floats
from layers.boundaries.cache import DraftState
from layers.boundaries.desk import Edited
from layers.boundaries.draft_rows import Order

type Draw = Callable[[DraftState, Order], Edited]
"""Carries out and stores one step."""

_SLIVER_M2 = 20.0  # less is what an end of a line leaves that snapped to a vertex


class UndrawableError(Exception):
    """The steps to what was suggested for a village can't be taken.

    Attributes:
        village: its id.
        reason: which rule they would break.
    """

    def __init__(self, village: int, reason: str) -> None:
        super().__init__(reason)
        self.village, self.reason = village, reason


@dataclass
class _Plan:
    """What a village still waits for.

    Attributes:
        goals: of micro-grids that are not in their grid yet, that grid; a new one is negative.
        closing: the grids that shall keep nothing.
    """

    village: int
    goals: dict[int, int] = field(default_factory=dict)
    closing: frozenset[int] = frozenset()


class Drawing:
    """A draft while a suggestion is drawn into it.

    Args:
        state: the draft without any step.
        ground: metres and rules.
        draw: stores a step.
    """

    def __init__(self, state: DraftState, ground: Ground, draw: Draw) -> None:
        self.state = state
        self._ground = ground
        self._draw = draw
        self.cut_off: dict[int, int] = {}
        """Of each new micro-grid the one that it was cut from."""

    def village(self, village: int, suggestion: Suggestion, leaves: Sequence[int]) -> None:
        """Draw all that is suggested for one village.

        Args:
            leaves: the ids of the town's micro-grids, in the suggestion's order.

        Raises:
            UndrawableError: some step can't be taken; the draft is to be thrown away.
        """
        try:
            plan = self._plan(village, suggestion, leaves)
            while plan.goals:
                self._take_a_step(plan)
        except BrokenRuleError as error:
            raise UndrawableError(village, error.message) from error

    def _plan(self, village: int, suggestion: Suggestion, leaves: Sequence[int]) -> _Plan:
        units = self.state.now.topology.units
        cuts = _by_leaf(suggestion.cuts)
        plan = _Plan(village, closing=frozenset(suggestion.closed_grids))
        for leaf, grid in zip(leaves, suggestion.grids.tolist(), strict=True):
            if units.at_level(leaf, units.by_id[village].level) != village:
                continue
            pieces = self._cut(leaf, cuts[leaf], grid) if leaf in cuts else {leaf: grid}
            plan.goals |= {unit: to for unit, to in pieces.items() if to != self._grid(unit)}
        return plan

    def _grid(self, unit: int) -> int:
        return self.state.now.topology.units.by_id[unit].parent

    def _do(self, kind: str, **parameters: object) -> Edited:
        edited = self._draw(self.state, Order(kind, parameters))
        self.state = edited.state
        return edited

    # Cutting

    def _cut(self, leaf: int, cuts: Sequence[Cut], grid: int) -> dict[int, int]:
        """Cut a micro-grid along the borders of parts; the pieces, each with its grid."""
        pieces = [leaf]
        for cut in cuts:
            for piece in tuple(pieces):
                pieces += self._cut_piece(piece, cut)
        self.cut_off |= dict.fromkeys(pieces[1:], leaf)
        shapes = {piece: self._shape(piece).representative_point() for piece in pieces}
        parts = [(cut.part, cut.to_grid) for cut in cuts]
        return {
            piece: next((to for part, to in parts if part.contains(middle)), grid)
            for piece, middle in shapes.items()
        }

    def _cut_piece(self, piece: int, cut: Cut) -> list[int]:
        """Cut along the part's border, line by line; the new pieces."""
        shape = self._shape(piece)
        inside = shapely.intersection(shape, cut.part).area
        lines = lines_around(shape, cut.part)
        if not lines or min(inside, shape.area - inside) < _SLIVER_M2:
            return []
        new = self._split(piece, lines[0])
        return [new, *self._cut_piece(piece, cut), *self._cut_piece(new, cut)]

    def _split(self, piece: int, line: Floats) -> int:
        lonlat = self._ground.plane.to_lonlat(line)
        edited = self._do("split", unit=piece, line=lonlat.tolist())
        return next(u for u, (was, _) in edited.redraw.attributes.items() if was is None)

    def _shape(self, unit: int) -> BaseGeometry:
        topology = self.state.now.topology
        return metric_polygon(topology, MetricArcs(topology.coords, self._ground.plane), unit)

    # Giving micro-grids to grids

    def _take_a_step(self, plan: _Plan) -> None:
        """The first step that the rules allow.

        Raises:
            BrokenRuleError: they allow none; the rule that the first one would break.
        """
        refusal: BrokenRuleError | None = None
        for units in self._batches(plan):
            try:
                self._give(plan, units)
            except BrokenRuleError as error:
                refusal = refusal or error
            else:
                return
        assert refusal is not None  # where there are goals there are batches
        raise refusal

    def _batches(self, plan: _Plan) -> Iterator[tuple[int, ...]]:
        """What may go together: all from one grid to another; else each by itself."""

        def way(unit: int) -> tuple[bool, int, int]:
            # New grids first: they are what others' micro-grids go to.
            return plan.goals[unit] >= 0, self._grid(unit), plan.goals[unit]

        units = sorted(plan.goals, key=lambda unit: (way(unit), unit))
        together = [tuple(each) for _, each in groupby(units, way)]
        yield from together
        yield from ((unit,) for each in together if len(each) > 1 for unit in each)

    def _give(self, plan: _Plan, units: tuple[int, ...]) -> None:
        """Let some micro-grids of one grid go to another one."""
        grid, to = self._grid(units[0]), plan.goals[units[0]]
        below = self.state.now.topology.units.children[grid]
        if to < 0:
            edited = self._do("group", units=list(units))
            new = next(u for u, (was, _) in edited.redraw.attributes.items() if was is None)
            plan.goals |= {u: new for u, goal in plan.goals.items() if goal == to}
        elif grid in plan.closing and set(units) >= set(below):
            self._do("merge", survivor=to, absorbed=grid)
        else:
            self._do("set_parent", **_named(units), parent=to)
        for unit in units:
            del plan.goals[unit]


def _named(units: tuple[int, ...]) -> Mapping[str, object]:
    return {"unit": units[0]} if len(units) == 1 else {"units": list(units)}


def _by_leaf(cuts: Sequence[Cut]) -> dict[int, list[Cut]]:
    found: dict[int, list[Cut]] = {}
    for cut in cuts:
        found.setdefault(cut.leaf, []).append(cut)
    return found
