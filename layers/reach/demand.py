"""Where incidents are to be expected: the one place that a forecast will replace.

Today: what the last days had. How many come in an hour is the mean of the hours alike (the same
hour or one beside it, on the same kind of day: working or weekend). Where they come is counted in
those hours per H3 cell, mixed with the counts of all hours, which weigh as much as PRIOR_INCIDENTS
of them: a cell that had nothing at three at night in three months isn't safe at three.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import psycopg
from numpy.typing import NDArray

from spatial.town import Town

DEMAND_DAYS = 90
# Assumed; the forecast is to learn it.
PRIOR_INCIDENTS = 500.0
_HOURS_ALIKE = 3
_FIRST_OF_WEEKEND = 6

_COUNTS = """
SELECT cell, count(*), count(*) FILTER (
    WHERE mod((extract(hour FROM local_time) - %(hour)s + 25)::int, 24) < %(alike)s
    AND (extract(isodow FROM local_time) >= %(weekend)s) = %(is_weekend)s
)
FROM (
    SELECT cell, occurred_at AT TIME ZONE %(zone)s AS local_time FROM layers.incident
    WHERE town_id = %(town)s AND inside
      AND occurred_at >= %(since)s AND occurred_at < %(until)s
) AS recent
GROUP BY cell ORDER BY cell
"""


@dataclass(frozen=True)
class Expected:
    """Incidents to be expected.

    Attributes:
        cells: (n,) H3 cells of resolution 11, ascending.
        per_hour: (n,) incidents an hour.
    """

    cells: NDArray[np.int64]
    per_hour: NDArray[np.float64]


def expected_incidents(
    connection: psycopg.Connection[Any], town: Town, moment: datetime, days: int = DEMAND_DAYS
) -> Expected:
    """What is to be expected in the hour of `moment`, by cell; counts per cell are for everybody.

    Args:
        connection: of the web's login without a role, or of the owner.
        town: whose incidents inside the outline.
        moment: with a time zone.
        days: so many before it are looked at.
    """
    local = moment.astimezone(ZoneInfo(town.time_zone))
    is_weekend = local.isoweekday() >= _FIRST_OF_WEEKEND
    rows = connection.execute(
        _COUNTS,
        {
            "town": town.id,
            "zone": town.time_zone,
            "since": moment - timedelta(days=days),
            "until": moment,
            "hour": local.hour,
            "alike": _HOURS_ALIKE,
            "weekend": _FIRST_OF_WEEKEND,
            "is_weekend": is_weekend,
        },
    ).fetchall()
    counts = np.array(rows, np.int64).reshape(-1, 3)
    rate = _per_hour(counts[:, 1], counts[:, 2], _days_alike(local, days, is_weekend=is_weekend))
    return Expected(counts[:, 0], rate)


def _days_alike(local: datetime, days: int, *, is_weekend: bool) -> int:
    """How many of the days before are of the same kind."""
    before = (local - timedelta(days=ago) for ago in range(1, days + 1))
    return sum((day.isoweekday() >= _FIRST_OF_WEEKEND) == is_weekend for day in before)


def _per_hour(
    of_all: NDArray[np.int64], of_alike: NDArray[np.int64], days_alike: int
) -> NDArray[np.float64]:
    """(n,) incidents an hour from the counts of all hours and of those alike."""
    if not of_all.sum():
        return np.zeros(len(of_all))
    share = of_all / of_all.sum()
    mixed = (of_alike + PRIOR_INCIDENTS * share) / (of_alike.sum() + PRIOR_INCIDENTS)
    return np.asarray(mixed * of_alike.sum() / max(_HOURS_ALIKE * days_alike, 1))
