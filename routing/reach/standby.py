"""Where to stand by: of many sites, those from which most of the demand is reached in time.

The maximal covering location problem (Church & ReVelle 1974). A greedy choice, bettered by
exchanges, gives an answer at once; HiGHS proves it, betters it, or says by its bound how far it may
be from the best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack

from routing.network.network_arrays import Times
from routing.reach.field import Sources, spread
from routing.reach.network import ReachNetwork

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]
_TIME_LIMIT_S = 5.0


@dataclass(frozen=True)
class Siting:
    """A choice of sites.

    Attributes:
        sites: their numbers, the one that adds most first.
        gain: what each adds to those before it.
        covered: the demand within reach, that of what is fixed included.
        bound: no choice covers more.
    """

    sites: tuple[int, ...]
    gain: tuple[float, ...]
    covered: float
    bound: float

    @property
    def gap(self) -> float:
        """By which share of the bound a better choice might better it."""
        return (self.bound - self.covered) / self.bound if self.bound > 0 else 0.0


@dataclass(frozen=True)
class Restanding:
    """Who of those that stand somewhere would better stand elsewhere.

    Attributes:
        moved: their rows, who is missed least first; some go to each of the sites.
        siting: of the sites.
        now: the demand within reach as all stand.
        kept: (I,) what those reach who stay.
    """

    moved: tuple[int, ...]
    siting: Siting
    now: float
    kept: Bools

    @property
    def gain(self) -> float:
        """Demand that is within reach then and isn't now; not above 0: nobody had better move."""
        return self.siting.covered - self.now


def reach_matrix(
    network: ReachNetwork, times: Times, sites: Sources, demand: tuple[Ints, Floats], limit_s: float
) -> Bools:
    """(J, I) whether each of I places (street, fraction) is within `limit_s` of each of J sites."""
    reached = np.zeros((len(sites.street), len(demand[0])), np.bool_)
    for j in range(len(sites.street)):
        only = slice(j, j + 1)
        site = Sources(sites.street[only], sites.fraction[only], sites.delay_s[only])
        field = spread(network, times, site, limit_s=limit_s)
        reached[j] = field.at(*demand).time_s[:, 0] <= limit_s
    return reached


def restand(
    reached: Bools, options: Bools, weight: Floats, movable: Sequence[int], count: int
) -> Restanding:
    """Move those who are missed least to the sites from which most is reached that nobody reaches.

    Args:
        reached: (R, I) what each reaches from where it stands.
        options: (J, I) what is reached from each site.
        weight: (I,) how much demand there is.
        movable: rows of those who may be moved.
        count: how many of them.
    """
    moved = _least_missed(reached, weight, movable, count)
    kept = np.delete(reached, moved, axis=0).any(axis=0)
    siting = choose_sites(options, weight, len(moved), fixed=kept)
    now = float(weight[reached.any(axis=0)].sum())
    return Restanding(tuple(moved), siting, now, kept)


def choose_sites(
    reached: Bools,
    weight: Floats,
    count: int,
    *,
    fixed: Bools | None = None,
    time_limit_s: float = _TIME_LIMIT_S,
) -> Siting:
    """The `count` sites that cover most, and how far from the best they can be.

    Args:
        reached: (J, I) which demand each site reaches.
        weight: (I,) how much demand there is.
        count: how many sites; not more than there are.
        fixed: (I,) what is covered anyhow.
        time_limit_s: for the proof.
    """
    covered = np.zeros(len(weight), np.bool_) if fixed is None else fixed
    count = min(count, len(reached))
    base = float(weight[covered].sum())
    if count == 1:  # nothing to exchange, and nothing to prove
        added = reached @ np.where(covered, 0.0, weight)
        site = int(np.argmax(added))
        most = float(added[site])
        return Siting((site,), (most,), base + most, base + most)
    open_reached, open_weight = _grouped(reached[:, ~covered], weight[~covered])
    greedy = _exchange(open_reached, open_weight, _greedy(open_reached, open_weight, count))
    best, bound = _prove(open_reached, open_weight, count, greedy, time_limit_s)
    order, gain = _by_gain(open_reached, open_weight, best)
    return Siting(tuple(order), tuple(gain), base + sum(gain), base + max(bound, sum(gain)))


