"""The search behind `who is nearest`, as machine code over arrays.

It runs backwards: from the incident against the direction of travel, until the k responders who
are there first are certain. Nothing as large as the network is made or cleared for a question:
labels carry the number of the question that wrote them.

Turning round. A label of a node says how long it takes from there, and by which edge one leaves.
Who comes by the same street against that edge would turn round, which costs time; so a node has a
second label, whose edge leads elsewhere, for who comes that way.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiling import compiled
from routing.nearest.heap import pop, push
from routing.nearest.offers import latest_s, least_delay_s, offer_exits, offer_straight
from routing.network.network_arrays import NOBODY, InEdges

LABEL = np.dtype(
    [("time_s", "f8"), ("question", "i4"), ("number", "i4"), ("after", "i4"), ("spare", "i4")]
)


# Sums of the same seconds in another order differ by less.
_HAIR_S = 1e-6


class Workspace(NamedTuple):
    """Memory that questions use one after the other.

    Attributes:
        labels: (2N,) of LABEL, two for each node.
        heap_key: seconds.
        heap_label: index of a label.
    """

    labels: Any
    heap_key: NDArray[np.float64]
    heap_label: NDArray[np.int32]


def make_workspace(edges: InEdges) -> Workspace:
    """Memory for searches over `edges`."""
    labels = np.zeros(2 * max(len(edges.first) - 1, 1), LABEL)
    # An edge is relaxed for two labels at most, each of which may move one aside.
    capacity = 4 * len(edges.tail) + 64
    return Workspace(labels, np.empty(capacity), np.empty(capacity, np.int32))


@compiled
def _reach(
    work: Any,
    size: int,
    question: int,
    node: int,
    time_s: float,
    number: int,
    after: int,
    u_turn_s: float,
) -> Any:
    """A way from `node` by the edge `number`: keep it if it is the best, or the best elsewhere.

    `u_turn_s` is negative where turning round doesn't matter: then there is one label. It does
    matter only near copies of nodes, see `routing.network.mode_network`, and at nodes ahead of
    somebody who would have to turn round: who goes on may do better than who turns.
    """
    label = work.labels[2 * node]
    other = work.labels[2 * node + 1]
    if label.question != question:
        label.question = question
        other.question = question
        label.time_s = np.inf
        other.time_s = np.inf
        label.number = NOBODY
    if time_s < label.time_s:
        if u_turn_s >= 0 and label.number != number and label.time_s < time_s + u_turn_s:
            other.time_s = label.time_s
            other.number = label.number
            other.after = label.after
            size = push(work.heap_key, work.heap_label, size, other.time_s, 2 * node + 1)
        label.time_s = time_s
        label.number = number
        label.after = after
        return push(work.heap_key, work.heap_label, size, time_s, 2 * node)
    if (
        u_turn_s >= 0
        and number != label.number
        and time_s < other.time_s
        and time_s < label.time_s + u_turn_s
    ):
        other.time_s = time_s
        other.number = number
        other.after = after
        return push(work.heap_key, work.heap_label, size, time_s, 2 * node + 1)
    return size


@compiled
def _start(
    edges: Any,
    times: Any,
    standing: Any,
    work: Any,
    question: int,
    street: int,
    fraction: float,
    u_turn_s: float,
) -> int:
    """Reach the nodes from which one turns into the incident's street; returns the heap's size."""
    size = 0
    for direction in range(2):
        number = 2 * street + direction
        share = fraction if direction == 0 else 1 - fraction
        time_s = share * times.along_s[number]
        for p in range(edges.first_place[number], edges.first_place[number + 1]):
            node = edges.tail[edges.places[p]]
            wait_s = u_turn_s if edges.turns_back[node] or standing.ahead[node] > 0 else -1.0
            size = _reach(work, size, question, node, time_s, number, NOBODY, wait_s)
    return size


@compiled
def search_back(
    edges: Any,
    times: Any,
    standing: Any,
    may_go: Any,
    work: Any,
    best: Any,
    question: int,
    street: int,
    fraction: float,
    u_turn_s: float,
) -> None:
    """Dijkstra against the edges, stopped when the nearest responders are certain.

    Who is first is told by the delay before one moves and the travel together. Whoever is found
    when the search is at t seconds can't be there before t and the least delay of all, so it
    stops as soon as without delays.

    Args:
        edges: an `InEdges`.
        times: `Times` of these edges.
        standing: a `Standing` at their nodes.
        may_go: (R,) bool, who is asked for.
        work: a `Workspace` made for these edges; the labels tell the ways afterwards.
        best: a `Best` with room for as many as are wanted; filled.
        question: a number that no question in this workspace has had before.
        street: of the incident.
        fraction: of that street's length, where the incident is.
        u_turn_s: seconds to turn round at a node; negative where that doesn't matter.
    """
    labels, key, heap = work.labels, work.heap_key, work.heap_label
    offer_straight(best, edges, times, standing, may_go, street, fraction)
    size = _start(edges, times, standing, work, question, street, fraction, u_turn_s)
    sooner_s = least_delay_s(standing, may_go) - _HAIR_S
    bound = latest_s(best) - sooner_s
    while size > 0:
        now = key[0]
        at = heap[0]
        if now > bound:
            return
        size = pop(key, heap, size)
        if now != labels[at].time_s:
            continue
        node = at >> 1
        is_second = (at & 1) == 1
        back = labels[at - (at & 1)].number ^ 1
        if standing.first_exit[node] != NOBODY:
            offer_exits(best, times, standing, may_go, at, node, now, back, is_second, u_turn_s)
            bound = latest_s(best) - sooner_s
        for i in range(edges.first[node], edges.first[node + 1]):
            number = edges.number[i]
            then = now + times.through_s[i]
            if u_turn_s >= 0:
                if is_second:
                    if number != back:
                        continue
                elif number == back:
                    if not edges.turns_back[node]:
                        continue
                    then += u_turn_s
            if then <= bound and then < np.inf:
                tail = edges.tail[i]
                wait_s = u_turn_s if edges.turns_back[tail] or standing.ahead[tail] > 0 else -1.0
                size = _reach(work, size, question, tail, then, number, at, wait_s)
    best.size[1] = 1 if bound == np.inf else 0
