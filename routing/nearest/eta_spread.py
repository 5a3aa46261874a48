"""How sure an arrival is: its spread, and the probability that it comes in time.

The model. Who is asked arrives after T seconds,

    T = turnout · A + travel · B + slack · |Z|

A, B and |Z| are independent. A and B are lognormal with median 1: getting ready and travelling
take a multiple of what was reckoned. |Z| is half-normal: since the last fix, and as far as that
errs, one may have moved. What isn't known is never counted in the town's favour: a doubtful
position only makes later. So the probability falls with the age of a fix, with its error and with
the time of arrival, whatever the other numbers are: each raises T in every single case.

T has no closed form. It is computed over a fixed, evenly spread sample of (A, B, |Z|): the
same question gives the same bits, and more age never gives a higher probability by chance.

Every constant here is assumed until a town's own arrivals replace it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from routing.modes import Mode

Floats = NDArray[np.float64]

# Standard deviation of the logarithm. Assumed: with 0.4 four of five turnouts take 0.6 to 1.7
# times what is usual.
TURNOUT_LOG_SD: Final = 0.4
# Assumed; the wider the more one meets on the way. 0.25: four of five within 0.73 and 1.38 times.
TRAVEL_LOG_SD: Final = {
    Mode.FOOT: 0.12,
    Mode.EBIKE: 0.18,
    Mode.CAR: 0.25,
    Mode.EMERGENCY: 0.22,
}
# How fast one moves about between two fixes where the last one doesn't say it; metres a second,
# along the streets, standing included. Assumed.
DRIFT_MPS: Final = {Mode.FOOT: 0.6, Mode.EBIKE: 1.5, Mode.CAR: 2.5, Mode.EMERGENCY: 2.5}
# How fast one makes up for having moved. Assumed: usual speeds of a town, stops included.
RETURN_MPS: Final = {Mode.FOOT: 1.3, Mode.EBIKE: 4.5, Mode.CAR: 7.0, Mode.EMERGENCY: 8.0}
# A GPS that says less is believed no more than this. Assumed.
_LEAST_ACCURACY_M = 5.0
_LOW, _HIGH = 0.1, 0.9
_SAMPLE = 2048


@dataclass(frozen=True)
class Spread:
    """(k,) of each arrival.

    Attributes:
        low_s, high_s: one of ten comes before the first, nine of ten before the second. The first
            is never later than what was reckoned.
        in_time: probability of arriving in time.
    """

    low_s: Floats
    high_s: Floats
    in_time: Floats


def slack_s(
    mode: Mode, age_s: float, accuracy_m: float | None, speed_mps: float | None = None
) -> float:
    """Seconds that a doubtful position may cost: the scale of the half-normal.

    Args:
        mode: how one moves.
        age_s: of the fix.
        accuracy_m: radius in which the fix lies, as its sender says; None where it says nothing.
        speed_mps: at the fix; None where it isn't known.
    """
    drift_mps = DRIFT_MPS[mode] if speed_mps is None else max(speed_mps, DRIFT_MPS[mode] / 2)
    moved_m = drift_mps * max(age_s, 0.0)
    error_m = max(accuracy_m or 0.0, _LEAST_ACCURACY_M)
    return float(np.hypot(moved_m, error_m) / RETURN_MPS[mode])


def spread_of(
    turnout_s: ArrayLike,
    travel_s: ArrayLike,
    slack_s: ArrayLike,
    travel_log_sd: ArrayLike,
    within_s: float,
) -> Spread:
    """The spread of k arrivals.

    Args:
        turnout_s: (k,) seconds until each one moves.
        travel_s: (k,) seconds on the streets.
        slack_s: (k,) see `slack_s`.
        travel_log_sd: (k,) see `TRAVEL_LOG_SD`.
        within_s: in time is who arrives within so many seconds.
    """
    turnout, travel, slack, log_sd = (
        np.asarray(each, np.float64)[:, None]
        for each in (turnout_s, travel_s, slack_s, travel_log_sd)
    )
    arrival_s = turnout * _TURNOUT + travel * np.exp(log_sd * _TRAVEL_Z) + slack * _LATENESS
    low, high = np.quantile(arrival_s, (_LOW, _HIGH), axis=1)
    return Spread(
        low_s=np.minimum(low, (turnout + travel)[:, 0]),
        high_s=high,
        in_time=(arrival_s <= within_s).mean(axis=1),
    )


def _evenly_spread(n: int) -> Floats:
    """(3, n) points of the unit cube: a lattice of Kronecker's with powers of the root of
    x^4 = x + 1, see Roberts, "The unreasonable effectiveness of quasirandom sequences" (2018).
    """
    root = 1.2207440846057596
    steps = root ** -np.arange(1.0, 4.0)
    return np.asarray((0.5 + steps[:, None] * np.arange(1, n + 1)) % 1.0)


_POINTS = _evenly_spread(_SAMPLE)
_TURNOUT: Final = np.exp(TURNOUT_LOG_SD * ndtri(_POINTS[0]))
_TRAVEL_Z: Final = ndtri(_POINTS[1])
_LATENESS: Final = ndtri(0.5 + _POINTS[2] / 2)
