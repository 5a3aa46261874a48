"""Times from many places to everywhere, as machine code over arrays.

A place keeps its n best labels, each of another source: the time, and whose it is. One pass of a
Dijkstra whose labels are (state, source) gives them all.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from routing.compiling import compiled
from routing.nearest.heap import pop, push
from routing.network.network_arrays import NOBODY


@compiled
def keep(time_s: Any, source: Any, row: int, then_s: float, whose: int) -> bool:
    """Put a label among the best of a row, by time; whether it was good enough.

    A row has one label of a source. Of equal times the one that came first stays.
    """
    n = time_s.shape[1]
    last = n - 1
    for i in range(n):
        if source[row, i] == whose:
            if time_s[row, i] <= then_s:
                return False
            last = i
            break
    if time_s[row, last] <= then_s:
        return False
    at = last
    while at > 0 and time_s[row, at - 1] > then_s:
        time_s[row, at] = time_s[row, at - 1]
        source[row, at] = source[row, at - 1]
        at -= 1
    time_s[row, at] = then_s
    source[row, at] = whose
    return True


@compiled
def _is_current(time_s: Any, source: Any, row: int, then_s: float, whose: int) -> bool:
    for i in range(time_s.shape[1]):
        if source[row, i] == whose:
            return bool(time_s[row, i] == then_s)
    return False


@compiled
def spread_out(
    first: Any,
    to: Any,
    cost_s: Any,
    start: Any,
    start_s: Any,
    start_source: Any,
    n_sources: int,
    limit_s: float,
    time_s: Any,
    source: Any,
) -> None:
    """Dijkstra from many places at once.

    Args:
        first, to: a `Spread`.
        cost_s: (E,) seconds of its edges; inf where one can't go.
        start: (B,) states at which sources begin.
        start_s: (B,) seconds at which.
        start_source: (B,) whose beginning it is.
        n_sources: one more than the highest of them.
        limit_s: what takes longer isn't looked at.
        time_s: (N, n) filled with the n least times, inf where there are fewer.
        source: (N, n) whose they are, -1 where there is none.
    """
    capacity = len(to) * time_s.shape[1] + len(start) + 8
    key = np.empty(capacity)
    value = np.empty(capacity, np.int64)
    size = 0
    for b in range(len(start)):
        if start_s[b] <= limit_s and keep(time_s, source, start[b], start_s[b], start_source[b]):
            size = push(key, value, size, start_s[b], start[b] * n_sources + start_source[b])
    while size > 0:
        now = key[0]
        state = value[0] // n_sources
        whose = value[0] % n_sources
        size = pop(key, value, size)
        if not _is_current(time_s, source, state, now, whose):
            continue
        for i in range(first[state], first[state + 1]):
            then = now + cost_s[i]
            if then <= limit_s and then < np.inf and keep(time_s, source, to[i], then, whose):
                size = push(key, value, size, then, np.int64(to[i]) * n_sources + whose)


@compiled
def enter_streets(
    tail: Any, number: Any, turning_s: Any, time_s: Any, source: Any, enter_s: Any, whose: Any
) -> None:
    """The labels at the beginning of each direction of each street, from those of the states.

    Args:
        tail, number, turning_s: of `Links`.
        time_s, source: (N, n) labels of the states.
        enter_s, whose: (2S, n) filled.
    """
    for i in range(len(tail)):
        for j in range(time_s.shape[1]):
            if source[tail[i], j] == NOBODY:
                break
            then_s = time_s[tail[i], j] + turning_s[i]
            keep(enter_s, whose, number[i], then_s, source[tail[i], j])


@compiled
def times_at_places(
    field: Any,
    street: Any,
    fraction: Any,
    time_s: Any,
    source: Any,
) -> None:
    """The labels of places on streets.

    Args:
        field: a `Field`.
        street, fraction: (P,) the places; street -1 is nowhere.
        time_s, source: (P, n) filled.
    """
    for p in range(len(street)):
        s = street[p]
        if s == NOBODY:
            continue
        f = fraction[p]
        for end in range(2):
            row = 2 * s + end
            share = f if end == 0 else 1 - f
            for j in range(field.enter_s.shape[1]):
                if field.whose[row, j] == NOBODY:
                    break
                keep(
                    time_s,
                    source,
                    p,
                    field.enter_s[row, j] + share * field.slope_s[row],
                    field.whose[row, j],
                )
        r = field.first_here[s]
        while r != NOBODY:
            ahead = f - field.stands[r]
            then = field.delay_s[r]
            if ahead > 0:
                then += ahead * field.direct_s[2 * s]
            elif ahead < 0:
                then -= ahead * field.direct_s[2 * s + 1]
            if then < np.inf:
                keep(time_s, source, p, then, field.source_of[r])
            r = field.next_here[r]


@compiled
def _put_piece(starts: Any, ends: Any, n: int, start: float, end: float) -> int:
    """Add an interval to those kept in order of their starts; returns how many there are."""
    at = n
    while at > 0 and starts[at - 1] > start:
        starts[at] = starts[at - 1]
        ends[at] = ends[at - 1]
        at -= 1
    starts[at] = start
    ends[at] = end
    return n + 1


@compiled
def _reach_along(left_s: float, slope_s: float) -> float:
    """What share of a street is passed in the seconds left."""
    if left_s < 0:
        return -1.0
    if slope_s <= left_s:
        return 1.0
    return left_s / slope_s


@compiled
def pieces_within(
    field: Any,
    limit_s: float,
    street: Any,
    start: Any,
    end: Any,
) -> int:
    """The parts of streets that somebody reaches in `limit_s`.

    Args:
        field: a `Field`.
        limit_s: seconds.
        street, start, end: filled; there is room for 2 parts of each street and one of each source.

    Returns:
        How many there are.
    """
    n = 0
    room = len(field.stands) + 2
    starts = np.empty(room)
    ends = np.empty(room)
    for s in range(len(field.first_here)):
        k = 0
        from_start = _reach_along(limit_s - field.enter_s[2 * s, 0], field.slope_s[2 * s])
        from_end = _reach_along(limit_s - field.enter_s[2 * s + 1, 0], field.slope_s[2 * s + 1])
        if from_start >= 0:
            k = _put_piece(starts, ends, k, 0.0, from_start)
        if from_end >= 0:
            k = _put_piece(starts, ends, k, 1.0 - from_end, 1.0)
        r = field.first_here[s]
        while r != NOBODY:
            left_s = limit_s - field.delay_s[r]
            if left_s >= 0:
                low = field.stands[r] - _reach_along(left_s, field.direct_s[2 * s + 1])
                high = field.stands[r] + _reach_along(left_s, field.direct_s[2 * s])
                k = _put_piece(starts, ends, k, max(low, 0.0), min(high, 1.0))
            r = field.next_here[r]
        for i in range(k):
            if i > 0 and starts[i] <= end[n - 1]:
                end[n - 1] = max(end[n - 1], ends[i])
            else:
                street[n] = s
                start[n] = starts[i]
                end[n] = ends[i]
                n += 1
    return n