def _least_missed(reached: Bools, weight: Floats, movable: Sequence[int], count: int) -> list[int]:
    """Rows of those who are missed least, one after the other."""
    times = reached.sum(axis=0)
    left = list(movable)
    chosen: list[int] = []
    while left and len(chosen) < count:
        alone = np.where(times == 1, weight, 0.0)
        loss = reached[left] @ alone
        row = left.pop(int(np.argmin(loss)))
        times -= reached[row]
        chosen.append(row)
    return chosen


def _grouped(reached: Bools, weight: Floats) -> tuple[Bools, Floats]:
    """Demand that the same sites reach is one; what no site reaches is none."""
    kept = reached.any(axis=0) & (weight > 0)
    reached, weight = reached[:, kept], weight[kept]
    if not len(weight):
        return reached, weight
    packed = np.ascontiguousarray(np.packbits(reached, axis=0).T)
    _, first, group = np.unique(packed, axis=0, return_index=True, return_inverse=True)
    return reached[:, first], np.bincount(group.ravel(), weight, minlength=len(first))


def _greedy(reached: Bools, weight: Floats, count: int) -> list[int]:
    chosen: list[int] = []
    left = weight.copy()
    for _ in range(count):
        gain = reached @ left
        gain[chosen] = -1.0
        best = int(np.argmax(gain))
        chosen.append(best)
        left[reached[best]] = 0.0
    return chosen


def _exchange(reached: Bools, weight: Floats, chosen: list[int]) -> list[int]:
    """Exchange one site for another as long as that covers more."""
    chosen = list(chosen)
    times = reached[chosen].sum(axis=0)
    bettered = True
    while bettered:
        bettered = False
        for place, site in enumerate(chosen):
            without = times - reached[site]
            gain = reached @ np.where(without == 0, weight, 0.0)
            gain[[other for other in chosen if other != site]] = -1.0
            best = int(np.argmax(gain))
            if gain[best] > gain[site] * (1 + 1e-12) + 1e-12:
                chosen[place], times, bettered = best, without + reached[best], True
    return chosen


def _prove(
    reached: Bools, weight: Floats, count: int, greedy: list[int], time_limit_s: float
) -> tuple[list[int], float]:
    """The best of HiGHS and the greedy choice, and the bound."""
    n_sites, n_demand = reached.shape
    if count <= 0 or not n_demand:
        return greedy[:count], 0.0
    covered = csr_array(reached.T.astype(np.float64))
    link = LinearConstraint(hstack([-covered, eye_array(n_demand)]), ub=0.0)
    number = LinearConstraint(
        csr_array(np.concatenate([np.ones(n_sites), np.zeros(n_demand)])[None]), ub=count
    )
    # Demand follows the sites: only these have to be whole.
    found = milp(
        np.concatenate([np.zeros(n_sites), -weight]),
        constraints=[link, number],
        integrality=np.concatenate([np.ones(n_sites), np.zeros(n_demand)]),
        bounds=Bounds(0, 1),
        options={"time_limit": time_limit_s},
    )
    bound = float(weight.sum())
    if found.mip_dual_bound is not None:
        bound = min(bound, -float(found.mip_dual_bound))
    if found.x is not None:
        exact = _filled(np.flatnonzero(found.x[:n_sites] > 0.5).tolist(), n_sites, count)
        if _worth(reached, weight, exact) > _worth(reached, weight, greedy):
            return exact, bound
    return greedy, bound


def _filled(chosen: list[int], n_sites: int, count: int) -> list[int]:
    """As many as are wanted: where fewer cover everything, any others do."""
    others = (site for site in range(n_sites) if site not in set(chosen))
    return (chosen + [site for site, _ in zip(others, range(count - len(chosen)), strict=False)])[
        :count
    ]


def _worth(reached: Bools, weight: Floats, chosen: list[int]) -> float:
    return float(weight[reached[chosen].any(axis=0)].sum()) if chosen else 0.0


def _by_gain(reached: Bools, weight: Floats, chosen: list[int]) -> tuple[list[int], list[float]]:
    """The chosen sites, the one that adds most first, and what each adds."""
    order, gains = [], []
    left, waiting = weight.copy(), list(chosen)
    while waiting:
        gain = reached[waiting] @ left
        best = waiting.pop(int(np.argmax(gain)))
        order.append(best)
        gains.append(float(gain.max()))
        left[reached[best]] = 0.0
    return order, gains
