"""Turn restrictions of OpenStreetMap as forbidden ways to go on.

What is read: `restriction` and `restriction:<vehicle>` of the kinds no_* and only_*, over a node or
over ways, `except`. What holds at some times only is counted, not kept: a promise of three minutes
must not hang on a clock that nobody has checked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from routing.modes import Mode
from routing.streets import Turn
from spatial.osm_signs import Restriction

_Steps = tuple[int, ...]

# Which of our modes a restriction for a kind of vehicle binds. An e-bike is a bicycle (非机动车).
# Walkers are bound by none; emergency cars by none (law art. 53).
MODES_OF_VEHICLE = {
    "": Mode.CAR | Mode.EBIKE,
    "vehicle": Mode.CAR | Mode.EBIKE,
    "motor_vehicle": Mode.CAR,
    "motorcar": Mode.CAR,
    "bicycle": Mode.EBIKE,
}
# 道路交通安全法实施条例 art. 49: where turning left is forbidden, so is turning round.
_FORBIDS_TURNING_ROUND = {"no_left_turn": Mode.CAR}
_AT_TIMES = ("day_on", "day_off", "hour_on", "hour_off")


@dataclass(frozen=True)
class End:
    """One end of a street: the way of which it is made there.

    Attributes:
        step: id of the street as it is travelled towards that end; negative against its geometry.
        node: where that is.
        way: its id.
    """

    step: int
    node: int
    way: int


@dataclass
class Counted:
    """What became of restrictions."""

    kept: int = 0
    conditional: int = 0
    others: int = 0
    unclear: Counter[str] = field(default_factory=Counter)

    def notes(self) -> list[str]:
        """Lines for a person; none where there was nothing."""
        said = {
            f"{self.kept} turn restrictions are kept / 转向限制": self.kept,
            f"{self.conditional} hold at some times only and are not kept / 分时限制未采用": (
                self.conditional
            ),
            f"{self.others} bind vehicles that we don't have / 仅限其他车种": self.others,
        }
        notes = [f"turns: {text}" for text, count in said.items() if count]
        if self.unclear:
            why = ", ".join(f"{reason} {n}" for reason, n in self.unclear.most_common())
            notes.append(
                f"turns: {self.unclear.total()} can't be placed and are not kept ({why}) / 无法解释"
            )
        return notes


class _UnclearError(Exception):
    """Why a restriction can't be placed."""


