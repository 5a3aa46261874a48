"""How urgent a call is: 1 to 4, colours, and the words and letters that dispatch centres use."""

from __future__ import annotations

import pandas as pd

from routing.assigning.eligibility import LEAST_URGENT, MOST_URGENT

_WORDS = {
    **{str(level): level for level in range(MOST_URGENT, LEAST_URGENT + 1)},
    **{f"{level}.0": level for level in range(MOST_URGENT, LEAST_URGENT + 1)},
    "red": 1, "yellow": 2, "green": 3, "white": 4,
    "e": 1, "d": 1, "c": 2, "b": 3, "a": 4, "o": 4,
    "echo": 1, "delta": 1, "charlie": 2, "bravo": 3, "alpha": 4, "omega": 4,
    "critical": 1, "emergency": 1, "high": 2, "medium": 3, "low": 4,
    "特急": 1, "紧急": 2, "一般": 3, "低": 4, "特别重大": 1, "重大": 2, "较大": 3,
}  # fmt: skip


def severities_of(texts: pd.Series) -> pd.Series:
    """1 (most urgent) to 4 of each text; NaN where it says none."""
    words = texts.astype("str").str.lower().str.strip()
    return words.str.removeprefix("priority ").str.removeprefix("p").map(_WORDS)
