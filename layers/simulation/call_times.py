"""Moments as many systems write them: what can't be told apart is asked for, not guessed."""

from __future__ import annotations

from itertools import product
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from layers.importing.values import moment
from spatial.errors import InputError

_CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%H:%M:%S.%f", "%H%M", "")
_DATES = {
    "month first": ("%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y"),
    "day first": ("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d.%m.%Y"),
    "named month": ("%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%b %d %Y", "%d-%b-%y"),
}
# Seconds and milliseconds since 1970, between 1980 and 2100.
_UNIX = {"s": (3.1e8, 4.2e9), "ms": (3.1e11, 4.2e12)}
_ENOUGH = 0.5


def read_moments(
    texts: pd.Series, zone: ZoneInfo, time_format: str | None, file: str
) -> tuple[pd.Series, list[str]]:
    """Texts as moments (datetime64[us, UTC]; NaT where none is understood), and how they were read.

    Counts since 1970 come first; then ISO 8601 and what the importers know; then dates with the
    month or the day first, if all rows together leave only one of the two.

    Raises:
        InputError: month and day can't be told apart.
    """
    if time_format is None:
        numbers = pd.to_numeric(texts, errors="coerce")
        for unit, (low, high) in _UNIX.items():
            sound = numbers.where(numbers.between(low, high))
            if sound.notna().mean() > _ENOUGH:
                counted = pd.to_datetime(sound, unit=unit, utc=True)
                return _as_moments(counted), [f"times are counts of {unit} since 1970"]
    found = _as_moments(moment(str(zone), time_format).convert(texts))
    if time_format or found.notna().mean() > _ENOUGH:
        return found, []
    return _by_order(texts, zone, found, file)


def _by_order(
    texts: pd.Series, zone: ZoneInfo, otherwise: pd.Series, file: str
) -> tuple[pd.Series, list[str]]:
    readings = {order: _best_reading(texts, dates) for order, dates in _DATES.items()}
    most = max(reading[1].notna().sum() for reading in readings.values())
    best = [order for order, reading in readings.items() if reading[1].notna().sum() == most]
    if most <= _ENOUGH * len(texts):
        return otherwise, []
    if len(best) > 1:
        raise InputError(
            f"{file}: in its dates month and day can't be told apart / 无法区分月和日",
            remedy='--time-format "%m/%d/%Y %H:%M" or "%d/%m/%Y %H:%M"',
        )
    written, local = readings[best[0]]
    first = np.ones(len(local), dtype=bool)
    zoned = local.dt.tz_localize(str(zone), ambiguous=first, nonexistent="shift_forward")
    return _as_moments(zoned.dt.tz_convert("UTC")), [f"times are read as {written}"]


def _best_reading(texts: pd.Series, dates: tuple[str, ...]) -> tuple[str, pd.Series]:
    """The format by which most texts are times, and the times."""
    formats = [f"{date} {clock}".strip() for date, clock in product(dates, _CLOCKS)]
    sample = texts.sample(min(len(texts), 500), random_state=0)
    counts = [pd.to_datetime(sample, format=f, errors="coerce").notna().sum() for f in formats]
    best = formats[max(range(len(formats)), key=counts.__getitem__)]
    return best, pd.to_datetime(texts, format=best, errors="coerce")


def _as_moments(values: pd.Series) -> pd.Series:
    return pd.to_datetime(values, utc=True, format="ISO8601").astype("datetime64[us, UTC]")
