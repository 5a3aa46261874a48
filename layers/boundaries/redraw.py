"""The coverage with the names of its units, and what a step changes of both. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from grids.arcs.change import Before, Change, apply_change
from grids.arcs.codec import change_from_json, change_to_json
from grids.arcs.model import Topology

type Lineage = frozenset[tuple[int, int]]


class Attributes(NamedTuple):
    """What a unit is called."""

    code: str
    name: str
    name_en: str | None = None
    kind: str | None = None


@dataclass(frozen=True)
class Coverage:
    """The units of all levels: shapes and names."""

    topology: Topology
    attributes: Mapping[int, Attributes]

    def after(self, redraw: Redraw) -> Coverage:
        """The coverage after a change that was made of it.

        Raises:
            StaleError: it was made of another one.
        """
        topology = apply_change(self.topology, redraw.shape)
        if not redraw.attributes:
            return Coverage(topology, self.attributes)
        attributes = dict(self.attributes)
        for unit, (_, after) in redraw.attributes.items():
            if after is None:
                attributes.pop(unit, None)
            else:
                attributes[unit] = after
        return Coverage(topology, attributes)


@dataclass(frozen=True)
class Redraw:
    """What one step, or several together, did to a coverage.

    Attributes:
        shape: arcs and units.
        attributes: by unit, before and after; None where it wasn't there.
        lineage: pairs of a unit and the one that it, or a part of it, became.
    """

    shape: Change = field(default_factory=Change)
    attributes: Mapping[int, Before[Attributes]] = field(default_factory=dict)
    lineage: Lineage = frozenset()

    @property
    def inverse(self) -> Redraw:
        """What takes it back."""
        turned = {unit: (after, before) for unit, (before, after) in self.attributes.items()}
        return Redraw(self.shape.inverse, turned)

    def then(self, later: Redraw) -> Redraw:
        """Both as one."""
        attributes = dict(self.attributes)
        for unit, (before, after) in later.attributes.items():
            attributes[unit] = (attributes[unit][0] if unit in attributes else before, after)
        changed = {unit: pair for unit, pair in attributes.items() if pair[0] != pair[1]}
        shape = self.shape.then(later.shape)
        return Redraw(shape, changed, _joined(self.lineage, later.lineage))

    @property
    def units(self) -> frozenset[int]:
        """The units that came, went, moved to another parent or were renamed."""
        return frozenset(self.shape.units) | frozenset(self.attributes)


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
    return document


def redraw_from_json(document: Mapping[str, Any]) -> Redraw:
    """What `redraw_to_json` wrote."""
    attributes: dict[int, Before[Attributes]] = {
        int(unit): (before and Attributes(*before), after and Attributes(*after))
        for unit, (before, after) in document["attributes"].items()
    }
    lineage = frozenset((int(unit), int(became)) for unit, became in document["lineage"])
    return Redraw(change_from_json(document), attributes, lineage)
