"""The best assignment of all, and what every other choice would cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from routing.assigning.costs import FORBIDDEN, Costs, costs_of
from routing.assigning.problem import NOBODY, AssignmentProblem, AssignmentRules, Ints


@dataclass(frozen=True)
class Assignment:
    """Who goes where.

    Attributes:
        responder: (I,) for each incident; NOBODY where nobody is left who can come.
        misses: sum of the weights of incidents that aren't reached in time.
        weighted_s: the seconds of all, each times its weight.
        costs: by which it is the best.
        column: (I,) of `costs.pairs` that each incident has.
    """

    responder: Ints
    misses: int
    weighted_s: float
    costs: Costs
    column: Ints


def assign(problem: AssignmentProblem, rules: AssignmentRules) -> Assignment:
    """The assignment with the fewest weighted misses and, among those, the fewest weighted seconds.

    A function of its arguments alone: with the same etas and its own answer as holders it answers
    the same again.
    """
    costs = costs_of(problem, rules)
    row, column = linear_sum_assignment(np.where(costs.pairs < FORBIDDEN, costs.pairs, np.inf))
    assert np.array_equal(row, np.arange(len(row)))
    n_responders = problem.shape[1]
    misses, seconds = costs.misses_and_seconds(int(costs.pairs[row, column].sum()))
    responder = np.where(column < n_responders, column, NOBODY).astype(np.int64)
    return Assignment(responder, misses, seconds, costs, column.astype(np.int64))


def deviation_ticks(assignment: Assignment) -> Ints:
    """(I, R + 1) by how much the whole gets dearer where a pair is forced; last: nobody goes.

    What is forced moves others: whoever is displaced takes the next best, and so on. All of it is
    read from shortest paths among the incidents of the best assignment, by exchange of columns;
    FORBIDDEN where the pair can't be.
    """
    pairs, column = assignment.costs.pairs, assignment.column
    n_incidents, n_columns = pairs.shape
    n_responders = n_columns - n_incidents
    incident = np.arange(n_incidents)
    own = pairs[incident, column]
    exchange = _exchange_ticks(pairs, column, own)
    free = np.setdiff1d(np.arange(n_columns), column)
    to_free = _capped((exchange + (pairs[:, free].min(axis=1) - own)[None, :]).min(axis=1))
    # somebody may take what the forced incident leaves
    refill = np.minimum(exchange.min(axis=0), 0)
    holder_of = np.full(n_columns, NOBODY)
    holder_of[column] = incident
    forced = pairs[:, : n_responders + 1] - own[:, None]
    displaced = holder_of[:n_responders]
    rest = np.repeat(refill[:, None], n_responders + 1, axis=1)
    taken = np.flatnonzero(displaced >= 0)
    rows = displaced[taken]
    rest[:, taken] = np.minimum(exchange[rows].T, to_free[rows][None, :] + refill[:, None])
    rest[incident, np.minimum(column, n_responders)] = 0
    unserved = column >= n_responders
    rest[unserved, n_responders] = 0
    return _capped(np.where(pairs[:, : n_responders + 1] >= FORBIDDEN, FORBIDDEN, forced + rest))


def _exchange_ticks(pairs: Ints, column: Ints, own: Ints) -> Ints:
    """(I, I) the cheapest way from a displaced incident to one whose column is to be had.

    A step a → b: a leaves its column and takes b's. No circle gains: the assignment is the best.
    """
    ticks = _capped(pairs[:, column] - own[:, None])
    np.fill_diagonal(ticks, 0)
    for middle in range(len(column)):
        ticks = np.minimum(ticks, _capped(ticks[:, middle, None] + ticks[None, middle, :]))
    return ticks


def _capped(ticks: Ints) -> Ints:
    """Whatever contains something forbidden is forbidden."""
    return np.where(ticks >= FORBIDDEN // 4, FORBIDDEN, ticks)
