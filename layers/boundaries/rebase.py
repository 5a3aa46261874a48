"""A draft over a coverage that has changed meanwhile: another draft took effect, an import came.

Step by step, so that each can still be undone; where only the whole can be merged, as one step.
What both have changed is told with all versions, and the draft stays where it was until its author
chooses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from grids.arcs.change import Before, Change
from grids.arcs.model import Arc
from grids.arcs.rules import BrokenRuleError, Ground
from grids.arcs.three_way import MergeConflictError, Versions, merge_changes
from grids.storeys import MicroGrids
from layers.boundaries.cache import DraftState
from layers.boundaries.draft_rows import Order
from layers.boundaries.redraw import Attributes, Coverage, Redraw
from spatial.errors import ConflictError, InputError
from spatial.numerals import row_id

type Side = Literal["mine", "theirs"]
type Rebased = list[tuple[Order, Redraw]]

REBASED = "rebase"


class DisputeError(ConflictError):
    """The draft and the coverage of today changed the same.

    Attributes:
        arcs, units, names, shares: at the base, as they are today, in the draft; by id.
        broken: the rule that both together would break, if that is why.
    """

    def __init__(
        self,
        arcs: Mapping[int, Versions[Arc]],
        units: Mapping[int, Versions[Any]],
        names: Mapping[int, Versions[Attributes]],
        broken: BrokenRuleError | None = None,
        shares: Mapping[int, Versions[MicroGrids]] | None = None,
    ) -> None:
        self.arcs, self.units, self.names, self.broken = arcs, units, names, broken
        self.shares = shares or {}
        concerned = sorted({*units, *names, *self.shares})
        named = [f"arc {i}" for i in sorted(arcs)] + [f"unit {i}" for i in concerned]
        super().__init__(
            f"the coverage of today and the draft both changed {', '.join(named[:5])}"
            " / 现行边界与草案改动了同一处",
            remedy="choose mine or theirs for each",
        )


@dataclass(frozen=True)
class Choice:
    """Whose version holds where both changed the same.

    Attributes:
        arcs, units: by id.
        otherwise: for those that aren't named.
    """

    arcs: Mapping[int, Side]
    units: Mapping[int, Side]
    otherwise: Side = "theirs"

    @classmethod
    def from_json(cls, document: Any) -> Choice:
        """Read what a client sent.

        Raises:
            InputError: it is something else.
        """
        if not isinstance(document, dict) or document.keys() - {"arcs", "units", "otherwise"}:
            raise InputError("choice has arcs, units and otherwise / 选择不对")
        otherwise = document.get("otherwise", "theirs")
        return cls(
            _sides(document.get("arcs") or {}),
            _sides(document.get("units") or {}),
            _side(otherwise),
        )

    def of_arc(self, arc_id: int) -> Side:
        """Whose version of an arc holds."""
        return self.arcs.get(arc_id, self.otherwise)

    def of_unit(self, unit: int) -> Side:
        """Whose version of a unit holds."""
        return self.units.get(unit, self.otherwise)


def difference(before: Coverage, after: Coverage) -> Redraw:
    """What leads from one coverage to another, whose arcs are known by the same ids."""
    return Redraw(
        Change(
            _different(before.topology.arcs, after.topology.arcs),
            _different(before.topology.units.by_id, after.topology.units.by_id),
        ),
        _different(before.attributes, after.attributes),
        shares=_different(before.shares, after.shares),
    )


def rebased_steps(state: DraftState, theirs: Redraw, ground: Ground) -> Rebased:
    """The draft's steps, made of the coverage of today.

    Args:
        state: the draft on its old base.
        theirs: what the coverage has become since, by the base's ids.

    Raises:
        DisputeError: both changed the same.
    """
    try:
        return _one_by_one(state, theirs, ground)
    except DisputeError:
        merged, _ = _merged(state.base, theirs, state.whole, ground)
        return [(Order(REBASED, {"steps": len(state.done)}), merged)]


def _one_by_one(state: DraftState, theirs: Redraw, ground: Ground) -> Rebased:
    coverage = state.base
    found: Rebased = []
    for step in state.done:
        mine, theirs_after = _merged(coverage, theirs, step.redraw, ground)
        found.append((Order(step.kind, step.parameters), mine))
        coverage, theirs = coverage.after(step.redraw), theirs_after
    return found


def _merged(base: Coverage, theirs: Redraw, mine: Redraw, ground: Ground) -> tuple[Redraw, Redraw]:
    """My change as made after theirs, and theirs as made after mine."""
    disputed = {
        unit: (base.attributes.get(unit), theirs.attributes[unit][1], mine.attributes[unit][1])
        for unit in theirs.attributes.keys() & mine.attributes.keys()
        if _merged_names(theirs.attributes[unit], mine.attributes[unit]) is None
    }
    try:
        shape = merge_changes(base.topology, theirs.shape, mine.shape, ground)
    except MergeConflictError as error:
        raise DisputeError(error.arcs, error.units, disputed, error.broken) from error
    shares = _disputed_shares(base, theirs, mine)
    if disputed or shares:
        raise DisputeError({}, {}, disputed, shares=shares)
    return (
        Redraw(shape.second, _names_after(theirs, mine), mine.lineage, _new(mine, theirs)),
        Redraw(shape.first, _names_after(mine, theirs), theirs.lineage, _new(theirs, mine)),
    )


def _disputed_shares(
    base: Coverage, theirs: Redraw, mine: Redraw
) -> dict[int, Versions[MicroGrids]]:
    """Units whose polygon both have shared out, but not alike."""
    both = theirs.shares.keys() & mine.shares.keys()
    versions = {u: (base.shares.get(u), theirs.shares[u][1], mine.shares[u][1]) for u in both}
    return {unit: each for unit, each in versions.items() if each[1] != each[2]}


def _new(changed: Redraw, done: Redraw) -> dict[int, Before[MicroGrids]]:
    """The shares of a change made after another one, which may have done the same."""
    return {unit: pair for unit, pair in changed.shares.items() if unit not in done.shares}


def _names_after(first: Redraw, second: Redraw) -> dict[int, Before[Attributes]]:
    """The second's names, made after the first's."""
    found = {}
    for unit, (before, after) in second.attributes.items():
        if unit in first.attributes:
            merged = _merged_names(first.attributes[unit], (before, after))
            pair = (first.attributes[unit][1], merged and merged[0])
            if pair[0] != pair[1]:
                found[unit] = pair
        else:
            found[unit] = (before, after)
    return found


def _merged_names(
    first: Before[Attributes], second: Before[Attributes]
) -> tuple[Attributes | None] | None:
    """What both make of a unit's names, field by field; None if they dispute one."""
    base, one, other = first[0], first[1], second[1]
    if one == other:
        return (one,)
    if base is None or one is None or other is None:
        return None
    mine_and_theirs = zip(Attributes._fields, base, one, other, strict=True)
    fields = {name: (was, here, there) for name, was, here, there in mine_and_theirs}
    if any(here != there and was not in {here, there} for was, here, there in fields.values()):
        return None
    changed: dict[str, Any] = {
        name: there if here == was else here for name, (was, here, there) in fields.items()
    }
    return (base._replace(**changed),)


