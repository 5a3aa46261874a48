"""Two changes of the same coverage made one: what touches different arcs lands by itself.

Arcs are compared field by field: one editor may move an arc while the other divides the face beside
it. Cuts that both set in one arc are both kept, since they leave its line as it is. What is left
are arcs whose line, or whose same side, both have changed: these are told, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from grids.arcs.change import Before, Change, Edit, apply_change
from grids.arcs.joins import with_sides_of
from grids.arcs.local_check import check_edit
from grids.arcs.model import OUTSIDE, Arc, Topology, Unit
from grids.arcs.outline import roots
from grids.arcs.pieces import Pieces, cut_from_pieces, merged_pieces, pieces_of
from grids.arcs.rules import BrokenRuleError, Ground
from spatial.errors import ConflictError

type Versions[T] = tuple[T | None, T | None, T | None]  # base, first, second


@dataclass(frozen=True)
class Merged:
    """Two changes as one.

    Attributes:
        topology: the base after both.
        change: from the base to there.
        second: what is left to do after the first change.
        first: what is left to do after the second one, by its new ids.
        renumbered: new arcs of the second change whose ids the first one has taken: their new ids.
    """

    topology: Topology
    change: Change
    second: Change
    first: Change
    renumbered: Mapping[int, int]


class MergeConflictError(ConflictError):
    """Two changes can't both hold.

    Attributes:
        arcs: disputed arcs by id: at the base, after the first change, after the second.
        units: disputed units, likewise.
        broken: the rule that both together would break, if that is why.
    """

    def __init__(
        self,
        arcs: Mapping[int, Versions[Arc]],
        units: Mapping[int, Versions[Unit]],
        broken: BrokenRuleError | None = None,
    ) -> None:
        self.arcs, self.units, self.broken = dict(arcs), dict(units), broken
        named = [f"arc {i}" for i in sorted(arcs)] + [f"unit {i}" for i in sorted(units)]
        why = f": {broken.message}" if broken else ""
        super().__init__(
            f"both changes touch {', '.join(named[:5]) or 'the same place'}{why} / 两次改动冲突",
            remedy="choose one version of each",
        )


def merge_changes(base: Topology, first: Change, second: Change, ground: Ground) -> Merged:
    """Both changes of `base`, as one.

    New arcs of the second change get other ids where the first one uses them.

    Raises:
        MergeConflictError: names the arcs and units that both dispute, with all versions; or the
            rule that both together would break.
    """
    renumbered = _taken(base, first, second)
    second = with_other_ids(second, renumbered)
    arcs, disputed = _merged_arcs(base, first, second)
    units, disputed_units = _merged_units(first, second)
    if disputed or disputed_units:
        raise _conflict(base, (first, second), disputed, disputed_units)
    change = Change(
        {i: (base.arcs.get(i), arc) for i, arc in arcs.items() if base.arcs.get(i) != arc},
        units,
        {i: a for i, a in {**first.cut_from, **second.cut_from}.items() if arcs.get(i)},
        {**first.joined_into, **second.joined_into},
    )
    topology = _checked(base, change, (first, second), ground)
    rests = [cut_from_pieces(each.inverse.then(change), each) for each in (first, second)]
    return Merged(topology, change, rests[0], rests[1], renumbered)


def with_other_ids(change: Change, ids: Mapping[int, int]) -> Change:
    """The change with other ids for its new arcs."""
    return Change(
        {ids.get(i, i): pair for i, pair in change.arcs.items()},
        change.units,
        {ids.get(i, i): ids.get(source, source) for i, source in change.cut_from.items()},
        {ids.get(i, i): ids.get(into, into) for i, into in change.joined_into.items()},
    )


def _taken(base: Topology, first: Change, second: Change) -> dict[int, int]:
    """Of new arcs of the second change whose ids the first uses: ids that nobody uses."""
    new = [{i for i in change.arcs if i not in base.arcs} for change in (first, second)]
    free = max([base.next_arc - 1, *new[0], *new[1]]) + 1
    return {old: free + number for number, old in enumerate(sorted(new[0] & new[1]))}


def _merged_arcs(
    base: Topology, first: Change, second: Change
) -> tuple[dict[int, Arc | None], list[int]]:
    """What becomes of each arc that one of them touches, and the arcs that both dispute."""
    arcs: dict[int, Arc | None] = {}
    for change in (first, second):
        arcs |= {i: after for i, (before, after) in change.arcs.items() if before is None}
    joined = {
        **with_sides_of(base.arcs, second, first),
        **with_sides_of(base.arcs, first, second),
    }
    arcs |= joined
    touched = (first.arcs.keys() | second.arcs.keys()) & base.arcs.keys()
    disputed = []
    for arc_id in sorted(touched - joined.keys()):
        if arc_id not in second.arcs or arc_id not in first.arcs:
            only = first if arc_id in first.arcs else second
            arcs[arc_id] = only.arcs[arc_id][1]
            continue
        merged = _merged_arc(base.arcs[arc_id], arc_id, first, second)
        if merged is None:
            disputed.append(arc_id)
        else:
            arcs |= merged
    return arcs, disputed


def _merged_arc(
    base: Arc, arc_id: int, first: Change, second: Change
) -> dict[int, Arc | None] | None:
    """An arc that both touched, and its pieces by id; None if they dispute it."""
    afters = [change.arcs[arc_id][1] for change in (first, second)]
    chains = [pieces_of(change, arc_id) for change in (first, second)]
    if afters[0] == afters[1] and max(map(len, chains)) <= 1:
        return {arc_id: afters[0]}
    if afters[0] is None or afters[1] is None:
        return None
    merged = merged_pieces(base, Pieces(chains[0]), Pieces(chains[1]))
    if merged is None:
        return None
    gone = {i for chain in chains for i, _ in chain} - merged.keys()
    return {**dict.fromkeys(gone), **merged}


def _merged_units(first: Change, second: Change) -> tuple[dict[int, Before[Unit]], list[int]]:
    both = first.units.keys() & second.units.keys()
    disputed = sorted(
        i
        for i in both
        if first.units[i] != second.units[i] or first.units[i][0] is None  # two new ones of one id
    )
    return {**first.units, **second.units}, disputed


def _conflict(
    base: Topology,
    both: tuple[Change, Change],
    arcs: Iterable[int],
    units: Iterable[int],
    broken: BrokenRuleError | None = None,
) -> MergeConflictError:
    def arc_after(change: Change, i: int) -> Arc | None:
        return change.arcs[i][1] if i in change.arcs else base.arcs.get(i)

    def unit_after(change: Change, i: int) -> Unit | None:
        return change.units[i][1] if i in change.units else base.units.by_id.get(i)

    first, second = both
    by_id = base.units.by_id
    return MergeConflictError(
        {i: (base.arcs.get(i), arc_after(first, i), arc_after(second, i)) for i in arcs},
        {i: (by_id.get(i), unit_after(first, i), unit_after(second, i)) for i in units},
        broken,
    )


def _checked(
    base: Topology, change: Change, both: tuple[Change, Change], ground: Ground
) -> Topology:
    """The topology after the merged change, if its arcs and units still belong together."""
    topology = apply_change(base, change)
    missing = _without_unit(topology, change)
    if missing:
        near = [i for i, (_, arc) in change.arcs.items() if arc and arc.faces & missing]
        raise _conflict(base, both, near, missing)
    above = {up for face in change.faces for up in topology.units.above(face)}
    above -= topology.arcs_of.keys()
    try:
        check_edit(base, Edit(topology, change), ground, sorted(above | set(roots(topology))))
    except BrokenRuleError as error:
        raise _conflict(base, both, _meeting(base, both, error), [], error) from error
    return topology


def _without_unit(topology: Topology, change: Change) -> set[int]:
    """Units that arcs or other units still name though they are gone."""
    by_id = topology.units.by_id
    named = {face for _, arc in change.arcs.values() if arc for face in arc.faces}
    parents = {unit.parent for _, unit in change.units.values() if unit} - {OUTSIDE}
    childless = {
        was.parent
        for was, _ in change.units.values()
        if was and was.parent in by_id and not topology.units.children.get(was.parent)
    }
    return {unit for unit in named | parents if unit not in by_id} | childless


def _meeting(base: Topology, both: tuple[Change, Change], error: BrokenRuleError) -> list[int]:
    """The changed arcs beside the units that the broken rule names."""
    concerned = set(error.units)
    return sorted(
        i
        for i in both[0].arcs.keys() | both[1].arcs.keys()
        if any(
            arc and arc.faces & concerned
            for change in both
            for arc in change.arcs.get(i, (base.arcs.get(i), None))
        )
    )
