"""What makes a row the same row in the next file: a stated column, or its own content."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd
import shapely

from layers.importing.mapping import stated_column
from layers.importing.source import column_texts
from layers.importing.values import nothing
from spatial.crs import Geometries

# Seven decimals of a degree are a centimetre: the same place through any format and CRS.
_DECIMALS = 7
_HASH_BYTES = 12
_SEPARATOR = "\x1f"


def stated_keys(rows: pd.DataFrame, column: str, file_name: str) -> tuple[pd.Series, pd.Series]:
    """The keys in `column`, and per row why it has none, or None: it is empty, or not the first.

    Raises:
        InputError: there is no such column.
    """
    column = stated_column([str(c) for c in rows.columns], column, "--key", file_name)
    keys = column_texts(rows, column)
    reasons = nothing(rows.index)
    reasons[keys.isna()] = f"{column} is missing"
    first = pd.Series(rows.index, index=rows.index).groupby(keys).transform("first")
    again = keys.notna() & (first != rows.index.to_series())
    reasons[again] = [
        f"{column} {key} stands in line {int(line)} already"
        for key, line in zip(keys[again], first[again], strict=True)
    ]
    return keys, reasons


def content_keys(rows: pd.DataFrame, fields: Sequence[str]) -> pd.Series:
    """A hash of each row's values and place, and its ordinal among equal rows.

    Args:
        rows: with `geom` (shapely, EPSG:4326).
        fields: the columns that count.
    """
    texts = [rows[field].map(_value_text) for field in fields]
    places = pd.Series(_place_texts(rows["geom"].to_numpy()), index=rows.index)
    joined = [_SEPARATOR.join(parts) for parts in zip(places, *texts, strict=True)]
    hashes = pd.Series(map(_hash, joined), index=rows.index, dtype=object)
    ordinals = hashes.groupby(hashes).cumcount() + 1
    return hashes + ":" + ordinals.astype(str)


def _value_text(value: object) -> str:
    return "" if value is None else str(value)


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=_HASH_BYTES).hexdigest()


def _place_texts(geometries: Geometries) -> list[str]:
    """Each place to the centimetre; a shape by its vertices, however its rings start and turn."""
    coordinates, owner = shapely.get_coordinates(geometries, return_index=True)
    # Adding 0 makes -0.0 the same as 0.0.
    rounded = np.round(coordinates, _DECIMALS) + 0.0
    starts = np.searchsorted(owner, np.arange(len(geometries)))
    if not len(starts):
        return []
    parts = np.split(rounded, starts[1:])
    return [(p if len(p) == 1 else np.unique(p, axis=0)).tobytes().hex() for p in parts]
