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
from routing.heap import pop, push

NOBODY = -1
LABEL = np.dtype(
    [("time_s", "f8"), ("question", "i4"), ("number", "i4"), ("after", "i4"), ("spare", "i4")]
)


class InEdges(NamedTuple):
    """The directed edges of one mode, by the node that they lead to.

    Attributes:
        first: (N + 1,) those into node n are first[n] to first[n + 1] - 1.
        tail: (E,) node that each comes from.
        number: (E,) 2·street along its geometry, 2·street + 1 against it.
        first_place: (2S + 1,) those of number m are places[first_place[m]] and following.
        places: (E,) indices of edges, by number.
        turns_back: (N,) whether turning round at a node may be part of a quickest way.
    """

    first: NDArray[np.int32]
    tail: NDArray[np.int32]
    number: NDArray[np.int32]
    first_place: NDArray[np.int32]
    places: NDArray[np.int32]
    turns_back: NDArray[np.bool_]


class Times(NamedTuple):
    """What edges take now.

    Attributes:
        through_s: (E,) seconds of the edges of an `InEdges`; inf where they are closed.
        along_s: (2S,) seconds by number of who begins or ends on a street; closed or not.
    """

    through_s: NDArray[np.float32]
    along_s: NDArray[np.float32]


class Standing(NamedTuple):
    """Who can be sent, and where they leave their streets.

    Attributes:
        street: (R,) index of each one's street, -1 off street.
        fraction: (R,) share of the street's length from its beginning.
        first_exit: (N,) the first exit at a node; exit 2r leaves r's street along its geometry,
            2r + 1 against it.
        following_exit: (2R,) the one after it at the same node.
    """

    street: NDArray[np.int32]
    fraction: NDArray[np.float64]
    first_exit: NDArray[np.int32]
    following_exit: NDArray[np.int32]


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


class Best(NamedTuple):
    """The k who are there first, in their order.

    Attributes:
        responder: (k,) who.
        time_s: (k,) seconds.
        exit: (k,) by which they leave their street; -1 for straight to the incident.
        label: (k,) of the node where that is.
        size: (2,) how many there are, and whether the search has seen all there is.
    """

    responder: NDArray[np.int32]
    time_s: NDArray[np.float64]
    exit: NDArray[np.int32]
    label: NDArray[np.int32]
    size: NDArray[np.int32]


def make_workspace(edges: InEdges) -> Workspace:
    """Memory for searches over `edges`."""
    labels = np.zeros(2 * max(len(edges.first) - 1, 1), LABEL)
    # An edge is relaxed for two labels at most, each of which may move one aside.
    capacity = 4 * len(edges.tail) + 64
    return Workspace(labels, np.empty(capacity), np.empty(capacity, np.int32))


def make_best(k: int) -> Best:
    """Room for k."""
    return Best(
        np.full(k, NOBODY, np.int32),
        np.full(k, np.inf),
        np.full(k, NOBODY, np.int32),
        np.full(k, NOBODY, np.int32),
        np.zeros(2, np.int32),
    )


@compiled
def _offer(best: Any, time_s: float, responder: int, way_out: int, label: int) -> None:
    """Put a responder among the best where it belongs, by time, then by number."""
    n = best.size[0]
    at = n
    for i in range(n):
        if best.responder[i] == responder:
            if best.time_s[i] <= time_s:
                return
            at = i
            break
    if at == n:
        if n == len(best.time_s):
            at = n - 1
            if best.time_s[at] < time_s or (
                best.time_s[at] == time_s and best.responder[at] < responder
            ):
                return
        else:
            best.size[0] = n + 1
    while at > 0 and (
        best.time_s[at - 1] > time_s
        or (best.time_s[at - 1] == time_s and best.responder[at - 1] > responder)
    ):
        best.responder[at] = best.responder[at - 1]
        best.time_s[at] = best.time_s[at - 1]
        best.exit[at] = best.exit[at - 1]
        best.label[at] = best.label[at - 1]
        at -= 1
    best.responder[at] = responder
    best.time_s[at] = time_s
    best.exit[at] = way_out
    best.label[at] = label