class TurnReader:
    """Places restrictions on streets."""

    def __init__(self, ends: Sequence[End]) -> None:
        """Know the streets by their ends, two of each."""
        self._arriving: dict[int, list[End]] = {}
        for end in ends:
            self._arriving.setdefault(end.node, []).append(end)
        self._node_after = {end.step: end.node for end in ends}

    def read(self, restrictions: Sequence[Restriction]) -> tuple[tuple[Turn, ...], Counted]:
        """The forbidden ways to go on, and what became of the rest."""
        counted = Counted()
        turns: dict[tuple[_Steps, int], Turn] = {}
        for restriction in restrictions:
            try:
                found = list(self._turns(restriction, counted))
            except _UnclearError as reason:
                counted.unclear[str(reason)] += 1
                continue
            counted.kept += bool(found)
            turns.update({(turn.steps, turn.modes): turn for turn in found})
        return tuple(turns.values()), counted

    def _turns(self, restriction: Restriction, counted: Counted) -> Iterator[Turn]:
        kinds = _kinds(restriction)
        if not kinds:
            if any(key in restriction.tags for key in _AT_TIMES) or any(
                key.endswith(":conditional") for key in restriction.tags
            ):
                counted.conditional += 1
            elif any(key.startswith("restriction") for key in restriction.tags):
                counted.others += 1
            else:
                raise _UnclearError("no kind")
            return
        for kind, modes in kinds.items():
            for steps in self._forbidden(restriction, kind):
                yield Turn(steps, int(modes), kind, restriction.id)
            for step in self._turned_round(restriction, kind):
                bound = int(modes & _FORBIDS_TURNING_ROUND[kind])
                if bound:
                    yield Turn((step, -step), bound, kind, restriction.id)

    def _forbidden(self, restriction: Restriction, kind: str) -> Iterator[_Steps]:
        for from_way, to_way in product(restriction.from_ways, restriction.to_ways):
            for path in self._paths(restriction, from_way, to_way, kind):
                if kind.startswith("no_"):
                    yield path
                else:
                    yield from self._other_than(path)
        if not restriction.from_ways or not restriction.to_ways:
            raise _UnclearError("no from or to")

    def _turned_round(self, restriction: Restriction, kind: str) -> Iterator[int]:
        if kind in _FORBIDS_TURNING_ROUND and len(restriction.via_nodes) == 1:
            for from_way in restriction.from_ways:
                yield from self._entering(from_way, restriction.via_nodes[0])

    def _paths(
        self, restriction: Restriction, from_way: int, to_way: int, kind: str
    ) -> Iterator[_Steps]:
        """From, over what lies between, to; as steps."""
        if len(restriction.via_nodes) == 1 and not restriction.via_ways:
            node = restriction.via_nodes[0]
            if from_way == to_way and kind == "no_u_turn":
                yield from ((step, -step) for step in self._entering(from_way, node))
                return
            first = _only(self._entering(from_way, node), "from")
            leaving = [s for s in self._leaving(to_way, node) if s != -first]
            if kind == "no_u_turn" and not leaving:
                leaving = [-first]
            yield first, _only(leaving, "to")
        elif restriction.via_ways and not restriction.via_nodes:
            yield self._over_ways(from_way, restriction.via_ways, to_way)
        else:
            raise _UnclearError("no via")

    def _over_ways(self, from_way: int, via: _Steps, to_way: int) -> _Steps:
        found = [
            (end.step, *middle, last)
            for ends in self._arriving.values()
            for end in ends
            if end.way == from_way
            for middle in self._along(via, end.node, end.step)
            for last in self._leaving(to_way, self._node_after[middle[-1]])
            if last != -middle[-1]
        ]
        return _only(found, "via ways")

    def _along(self, ways: _Steps, node: int, came_by: int) -> Iterator[_Steps]:
        """From a node over all streets of ways, one way after the other."""
        if not ways:
            yield ()
            return
        for step in self._leaving(ways[0], node):
            if step == -came_by:
                continue
            path = [step]
            while True:
                here = self._node_after[path[-1]]
                for rest in self._along(ways[1:], here, path[-1]):
                    yield (*path, *rest)
                further = [s for s in self._leaving(ways[0], here) if abs(s) not in map(abs, path)]
                if len(further) != 1:
                    break
                path.append(further[0])

    def _other_than(self, path: _Steps) -> Iterator[_Steps]:
        """Who has gone so far must go on as `path` does: everything else is forbidden."""
        for n in range(1 if len(path) == 2 else 2, len(path)):
            node = self._node_after[path[n - 1]]
            for end in self._arriving[node]:
                if -end.step != path[n]:
                    yield (*path[:n], -end.step)

    def _entering(self, way: int, node: int) -> list[int]:
        """Steps that arrive at a node by a way."""
        return [end.step for end in self._arriving.get(node, ()) if end.way == way]

    def _leaving(self, way: int, node: int) -> list[int]:
        return [-step for step in self._entering(way, node)]


def _kinds(restriction: Restriction) -> dict[str, Mode]:
    """Kinds that hold at all times, each with the modes that it binds."""
    if any(key in restriction.tags for key in _AT_TIMES):
        return {}
    free = Mode(0)
    for vehicle in restriction.tags.get("except", "").split(";"):
        free |= MODES_OF_VEHICLE.get(vehicle.strip() or "none", Mode(0))
    kinds: dict[str, Mode] = {}
    suffix = restriction.tags.get("type", "").partition(":")[2]
    for key, value in restriction.tags.items():
        head, _, vehicle = key.partition(":")
        if head != "restriction" or vehicle.endswith("conditional"):
            continue
        modes = MODES_OF_VEHICLE.get(vehicle or suffix, Mode(0)) & ~free
        for kind in value.split(";"):
            if modes and kind.strip().startswith(("no_", "only_")):
                kinds[kind.strip()] = kinds.get(kind.strip(), Mode(0)) | modes
    return kinds


def _only[T](found: Sequence[T], what: str) -> T:
    if len(found) != 1:
        raise _UnclearError(f"{what}: {len(found) or 'none'} fit")
    return found[0]


def nodes_to_keep(
    restrictions: Sequence[Restriction], ends_of_way: Mapping[int, _Steps]
) -> set[int]:
    """Nodes at which streets must begin and end for restrictions to be placed on them.

    Args:
        restrictions: to be placed.
        ends_of_way: ids of the first and last node of each way.
    """
    nodes: set[int] = set()
    for restriction in restrictions:
        nodes.update(restriction.via_nodes)
        if restriction.via_ways:
            for way in (*restriction.from_ways, *restriction.via_ways, *restriction.to_ways):
                nodes.update(ends_of_way.get(way, ()))
    return nodes
