"""The places on streets that a fix may stand for, as machine code."""

from __future__ import annotations

from typing import Any

import numpy as np

from routing.compiling import compiled
from routing.network.segment_grid import metres_a_degree, nearest_on

# Streets that are considered for a fix; each has up to two directions.
STREETS = 10
MOST = 2 * STREETS


@compiled
def find_candidates(
    segments: Any,
    admits: Any,
    street_m: Any,
    lon: float,
    lat: float,
    within_m: float,
    number: Any,
    along_m: Any,
    aside_m: Any,
) -> int:
    """Fill the nearest places of the nearest streets, each direction by itself; how many.

    Args:
        segments: a `Segments`.
        admits: (S, 2) bool, directions that the mode may travel.
        street_m: (S,) lengths.
        lon: of the fix, degrees.
        lat: of the fix, degrees.
        within_m: no street that is farther.
        number: (MOST,) filled: 2·street along its geometry, 2·street + 1 against it.
        along_m: (MOST,) filled: metres from where that direction begins.
        aside_m: (MOST,) filled: metres from the fix.
    """
    streets = np.empty(STREETS, np.int64)
    fractions = np.empty(STREETS)
    distances = np.empty(STREETS)
    n = 0
    mx, my = metres_a_degree(lat)
    reach_x, reach_y = within_m / mx, within_m / my
    columns, rows = segments.shape[0], segments.shape[1]
    left = int(np.floor((lon - reach_x - segments.low[0]) / segments.cell[0]))
    right = int(np.floor((lon + reach_x - segments.low[0]) / segments.cell[0]))
    down = int(np.floor((lat - reach_y - segments.low[1]) / segments.cell[1]))
    up = int(np.floor((lat + reach_y - segments.low[1]) / segments.cell[1]))
    for row in range(max(down, 0), min(up, rows - 1) + 1):
        for column in range(max(left, 0), min(right, columns - 1) + 1):
            c = row * columns + column
            for p in range(segments.first[c], segments.first[c + 1]):
                i = segments.inside[p]
                s = segments.street[i]
                if not (admits[s, 0] or admits[s, 1]):
                    continue
                distance, t = nearest_on(segments.vertices, i, lon, lat, mx, my)
                if distance > within_m:
                    continue
                share = segments.share[i]
                fraction = share + t * (segments.share[i + 1] - share)
                n = _keep(streets, fractions, distances, n, s, fraction, distance)
    size = 0
    for i in range(n):
        s = streets[i]
        for direction in range(2):
            if admits[s, direction]:
                share = fractions[i] if direction == 0 else 1 - fractions[i]
                number[size] = 2 * s + direction
                along_m[size] = share * street_m[s]
                aside_m[size] = distances[i]
                size += 1
    return size


@compiled
def _keep(
    streets: Any,
    fractions: Any,
    distances: Any,
    n: int,
    street: int,
    fraction: float,
    distance: float,
) -> int:
    """Keep a place if it is its street's nearest and among the nearest streets."""
    at, farthest = -1, -1
    for i in range(n):
        if streets[i] == street:
            at = i
        if farthest < 0 or distances[i] > distances[farthest]:
            farthest = i
    if at < 0:
        if n < STREETS:
            at = n
            n += 1
        elif distance < distances[farthest]:
            at = farthest
        else:
            return n
    elif distance >= distances[at]:
        return n
    streets[at] = street
    fractions[at] = fraction
    distances[at] = distance
    return n
