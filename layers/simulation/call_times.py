"""Moments as many systems write them: what can't be told apart is asked for, not guessed."""

from __future__ import annotations

import re
from enum import StrEnum
from itertools import product
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from layers.importing.values import moment
from spatial.errors import InputError

_CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%H:%M:%S.%f", "%I:%M:%S.%f %p",
           "%p %I:%M:%S", "%p %I:%M", "%H%M", "%H.%M", "")  # fmt: skip
_DATES = {
    "year first": ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y %b %d", "%Y年%m月%d日"),
    "month first": ("%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%m-%d-%y", "%m.%d.%Y"),
    "day first": ("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d.%m.%Y", "%d.%m.%y"),
    "named month": ("%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d %Y", "%d-%b-%y",
                    "%d%b%Y"),
}  # fmt: skip
# Between 1980 and 2100.
_COUNTS = {
    "s": ("seconds since 1970", 3.1e8, 4.2e9),
    "ms": ("milliseconds since 1970", 3.1e11, 4.2e12),
}
# What stands for an offset at the end of a time; others of these names are in Asia or Australia.
_OFFSETS = {"UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6,
            "PST": -8, "PDT": -7, "CET": 1, "CEST": 2}  # fmt: skip
_NAMED_OFFSET = re.compile(rf"\s*\b({'|'.join(_OFFSETS)})$")
_REWRITTEN = (
    (re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", re.IGNORECASE), ""),
    (re.compile(r"\s*(?:@|\bUhr\b|,)\s*"), " "),
    (re.compile(r"(?<=\d)T(?=\d\d:)"), " "),
    (re.compile(r"(?<=\d:\d\d)\s*([ap])\.?m\.?$", re.IGNORECASE), r" \1M"),
    (re.compile(r"(?<=:\d\d\.\d{3})\s*([ap])\.?m\.?$", re.IGNORECASE), r" \1M"),
    (re.compile(r"上午|凌晨|早上"), " AM "),
    (re.compile(r"下午|晚上"), " PM "),
    (re.compile(r"(?<=^\d{4}-\d\d-\d\d)-(?=\d\d\.)"), " "),
    (re.compile(r"\s{2,}"), " "),
)
# Day, month and year in some order.
_LIKE_A_DATE = (
    r"\d{1,4}[-/.年 ](?:\d{1,2}|[A-Za-z]{3,9})[-/.月, ]+\d{1,4}|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}"
    r"|\d{1,2}[A-Za-z]{3}\d{4}|\d{4}-\d\d-\d\d"
)
_ENOUGH = 0.5
_NEARLY_ALL = 0.9
_SURELY_LONGER = 5.0
_SAMPLE = 500


class Form(StrEnum):
    """What a column's texts are."""

    MOMENT = "moment"
    DATE = "date"
    CLOCK = "clock"


def form_of(texts: pd.Series, zone: ZoneInfo, *, counts_too: bool) -> Form | None:
    """What most texts of a column are; None where they are none of it.

    Args:
        texts: some of them.
        zone: of times without an offset.
        counts_too: whether numbers may be counts of seconds, or dates without a separator: a
            number of an incident can look the same.
    """
    texts = texts.dropna()
    if texts.empty or not texts.str.contains(r"\d").any():
        return None
    digits = texts.str.fullmatch(r"\d+(?:\.\d+)?").mean() > _ENOUGH
    if digits and not counts_too:
        return None
    if read_clocks(texts).notna().mean() > (_NEARLY_ALL if digits else _ENOUGH):
        return Form.CLOCK
    return _form_with_day(texts, zone) if _may_have_a_day(texts, digits=digits) else None


def _may_have_a_day(texts: pd.Series, *, digits: bool) -> bool:
    """Before anything dearer is tried."""
    if digits:
        return bool(texts.str.len().median() >= len("20150101"))
    return bool(texts.str.contains(_LIKE_A_DATE).mean() > _ENOUGH)


def _form_with_day(texts: pd.Series, zone: ZoneInfo) -> Form | None:
    found, _ = _found(texts, zone, orders_may_differ=True)
    if found is None or found.notna().mean() <= _ENOUGH:
        return None
    local = found.dropna().dt.tz_convert(zone)
    return Form.DATE if (local == local.dt.normalize()).all() else Form.MOMENT


def read_moments(
    texts: pd.Series, zone: ZoneInfo, time_format: str | None, file: str
) -> tuple[pd.Series, list[str]]:
    """Texts as moments (datetime64[us, UTC]; NaT where none is understood), and how they were read.

    Raises:
        InputError: month and day can't be told apart.
    """
    if time_format is not None:
        return _as_moments(moment(str(zone), time_format).convert(texts)), []
    found, written = _found(texts, zone, orders_may_differ=False)
    if found is None:
        raise InputError(
            f"{file}: in its dates month and day can't be told apart / 无法区分月和日",
            remedy='--time-format "%m/%d/%Y %H:%M" or "%d/%m/%Y %H:%M"',
        )
    return found, [f"times are read as {written}"] if written else []


def read_clocks(texts: pd.Series) -> pd.Series:
    """Texts as times of the day (timedelta64; NaT where it is none): 06:51:33, 6:51 PM, 651."""
    found = pd.Series(pd.NaT, index=texts.index, dtype="timedelta64[us]")
    cleaned = _cleaned(texts)
    digits = cleaned.str.fullmatch(r"\d{1,6}(?:\.0)?").fillna(value=False)
    padded = cleaned[digits].str.removesuffix(".0")
    long = padded.str.len() > 4
    cleaned[digits] = padded.where(long, padded.str.zfill(4)).where(~long, padded.str.zfill(6))
    for clock in (*filter(None, _CLOCKS), "%H%M%S"):
        left = found.isna()
        times = pd.to_datetime(cleaned[left], format=clock, errors="coerce")
        found[left] = times - times.dt.normalize()
    return found


def of_dates_and_clocks(dates: pd.Series, clocks: pd.Series, zone: ZoneInfo) -> pd.Series:
    """The moments of dates (their clock doesn't count) and times of the day, by a zone's clock."""
    days = dates.dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    return _zoned(days + clocks, zone)


def _found(
    texts: pd.Series, zone: ZoneInfo, *, orders_may_differ: bool
) -> tuple[pd.Series | None, str]:
    """The moments and how they are written: counts, then ISO 8601, then dates in other orders.

    None where month and day can't be told apart, unless their order doesn't matter.
    """
    numbers = pd.to_numeric(texts, errors="coerce")
    for unit, (said, low, high) in _COUNTS.items():
        sound = numbers.where(numbers.between(low, high))
        if len(sound) and sound.notna().mean() > _ENOUGH:
            return _as_moments(pd.to_datetime(sound, unit=unit, utc=True)), said
    found = _as_moments(moment(str(zone), None).convert(texts.fillna("")))
    if len(texts) and found.notna().mean() > _ENOUGH:
        return found, ""
    cleaned = _cleaned(texts)
    offset = cleaned.str.extract(_NAMED_OFFSET)[0].map(_OFFSETS)
    cleaned = cleaned.str.replace(_NAMED_OFFSET, "", regex=True)
    readings = [_best_reading(cleaned, dates) for dates in _DATES.values()]
    most = max(reading.notna().sum() for reading, _ in readings)
    best = [each for each in readings if each[0].notna().sum() == most]
    if most <= _ENOUGH * texts.notna().sum():
        return found, ""
    best.sort(key=lambda reading: _span_s(reading[0]))
    local, written = best[0]
    doubtful = any(_span_s(other) < _SURELY_LONGER * _span_s(local) for other, _ in best[1:])
    if doubtful and not orders_may_differ:
        return None, ""
    return _with_offsets(local, offset, zone), written


def _span_s(local: pd.Series) -> float:
    """How long the middle of all lasts: a week read the wrong way is a day of each month."""
    low, high = local.dropna().quantile([0.01, 0.99])
    return float((high - low).total_seconds())


def _best_reading(texts: pd.Series, dates: tuple[str, ...]) -> tuple[pd.Series, str]:
    """Local times by all formats that fit, the best of them first, and that one."""
    sample = texts.dropna().drop_duplicates()
    sample = sample.sample(min(len(sample), _SAMPLE), random_state=0)
    counts = {
        written: int(pd.to_datetime(sample, format=written, errors="coerce").notna().sum())
        for written in (f"{date} {clock}".strip() for date, clock in product(dates, _CLOCKS))
    }
    best = sorted((f for f, count in counts.items() if count), key=lambda f: -counts[f])
    found = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us]")
    for written in best:
        left = found.isna()
        found[left] = pd.to_datetime(texts[left], format=written, errors="coerce")
    return found, best[0] if best else ""


