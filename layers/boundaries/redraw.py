"""The coverage with the names of its units, and what a step changes of both. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from grids.arcs.change import Before, Change, apply_change
from grids.arcs.codec import change_from_json, change_to_json
from grids.arcs.model import Topology
from grids.storeys import MicroGrids, micro_grids_from_json, micro_grids_to_json

type Lineage = frozenset[tuple[int, int]]


class Attributes(NamedTuple):
    """What a unit is called."""

    code: str
    name: str
    name_en: str | None = None
    kind: str | None = None


@dataclass(frozen=True)
class Coverage:
    """The units of all levels: shapes, names, and the micro-grids that share a polygon."""

    topology: Topology
    attributes: Mapping[int, Attributes]
    shares: Mapping[int, MicroGrids] = field(default_factory=dict)

    def after(self, redraw: Redraw) -> Coverage:
        """The coverage after a change that was made of it.

        Raises:
            StaleError: it was made of another one.
        """
        topology = apply_change(self.topology, redraw.shape)
        attributes = _after(self.attributes, redraw.attributes)
        return Coverage(topology, attributes, _after(self.shares, redraw.shares))

    def is_same(self, other: Coverage) -> bool:
        """Whether shapes (bit for bit), names and shares are the same."""
        same_names = self.attributes == other.attributes and self.shares == other.shares
        return same_names and self.topology.is_same(other.topology)


@dataclass(frozen=True)
class Redraw:
    """What one step, or several together, did to a coverage.

    Attributes:
        shape: arcs and units.
        attributes: by unit, before and after; None where it wasn't there.
        lineage: pairs of a unit and the one that it, or a part of it, became.
        shares: likewise the micro-grids that share a unit's polygon.
    """

    shape: Change = field(default_factory=Change)
    attributes: Mapping[int, Before[Attributes]] = field(default_factory=dict)
    lineage: Lineage = frozenset()
    shares: Mapping[int, Before[MicroGrids]] = field(default_factory=dict)

    @property
    def inverse(self) -> Redraw:
        """What takes it back."""
        attributes, shares = _turned(self.attributes), _turned(self.shares)
        return Redraw(self.shape.inverse, attributes, shares=shares)

    def then(self, later: Redraw) -> Redraw:
        """Both as one."""
        return Redraw(
            self.shape.then(later.shape),
            _both(self.attributes, later.attributes),
            _joined(self.lineage, later.lineage),
            _both(self.shares, later.shares),
        )

    @property
    def units(self) -> frozenset[int]:
        """The units that came, went, moved to another parent, were renamed or shared out."""
        return frozenset(self.shape.units) | frozenset(self.attributes) | frozenset(self.shares)


def _after[T](there: Mapping[int, T], changed: Mapping[int, Before[T]]) -> Mapping[int, T]:
    if not changed:
        return there
    kept = {unit: value for unit, value in there.items() if unit not in changed}
    return kept | {unit: after for unit, (_, after) in changed.items() if after is not None}


def _turned[T](pairs: Mapping[int, Before[T]]) -> dict[int, Before[T]]:
    return {unit: (after, before) for unit, (before, after) in pairs.items()}


def _both[T](
    first: Mapping[int, Before[T]], later: Mapping[int, Before[T]]
) -> dict[int, Before[T]]:
    pairs = dict(first)
    for unit, (before, after) in later.items():
        pairs[unit] = (first[unit][0] if unit in first else before, after)
    return {unit: pair for unit, pair in pairs.items() if pair[0] != pair[1]}


def together(redraws: Iterable[Redraw]) -> Redraw:
    """All of them, one after the other, as one."""
    whole = Redraw()
    for redraw in redraws:
        whole = whole.then(redraw)
    return whole


def _joined(first: Lineage, later: Lineage) -> Lineage:
    """a → b and b → c is a → c too; who asks drops the pairs whose units aren't there."""
    through = {(a, c) for a, b in first for b_, c in later if b == b_}
    return first | later | through


def redraw_to_json(redraw: Redraw) -> dict[str, Any]:
    """As it is stored: exact, since every float is written in full."""
    document: dict[str, Any] = change_to_json(redraw.shape)
    document["attributes"] = {
        str(unit): [each and list(each) for each in pair]
        for unit, pair in redraw.attributes.items()
    }
    document["lineage"] = sorted(map(list, redraw.lineage))
    document["shares"] = {
        str(unit): [each and micro_grids_to_json(each) for each in pair]
        for unit, pair in redraw.shares.items()
    }
    return document


def redraw_from_json(document: Mapping[str, Any]) -> Redraw:
    """What `redraw_to_json` wrote."""
    attributes: dict[int, Before[Attributes]] = {
        int(unit): (before and Attributes(*before), after and Attributes(*after))
        for unit, (before, after) in document["attributes"].items()
    }
    lineage = frozenset((int(unit), int(became)) for unit, became in document["lineage"])
    # Steps of before shares were there have none.
    shares: dict[int, Before[MicroGrids]] = {
        int(unit): (
            before and micro_grids_from_json(before),
            after and micro_grids_from_json(after),
        )
        for unit, (before, after) in document.get("shares", {}).items()
    }
    return Redraw(change_from_json(document), attributes, lineage, shares)
