"""From one fix to the next: how likely each way between their candidates is, as machine code.

A hidden Markov model after Newson and Krumm, "Hidden Markov map matching through noise and
sparseness" (ACM GIS 2009): a fix lies aside of where one was as errors of a known spread do; the
way over the streets is about as long as the straight line between two fixes, seldom much longer.
States are directed, so that the direction comes out with the street.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiling import compiled
from routing.nearest.heap import pop, push

# Turning round on the way costs as much likelihood as a fix 3.5 spreads aside. Assumed.
_TURNING = 6.0
# How much longer than the straight line ways tend to be: metres, and a share. Assumed.
_DETOUR_M = 6.0
_DETOUR_SHARE = 0.1
# States that are so much less likely than the best one are not followed.
_HOPELESS = 30.0
IMPOSSIBLE = -np.inf


class Roads(NamedTuple):
    """The directed edges that a mode may use, by the node that they leave.

    Attributes:
        first: (N + 1,) those out of node n are first[n] to first[n + 1] - 1.
        head: (E,) node that each leads to.
        length_m: (E,)
        ends: (S, 2) nodes of each street.
        street_m: (S,) lengths.
    """

    first: NDArray[np.int32]
    head: NDArray[np.int32]
    length_m: NDArray[np.float64]
    ends: NDArray[np.int32]
    street_m: NDArray[np.float64]


class Work(NamedTuple):
    """Memory of searches, used one after the other.

    Attributes:
        distance_m: (N,) of the last search that touched a node.
        search: (N,) number of that search.
        searches: (1,) how many there have been.
        heap_key, heap_node: waiting.
    """

    distance_m: NDArray[np.float64]
    search: NDArray[np.int64]
    searches: NDArray[np.int64]
    heap_key: NDArray[np.float64]
    heap_node: NDArray[np.int32]


def make_work(roads: Roads) -> Work:
    """Memory for searches over `roads`."""
    nodes, room = max(len(roads.first) - 1, 1), len(roads.head) + 64
    return Work(
        np.empty(nodes),
        np.zeros(nodes, np.int64),
        np.zeros(1, np.int64),
        np.empty(room),
        np.empty(room, np.int32),
    )


@compiled
def _spread_from(roads: Any, work: Any, node: int, limit_m: float) -> Any:
    """Metres from a node to all that lie within a limit; the number of this search."""
    work.searches[0] += 1
    search = work.searches[0]
    distance_m, key, heap = work.distance_m, work.heap_key, work.heap_node
    distance_m[node] = 0.0
    work.search[node] = search
    size = push(key, heap, 0, 0.0, node)
    while size > 0:
        now = key[0]
        at = heap[0]
        size = pop(key, heap, size)
        if now > distance_m[at]:
            continue
        for i in range(roads.first[at], roads.first[at + 1]):
            head = roads.head[i]
            then = now + roads.length_m[i]
            if then > limit_m or (work.search[head] == search and distance_m[head] <= then):
                continue
            distance_m[head] = then
            work.search[head] = search
            size = push(key, heap, size, then, head)
    return search


@compiled
def between(
    roads: Any,
    work: Any,
    number: Any,
    along_m: Any,
    score: Any,
    n: int,
    next_number: Any,
    next_along_m: Any,
    next_n: int,
    straight_m: float,
    elapsed_s: float,
    spread_m: float,
    most_mps: float,
    likely: Any,
) -> None:
    """Fill likely[i, j], the logarithm of how likely it is to have come from i to j.

    Args:
        roads: a `Roads`.
        work: a `Work` of them.
        number: (C,) directed streets of the fix before; n of them.
        along_m: (C,) metres along these.
        score: (C,) how likely each is; the hopeless are left out.
        n: how many there are.
        next_number: (C,) of the fix after; next_n of them.
        next_along_m: likewise.
        next_n: likewise.
        straight_m: between the two fixes.
        elapsed_s: likewise.
        spread_m: of the errors of both.
        most_mps: nobody is faster.
        likely: (C, C), filled.
    """
    best = IMPOSSIBLE
    for i in range(n):
        best = max(best, score[i])
    slack_m = 3 * spread_m
    reach_m = 1.8 * straight_m + slack_m + 60.0
    decay_m = _DETOUR_M + 0.5 * spread_m + _DETOUR_SHARE * straight_m
    for i in range(n):
        for j in range(next_n):
            likely[i, j] = IMPOSSIBLE
        if score[i] < best - _HOPELESS or score[i] == IMPOSSIBLE:
            continue
        street, direction = number[i] >> 1, number[i] & 1
        rest_m = roads.street_m[street] - along_m[i]
        search = _spread_from(roads, work, roads.ends[street, 1 - direction], reach_m - rest_m)
        for j in range(next_n):
            tail = roads.ends[next_number[j] >> 1, next_number[j] & 1]
            way_m = np.inf
            against = 0.0
            if work.search[tail] == search:
                way_m = rest_m + work.distance_m[tail] + next_along_m[j]
                if next_number[j] == number[i] ^ 1 and work.distance_m[tail] == 0.0:
                    against = _TURNING
            if next_number[j] == number[i]:
                ahead_m = next_along_m[j] - along_m[i]
                # who stands is seen a little behind itself, too
                if ahead_m >= -slack_m:
                    way_m = min(way_m, abs(ahead_m))
                    against = 0.0 if ahead_m >= 0 else -ahead_m / decay_m
            elif next_number[j] == number[i] ^ 1:
                back_m = abs(roads.street_m[street] - next_along_m[j] - along_m[i])
                if back_m < way_m:
                    way_m = back_m
                    against = _TURNING
            if way_m - slack_m > most_mps * elapsed_s:
                continue
            likely[i, j] = -abs(way_m - straight_m) / decay_m - against
