"""Text from files into values: numbers, times, yes and no, codes; None where it is none.

All functions take pandas Series of str without missing ones, and give Series of Python objects.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from layers.catalogue import Text

# What people and systems write where a value is missing.
MISSING = frozenset(
    ("", "-", "-;", "--", "—", "——", "/", "null", "NULL", "Null", "nan", "NaN", "None", "N/A",
     "#N/A", "\\N", "<Null>")
)  # fmt: skip
_TRUE = ("true", "t", "yes", "y", "1", "on", "是", "有", "真", "在岗", "值班", "当班", "on duty")
_FALSE = ("false", "f", "no", "n", "0", "off", "否", "无", "假", "离岗", "休息", "下班", "off duty")
_HAS_OFFSET = r"(?:[zZ]|[+-]\d\d(?::?\d\d)?)$"
_HAS_OFFSET_AFTER_TIME = rf"\d:\d\d(?::\d\d(?:\.\d+)?)?\s*{_HAS_OFFSET}"
# ISO 8601 first; day-before-month and month-before-day can't be told apart and are not guessed.
_TIME_FORMATS = (
    "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M",
    "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日%H时%M分%S秒",
    "%Y年%m月%d日%H时%M分", "%Y年%m月%d日", "%Y%m%d%H%M%S", "%Y%m%d %H:%M:%S",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A kind of value.

    Attributes:
        noun: what is wanted, for the reason of a reject.
        convert: texts to values, with None where a text is no such value.
    """

    noun: str
    convert: Callable[[pd.Series], pd.Series]


def each(values: pd.Series, change: Callable[[Any], Any]) -> pd.Series:
    """`change` of every value, as Python objects; Series.map would turn None into NaN."""
    return pd.Series([change(value) for value in values], index=values.index, dtype=object)


def nothing(index: pd.Index) -> pd.Series:
    """None for every row."""
    return pd.Series([None] * len(index), index=index, dtype=object)


def _objects(values: pd.Series) -> pd.Series:
    """Python objects, None for anything missing."""
    return values.astype(object).where(values.notna(), None)


def _number(texts: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(texts.str.replace("，", ",").str.replace(",", ""), errors="coerce")
    return _objects(numbers.astype(float).where(np.isfinite(numbers.astype(float))))


def _whole_number(texts: pd.Series) -> pd.Series:
    numbers = _number(texts)
    return each(numbers, lambda n: int(n) if n is not None and n == int(n) else None)


def _yes_or_no(texts: pd.Series) -> pd.Series:
    said = dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False)
    return each(texts.str.lower(), said.get)


TEXT = Kind("text", lambda texts: texts)
NUMBER = Kind("number", _number)
WHOLE_NUMBER = Kind("whole number", _whole_number)
YES_OR_NO = Kind("yes or no", _yes_or_no)


def ranged(kind: Kind, least: float, most: float, noun: str) -> Kind:
    """`kind`, between two bounds."""

    def convert(texts: pd.Series) -> pd.Series:
        values = kind.convert(texts)
        return each(values, lambda v: v if v is not None and least <= v <= most else None)

    return Kind(noun, convert)


def code_of(codes: Mapping[str, Text], more: Mapping[str, str], otherwise: str | None) -> Kind:
    """A code from its own name, its Chinese or English title, or one of `more`.

    Args:
        otherwise: what an unknown text becomes; None rejects it.
    """
    known = {code: code for code in codes}
    known |= {text.zh.lower(): code for code, text in codes.items()}
    known |= {text.en.lower(): code for code, text in codes.items()}
    known |= more

    def convert(texts: pd.Series) -> pd.Series:
        return each(texts.str.lower(), lambda text: known.get(text, otherwise))

    return Kind(f"one of {', '.join(codes)}", convert)


_BETWEEN_CODES = re.compile(r"[,;、，；|/+]")


def several_codes(codes: Mapping[str, Text]) -> Kind:
    """Codes, or their titles, one after the other, to an array as PostgreSQL writes it.

    An unknown one rejects the row.
    """
    known = code_of(codes, {}, None)

    def convert(texts: pd.Series) -> pd.Series:
        return each(texts, split)

    def split(text: str) -> str | None:
        parts = [part.strip() for part in _BETWEEN_CODES.split(text.strip("{}[]")) if part.strip()]
        found = known.convert(pd.Series(parts, dtype=str)) if parts else ()
        return (
            None if any(code is None for code in found) else f"{{{','.join(sorted(set(found)))}}}"
        )

    return Kind(f"one or more of {', '.join(codes)}", convert)


def moment(time_zone: str, time_format: str | None) -> Kind:
    """A time; one without an offset is the town's local time."""

    def convert(texts: pd.Series) -> pd.Series:
        aware = texts.str.contains(_HAS_OFFSET_AFTER_TIME, regex=True)
        found = pd.Series(pd.NaT, index=texts.index, dtype="datetime64[us, UTC]")
        found[aware] = pd.to_datetime(texts[aware], format="ISO8601", utc=True, errors="coerce")
        local = _local_times(texts[~aware], time_format)
        # A clock hour that occurs twice is taken as the first; one that is skipped as the next.
        first = np.ones(len(local), dtype=bool)
        zoned = local.dt.tz_localize(time_zone, ambiguous=first, nonexistent="shift_forward")
        found[~aware] = zoned.dt.tz_convert("UTC")
        return each(found, lambda time: None if pd.isna(time) else time.isoformat())

    wanted = time_format or "a time like 2024-05-01 08:30 (else --time-format)"
    return Kind(wanted, convert)


def _local_times(texts: pd.Series, time_format: str | None) -> pd.Series:
    if time_format:
        return pd.to_datetime(texts, format=time_format, errors="coerce").astype("datetime64[us]")
    found = pd.to_datetime(texts, format="ISO8601", errors="coerce").astype("datetime64[us]")
    for known in _TIME_FORMATS:
        rest = found.isna()
        if not rest.any():
            break
        found[rest] = pd.to_datetime(texts[rest], format=known, errors="coerce")
    return found
