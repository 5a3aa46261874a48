"""Which waiting places cover how much of the expected calls, and what one more unit adds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.simulation.roads import Floats

Floats32 = NDArray[np.float32]


@dataclass(frozen=True)
class Coverage:
    """Waiting places and what they cover.

    Attributes:
        site: (W,) indices of places where a unit may wait, the best first.
        reaches: (W, P) 1 where a unit that waits there is at a place in time, else 0.
        demand: (P,) share of the expected calls at each place.
    """

    site: NDArray[np.int64]
    reaches: Floats32
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
    return Coverage(site, reaches[site].astype(np.float32), demand)


def plan_homes(coverage: Coverage, n_units: int, busy: float) -> NDArray[np.int64]:
    """(n_units,) rows of waiting places, with repetitions, that cover most while nobody moves."""
    value = coverage.demand.copy()
    homes = np.empty(n_units, np.int64)
    for unit in range(n_units):
        homes[unit] = (coverage.reaches @ value).argmax()
        value[coverage.reaches[homes[unit]] > 0] *= busy
    return homes


def gain_of_each(coverage: Coverage, waiting: NDArray[np.int64], busy: float) -> Floats32:
    """(W,) expected coverage that one more unit adds at each waiting place.

    `waiting` is (W,) how many are there or on their way already.
    """
    return np.asarray(coverage.reaches @ _uncovered(coverage, waiting, busy))


def loss_of_each(coverage: Coverage, waiting: NDArray[np.int64], busy: float) -> Floats32:
    """(W,) expected coverage that is lost when one unit leaves; 0 where nobody waits."""
    gain = gain_of_each(coverage, waiting, busy)
    return np.where(waiting > 0, gain / np.float32(busy), np.float32(0))


def best_move(
    coverage: Coverage, waiting: NDArray[np.int64], busy: float
) -> tuple[int, int, float] | None:
    """From where one is missed least, to where one more then adds most, and what that gains.

    None where nobody waits.
    """
    occupied = np.flatnonzero(waiting)
    if not len(occupied):
        return None
    value = _uncovered(coverage, waiting, busy)
    loss = (coverage.reaches @ value)[occupied] / busy
    leaves = int(occupied[loss.argmin()])
    value[coverage.reaches[leaves] > 0] /= busy
    gain = coverage.reaches @ value
    best = int(gain.argmax())
    return leaves, best, float(gain[best] - loss.min())


def _uncovered(coverage: Coverage, waiting: NDArray[np.int64], busy: float) -> Floats32:
    """(P,) what one more unit adds where it reaches: demand · (1 - busy) · busy^k."""
    by_how_many = waiting.astype(np.float32) @ coverage.reaches
    value = coverage.demand * (1 - busy) * np.float32(busy) ** by_how_many
    return np.asarray(value, np.float32)
