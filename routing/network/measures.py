"""Closures and slowdowns: what is true of some streets for some time.

A closed street isn't driven through. Who stands on it may leave it, and an incident on it is
reached from its ends: whether one gets past what closes it, the place itself decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.compiling import compiled
from routing.modes import ALL_MODES, Mode
from routing.network.network_arrays import InEdges, Times
from routing.network.reachable import main_part
from spatial.errors import InputError

CLOSED = 0.0


@dataclass(frozen=True)
class Measure:
    """A closure or a slowdown.

    Attributes:
        steps: ids of streets; negative for the direction against the geometry.
        speed_share: what is left of the speed: 0 closed, 0.5 half as fast.
        modes: whom it binds.
        starts, ends: it holds from the first moment until just before the second; None for always.
    """

    steps: tuple[int, ...]
    speed_share: float = CLOSED
    modes: Mode = ALL_MODES
    starts: datetime | None = None
    ends: datetime | None = None

    def holds(self, at: datetime | None) -> bool:
        """Whether it holds at a moment; without one, what is limited in time doesn't."""
        if at is None:
            return self.starts is None and self.ends is None
        return (self.starts is None or self.starts <= at) and (self.ends is None or at < self.ends)

    def __post_init__(self) -> None:
        """Refuse what can't be.

        Raises:
            InputError: the share isn't one, or it ends before it starts.
        """
        if not 0 <= self.speed_share <= 1:
            raise InputError(
                f"a speed share of {self.speed_share:g} is none / 速度比例无效",
                remedy="0 closes, 1 leaves the speed as it is",
            )
        if self.starts and self.ends and self.ends <= self.starts:
            raise InputError(f"it ends at {self.ends}, before it starts / 结束早于开始")


class Measures:
    """What is in force, by name; changed by a dispatcher, read by every question.

    Attributes:
        version: grows with every change.
        revision: of what is stored, that these are; None where they are not stored.
    """

    def __init__(self, street_ids: NDArray[np.int64]) -> None:
        """None yet, for a graph with these streets."""
        self.version = 0
        self.revision: int | None = None
        self._order = np.argsort(street_ids, kind="stable")
        self._ids = street_ids[self._order]
        self._measures: dict[str, tuple[Measure, NDArray[np.int32]]] = {}

    def put(self, name: str, measure: Measure) -> None:
        """Set or replace one.

        Raises:
            InputError: a street isn't known.
        """
        numbers = self._numbers(measure.steps)
        self._measures = {**self._measures, name: (measure, numbers)}
        self.version += 1

    def replace_all(self, measures: Mapping[str, Measure]) -> None:
        """Have these and no others; what stays the same isn't touched.

        Raises:
            InputError: a street isn't known.
        """
        before = self._measures
        self._measures = {
            name: before[name]
            if name in before and before[name][0] == measure
            else (measure, self._numbers(measure.steps))
            for name, measure in measures.items()
        }
        self.version += 1

    def drop(self, name: str) -> None:
        """Take one away, if it is there."""
        self._measures = {key: kept for key, kept in self._measures.items() if key != name}
        self.version += 1

    def at(self, moment: datetime | None) -> dict[str, Measure]:
        """Those that hold at a moment, by name."""
        return {name: each for name, (each, _) in self._measures.items() if each.holds(moment)}

    def names(self) -> list[str]:
        """Of all, those that hold now or not."""
        return list(self._measures)

    def holding(
        self, mode: Mode, at: datetime | None
    ) -> dict[str, tuple[float, NDArray[np.int32]]]:
        """Speed share and edges of those that bind a mode at a moment."""
        return {
            name: (measure.speed_share, numbers)
            for name, (measure, numbers) in self._measures.items()
            if measure.modes & mode and measure.holds(at)
        }

    def next_change(self, at: datetime | None) -> tuple[datetime | None, datetime | None]:
        """The moments around `at` between which the same measures hold; None for no such moment."""
        if at is None:
            return None, None
        moments = [
            moment
            for measure, _ in self._measures.values()
            for moment in (measure.starts, measure.ends)
            if moment is not None
        ]
        before = max((moment for moment in moments if moment <= at), default=None)
        after = min((moment for moment in moments if moment > at), default=None)
        return before, after

    def _numbers(self, steps: Iterable[int]) -> NDArray[np.int32]:
        signed = np.unique(np.fromiter(steps, np.int64))
        ids = np.abs(signed)
        at = np.searchsorted(self._ids, ids)
        known = at < len(self._ids)
        known[known] = self._ids[at[known]] == ids[known]
        if not known.all():
            raise InputError(
                f"there is no street {int(ids[~known][0])} / 没有这条道路",
                remedy="ids are those of the layer streets",
            )
        return (2 * self._order[at] + (signed < 0)).astype(np.int32)


class LiveTimes:
    """Travel times of one mode at one hour, with what is in force, changed in place."""

    def __init__(self, edges: InEdges, free_s: NDArray[np.float64]) -> None:
        """Times without measures.

        Args:
            edges: of the mode.
            free_s: (S, 2) seconds along and against each street.
        """
        self._edges = edges
        self._free_s = free_s.ravel().astype(np.float32)
        self._share = np.ones(len(self._free_s), np.float32)
        self.times = Times(self._free_s[edges.number], self._free_s.copy())
        self._applied: dict[str, tuple[float, NDArray[np.int32]]] = {}
        self._version = 0
        self._timed = False
        self._since: datetime | None = None
        self._until: datetime | None = None
        self._main_part: NDArray[np.bool_] | None = None

    def main_part(self) -> NDArray[np.bool_]:
        """(N,) the nodes that reach each other at these times; found once for all questions."""
        if self._main_part is None:
            self._main_part = main_part(self._edges, self.times)
        return self._main_part

    def bring_to(self, measures: Measures, mode: Mode, at: datetime | None) -> Times:
        """The times at a moment; what changed since the last question is changed in the arrays."""
        if self._is_current(measures, at):
            return self.times
        wanted = measures.holding(mode, at)
        touched = [
            numbers
            for name, (share, numbers) in self._applied.items()
            if name not in wanted or wanted[name][0] != share or wanted[name][1] is not numbers
        ]
        added = [
            (share, numbers)
            for name, (share, numbers) in wanted.items()
            if name not in self._applied or self._applied[name][1] is not numbers
        ]
        for numbers in touched:
            self._share[numbers] = 1
        for share, numbers in wanted.values() if touched else added:
            self._share[numbers] = np.minimum(self._share[numbers], share)
        for numbers in touched + [numbers for _, numbers in added]:
            _refresh(self._edges, self.times, self._free_s, self._share, numbers)
            self._main_part = None
        self._applied = wanted
        self._version = measures.version
        self._timed = at is not None
        self._since, self._until = measures.next_change(at)
        return self.times

    def _is_current(self, measures: Measures, at: datetime | None) -> bool:
        if self._version != measures.version:
            return False
        if not self._timed or at is None:
            return (at is not None) == self._timed
        since, until = self._since, self._until
        return (since is None or since <= at) and (until is None or at < until)


@compiled
def _refresh(edges: Any, times: Any, free_s: Any, share: Any, numbers: Any) -> None:
    """Make the times of some edges anew."""
    for number in numbers:
        if share[number] > 0:
            times.along_s[number] = free_s[number] / share[number]
            through_s = times.along_s[number]
        else:
            times.along_s[number] = free_s[number]
            through_s = np.float32(np.inf)
        for p in range(edges.first_place[number], edges.first_place[number + 1]):
            times.through_s[edges.places[p]] = through_s
