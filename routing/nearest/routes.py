"""The ways that a search has found, as lines and metres, as machine code."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiling import compiled
from routing.network.network_arrays import NOBODY


class Legs(NamedTuple):
    """Streets, or parts of them, travelled one after the other, of k ways.

    Attributes:
        first: (k + 1,) way w has the legs first[w] to first[w + 1] - 1.
        street: (L,) index of each leg's street.
        start, end: (L,) shares of the street's length, from its beginning; start > end backwards.
    """

    first: NDArray[np.int64]
    street: NDArray[np.int32]
    start: NDArray[np.float64]
    end: NDArray[np.float64]


class Lines(NamedTuple):
    """k lines.

    Attributes:
        xy: (V, 2) lon, lat of all lines, one after the other.
        line: (V,) the line that each vertex belongs to.
        length_m: (k,) metres.
    """

    xy: NDArray[np.float64]
    line: NDArray[np.int64]
    length_m: NDArray[np.float64]


@compiled
def trace(work: Any, best: Any, standing: Any, fraction: float) -> Any:
    """The fields of `Legs` for each of the best, from where it stands to the incident.

    Args:
        work: as the search has left it.
        best: who is there first.
        standing: where they stand.
        fraction: of the incident's street, where it is.
    """
    n = best.size[0]
    first = np.zeros(n + 1, np.int64)
    for w in range(n):
        legs = 1
        at = best.label[w]
        while at != NOBODY:
            legs += 1
            at = work.labels[at].after
        first[w + 1] = first[w] + legs
    streets = np.empty(first[n], np.int32)
    start = np.empty(first[n])
    end = np.empty(first[n])
    for w in range(n):
        leg = first[w]
        r = best.responder[w]
        streets[leg] = standing.street[r]
        start[leg] = standing.fraction[r]
        end[leg] = fraction
        if best.exit[w] != NOBODY:
            end[leg] = 1.0 - (best.exit[w] & 1)
        at = best.label[w]
        while at != NOBODY:
            leg += 1
            number = work.labels[at].number
            streets[leg] = number >> 1
            start[leg] = number & 1
            end[leg] = 1.0 - (number & 1)
            at = work.labels[at].after
        if best.exit[w] != NOBODY:
            end[leg] = fraction
    return first, streets, start, end


@compiled
def _write(xy: Any, n: int, since: int, x: float, y: float) -> int:
    """Add a vertex unless it repeats the line's last one; returns the new count."""
    if n > since and xy[n - 1, 0] == x and xy[n - 1, 1] == y:
        return n
    xy[n, 0] = x
    xy[n, 1] = y
    return n + 1


@compiled
def _place(segments: Any, i: int, share: float) -> Any:
    """Where on segment i a share of its street's length lies."""
    low, high = segments.share[i], segments.share[i + 1]
    t = (share - low) / (high - low) if high > low else 0.0
    a, b = segments.vertices[i], segments.vertices[i + 1]
    if t >= 1:
        return b[0], b[1]
    return a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])


@compiled
def _draw_leg(
    segments: Any, begin: int, last: int, start: float, end: float, xy: Any, n: int, since: int
) -> Any:
    """Add the vertices of a part of the street with vertices begin to last."""
    share = segments.share
    if start <= end:
        i = begin
        while i < last - 1 and share[i + 1] <= start:
            i += 1
        x, y = _place(segments, i, start)
        n = _write(xy, n, since, x, y)
        while i < last and share[i + 1] < end:
            i += 1
            n = _write(xy, n, since, segments.vertices[i, 0], segments.vertices[i, 1])
        x, y = _place(segments, min(i, last - 1), end)
        return _write(xy, n, since, x, y)
    i = last - 1
    while i > begin and share[i] >= start:
        i -= 1
    x, y = _place(segments, i, start)
    n = _write(xy, n, since, x, y)
    while i > begin and share[i] > end:
        n = _write(xy, n, since, segments.vertices[i, 0], segments.vertices[i, 1])
        i -= 1
    x, y = _place(segments, i, end)
    return _write(xy, n, since, x, y)


@compiled
def draw(segments: Any, first_vertex: Any, length_m: Any, legs: Any) -> Any:
    """The fields of `Lines` for `legs`: each line has at least two vertices."""
    n_ways = len(legs.first) - 1
    room = 0
    for leg in range(len(legs.street)):
        s = legs.street[leg]
        room += first_vertex[s + 1] - first_vertex[s] + 2
    xy = np.empty((room, 2))
    line = np.empty(room, np.int64)
    metres = np.zeros(n_ways)
    n = 0
    for w in range(n_ways):
        since = n
        for leg in range(legs.first[w], legs.first[w + 1]):
            s = legs.street[leg]
            start, end = legs.start[leg], legs.end[leg]
            metres[w] += abs(end - start) * length_m[s]
            n = _draw_leg(
                segments, first_vertex[s], first_vertex[s + 1] - 1, start, end, xy, n, since
            )
        if n == since + 1:
            xy[n] = xy[n - 1]
            n += 1
        line[since:n] = w
    return xy[:n], line[:n], metres
