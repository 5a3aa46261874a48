"""When each category of incidents happens: share, hours of the day, days of the week, trend."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layers.demo.frame import Floats

_WORK = (1.0, 1.0, 1.0, 1.0, 1.05, 0.75, 0.7)
_WEEKEND = (0.85, 0.82, 0.85, 0.95, 1.25, 1.55, 1.4)
_EVEN = (1.0, 1.0, 1.0, 1.0, 1.05, 1.05, 1.0)
_MONDAY = (1.6, 1.15, 1.05, 1.0, 1.05, 0.5, 0.35)


@dataclass(frozen=True)
class Rhythm:
    """The pattern in time of one category, and how it is reported and settled.

    Attributes:
        share: of all incidents.
        peaks: (hour, spread in hours, height) of each peak of the day, over a low base.
        week: relative frequency on Monday to Sunday.
        growth: change of the rate over the year, e.g. 0.4 for 40 % more at its end.
        summer: how much more often in July than in January (negative: in winter).
        settled_h: median hours until it is closed.
        sources: relative frequency of each way that it is reported.
    """

    share: float
    peaks: tuple[tuple[float, float, float], ...]
    week: tuple[float, ...]
    growth: float
    summer: float
    settled_h: float
    sources: dict[str, float]

    def hours(self) -> Floats:
        """Relative frequency of each hour of the day, (24,)."""
        middle = np.arange(24) + 0.5
        frequency = np.full(24, 0.06)
        for hour, spread, height in self.peaks:
            apart = np.abs(middle - hour)
            apart = np.minimum(apart, 24 - apart)
            frequency = frequency + height * np.exp(-((apart / spread) ** 2) / 2)
        return frequency


_CITIZEN = {"12345": 5.0, "grid_member": 3.0, "110": 1.0}
_EYES = {"video": 5.0, "grid_member": 3.0, "12345": 1.0}
_PATROL = {"grid_member": 6.0, "12345": 2.0, "shop_qr": 2.0}
_POLICE = {"110": 8.0, "12345": 1.0}

RHYTHMS = {
    "illegal_parking": Rhythm(
        0.19, ((8.2, 1.1, 1.0), (17.8, 1.4, 1.3)), _WORK, 0.35, 0.0, 3.0, _EYES
    ),
    "goods_outside": Rhythm(
        0.11, ((10.0, 1.8, 0.9), (18.5, 2.0, 1.2)), _WEEKEND, -0.15, 0.1, 6.0, _PATROL
    ),
    "street_vendor": Rhythm(
        0.09, ((7.0, 1.0, 0.8), (19.3, 1.6, 1.5)), _WEEKEND, 0.1, 0.35, 4.0, _EYES
    ),
    "exposed_rubbish": Rhythm(
        0.12, ((7.5, 1.5, 1.0), (14.5, 2.5, 0.6)), _EVEN, 0.05, 0.3, 9.0, _PATROL
    ),
    "floating_debris": Rhythm(
        0.035, ((9.0, 2.0, 1.0), (15.0, 2.0, 0.8)), _EVEN, 0.0, 0.9, 14.0,
        {"river_patrol": 5.0, "iot": 2.0, "12345": 1.0},
    ),
    "noise": Rhythm(0.085, ((22.3, 1.8, 1.6), (13.0, 1.2, 0.3)), _WEEKEND, 0.1, 0.5, 2.0, _CITIZEN),
    "dispute": Rhythm(0.075, ((10.5, 2.5, 0.7), (19.8, 2.0, 1.0)), _EVEN, 0.0, 0.0, 52.0, _CITIZEN),
    "wage_dispute": Rhythm(
        0.03, ((9.6, 1.4, 1.4), (14.6, 1.4, 1.0)), _MONDAY, 0.1, -0.8, 96.0,
        {"12345": 5.0, "workstation": 3.0},
    ),
    "fire_hazard": Rhythm(
        0.06, ((10.0, 1.8, 1.0), (15.5, 1.8, 1.0)), _WORK, 0.3, -0.2, 48.0,
        {"grid_member": 5.0, "iot": 3.0, "shop_qr": 1.0},
    ),
    "gas_safety": Rhythm(
        0.025, ((11.2, 1.3, 1.2), (17.5, 1.5, 1.0)), _WORK, -0.2, -0.4, 30.0,
        {"grid_member": 4.0, "iot": 2.0, "12345": 1.0},
    ),
    "traffic_accident": Rhythm(
        0.075, ((7.8, 0.9, 1.2), (17.6, 1.2, 1.5), (12.5, 2.0, 0.4)), _WORK, 0.05, 0.0, 2.5,
        _POLICE,
    ),
    "theft": Rhythm(
        0.04, ((2.5, 2.5, 0.9), (18.0, 3.0, 0.8)), _WEEKEND, -0.25, 0.1, 120.0, _POLICE
    ),
    "food_safety": Rhythm(
        0.025, ((12.3, 1.2, 1.2), (18.8, 1.3, 1.4)), _WEEKEND, 0.0, 0.4, 60.0,
        {"12345": 5.0, "shop_qr": 2.0},
    ),
    "street_damage": Rhythm(
        0.04, ((9.5, 2.2, 1.0), (15.5, 2.2, 0.8)), _WORK, 0.0, 0.3, 70.0, _PATROL
    ),
}  # fmt: skip
