"""Which of the places that fit a query come first. Pure: costs in, order out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

# Callers speak of villages and premises more often than of cameras.
_KIND_COST = {
    "alias": 0.0, "village": 0.0, "place": 0.01, "building": 0.03, "premises": 0.04,
    "street": 0.04, "crossing": 0.08, "address": 0.08, "entrance": 0.08, "water": 0.08,
    "lamp-post": 0.10, "grid": 0.14, "micro-grid": 0.16, "sensor": 0.18,
}  # fmt: skip
_HINTED = 0.4
# A place at hand comes before its namesake at the other end of the town, and no more than that.
_FARTHEST_KM, _FAR_COST = 6.0, 0.12
# What differs more from the query than this share of it isn't what was meant.
_MOST_SHARE = 0.52
# What is worse than the best by so much is no help beside it.
_MOST_BEHIND = 1.6
_SAME_SPOT_KM = 0.05
_ALIKE_KINDS = ({"village", "place"}, {"building", "address"})


@dataclass(frozen=True)
class Candidate:
    """A place that fits.

    Attributes:
        number: of the place.
        cost: how badly it fits, in wrong characters.
        weight: what the query would cost with nothing of it found.
        distance_km: from the middle of the map; None where there is none.
    """

    number: int
    kind: str
    label: str
    lon: float
    lat: float
    cost: float
    weight: float
    distance_km: float | None = None


def score(candidate: Candidate, hint: str | None = None) -> float:
    """By which places are ordered, the least first."""
    kind_cost = _KIND_COST.get(candidate.kind, 0.1) - (_HINTED if candidate.kind == hint else 0.0)
    share = min((candidate.distance_km or 0.0) / _FARTHEST_KM, 1.0)
    return candidate.cost + kind_cost + _FAR_COST * share


def is_meant(candidate: Candidate) -> bool:
    """Whether enough of the query is found in the name."""
    return candidate.cost <= _MOST_SHARE * candidate.weight


def ranked(candidates: Iterable[Candidate], limit: int, hint: str | None = None) -> list[Candidate]:
    """The best `limit`, best first; what is the same place under two heads is told once."""
    fitting = [(score(each, hint), each) for each in candidates if is_meant(each)]
    fitting.sort(key=lambda pair: (pair[0], len(pair[1].label), pair[1].label, pair[1].number))
    chosen: list[Candidate] = []
    for value, each in fitting:
        if len(chosen) == limit or value > fitting[0][0] + _MOST_BEHIND:
            break
        if not any(_is_same(each, other) for other in chosen):
            chosen.append(each)
    return chosen


def _is_same(one: Candidate, other: Candidate) -> bool:
    if one.number == other.number:
        return True
    if one.label != other.label:
        return False
    if one.kind == other.kind:
        return distance_km(one, other) < _SAME_SPOT_KM
    return {one.kind, other.kind} in _ALIKE_KINDS


def distance_km(one: Candidate, other: Candidate) -> float:
    """As the crow flies."""
    return kilometres((one.lon, one.lat), (other.lon, other.lat))


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Between two points of degrees near each other; exact enough to rank by."""
    east = (one[0] - other[0]) * math.cos(math.radians(one[1]))
    return 111.2 * math.hypot(east, one[1] - other[1])
