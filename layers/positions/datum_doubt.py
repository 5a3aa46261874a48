"""Whether positions lie on the streets as they were told, or only when taken for another datum.

GCJ-02 that is said to be WGS 84 is the usual mistake of devices in China, and 300 to 700 m off. It
can't be told from one position. Of somebody who has moved along streets it can: as told the fixes
lie anywhere between them, and taken for what they are, on them. That is a doubt with its evidence,
for a person who looks at the device; nothing is ever moved by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.modes import Mode
from routing.nearest.engine import Engine
from spatial.datum import bd09_to_wgs84, gcj02_offset_m, gcj02_to_wgs84, wgs84_to_gcj02

Floats = NDArray[np.float64]

# Of each one's last positions, those so far from one another: who stands tells one place often.
_APART_M = 40.0
# Fewer places may lie so by chance. Tried on real streets, see docs/positions.md.
LEAST_PLACES = 25
# Half of all places lie so much nearer to a street than as they were told, and so near at most.
_TIMES_NEARER = 2.0
_ON_STREET_M = 15.0
_METRES_A_DEGREE = 111_320.0

# What fixes may be, given that they were taken for WGS 84 or brought there by a wrong datum.
_READINGS: dict[str, Callable[[Floats, Floats], tuple[Floats, Floats]]] = {
    "gcj02": gcj02_to_wgs84,
    "bd09": bd09_to_wgs84,
    "wgs84": wgs84_to_gcj02,  # they were said to be GCJ-02, and were not
}


@dataclass(frozen=True)
class DatumDoubt:
    """That a device may speak of another datum than is said.

    Attributes:
        reading: what its positions seem to be: gcj02, bd09 or wgs84.
        places: on how many it rests.
        told_m: median metres to the nearest street, as they were told.
        read_m: the same, taken for `reading`.
    """

    reading: str
    places: int
    told_m: float
    read_m: float


def doubt_datum(engine: Engine, mode: Mode, lonlat: Floats) -> DatumDoubt | None:
    """The reading by which positions lie on streets, if they do so by no means as they were told.

    Args:
        engine: of the town's streets.
        mode: by which they were travelled.
        lonlat: (P, 2) one responder's positions in their order, as stored: WGS 84.
    """
    places = _apart(lonlat)
    if len(places) < LEAST_PLACES or gcj02_offset_m(*places[0].tolist()) == 0:
        return None
    told_m = _median_m(engine, mode, places)
    readings = {
        name: _median_m(engine, mode, np.column_stack(read(places[:, 0], places[:, 1])))
        for name, read in _READINGS.items()
    }
    best = min(readings, key=lambda name: readings[name])
    if readings[best] > _ON_STREET_M or told_m < _TIMES_NEARER * readings[best]:
        return None
    return DatumDoubt(best, len(places), told_m, readings[best])


def _apart(lonlat: Floats) -> Floats:
    """Those of the positions that are some way from the one before that was taken."""
    kept: list[Floats] = []
    for place in lonlat:
        if not kept or _metres_between(kept[-1], place) >= _APART_M:
            kept.append(place)
    return np.array(kept, np.float64).reshape(-1, 2)


def _metres_between(one: Floats, other: Floats) -> float:
    east, north = (other - one) * [np.cos(np.radians(one[1])), 1.0]
    return float(np.hypot(east, north) * _METRES_A_DEGREE)


def _median_m(engine: Engine, mode: Mode, lonlat: Floats) -> float:
    distance_m = engine.places_of(mode, np.ascontiguousarray(lonlat), leaving=True).distance_m
    return float(np.median(distance_m))
