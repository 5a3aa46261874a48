"""What changes from a topology to arcs that were made anew: arc by arc, by their lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from grids.arcs.change import Before, Change
from grids.arcs.cuts import canonical_start, rolled
from grids.arcs.descent import descend
from grids.arcs.model import Arc, Topology, Unit


def change_to(before: Topology, arcs: Iterable[Arc], units: Mapping[int, Unit]) -> Change:
    """The change after which a topology has these arcs and units.

    An arc whose line is there already, whichever way it runs, keeps its id and its coordinates.
    One that was moved, cut or joined keeps its id too; all others get ids from `before.next_arc`
    on.

    Args:
        arcs: of the whole coverage, their ids left aside.
        units: of all levels.
    """
    known = {_line_key(arc): arc_id for arc_id, arc in before.arcs.items()}
    after: dict[int, Arc] = {}
    new: list[Arc] = []
    for arc in arcs:
        arc_id = known.get(_line_key(arc))
        if arc_id is None:
            new.append(arc)
        else:
            after[arc_id] = _as_before(arc, before.arcs[arc_id])
    gone = {arc_id: arc for arc_id, arc in before.arcs.items() if arc_id not in after}
    descent = descend(gone, new, before.next_arc)
    return Change(
        _different(before.arcs, after | descent.arcs),
        _different(before.units.by_id, units),
        descent.cut_from,
        descent.joined_into,
    )


def _different[T](before: Mapping[int, T], after: Mapping[int, T]) -> dict[int, Before[T]]:
    pairs = {key: (before.get(key), after.get(key)) for key in {**before, **after}}
    return {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}


def _line_key(arc: Arc) -> bytes:
    """Equal for the same line whichever way it runs, and wherever a ring begins."""
    coords = rolled(arc.coords, canonical_start(arc.coords)) if arc.is_closed else arc.coords
    return min(coords.tobytes(), coords[::-1].tobytes())


def _as_before(arc: Arc, old: Arc) -> Arc:
    """The arc as it ran before, with its cuts, between the faces of now."""
    for same in (arc, arc.turned()):
        if same.coords.tobytes() == old.coords.tobytes():
            return Arc(old.coords, same.left, same.right, old.start_cut, old.end_cut)
    return _ring_as_before(arc, old)


def _ring_as_before(arc: Arc, old: Arc) -> Arc:
    """A ring that begins elsewhere, perhaps turned: as it began before."""
    start = canonical_start(old.coords)
    for same in (arc, arc.turned()):
        if (
            rolled(same.coords, canonical_start(same.coords)).tobytes()
            == rolled(old.coords, start).tobytes()
        ):
            return Arc(old.coords, same.left, same.right, old.start_cut, old.end_cut)
    return arc
