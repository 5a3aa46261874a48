"""Who of a fleet is first at each of many places, and who second: single and double coverage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from routing.engine import Engine
from routing.fleet import Fleet
from routing.modes import Mode
from routing.network_arrays import NOBODY, Times
from routing.reach.field import Labels, Sources, spread

Floats = NDArray[np.float64]
TimesOf = Callable[[Mode], Times]


@dataclass(frozen=True)
class Places:
    """P points as each mode finds them on its streets.

    Attributes:
        street: by mode, (P,) index of the street, -1 where it is too far.
        fraction: by mode, (P,) share of its length.
    """

    street: Mapping[Mode, NDArray[np.int32]]
    fraction: Mapping[Mode, Floats]


def places_on_streets(
    engine: Engine, lonlat: Floats, modes: tuple[Mode, ...], max_m: float = np.inf
) -> Places:
    """Put (P, 2) points in degrees on the streets of some modes.

    Args:
        engine: of the streets.
        lonlat: degrees.
        modes: who is to come there.
        max_m: a point farther from every street is on none.
    """
    street, fraction = {}, {}
    for mode in modes:
        snaps = engine.places_of(mode, lonlat, leaving=False)
        street[mode] = np.where(snaps.distance_m <= max_m, snaps.street, NOBODY).astype(np.int32)
        fraction[mode] = snaps.fraction
    return Places(street, fraction)


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


def live_times(engine: Engine, at: datetime | None) -> TimesOf:
    """The times of each mode with what is in force."""
    return lambda mode: engine.lane(mode).times(engine.measures, at)


def cover(  # noqa: PLR0913 - whose streets, who, where, when and how far
    engine: Engine,
    fleet: Fleet,
    places: Places,
    times_of: TimesOf,
    *,
    delay_s: Mapping[str, float],
    limit_s: float,
    depth: int = 2,
) -> Covering:
    """The first members of a fleet at each place, by their delay and the way there.

    Args:
        engine: of the streets.
        fleet: of this engine.
        places: known to the fleet's modes.
        times_of: what the streets take now, see `live_times`.
        delay_s: seconds until a member sets out, by key; 0 where it isn't named.
        limit_s: who takes longer isn't looked for.
        depth: how many members each place remembers.
    """
    keys: list[str] = []
    parts: list[Labels] = []
    for mode, roster in fleet.rosters.items():
        rows = np.flatnonzero(roster.present)
        own = [fleet.origin_at(mode, row).key for row in rows.tolist()]
        standing = roster.standing
        sources = Sources(
            standing.street[rows],
            standing.fraction[rows],
            np.array([delay_s.get(key, 0.0) for key in own], np.float64),
        )
        network = engine.lane(mode).reach_network
        field = spread(network, times_of(mode), sources, limit_s=limit_s, n_labels=depth)
        labels = field.at(places.street[mode], places.fraction[mode])
        known = labels.source != NOBODY
        parts.append(Labels(labels.time_s, np.where(known, labels.source + len(keys), NOBODY)))
        keys.extend(own)
    return Covering(tuple(keys), _first(parts, _count(places), depth, limit_s))


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


def _count(places: Places) -> int:
    return len(next(iter(places.street.values())))