@compiled
def _bound(best: Any) -> float:
    """Seconds beyond which nobody is among the best any more."""
    if best.size[0] < len(best.time_s):
        return np.inf
    return float(best.time_s[-1])


@compiled
def _offer_straight(
    best: Any, edges: Any, times: Any, standing: Any, may_go: Any, street: int, fraction: float
) -> None:
    """Who stands on the incident's own street and may drive straight to it."""
    for r in range(len(may_go)):
        if standing.street[r] == street and may_go[r]:
            ahead = fraction - standing.fraction[r]
            number = 2 * street + (0 if ahead >= 0 else 1)
            if ahead == 0 or edges.first_place[number] < edges.first_place[number + 1]:
                time_s = 0.0 if ahead == 0 else abs(ahead) * times.along_s[number]
                _offer(best, time_s, r, NOBODY, NOBODY)


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
    matter only near copies of nodes, see `routing.mode_network`.
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
    edges: Any, times: Any, work: Any, question: int, street: int, fraction: float, u_turn_s: float
) -> int:
    """Reach the nodes from which one turns into the incident's street; returns the heap's size."""
    size = 0
    for direction in range(2):
        number = 2 * street + direction
        share = fraction if direction == 0 else 1 - fraction
        time_s = share * times.along_s[number]
        for p in range(edges.first_place[number], edges.first_place[number + 1]):
            node = edges.tail[edges.places[p]]
            wait_s = u_turn_s if edges.turns_back[node] else -1.0
            size = _reach(work, size, question, node, time_s, number, NOBODY, wait_s)
    return size


@compiled
def _offer_exits(
    best: Any,
    times: Any,
    standing: Any,
    may_go: Any,
    label: int,
    node: int,
    now: float,
    back: int,
    is_second: bool,
    u_turn_s: float,
) -> None:
    """Who leaves its street at a node that the search has come to."""
    e = standing.first_exit[node]
    while e != NOBODY:
        r = e >> 1
        if may_go[r]:
            number = 2 * standing.street[r] + (e & 1)
            if not is_second or number == back:
                share = standing.fraction[r] if e & 1 else 1 - standing.fraction[r]
                then = now + share * times.along_s[number]
                if number == back and not is_second and u_turn_s > 0:
                    then += u_turn_s
                if then <= best.time_s[-1]:
                    _offer(best, then, r, e, label)
        e = standing.following_exit[e]


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
    _offer_straight(best, edges, times, standing, may_go, street, fraction)
    size = _start(edges, times, work, question, street, fraction, u_turn_s)
    bound = _bound(best)
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
            _offer_exits(best, times, standing, may_go, at, node, now, back, is_second, u_turn_s)
            bound = _bound(best)
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
                wait_s = u_turn_s if edges.turns_back[tail] else -1.0
                size = _reach(work, size, question, tail, then, number, at, wait_s)
    best.size[1] = 1 if bound == np.inf else 0


@compiled
def reaching(edges: Any, times: Any, street: int) -> Any:
    """(N,) bool: from which nodes one can get to a street at all, over open edges."""
    reaches = np.zeros(len(edges.first) - 1, np.bool_)
    stack = [np.int32(NOBODY)]
    stack.clear()
    for p in range(edges.first_place[2 * street], edges.first_place[2 * street + 2]):
        node = edges.tail[edges.places[p]]
        if not reaches[node]:
            reaches[node] = True
            stack.append(node)
    while stack:
        node = stack.pop()
        for i in range(edges.first[node], edges.first[node + 1]):
            tail = edges.tail[i]
            if not reaches[tail] and times.through_s[i] < np.inf:
                reaches[tail] = True
                stack.append(tail)
    return reaches
