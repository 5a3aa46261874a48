"""Arrays as columns of a table: type, shape and bytes, little-endian and in C order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

# What stands in the columns dtype, shape and data.
type StoredArray = tuple[str, list[int], bytes]


def as_stored(array: NDArray[Any]) -> StoredArray:
    """An array as the columns dtype (text), shape (integer[]) and data (bytea)."""
    plain = np.ascontiguousarray(array).reshape(array.shape)
    little = plain.astype(plain.dtype.newbyteorder("<"), copy=False)
    return little.dtype.str, list(array.shape), little.tobytes()


def from_stored(dtype: str, shape: Sequence[int], data: bytes) -> NDArray[Any]:
    """The array of such columns; read-only."""
    return np.frombuffer(data, np.dtype(dtype), count=int(np.prod(shape))).reshape(shape)
