"""Misses first, then seconds, as one whole number for each pair: sums of them are exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routing.assigning.problem import AssignmentProblem, AssignmentRules, Ints

# Doubles count whole numbers up to here without a gap.
_MOST = 2**53
# Sums of costs never come near, and int64 holds a few of it.
FORBIDDEN = 2**60
_TICKS_PER_SECOND = 1_000
_MOST_OVERDUE = 96


@dataclass(frozen=True)
class Costs:
    """What each choice costs, in ticks.

    Attributes:
        pairs: (I, R + I) of each incident with each responder, then with nobody (one column for
            each incident, all the same); FORBIDDEN where he can't go.
        miss: ticks that a miss of weight 1 costs: more than all seconds together.
        tick_s: seconds of a tick.
    """

    pairs: Ints
    miss: int
    tick_s: float

    def misses_and_seconds(self, ticks: int) -> tuple[int, float]:
        """A cost, or a difference of costs, as weighted misses and weighted seconds."""
        misses = (ticks + self.miss // 2) // self.miss
        return misses, (ticks - misses * self.miss) * self.tick_s


def costs_of(problem: AssignmentProblem, rules: AssignmentRules) -> Costs:
    """The costs of every pair of `problem`.

    A weighted second counts double for an incident of double weight.
    """
    n_incidents, n_responders = problem.shape
    eta_s, may = _effective_eta_s(problem, rules)
    late = problem.waited_s[:, None] + eta_s > rules.hold_s
    more_s = rules.load_s * problem.orders_so_far + problem.price_s
    seconds = np.minimum(eta_s + more_s, rules.nobody_s)
    tick_s, miss = _scale(problem, rules)
    ticks = np.rint(seconds / tick_s).astype(np.int64) + miss * late.astype(np.int64)
    ticks = np.where(may, problem.weight[:, None] * ticks, FORBIDDEN)
    # a whole tick worse than the slowest who can come
    misses = 1 + _overdue(problem, rules)
    nobody = problem.weight * (round(rules.nobody_s / tick_s) + 1 + miss * misses)
    nobody_columns = np.repeat(nobody[:, None], n_incidents, axis=1)
    assert ticks.shape == (n_incidents, n_responders)
    return Costs(np.hstack([ticks, nobody_columns]), miss, tick_s)


def _effective_eta_s(
    problem: AssignmentProblem, rules: AssignmentRules
) -> tuple[np.ndarray, np.ndarray]:
    """(I, R) seconds, with the holders' lead, and who can come."""
    may = np.isfinite(problem.eta_s)
    eta_s = np.where(may, problem.eta_s, 0.0)
    held = np.flatnonzero(problem.holder >= 0)
    eta_s[held, problem.holder[held]] -= rules.reassign_gain_s
    return eta_s, may


def _overdue(problem: AssignmentProblem, rules: AssignmentRules) -> Ints:
    """(I,) how often an incident has waited longer than one has patience."""
    return np.minimum(problem.waited_s // rules.patience_s, _MOST_OVERDUE).astype(np.int64)


def _scale(problem: AssignmentProblem, rules: AssignmentRules) -> tuple[float, int]:
    """Seconds of a tick, and ticks of a miss: as fine as doubles add up exactly."""
    weights = max(int((problem.weight * (1 + _overdue(problem, rules))).sum()), 1)
    tick_s = 1 / _TICKS_PER_SECOND
    while True:
        # twice the largest sum, so that a difference tells its misses
        largest = rules.nobody_s + rules.reassign_gain_s
        miss = 2 * weights * (round(largest / tick_s) + 2)
        if 4 * weights * miss < _MOST or tick_s >= 1:
            return tick_s, miss
        tick_s *= 10
