"""Which waiting places cover how much of the expected calls, and where units are at home."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.simulation.roads import Floats


@dataclass(frozen=True)
class Coverage:
    """Waiting places and what they cover.

    Attributes:
        site: (W,) indices of places where a unit may wait, the best first.
        reaches: (W, P) whether a unit that waits there is at a place in time.
        demand: (P,) share of the expected calls at each place.
    """

    site: NDArray[np.int64]
    reaches: NDArray[np.bool_]
    demand: Floats


def plan_coverage(
    times_s: Floats, demand: Floats, within_s: float, n_sites: int, busy: float
) -> Coverage:
    """Choose waiting places one by one, each where it adds most expected coverage.

    Expected coverage (Daskin's MEXCLP): a call that k units could reach in time is covered with
    probability 1 - busy^k. Several may wait at one place; it is chosen once.

    Args:
        times_s: (P, P) seconds from each place to each.
        demand: (P,) share of the calls.
        within_s: what is in time, turnout taken off.
        n_sites: how many waiting places.
        busy: chance that a unit isn't free.
    """
    reaches = times_s <= within_s
    value = demand.copy()
    chosen: list[int] = []
    for _ in range(min(n_sites, len(demand))):
        gain = reaches @ value
        gain[chosen] = -1.0
        chosen.append(int(gain.argmax()))
        value[reaches[chosen[-1]]] *= busy
    site = np.array(chosen, np.int64)
    return Coverage(site, reaches[site], demand)


def plan_homes(coverage: Coverage, n_units: int, busy: float) -> NDArray[np.int64]:
    """(n_units,) rows of waiting places, with repetitions, that cover most while nobody moves."""
    value = coverage.demand.copy()
    homes = np.empty(n_units, np.int64)
    for unit in range(n_units):
        homes[unit] = (coverage.reaches @ value).argmax()
        value[coverage.reaches[homes[unit]]] *= busy
    return homes


def shares_reached(coverage: Coverage, homes: NDArray[np.int64]) -> Floats:
    """(n_units,) share of the expected calls that the first 1, 2, ... homes reach in time."""
    reached = np.logical_or.accumulate(coverage.reaches[homes], axis=0)
    return np.asarray(reached @ coverage.demand)
