"""Responders of several departments, by call sign, where they are at the moment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.random import Generator

from layers.demo.plan import Plan
from layers.demo.settlements import Settlements
from layers.demo.spots import Spots, choose, nearness

# department: call sign, share of all responders, shares of foot, ebike and car
_DEPARTMENTS = {
    "enforcement": ("执法", 0.27, (0.15, 0.40, 0.45)),
    "police": ("公安", 0.25, (0.05, 0.25, 0.70)),
    "market": ("市监", 0.10, (0.10, 0.40, 0.50)),
    "emergency": ("应急", 0.10, (0.00, 0.10, 0.90)),
    "traffic": ("交通", 0.09, (0.00, 0.25, 0.75)),
    "governance": ("综治", 0.11, (0.30, 0.50, 0.20)),
    "environment": ("环卫", 0.08, (0.10, 0.50, 0.40)),
}
_ON_DUTY_SHARE = 0.9


def make_responders(
    chance: Generator, plan: Plan, spots: Spots, settlements: Settlements
) -> pd.DataFrame:
    """The table of responders; columns as in layers.responder."""
    rows = [
        (f"{sign}{number:02d}", department, mode)
        for department, (sign, share, modes) in _DEPARTMENTS.items()
        for number, mode in enumerate(_modes(chance, round(share * plan.responders), modes), 1)
    ]
    table = pd.DataFrame(rows, columns=["label", "department", "mode"])
    count = len(table)
    weight = spots.cars * (0.06 + nearness(spots.xy, settlements.xy[0], 2_600.0))
    at = choose(chance, weight, count)
    moment = np.datetime64(plan.moment.replace(tzinfo=None), "s")
    table["key"] = [f"demo-responder-{number:03d}" for number in range(1, count + 1)]
    table["on_duty"] = chance.random(count) < _ON_DUTY_SHARE
    table["fix_at"] = moment - chance.integers(1, 110, count).astype("timedelta64[s]")
    table["accuracy_m"] = np.round(chance.gamma(4.0, 1.6, count) + 2.0, 1)
    table["geom"] = shapely.points(spots.lonlat[at])
    return table


def _modes(chance: Generator, count: int, shares: tuple[float, ...]) -> list[str]:
    return [str(mode) for mode in chance.choice(["foot", "ebike", "car"], count, p=shares)]
