"""An arc that two editors touched: its pieces after each, and the pieces after both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import shapely

from grids.arcs.change import Change
from grids.arcs.model import Arc, Coords, Edge, Node

type Chain = Sequence[tuple[int, Arc]]


def pieces_of(change: Change, arc_id: int) -> Chain:
    """What became of an arc of the base: itself, and the new arcs cut from it."""
    own = [arc_id, *(new for new, old in sorted(change.cut_from.items()) if old == arc_id)]
    found = ((i, change.arcs[i][1]) for i in own if i in change.arcs)
    return [(i, arc) for i, arc in found if arc is not None]


def cut_from_pieces(change: Change, done: Change) -> Change:
    """`change`, made after `done`: its new pieces are cut from the pieces that `done` left."""
    cut_from = {
        new: _holding_line(pieces_of(done, old), change.arcs[new][1]) or old
        for new, old in change.cut_from.items()
    }
    return replace(change, cut_from=cut_from)


def _holding_line(chain: Chain, part: Arc | None) -> int | None:
    """The one of some pieces that a part of their line lies on."""
    if part is None or len(chain) < 2:
        return None
    middle = shapely.Point(part.coords[:2].mean(axis=0))
    lines = [shapely.LineString(arc.coords) for _, arc in chain]
    return chain[int(np.argmin(shapely.distance(lines, middle)))][0]


@dataclass(frozen=True)
class Pieces:
    """The pieces of one arc after a change, in no order."""

    chain: Chain

    @cached_property
    def in_order(self) -> Chain | None:
        """The pieces one after the other; None if they don't form one line."""
        by_start = {arc.start: (i, arc) for i, arc in self.chain}
        ends = {arc.end for _, arc in self.chain}
        first = [piece for piece in self.chain if piece[1].start not in ends]
        if len(by_start) != len(self.chain) or len(first) != 1:
            return self.chain if len(self.chain) == 1 else None
        line = first
        while len(line) < len(self.chain):
            following = by_start.get(line[-1][1].end)
            if following is None:
                return None
            line.append(following)
        return line

    def keeps_line_of(self, base: Arc) -> bool:
        """Whether the arc was only cut, or left as it was: its vertices are all there, in order."""
        line = self.in_order
        if line is None:
            return False
        coords = np.concatenate([*(arc.coords[:-1] for _, arc in line), line[-1][1].coords[-1:]])
        cuts = [arc.end for _, arc in line[:-1] if arc.end_cut is not None]
        known = set(map(tuple, base.coords.tolist()))
        keep = [node in known or node not in cuts for node in map(tuple, coords.tolist())]
        return bool(np.array_equal(coords[keep], base.coords))

    @property
    def is_whole(self) -> bool:
        """Whether it is still one arc."""
        return len(self.chain) == 1


def merged_pieces(base: Arc, one: Pieces, other: Pieces) -> dict[int, Arc] | None:
    """The pieces after both changes, by id; None where these dispute line or side.

    One of them must have left the line whole, or both must only have cut it.
    """
    for sides, lines in ((one, other), (other, one)):
        if sides.is_whole and sides.keeps_line_of(base):
            return _relabelled(base, sides.chain[0][1], lines.chain)
    # Two editors' rings begin at different cuts, so that their pieces can't be compared.
    if not base.is_closed and one.keeps_line_of(base) and other.keeps_line_of(base):
        return _cut_by_both(base, one, other)
    return None


def _relabelled(base: Arc, sides: Arc, lines: Chain) -> dict[int, Arc] | None:
    """The pieces of one change, with the sides that the other one gave to the whole."""
    merged = {}
    for arc_id, arc in lines:
        labels = sides_after_both(base, sides, arc)
        if labels is None:
            return None
        merged[arc_id] = replace(arc, left=labels[0], right=labels[1])
    return merged


def sides_after_both(base: Arc, one: Arc, other: Arc) -> tuple[int, int] | None:
    """Left and right after both; None if they gave one side to different units."""
    left = _either(base.left, one.left, other.left)
    right = _either(base.right, one.right, other.right)
    return None if left is None or right is None or left == right else (left, right)


def _either(base: int, one: int, other: int) -> int | None:
    if one in {base, other}:
        return other
    return one if other == base else None


@dataclass(frozen=True)
class _Break:
    """Where a piece begins: how far along the base's line, at which vertex, cut from which edge."""

    edge: int
    share: float
    node: Node
    cut: Edge | None


def _cut_by_both(base: Arc, one: Pieces, other: Pieces) -> dict[int, Arc] | None:
    """The base's line, cut wherever one of them cut it."""
    first, second = _breaks(base, one), _breaks(base, other)
    places = sorted({**second, **first}, key=lambda it: (it.edge, it.share))
    merged: dict[int, Arc] = {}
    for place, following in zip(places, [*places[1:], None], strict=True):
        here = [_holding(breaks, place) for breaks in (first, second)]
        labels = sides_after_both(base, here[0][1], here[1][1])
        if labels is None:
            return None
        arc_id = (first.get(place) or second[place])[0]
        merged[arc_id] = Arc(
            _stretch(base, place, following),
            *labels,
            place.cut if place.node != base.start else base.start_cut,
            following.cut if following else base.end_cut,
        )
    return merged


def _breaks(base: Arc, pieces: Pieces) -> dict[_Break, tuple[int, Arc]]:
    """Of each piece where it begins."""
    known = {(x, y): index for index, (x, y) in enumerate(base.coords.tolist())}
    found = {}
    edge = 0  # the last vertex of the base that was passed
    for arc_id, arc in pieces.in_order or ():
        edge = known.get(arc.start, edge)
        share = 0.0 if arc.start in known else _share(base, edge, arc.start)
        found[_Break(edge, share, arc.start, arc.start_cut)] = (arc_id, arc)
        edge = max(known.get((x, y), edge) for x, y in arc.coords.tolist())
    return found


def _share(base: Arc, edge: int, node: Node) -> float:
    start, end = base.coords[edge], base.coords[edge + 1]
    return float((np.array(node) - start) @ (end - start) / ((end - start) @ (end - start)))


def _holding(breaks: dict[_Break, tuple[int, Arc]], place: _Break) -> tuple[int, Arc]:
    """The piece that a place lies in."""
    before = [it for it in breaks if (it.edge, it.share) <= (place.edge, place.share)]
    return breaks[max(before, key=lambda it: (it.edge, it.share))]


def _stretch(base: Arc, first: _Break, last: _Break | None) -> Coords:
    """The base's line from one break to the next, or to its end."""
    if last is None:
        return np.concatenate([[first.node], base.coords[first.edge + 1 :]])
    until = last.edge + (1 if last.share > 0 else 0)
    return np.concatenate([[first.node], base.coords[first.edge + 1 : until], [last.node]])
