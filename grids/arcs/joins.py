"""Arcs that one editor's merge joined while another one gave their sides to other units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from grids.arcs.change import Change
from grids.arcs.model import Arc, Edge, Node
from grids.arcs.pieces import Pieces, pieces_of, sides_after_both


def with_sides_of(
    base: Mapping[int, Arc], joining: Change, labelling: Change
) -> dict[int, Arc | None]:
    """The arcs that `joining` joined, with the sides that `labelling` gave to all their parts.

    Joins that `labelling` didn't touch, or did more to than that, aren't in it.

    Returns:
        The joined arcs by id, and None for their parts.
    """
    found: dict[int, Arc | None] = {}
    for into in sorted(set(joining.joined_into.values()) & base.keys()):
        members = [into, *(i for i, other in joining.joined_into.items() if other == into)]
        if not labelling.arcs.keys().isdisjoint(members):
            whole = _whole(base, members, joining, labelling)
            if whole is not None:
                found |= {**dict.fromkeys(members), into: whole}
    return found


def _whole(
    base: Mapping[int, Arc], members: Iterable[int], joining: Change, labelling: Change
) -> Arc | None:
    """The joined arc with its sides after both; None if the changes dispute it."""
    into, *others = members
    pieces = pieces_of(joining, into)
    if len(pieces) != 1 or pieces[0][1].is_closed:
        return None
    whole = pieces[0][1]
    sides = {_sides(base, i, whole, labelling) for i in (into, *others) if i in base}
    side = sides.pop()
    if sides or side is None:
        return None
    return Arc(whole.coords, *side, whole.start_cut, whole.end_cut)


def _sides(
    base: Mapping[int, Arc], arc_id: int, whole: Arc, labelling: Change
) -> tuple[int, int] | None:
    """What both make of the sides of the whole, to judge by one of its parts."""
    was = base[arc_id]
    now = pieces_of(labelling, arc_id) if arc_id in labelling.arcs else [(arc_id, was)]
    along = _runs_along(was, whole)
    if along is None or not (len(now) == 1 and Pieces(now).keeps_line_of(was)):
        return None
    part = now[0][1]
    if not along:
        was, part = was.turned(), part.turned()
    return sides_after_both(was, part, whole)


def _runs_along(part: Arc, whole: Arc) -> bool | None:
    """Whether a part runs as the whole does; None where that can't be seen."""
    places = {(x, y): place for place, (x, y) in enumerate(whole.coords.tolist())}
    start = _place(places, part.start, part.start_cut)
    end = _place(places, part.end, part.end_cut)
    return None if start is None or end is None or start == end else start < end


def _place(places: Mapping[Node, int], node: Node, cut: Edge | None) -> float | None:
    """How far along the whole a vertex lies; one that a cut had set and is gone, by its edge."""
    if node in places:
        return places[node]
    if cut is None or cut[0] not in places or cut[1] not in places:
        return None
    return (places[cut[0]] + places[cut[1]]) / 2
