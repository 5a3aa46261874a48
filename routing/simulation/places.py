"""Places where calls come from and units wait, and the quickest way to each from everywhere."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiling import compiled
from routing.nearest.heap import pop, push
from routing.simulation.roads import Floats, Ints, Roads

NO_WAY = -1
# The last piece of a way: into the place's own street, along its geometry or against it.
LAST_ALONG, LAST_AGAINST = -2, -3


class Places(NamedTuple):
    """P places on streets.

    Attributes:
        street, fraction: (P,) where each lies.
        lonlat: (P, 2) degrees.
        to_go_s: (P, N) float32, seconds from each state; inf where there is no way.
        link: (P, N) the link by which the quickest way leaves a state, or LAST_ALONG,
            LAST_AGAINST, NO_WAY.
    """

    street: Ints
    fraction: Floats
    lonlat: Floats
    to_go_s: NDArray[np.float32]
    link: Ints


def make_places(roads: Roads, street: Ints, fraction: Floats) -> Places:
    """Grow the tree of quickest ways of each place."""
    shape = (len(street), roads.n_states)
    to_go_s = np.full(shape, np.inf, np.float32)
    link = np.full(shape, NO_WAY, np.int32)
    lonlat = np.empty((len(street), 2))
    capacity = len(roads.link_s) + 64
    work = np.empty(roads.n_states), np.empty(capacity), np.empty(capacity, np.int32)
    for p, (s, f) in enumerate(zip(street.tolist(), fraction.tolist(), strict=True)):
        _grow(roads, s, f, *work, to_go_s[p], link[p])
        lonlat[p] = point_on(roads, s, f)
    return Places(street, fraction, lonlat, to_go_s, link)


def times_between(roads: Roads, places: Places, rows: NDArray[np.integer]) -> Floats:
    """(len(rows), P) seconds from each of some places to every place."""
    times_s = np.empty((len(rows), len(places.street)))
    _fill_times(roads, places, rows, times_s)
    return times_s


def select_places(places: Places, keep: NDArray[np.integer]) -> Places:
    """Only some of them."""
    return Places(*(array[keep] for array in places))


@compiled
def _grow(
    roads: Any,
    street: int,
    fraction: float,
    least_s: Any,
    key: Any,
    heap: Any,
    to_go_s: Any,
    link: Any,
) -> None:
    """Dijkstra against the links, from a place to everywhere."""
    least_s[:] = np.inf
    size = 0
    for direction in range(2):
        number = 2 * street + direction
        share = fraction if direction == 0 else 1 - fraction
        for e in range(roads.first_link[number], roads.first_link[number + 1]):
            turning_s = roads.link_s[e] - roads.along_s[number]
            then = share * roads.along_s[number] + turning_s
            tail = roads.link_tail[e]
            if then < least_s[tail]:
                least_s[tail] = then
                link[tail] = LAST_ALONG - direction
                size = push(key, heap, size, then, tail)
    while size > 0:
        now = key[0]
        at = heap[0]
        size = pop(key, heap, size)
        if now > least_s[at]:
            continue
        to_go_s[at] = now
        for b in range(roads.back_first[at], roads.back_first[at + 1]):
            e = roads.back_link[b]
            tail = roads.link_tail[e]
            then = now + roads.link_s[e]
            if then < least_s[tail]:
                least_s[tail] = then
                link[tail] = e
                size = push(key, heap, size, then, tail)


@compiled
def way_to(roads: Any, places: Any, place: int, street: int, fraction: float) -> Any:
    """Seconds from somewhere on a street to a place, and the direction in which one sets out.

    The direction is 2 or 3 for straight on to a place on the same street.
    """
    best_s = np.inf
    best = NO_WAY
    for direction in range(2):
        number = 2 * street + direction
        state = roads.arrival[number]
        if state >= 0:
            rest = fraction if direction == 1 else 1 - fraction
            then = rest * roads.along_s[number] + places.to_go_s[place, state]
            if then < best_s:
                best_s = then
                best = direction
    if street == places.street[place]:
        ahead = places.fraction[place] - fraction
        direction = 0 if ahead >= 0 else 1
        if ahead == 0 or roads.arrival[2 * street + direction] >= 0:
            then = abs(ahead) * roads.along_s[2 * street + direction]
            if then <= best_s:
                best_s = then
                best = 2 + direction
    return best_s, best


@compiled
def point_on(roads: Any, street: int, fraction: float) -> Any:
    """Longitude and latitude of a share of a street."""
    first = roads.first_vertex[street]
    last = roads.first_vertex[street + 1] - 1
    v = first
    while v < last - 1 and roads.vertex_share[v + 1] < fraction:
        v += 1
    begins, ends = roads.vertex_share[v], roads.vertex_share[v + 1]
    t = (fraction - begins) / (ends - begins) if ends > begins else 0.0
    x = roads.vertices[v, 0] + t * (roads.vertices[v + 1, 0] - roads.vertices[v, 0])
    y = roads.vertices[v, 1] + t * (roads.vertices[v + 1, 1] - roads.vertices[v, 1])
    return x, y


@compiled
def _fill_times(roads: Any, places: Any, rows: Any, times_s: Any) -> None:
    for i in range(len(rows)):
        street, fraction = places.street[rows[i]], places.fraction[rows[i]]
        for p in range(len(places.street)):
            times_s[i, p] = way_to(roads, places, p, street, fraction)[0]
