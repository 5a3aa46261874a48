"""Bollards, gates and their kin on ways: who may pass them, and streets cut where one may not.

What a barrier lets through follows wiki.openstreetmap.org/wiki/Key:barrier and its access tags. A
barrier becomes a stretch of street of two metres which only those may use who pass it, so that
everything that is asked of streets goes by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from routing.lengths import segment_lengths_m
from routing.modes import ALL_MODES, CARS, Mode
from routing.sources.assembly import Chains
from routing.sources.osm_rules import Properties, Tags, is_closed_by, is_opened_by

# How far to either side of a barrier nobody drives who doesn't pass it.
ARM_M = 1.0
# Of a segment that is shorter, so much: the next barrier may stand at its other end.
_ARM_SHARE = 0.4

# Whom a barrier lets through by itself; what isn't named here lets everybody through (a toll
# booth, a cattle grid, an entrance).
_FEET = {"stile", "turnstile", "full-height_turnstile", "kissing_gate", "horse_stile"}
_NO_CARS = {
    "bollard",
    "block",
    "cycle_barrier",
    "motorcycle_barrier",
    "bus_trap",
    "sump_buster",
    "jersey_barrier",
    "planter",
    "log",
    "debris",
    "chain",
    "rope",
    "bar",
    "barrier_board",
    "tank_trap",
    "wicket_gate",
    "yes",
}
_PASSING = dict.fromkeys(_NO_CARS, ALL_MODES & ~CARS) | dict.fromkeys(_FEET, Mode.FOOT)
# What is opened for who has the right: an emergency car always has (道路交通安全法 art. 53).
_GATES = {
    "gate",
    "lift_gate",
    "swing_gate",
    "sliding_gate",
    "sliding_beam",
    "hampshire_gate",
    "bump_gate",
    "sally_port",
}


@dataclass
class BarriersCounted:
    """What became of barriers on streets.

    Attributes:
        closed: how many are closed to each mode that might come there.
        at_junctions: how many stand where three streets meet and don't say in which of them: they
            bar nobody.
    """

    closed: Counter[Mode]
    at_junctions: int = 0

    def notes(self) -> list[str]:
        """Lines for a person; none where there was nothing."""
        notes = []
        if self.closed:
            each = ", ".join(f"{mode.label} {self.closed[mode]}" for mode in Mode)
            notes.append(f"barriers: passages closed ({each}) / 路障、门禁")
        if self.at_junctions:
            notes.append(
                f"barriers: {self.at_junctions} stand at junctions, and don't say in which street: "
                "they bar nobody / 位于路口,未采用"
            )
        return notes


def modes_past(tags: Tags) -> Mode:
    """Who may pass a node with these tags."""
    kind = tags.get("barrier", "no")
    by_itself = _PASSING.get(kind, ALL_MODES)
    passing = Mode(0)
    for mode in Mode:
        if by_itself & mode:
            shut = is_closed_by(tags, mode) or (kind in _GATES and _is_locked(tags, mode))
        else:
            shut = not is_opened_by(tags, mode)
        passing |= Mode(0) if shut else mode
    return passing


def cut_at_barriers(chains: Chains, barriers: Mapping[int, Tags]) -> tuple[Chains, BarriersCounted]:
    """The same lines, with stretches at barriers that only those may use who pass them.

    Args:
        chains: lines of one file, without `waiting`.
        barriers: tags of nodes with a barrier.
    """
    counted = BarriersCounted(Counter())
    barred = {node: ALL_MODES & ~modes_past(tags) for node, tags in barriers.items()}
    barred = {node: modes for node, modes in barred.items() if modes}
    rows = np.flatnonzero(np.isin(chains.node_ids, list(barred)))
    line = np.searchsorted(chains.first, rows, "right") - 1
    closed: dict[int, Mode] = {}
    arms = _arms(chains, rows)
    at_junctions: set[int] = set()
    told: dict[int, Mode] = {}
    for row, its_line in zip(rows.tolist(), line.tolist(), strict=True):
        node, street = int(chains.node_ids[row]), chains.properties[its_line]
        modes = barred[node] & Mode(street.forward_modes | street.backward_modes)
        if not modes:
            continue
        if arms[node] > 2:
            at_junctions.add(node)
            continue
        closed[row] = modes
        told[node] = told.get(node, Mode(0)) | modes
    counted.at_junctions = len(at_junctions)
    counted.closed.update(mode for modes in told.values() for mode in Mode if modes & mode)
    return (_cut(chains, closed) if closed else chains), counted


def _is_locked(tags: Tags, mode: Mode) -> bool:
    return tags.get("locked") == "yes" and mode != Mode.EMERGENCY and not is_opened_by(tags, mode)


def _arms(chains: Chains, rows: NDArray[np.int64]) -> Counter[int]:
    """In how many directions streets leave each of the nodes in some rows."""
    is_end = np.zeros(len(chains.node_ids), dtype=bool)
    is_end[chains.first[:-1]] = True
    is_end[chains.first[1:] - 1] = True
    arms: Counter[int] = Counter()
    for node, end in zip(chains.node_ids[rows].tolist(), is_end[rows].tolist(), strict=True):
        arms[node] += 1 if end else 2
    return arms


@dataclass(frozen=True)
class _Part:
    """A part of a line between two vertices, with what it is open to."""

    line: int
    properties: Properties
    node_ids: list[int]
    xy: list[NDArray[np.float64]]


def _cut(chains: Chains, closed: Mapping[int, Mode]) -> Chains:
    """Cut lines around vertices, by row, that are closed to some modes."""
    line_of_row = np.searchsorted(chains.first, list(closed), "right") - 1
    is_cut = np.zeros(len(chains.properties), dtype=bool)
    is_cut[line_of_row] = True
    fresh = iter(range(int(chains.node_ids.max()) + 1, np.iinfo(np.int64).max))
    parts = [
        part
        for line in np.flatnonzero(is_cut).tolist()
        for part in _parts(chains, line, closed, fresh)
        if part.properties.forward_modes | part.properties.backward_modes
    ]
    kept = np.flatnonzero(~is_cut).tolist()
    counts = np.diff(chains.first)
    vertices = np.repeat(~is_cut, counts)
    sizes = np.concatenate([counts[kept], np.array([len(p.node_ids) for p in parts], np.int64)])
    ids = [np.array(part.node_ids, np.int64) for part in parts]
    return replace(
        chains,
        properties=[*(chains.properties[i] for i in kept), *(part.properties for part in parts)],
        osm_ids=[*(chains.osm_ids[i] for i in kept), *(chains.osm_ids[p.line] for p in parts)],
        node_ids=np.concatenate([chains.node_ids[vertices], *ids]),
        xy=np.concatenate([chains.xy[vertices], *(np.array(part.xy) for part in parts)]),
        first=np.concatenate([[0], np.cumsum(sizes)]),
    )


def _parts(
    chains: Chains, line: int, closed: Mapping[int, Mode], fresh: Iterator[int]
) -> Iterator[_Part]:
    """One line in its parts: between barriers as it was, beside them for who passes."""
    whole = chains.properties[line]
    first, last = int(chains.first[line]), int(chains.first[line + 1]) - 1
    ids, xy = [int(chains.node_ids[first])], [chains.xy[first]]
    for row in range(first, last):
        here, there = closed.get(row, Mode(0)), closed.get(row + 1, Mode(0))
        arm = _arm_share(chains.xy[row], chains.xy[row + 1]) if here or there else 0.0
        step = chains.xy[row + 1] - chains.xy[row]
        if here:
            end_id, end = next(fresh), chains.xy[row] + arm * step
            yield _Part(line, _without(whole, here), [ids[-1], end_id], [xy[-1], end])
            ids, xy = [end_id], [end]
        if there:
            end_id, end = next(fresh), chains.xy[row + 1] - arm * step
            yield _Part(line, whole, [*ids, end_id], [*xy, end])
            node, place = int(chains.node_ids[row + 1]), chains.xy[row + 1]
            yield _Part(line, _without(whole, there), [end_id, node], [end, place])
            ids, xy = [node], [place]
        else:
            ids.append(int(chains.node_ids[row + 1]))
            xy.append(chains.xy[row + 1])
    if len(ids) > 1:
        yield _Part(line, whole, ids, xy)


def _arm_share(begin: NDArray[np.float64], end: NDArray[np.float64]) -> float:
    both = np.array([begin, end])
    length_m = float(segment_lengths_m(both[:, 0], both[:, 1])[0])
    return min(ARM_M / length_m, _ARM_SHARE) if length_m > 0 else _ARM_SHARE


def _without(street: Properties, modes: Mode) -> Properties:
    return street._replace(
        forward_modes=street.forward_modes & ~int(modes),
        backward_modes=street.backward_modes & ~int(modes),
    )
