"""What an operation did to arcs and units, arc by arc; its inverse undoes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from grids.arcs.model import Arc, Node, Topology, Unit, Units
from spatial.errors import StaleError

type Before[T] = tuple[T | None, T | None]


@dataclass(frozen=True)
class Change:
    """Before and after of everything that an operation touched; None where there was nothing.

    Attributes:
        arcs: by id.
        units: by id; their level and parent.
        cut_from: of each new arc that is a piece of an older one: the older one.
        joined_into: of each arc that became part of another one: the other one.
    """

    arcs: Mapping[int, Before[Arc]] = field(default_factory=dict)
    units: Mapping[int, Before[Unit]] = field(default_factory=dict)
    cut_from: Mapping[int, int] = field(default_factory=dict)
    joined_into: Mapping[int, int] = field(default_factory=dict)

    @property
    def inverse(self) -> Change:
        """The change that undoes this one, to the same bytes."""
        return Change(
            {arc_id: (after, before) for arc_id, (before, after) in self.arcs.items()},
            {unit_id: (after, before) for unit_id, (before, after) in self.units.items()},
        )

    @property
    def faces(self) -> frozenset[int]:
        """The faces beside any arc that changed, before or after, and the units that changed."""
        arcs = (arc for pair in self.arcs.values() for arc in pair if arc is not None)
        return frozenset(self.units).union(*(arc.faces for arc in arcs))

    def then(self, later: Change) -> Change:
        """Both, one after the other, as one change; what `later` undoes drops out."""
        arcs = _joined(self.arcs, later.arcs)
        new = {i for i, (before, _) in arcs.items() if before is None}
        gone = {i for i, (_, after) in arcs.items() if after is None}
        cut = {i: self.cut_from.get(old, old) for i, old in later.cut_from.items()}
        joined = {i: later.joined_into.get(into, into) for i, into in self.joined_into.items()}
        return Change(
            arcs,
            _joined(self.units, later.units),
            _only(new, {**self.cut_from, **cut}),
            _only(gone, {**joined, **later.joined_into}),
        )


class Edit(NamedTuple):
    """What an operation gives back: the topology after it, and what it changed."""

    topology: Topology
    change: Change


def apply_change(topology: Topology, change: Change) -> Topology:
    """The topology after `change`, which must have been made of the same arcs and units.

    Raises:
        StaleError: an arc or a unit isn't as it was when the change was made.
    """
    stale = [i for i, (before, _) in change.arcs.items() if topology.arcs.get(i) != before]
    stale += [i for i, (was, _) in change.units.items() if topology.units.by_id.get(i) != was]
    if stale:
        named = ", ".join(map(str, sorted(stale)[:5]))
        raise StaleError(
            f"arcs or units {named} have changed since / 边界已被改动",
            remedy="open the draft again and repeat the change",
        )
    units = topology.units
    if change.units:
        units = Units(_changed(units.by_id, {i: after for i, (_, after) in change.units.items()}))
    return _with_arcs(topology, units, {i: after for i, (_, after) in change.arcs.items()})


def part_around(topology: Topology, faces: Iterable[int]) -> Topology:
    """The arcs beside some faces and those that meet them, to change these alone many times.

    What was changed in the part can be applied to the whole. Units and the index are the whole's.
    """
    beside = {i for face in faces for i in topology.arcs_of[face]}
    nodes = {node for i in beside for node in (topology.arcs[i].start, topology.arcs[i].end)}
    ids = sorted({i for node in nodes for i in topology.arcs_at[node]})
    arcs = {i: topology.arcs[i] for i in ids}
    ends = {node for arc in arcs.values() for node in (arc.start, arc.end)}
    return Topology(
        arcs=arcs,
        units=topology.units,
        arcs_of={face: topology.arcs_of[face] for face in topology.faces_beside(ids)},
        arcs_at={node: topology.arcs_at[node] for node in ends},
        next_arc=topology.next_arc,
        index=topology.index,
    )


def _with_arcs(topology: Topology, units: Units, after: Mapping[int, Arc | None]) -> Topology:
    arcs = _changed(topology.arcs, after)
    index = topology.index.changed_by(
        {arc_id: arc.coords if arc else None for arc_id, arc in after.items()}
    )
    if index.is_worn:
        index = type(index).of({arc_id: arc.coords for arc_id, arc in arcs.items()})
    return Topology(
        arcs=arcs,
        units=units,
        arcs_of=_changed(topology.arcs_of, _faces_index(topology, after)),
        arcs_at=_changed(topology.arcs_at, _nodes_index(topology, after)),
        next_arc=max([topology.next_arc, *(arc_id + 1 for arc_id in after)]),
        index=index,
    )


def _faces_index(
    topology: Topology, after: Mapping[int, Arc | None]
) -> dict[int, frozenset[int] | None]:
    """The entries of `arcs_of` that `after` changes; None for faces without arcs."""
    found: dict[int, set[int]] = {}
    for arc_id, arc in after.items():
        old = topology.arcs.get(arc_id)
        for face in old.faces if old else ():
            _entry(found, topology.arcs_of, face).discard(arc_id)
        for face in arc.faces if arc else ():
            _entry(found, topology.arcs_of, face).add(arc_id)
    return {face: frozenset(ids) or None for face, ids in found.items()}


def _entry(found: dict[int, set[int]], there: Mapping[int, frozenset[int]], face: int) -> set[int]:
    if face not in found:
        found[face] = set(there.get(face, ()))
    return found[face]


def _nodes_index(
    topology: Topology, after: Mapping[int, Arc | None]
) -> dict[Node, tuple[int, ...] | None]:
    """The entries of `arcs_at` that `after` changes; None for nodes without arcs."""
    found: dict[Node, list[int]] = {}
    for arc_id, arc in after.items():
        old = topology.arcs.get(arc_id)
        if old and arc and (old.start, old.end) == (arc.start, arc.end):
            continue
        for node in (old.start, old.end) if old else ():
            found.setdefault(node, list(topology.arcs_at.get(node, ()))).remove(arc_id)
        for node in (arc.start, arc.end) if arc else ():
            found.setdefault(node, list(topology.arcs_at.get(node, ()))).append(arc_id)
    return {node: tuple(ids) or None for node, ids in found.items()}


def _changed[K, V](there: Mapping[K, V], after: Mapping[K, V | None]) -> dict[K, V]:
    result = dict(there)
    for key, value in after.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = value
    return result


def _only(ids: set[int], of: Mapping[int, int]) -> dict[int, int]:
    return {i: other for i, other in of.items() if i in ids}


def _joined[T](
    first: Mapping[int, Before[T]], later: Mapping[int, Before[T]]
) -> dict[int, Before[T]]:
    result = dict(first)
    for key, (before, after) in later.items():
        result[key] = (first[key][0] if key in first else before, after)
    return {key: (before, after) for key, (before, after) in result.items() if before != after}
