"""Which waiting places cover how much of the expected calls, and what one more unit adds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.compiling import compiled
from routing.simulation.roads import Floats


@dataclass(frozen=True)
class Coverage:
    """Waiting places and what they cover.

    Attributes:
        site: (W,) indices of places where a unit may wait, the best first.
        reaches: (W, P) whether a unit that waits there is at each place in time.
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
    return Coverage(site, np.ascontiguousarray(reaches[site]), demand)


def plan_homes(coverage: Coverage, n_units: int, busy: float) -> NDArray[np.int64]:
    """(n_units,) rows of waiting places, with repetitions, that cover most while nobody moves."""
    value = coverage.demand.copy()
    homes = np.empty(n_units, np.int64)
    for unit in range(n_units):
        homes[unit] = (coverage.reaches @ value).argmax()
        value[coverage.reaches[homes[unit]]] *= busy
    return homes


@compiled
def gain_of_each(reaches: Any, demand: Any, waiting: Any, busy: float) -> Any:
    """(W,) expected coverage that one more unit adds at each waiting place.

    `waiting` is (W,) how many are there or on their way already.
    """
    n_sites, n_places = reaches.shape
    value = _uncovered(reaches, demand, waiting, busy)
    gain = np.zeros(n_sites)
    for w in range(n_sites):
        for p in range(n_places):
            if reaches[w, p]:
                gain[w] += value[p]
    return gain


@compiled
def loss_of_each(reaches: Any, demand: Any, waiting: Any, busy: float) -> Any:
    """(W,) expected coverage that is lost when one unit leaves; 0 where nobody waits."""
    n_sites, n_places = reaches.shape
    value = _uncovered(reaches, demand, waiting, busy)
    loss = np.zeros(n_sites)
    for w in range(n_sites):
        if waiting[w] > 0:
            for p in range(n_places):
                if reaches[w, p]:
                    loss[w] += value[p] / busy
    return loss


@compiled
def _uncovered(reaches: Any, demand: Any, waiting: Any, busy: float) -> Any:
    """(P,) what one more unit adds where it reaches: demand · (1 - busy) · busy^k."""
    value = demand * (1 - busy)
    for w in range(len(waiting)):
        for _ in range(waiting[w]):
            for p in range(len(value)):
                if reaches[w, p]:
                    value[p] *= busy
    return value
