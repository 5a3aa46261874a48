"""Where calls came from, in whatever coordinates: their density is all that counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.importing.source import column_texts
from layers.simulation.call_columns import PlaceColumns

Floats = NDArray[np.float64]
_PAIR = r"(-?\d+(?:\.\d+)?)[\s,;]+(-?\d+(?:\.\d+)?)"
# Farther than so many times the middle half of all is no place, but 0, 0 or a slip.
_FAR = 12.0
_SPREAD = "calls are spread by length of street"


@dataclass(frozen=True)
class Placed:
    """What a table tells of places.

    Attributes:
        xy: (n, 2) of the calls with one; None where there are too few.
        columns: which column told what.
        notes: what a person should know of it.
    """

    xy: Floats | None
    columns: dict[str, str]
    notes: list[str]


def places_of(rows: pd.DataFrame, columns: PlaceColumns | None, fewest: int) -> Placed:
    """The places of calls, without those that can't be right.

    Args:
        rows: of the calls.
        columns: where the places are.
        fewest: fewer places are none.
    """
    if columns is None:
        return Placed(None, {}, [f"no columns with coordinates (--lon, --lat): {_SPREAD}"])
    xy = _coordinates(rows, columns)
    there = np.isfinite(xy).all(axis=1) & (xy != 0).any(axis=1)
    near = there.copy()
    near[there] = _near(xy[there])
    notes = []
    if not there.all():
        notes.append(f"{(~there).sum():,} calls without a place: they count in time alone")
    if far := int((there & ~near).sum()):
        notes.append(f"{far:,} calls with a place far from all others: they count in time alone")
    if near.sum() < fewest:
        said = " and ".join(columns.told.values())
        return Placed(None, {}, [*notes, f"too few places in {said}: {_SPREAD}"])
    return Placed(xy[near], columns.told, notes)


def _coordinates(rows: pd.DataFrame, columns: PlaceColumns) -> Floats:
    """(C, 2), NaN where there are none."""
    if columns.point:
        pairs = column_texts(rows, columns.point).astype("str").str.extract(_PAIR)
        return np.asarray(pairs.apply(pd.to_numeric, errors="coerce").to_numpy(np.float64))
    return np.column_stack([_numbers(rows, str(name)) for name in (columns.lon, columns.lat)])


def _numbers(rows: pd.DataFrame, name: str) -> Floats:
    """A column's numbers; a comma is a decimal one where there is no point."""
    texts = column_texts(rows, name)
    found = pd.to_numeric(texts, errors="coerce")
    if found.isna().mean() > 0.5:
        found = pd.to_numeric(texts.str.replace(",", ".", regex=False), errors="coerce")
    return np.asarray(found.to_numpy(np.float64))


def _near(xy: Floats) -> NDArray[np.bool_]:
    """(n,) whether each is where most are."""
    if not len(xy):
        return np.ones(0, np.bool_)
    low, middle, high = np.percentile(xy, [25, 50, 75], axis=0)
    reach = np.maximum(_FAR * (high - low), 1e-9)
    return np.asarray((np.abs(xy - middle) <= reach).all(axis=1))