def _cleaned(texts: pd.Series) -> pd.Series:
    cleaned = texts.astype("str").where(texts.notna(), None).astype(object)
    for pattern, instead in _REWRITTEN:
        cleaned = cleaned.str.replace(pattern, instead, regex=True)
    return cleaned.str.strip()


def _with_offsets(local: pd.Series, offset_h: pd.Series, zone: ZoneInfo) -> pd.Series:
    """Those with an offset of their own by it, the others by the zone's clock."""
    own = offset_h.notna() & local.notna()
    found = _zoned(local, zone)
    shifted = local[own] - pd.to_timedelta(offset_h[own].astype(float), unit="h")
    found[own] = shifted.dt.tz_localize("UTC")
    return _as_moments(found)


def _zoned(local: pd.Series, zone: ZoneInfo) -> pd.Series:
    """A clock hour that occurs twice is taken as the first; one that is skipped as the next."""
    first = np.ones(len(local), dtype=bool)
    zoned = local.dt.tz_localize(str(zone), ambiguous=first, nonexistent="shift_forward")
    return _as_moments(zoned.dt.tz_convert("UTC"))


def _as_moments(values: pd.Series) -> pd.Series:
    return pd.to_datetime(values, utc=True, format="ISO8601").astype("datetime64[us, UTC]")
