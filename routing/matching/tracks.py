"""Whole tracks at once: the most likely way that passes near all fixes, as machine code."""

from __future__ import annotations

from typing import Any

import numpy as np

from routing.compiling import compiled
from routing.matching.candidates import MOST, find_candidates
from routing.matching.steps import IMPOSSIBLE, between
from routing.network.segment_grid import OFF_STREET, metres_a_degree

# Without a fix for longer nobody knows the way between. Assumed.
LONGEST_GAP_S = 180.0
# The logarithm by which the best place must be likelier than every other to be sure: e^2 is 7 : 1.
SURE = 2.0
_WIDEST_M = 150.0
_NARROWEST_M = 30.0


@compiled
def spread_of(accuracy_m: float) -> float:
    """Standard deviation aside of the street: an accuracy is the radius that holds 68 % of fixes
    (Android and iOS), in two dimensions 1.5 deviations; streets are drawn to some metres, too.
    """
    return max(accuracy_m / 1.5, 4.0)


@compiled
def radius_of(spread_m: float) -> float:
    """So far from a fix streets are looked for."""
    return min(max(4 * spread_m, _NARROWEST_M), _WIDEST_M)


@compiled
def straight_between(lonlat: Any, i: int, j: int) -> float:
    """Metres between two fixes."""
    mx, my = metres_a_degree(lonlat[j, 1])
    return float(np.hypot((lonlat[j, 0] - lonlat[i, 0]) * mx, (lonlat[j, 1] - lonlat[i, 1]) * my))


@compiled
def match_each(
    segments: Any,
    admits: Any,
    roads: Any,
    work: Any,
    first: Any,
    lonlat: Any,
    at_s: Any,
    accuracy_m: Any,
    most_mps: float,
    number_out: Any,
    along_out: Any,
    sure_out: Any,
) -> None:
    """`match_fixes` for many tracks, each by itself: track t is first[t] to first[t + 1] - 1."""
    for t in range(len(first) - 1):
        low, high = first[t], first[t + 1]
        match_fixes(
            segments, admits, roads, work, lonlat[low:high], at_s[low:high], accuracy_m[low:high],
            most_mps, number_out[low:high], along_out[low:high], sure_out[low:high],
        )  # fmt: skip


@compiled
def match_fixes(
    segments: Any,
    admits: Any,
    roads: Any,
    work: Any,
    lonlat: Any,
    at_s: Any,
    accuracy_m: Any,
    most_mps: float,
    number_out: Any,
    along_out: Any,
    sure_out: Any,
) -> None:
    """Fill number (2·street + direction, or OFF_STREET), metres along, and certainty of each fix.

    Args:
        segments: a `Segments`.
        admits: (S, 2) bool.
        roads: the `Roads` of the same mode.
        work: a `Work` of them.
        lonlat: (F, 2) degrees.
        at_s: (F,) seconds; a fix that isn't after all before it is left out.
        accuracy_m: (F,)
        most_mps: nobody is faster.
        number_out: (F,) filled.
        along_out: (F,) filled.
        sure_out: (F,) filled: by how much the place is likelier than the next one, a logarithm.
    """
    n_fixes = len(lonlat)
    number = np.empty((n_fixes, MOST), np.int64)
    along_m = np.empty((n_fixes, MOST))
    aside_m = np.empty((n_fixes, MOST))
    count = np.zeros(n_fixes, np.int64)
    score = np.empty((n_fixes, MOST))
    likely = np.empty((n_fixes, MOST, MOST))
    before = np.full(n_fixes, -1, np.int64)
    follows = np.zeros(n_fixes, np.bool_)
    last = -1
    for f in range(n_fixes):
        number_out[f] = OFF_STREET
        along_out[f] = 0.0
        sure_out[f] = 0.0
        if last >= 0 and at_s[f] <= at_s[last]:
            continue
        spread_m = spread_of(accuracy_m[f])
        count[f] = find_candidates(
            segments, admits, roads.street_m, lonlat[f, 0], lonlat[f, 1],
            radius_of(spread_m), number[f], along_m[f], aside_m[f],
        )  # fmt: skip
        if count[f] == 0:
            continue
        came = False
        if last >= 0 and at_s[f] - at_s[last] <= LONGEST_GAP_S:
            between(
                roads, work, number[last], along_m[last], score[last], count[last],
                number[f], along_m[f], count[f], straight_between(lonlat, last, f),
                at_s[f] - at_s[last],
                np.sqrt((spread_m**2 + spread_of(accuracy_m[last]) ** 2) / 2),
                most_mps, likely[f],
            )  # fmt: skip
            came = _forward(score[last], likely[f], count[last], count[f], score[f])
        if not came:
            score[f, : count[f]] = 0.0
        for j in range(count[f]):
            score[f, j] -= 0.5 * (aside_m[f, j] / spread_m) ** 2
        before[f] = last
        follows[f] = came
        last = f
    _backward(
        number, along_m, aside_m, accuracy_m, count, score, likely, before, follows, last,
        number_out, along_out, sure_out,
    )  # fmt: skip


@compiled
def _forward(score: Any, likely: Any, n: int, next_n: int, next_score: Any) -> bool:
    """The best way to each candidate; False if there is none to any."""
    came = False
    for j in range(next_n):
        next_score[j] = IMPOSSIBLE
        for i in range(n):
            next_score[j] = max(next_score[j], score[i] + likely[i, j])
        came = came or next_score[j] > IMPOSSIBLE
    return came


@compiled
def _backward(
    number: Any,
    along_m: Any,
    aside_m: Any,
    accuracy_m: Any,
    count: Any,
    score: Any,
    likely: Any,
    before: Any,
    follows: Any,
    last: int,
    number_out: Any,
    along_out: Any,
    sure_out: Any,
) -> None:
    """From the last fix to the first: at each the place on the best way of all."""
    onward = np.zeros(MOST)
    earlier = np.empty(MOST)
    chosen = -1
    f = last
    while f >= 0:
        if chosen < 0:
            onward[:] = 0.0
            chosen = _best_of(score[f], onward, count[f])
        whole = score[f, chosen] + onward[chosen]
        other = IMPOSSIBLE
        for j in range(count[f]):
            if number[f, j] != number[f, chosen]:
                other = max(other, score[f, j] + onward[j])
        number_out[f] = number[f, chosen]
        along_out[f] = along_m[f, chosen]
        sure_out[f] = min(whole - other, 99.0)
        e = before[f]
        if not follows[f]:
            chosen = -1
            f = e
            continue
        spread_m = spread_of(accuracy_m[f])
        for i in range(count[e]):
            earlier[i] = IMPOSSIBLE
            for j in range(count[f]):
                seen = -0.5 * (aside_m[f, j] / spread_m) ** 2
                earlier[i] = max(earlier[i], likely[f, i, j] + seen + onward[j])
        chosen = _came_from(score[e], likely[f], count[e], chosen)
        onward[:] = earlier
        f = e


@compiled
def _best_of(score: Any, onward: Any, n: int) -> int:
    best = 0
    for j in range(n):
        if score[j] + onward[j] > score[best] + onward[best]:
            best = j
    return best


@compiled
def _came_from(score: Any, likely: Any, n: int, j: int) -> int:
    best = 0
    for i in range(n):
        if score[i] + likely[i, j] > score[best] + likely[best, j]:
            best = i
    return best
