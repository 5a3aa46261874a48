"""Who of a fleet is first at each of many places, and who second: single and double coverage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from routing.modes import Mode
from routing.nearest.engine import Engine
from routing.nearest.fleet import Fleet
from routing.network.network_arrays import NOBODY
from routing.reach.field import Field, Labels, Sources, spread

Floats = NDArray[np.float64]


class Places:
    """P points, as each mode finds them on its streets; looked up when a mode is first asked for.

    Attributes:
        lonlat: (P, 2) degrees.
    """

    def __init__(self, engine: Engine, lonlat: Floats, max_m: float = np.inf) -> None:
        """Put points on the streets.

        Args:
            engine: of the streets.
            lonlat: (P, 2) degrees.
            max_m: a point farther from every street of a mode is on none.
        """
        self.lonlat = lonlat
        self._engine = engine
        self._max_m = max_m
        self._known: dict[Mode, tuple[NDArray[np.int32], Floats]] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self.lonlat)

    def on(self, mode: Mode) -> tuple[NDArray[np.int32], Floats]:
        """(P,) indices of streets, -1 for none, and (P,) shares of their lengths."""
        if mode not in self._known:
            snaps = self._engine.places_of(mode, self.lonlat, leaving=False)
            street = np.where(snaps.distance_m <= self._max_m, snaps.street, NOBODY)
            self._known[mode] = street.astype(np.int32), snaps.fraction
        return self._known[mode]


@dataclass(frozen=True)
class Covering:
    """Who is at each of P places first.

    Attributes:
        keys: of the members, by number.
        labels: (P, n) seconds and numbers of the n first members, each a different one.
    """

    keys: tuple[str, ...]
    labels: Labels

    def share(self, weight: Floats, limit_s: float, depth: int = 1) -> float:
        """The share of the weight where `depth` members can be within `limit_s`; 0 of nothing."""
        total = float(weight.sum())
        covered = self.labels.time_s[:, depth - 1] <= limit_s
        return float(weight[covered].sum()) / total if total > 0 else 0.0

    def without(self, key: str) -> Floats:
        """(P, n - 1) seconds of the first members if one of them weren't there."""
        time_s, source = self.labels
        if key not in self.keys:
            return time_s[:, :-1]
        theirs = source == self.keys.index(key)
        return np.sort(np.where(theirs, np.inf, time_s), axis=1)[:, :-1]


class Cover:
    """The times of a fleet to everywhere: asked for at as many places as one likes."""

    def __init__(
        self,
        engine: Engine,
        fleet: Fleet,
        *,
        limit_s: float,
        depth: int = 2,
        at: datetime | None = None,
    ) -> None:
        """Spread from all members at once, by the delay before each moves, and the way.

        Args:
            engine: of the streets.
            fleet: of this engine.
            limit_s: who takes longer isn't looked for.
            depth: how many members each place remembers.
            at: the moment, in the town's time; None for free streets.
        """
        self._limit_s, self._depth = limit_s, depth
        self._parts: list[tuple[Mode, tuple[str, ...], Field]] = []
        for mode, roster in fleet.rosters.items():
            rows = np.flatnonzero(roster.present)
            if not len(rows):
                continue
            keys = tuple(fleet.origin_at(mode, row).key for row in rows.tolist())
            stand = roster.standing
            sources = Sources(stand.street[rows], stand.fraction[rows], stand.delay_s[rows])
            lane = engine.lane(mode)
            times = lane.times(engine.measures, at)
            field = spread(lane.reach_network, times, sources, limit_s=limit_s, n_labels=depth)
            self._parts.append((mode, keys, field))

    def at(self, places: Places) -> Covering:
        """The first members at each place."""
        keys: list[str] = []
        parts = []
        for mode, own, field in self._parts:
            labels = field.at(*places.on(mode))
            known = labels.source != NOBODY
            parts.append(Labels(labels.time_s, np.where(known, labels.source + len(keys), NOBODY)))
            keys.extend(own)
        return Covering(tuple(keys), _first(parts, len(places), self._depth, self._limit_s))


def _first(parts: list[Labels], n_places: int, depth: int, limit_s: float) -> Labels:
    """The first of all modes: nobody has two of them."""
    nothing = Labels(
        np.full((n_places, depth), np.inf), np.full((n_places, depth), NOBODY, np.int32)
    )
    time_s = np.concatenate([part.time_s for part in (*parts, nothing)], axis=1)
    source = np.concatenate([part.source for part in (*parts, nothing)], axis=1)
    order = np.argsort(time_s, axis=1, kind="stable")[:, :depth]
    time_s = np.take_along_axis(time_s, order, axis=1)
    source = np.take_along_axis(source, order, axis=1)
    late = time_s > limit_s
    return Labels(np.where(late, np.inf, time_s), np.where(late, NOBODY, source).astype(np.int32))
