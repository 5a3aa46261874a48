"""Where each category of incidents concentrates, and the spot that has lately emerged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from layers.demo.frame import Floats
from layers.demo.settlements import Kind, Settlements
from layers.demo.spots import nearness

EMERGING_CATEGORY = "street_vendor"
EMERGING_DAYS = 56
EMERGING_COUNT = 220
EMERGING_RADIUS_M = 95.0
_REPEAT = 0.3  # shape of the gamma that makes some places repeat again and again

_STRENGTH = 2.6
# where, as (name of a centre, standard deviation in metres, weight)
_PULLS = {
    "illegal_parking": (("market", 210.0, 9.0), ("station", 170.0, 11.0), ("hospital", 120.0, 8.0)),
    "goods_outside": (("market", 190.0, 14.0), ("old_town", 240.0, 7.0)),
    "street_vendor": (("market", 190.0, 24.0), ("school", 170.0, 26.0), ("station", 190.0, 20.0)),
    "exposed_rubbish": (("market", 220.0, 6.0), ("rentals", 330.0, 9.0)),
    "noise": (("old_town", 210.0, 12.0), ("rentals", 300.0, 5.0)),
    "dispute": (("rentals", 380.0, 8.0),),
    "traffic_accident": (("station", 190.0, 7.0), ("hospital", 170.0, 6.0)),
    "theft": (("market", 210.0, 8.0), ("rentals", 320.0, 8.0)),
    "street_damage": (("works", 420.0, 6.0),),
    "fire_hazard": (("works", 420.0, 7.0), ("old_town", 240.0, 5.0)),
    "food_safety": (("market", 220.0, 8.0), ("school", 130.0, 6.0)),
    "gas_safety": (("old_town", 260.0, 6.0),),
    "wage_dispute": (("works", 500.0, 6.0),),
}


@dataclass(frozen=True)
class HotPlaces:
    """Centres in local metres by name, and the emerging spot."""

    centres: dict[str, Floats]
    emerging: Floats

    def pull(self, category: str, xy: Floats) -> Floats:
        """How many times as often the category happens at each point as in the countryside."""
        base = np.full(len(xy), 1.0) + 1.6 * nearness(xy, self.centres["old_town"], 1_900.0)
        for name, radius_m, weight in _PULLS.get(category, ()):
            base = base + _STRENGTH * weight * nearness(xy, self.centres[name], radius_m)
        return base


def find_hot_places(chance: Generator, settlements: Settlements) -> HotPlaces:
    """Places in the quarters and industrial areas; the emerging spot is in an outer village."""
    quarters = settlements.of(Kind.QUARTER)
    works = settlements.of(Kind.INDUSTRY, Kind.QUARTER)[::-1]
    villages = settlements.of(Kind.VILLAGE)
    xy = settlements.xy
    near = xy[quarters] + chance.normal(0.0, 130.0, (len(quarters), 2))
    far = np.hypot(*(xy[villages] - xy[0]).T)
    outer = villages[np.argsort(far, kind="stable")[len(villages) // 3 : 2 * len(villages) // 3]]
    names = ("old_town", "market", "station", "hospital", "school", "rentals")
    centres = {name: near[i % len(near)] for i, name in enumerate(names)}
    centres["works"] = xy[works[0]]
    return HotPlaces(centres, xy[outer[chance.integers(len(outer))]])


def repeating(chance: Generator, count: int) -> Floats:
    """Weights of places: most see little, a few see much, all year round."""
    return chance.gamma(_REPEAT, 1.0, count) + 0.05