def chosen_step(
    state: DraftState, theirs: Redraw, today: Coverage, ground: Ground, choice: Choice
) -> tuple[Order, Redraw]:
    """The whole draft as one step of the coverage of today, where its author has chosen.

    Raises:
        DisputeError: something else is disputed.
        BrokenRuleError: the versions chosen don't fit together; names the rule and the place.
    """
    mine = state.whole
    try:
        redraw, _ = _merged(state.base, theirs, mine, ground)
    except DisputeError as dispute:
        theirs, mine = _after_choice(dispute, choice, theirs, mine)
        redraw, _ = _merged(state.base, theirs, mine, ground)
    now = state.base.after(theirs).after(redraw)
    redraw = replace(difference(today, now), lineage=mine.lineage)
    return Order(REBASED, {"steps": len(state.done)}), redraw


def _after_choice(
    dispute: DisputeError, choice: Choice, theirs: Redraw, mine: Redraw
) -> tuple[Redraw, Redraw]:
    """Both changes without what the author has not chosen."""
    dropped_arcs: dict[Side, set[int]] = {"mine": set(), "theirs": set()}
    dropped_units: dict[Side, set[int]] = {"mine": set(), "theirs": set()}
    for arc_id in dispute.arcs:
        dropped_arcs["theirs" if choice.of_arc(arc_id) == "mine" else "mine"].add(arc_id)
    for unit in {*dispute.units, *dispute.names, *dispute.shares}:
        dropped_units["theirs" if choice.of_unit(unit) == "mine" else "mine"].add(unit)
    return (
        _without(theirs, dropped_arcs["theirs"], dropped_units["theirs"]),
        _without(mine, dropped_arcs["mine"], dropped_units["mine"]),
    )


def _without(redraw: Redraw, arcs: set[int], units: set[int]) -> Redraw:
    """A change without some arcs and the pieces cut from them, and without some units."""
    cut = {new for new, old in redraw.shape.cut_from.items() if old in arcs}
    shape = Change(
        {i: pair for i, pair in redraw.shape.arcs.items() if i not in arcs | cut},
        {i: pair for i, pair in redraw.shape.units.items() if i not in units},
        {new: old for new, old in redraw.shape.cut_from.items() if new not in cut},
    )
    names = {unit: pair for unit, pair in redraw.attributes.items() if unit not in units}
    shares = {unit: pair for unit, pair in redraw.shares.items() if unit not in units}
    return Redraw(shape, names, redraw.lineage, shares)


def _different[T](before: Mapping[int, T], after: Mapping[int, T]) -> dict[int, Before[T]]:
    found: dict[int, Before[T]] = {}
    for key, value in after.items():
        was = before.get(key)
        if was is not value and was != value:
            found[key] = (was, value)
    for key in before.keys() - after.keys():
        found[key] = (before[key], None)
    return found


def _sides(document: Any) -> dict[int, Side]:
    if not isinstance(document, dict):
        raise _no_choice()
    sides: dict[int, Side] = {}
    for key, value in document.items():
        number = row_id(key)
        if number is None:
            raise _no_choice()
        sides[number] = _side(value)
    return sides


def _no_choice() -> InputError:
    return InputError("choice has ids and mine or theirs / 选择不对")


def _side(value: Any) -> Side:
    if value not in ("mine", "theirs"):
        raise InputError("a choice is mine or theirs / 须选 mine 或 theirs")
    side: Side = value
    return side
