"""The k who are there first, as a search finds them, as machine code."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiling import compiled
from routing.network.network_arrays import NOBODY


class Best(NamedTuple):
    """The k who are there first, in their order.

    Attributes:
        responder: (k,) who.
        time_s: (k,) seconds, the delay before each one moves included.
        exit: (k,) by which they leave their street; -1 for straight to the incident.
        label: (k,) of the node where that is.
        size: (2,) how many there are, and whether the search has seen all there is.
        limit_s: (1,) who comes later isn't wanted.
    """

    responder: NDArray[np.int32]
    time_s: NDArray[np.float64]
    exit: NDArray[np.int32]
    label: NDArray[np.int32]
    size: NDArray[np.int32]
    limit_s: NDArray[np.float64]


def make_best(k: int, limit_s: float = np.inf) -> Best:
    """Room for k, none of whom comes later than `limit_s`."""
    return Best(
        np.full(k, NOBODY, np.int32),
        np.full(k, np.inf),
        np.full(k, NOBODY, np.int32),
        np.full(k, NOBODY, np.int32),
        np.zeros(2, np.int32),
        np.array([limit_s]),
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
def latest_s(best: Any) -> float:
    """Seconds beyond which nobody is among the best any more."""
    if best.size[0] < len(best.time_s):
        return float(best.limit_s[0])
    return float(min(best.time_s[-1], best.limit_s[0]))


@compiled
def least_delay_s(standing: Any, may_go: Any) -> float:
    """Seconds before anybody who is asked for moves; 0 where nobody is."""
    least = np.inf
    for r in range(len(may_go)):
        if may_go[r] and standing.delay_s[r] < least:
            least = standing.delay_s[r]
    return float(least) if least < np.inf else 0.0


@compiled
def offer_straight(
    best: Any, edges: Any, times: Any, standing: Any, may_go: Any, street: int, fraction: float
) -> None:
    """Who stands on the incident's own street and may drive straight to it."""
    for r in range(len(may_go)):
        if standing.street[r] == street and may_go[r]:
            ahead = fraction - standing.fraction[r]
            number = 2 * street + (0 if ahead >= 0 else 1)
            if ahead == 0 or edges.first_place[number] < edges.first_place[number + 1]:
                time_s = 0.0
                if ahead != 0:
                    turn_s = standing.turn_s[2 * r + (number & 1)]
                    time_s = turn_s + abs(ahead) * times.along_s[number]
                _offer(best, standing.delay_s[r] + time_s, r, NOBODY, NOBODY)


@compiled
def offer_exits(
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
                then = standing.delay_s[r] + (now + share * times.along_s[number])
                then += standing.turn_s[e]
                if number == back and not is_second and u_turn_s > 0:
                    then += u_turn_s
                if then <= best.time_s[-1]:
                    _offer(best, then, r, e, label)
        e = standing.following_exit[e]
