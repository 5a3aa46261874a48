"""The search behind `who is nearest`, as machine code over arrays.

It runs backwards: from the incident against the direction of travel, until the k responders who
are there first are certain.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

NOBODY = -1


class InEdges(NamedTuple):
    """The directed edges of one mode, by the node that they lead to.

    Attributes:
        first: (N + 1,) those into node n are first[n] to first[n + 1] - 1.
        tail: (E,) node that each comes from.
        number: (E,) 2·street along its geometry, 2·street + 1 against it.
        time_s: (E,) seconds.
    """

    first: NDArray[np.int64]
    tail: NDArray[np.int64]
    number: NDArray[np.int64]
    time_s: NDArray[np.float64]


class Doors(NamedTuple):
    """Where positions on streets meet the network's nodes.

    Attributes:
        node: (D,) the node.
        edge: (D,) number of the edge between it and the position.
        responder: (D,) whose position; 0 for the incident's.
        time_s: (D,) seconds between the position and the node.
    """

    node: NDArray[np.int64]
    edge: NDArray[np.int64]
    responder: NDArray[np.int64]
    time_s: NDArray[np.float64]


class Found(NamedTuple):
    """What a search knows when it stops.

    Attributes:
        time_s: (N,) seconds from each node to the incident; inf where it did not get to.
        next_edge: (N,) number of the edge to take from each node towards the incident; -1 where
            that is the incident's own street.
        responder_time_s: (R,) seconds of each responder, certain for the k smallest.
        responder_exit: (R,) the exit by which each responder gets there, -1 for straight along
            the incident's own street.
        exhausted: no node is left that the search has not seen, so inf means unreachable.
    """

    time_s: NDArray[np.float64]
    next_edge: NDArray[np.int64]
    responder_time_s: NDArray[np.float64]
    responder_exit: NDArray[np.int64]
    exhausted: bool


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` as machine code, kept on disk where some folder lets us."""
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba found no folder that it may write to
        return njit(nogil=True)(function)


@_compiled
def _offer(best: Any, time_s: Any, k: int, responder: int) -> None:
    """Put a responder whose time got shorter among the k best, if it belongs there."""
    for i in range(len(best)):
        if best[i] == responder:
            return
    if len(best) < k:
        best.append(responder)
        return
    worst = 0
    for i in range(1, k):
        if time_s[best[i]] > time_s[best[worst]]:
            worst = i
    if time_s[responder] < time_s[best[worst]]:
        best[worst] = responder


@_compiled
def _bound(best: Any, time_s: Any, k: int) -> float:
    """The time of the k-th best; while there are fewer, infinite."""
    if len(best) < k:
        return np.inf
    bound = 0.0
    for responder in best:
        bound = max(bound, time_s[responder])
    return bound


@_compiled
def _chain_exits(exits: Any, n_nodes: int) -> Any:
    """The exits at each node as linked lists: the first at a node, the one after an exit."""
    first = np.full(n_nodes, NOBODY, np.int64)
    following = np.full(len(exits.node), NOBODY, np.int64)
    for e in range(len(exits.node)):
        following[e] = first[exits.node[e]]
        first[exits.node[e]] = e
    return first, following


@_compiled
def _start(seeds: Any, time_s: Any) -> Any:
    """A heap of the seeds, whose times are put down in `time_s`."""
    heap = [(np.inf, np.int64(NOBODY))]
    heap.clear()
    for s in range(len(seeds.node)):
        if seeds.time_s[s] < time_s[seeds.node[s]]:
            time_s[seeds.node[s]] = seeds.time_s[s]
            heappush(heap, (seeds.time_s[s], np.int64(seeds.node[s])))
    return heap


@_compiled
def _best_straight(straight_time_s: Any, k: int) -> Any:
    """The k best of those who drive straight to the incident."""
    best = [np.int64(NOBODY)]
    best.clear()
    for r in range(len(straight_time_s)):
        if straight_time_s[r] < np.inf:
            _offer(best, straight_time_s, k, r)
    return best


@_compiled
def search_back(edges: Any, seeds: Any, exits: Any, straight_time_s: Any, k: int) -> Any:
    """Dijkstra against the edges, stopped when the k nearest responders are certain.

    Args:
        edges: an `InEdges`.
        seeds: a `Doors`: where one turns into the incident's street, and the rest of the way.
        exits: a `Doors`: where responders leave their streets, and how long they take to get there.
        straight_time_s: (R,) seconds of who is on the incident's own street and may drive
            straight to it; else inf.
        k: how many.

    Returns:
        The fields of `Found`.
    """
    n_nodes = len(edges.first) - 1
    time_s = np.full(n_nodes, np.inf)
    next_edge = np.full(n_nodes, NOBODY, np.int64)
    responder_time_s = straight_time_s.copy()
    responder_exit = np.full(len(responder_time_s), NOBODY, np.int64)
    first_exit, following_exit = _chain_exits(exits, n_nodes)
    best = _best_straight(straight_time_s, k)
    bound = _bound(best, responder_time_s, k)
    heap = _start(seeds, time_s)
    while heap:
        now, node = heappop(heap)
        if now > bound:
            return time_s, next_edge, responder_time_s, responder_exit, False
        if now > time_s[node]:
            continue
        e = first_exit[node]
        while e != NOBODY:
            r = exits.responder[e]
            if now + exits.time_s[e] < responder_time_s[r]:
                responder_time_s[r] = now + exits.time_s[e]
                responder_exit[r] = e
                _offer(best, responder_time_s, k, r)
                bound = _bound(best, responder_time_s, k)
            e = following_exit[e]
        for i in range(edges.first[node], edges.first[node + 1]):
            then = now + edges.time_s[i]
            if then < time_s[edges.tail[i]]:
                time_s[edges.tail[i]] = then
                next_edge[edges.tail[i]] = edges.number[i]
                heappush(heap, (then, edges.tail[i]))
    return time_s, next_edge, responder_time_s, responder_exit, True


@_compiled
def reaching(edges: Any, seed_node: Any) -> Any:
    """(N,) bool: from which nodes one can get to a seed at all, over the edges of an `InEdges`."""
    reaches = np.zeros(len(edges.first) - 1, np.bool_)
    stack = [np.int64(NOBODY)]
    stack.clear()
    for node in seed_node:
        reaches[node] = True
        stack.append(np.int64(node))
    while stack:
        node = stack.pop()
        for tail in edges.tail[edges.first[node] : edges.first[node + 1]]:
            if not reaches[tail]:
                reaches[tail] = True
                stack.append(tail)
    return reaches
