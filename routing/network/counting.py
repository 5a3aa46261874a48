"""Sorting by counting, as machine code: numbers that are known to be small need no comparing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.compiling import compiled


def grouped(key: NDArray[np.int32], n: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Rows by a key of 0 to n - 1, equal ones in their order.

    Returns:
        (n + 1,) `first` and (len(key),) `order`: those of key k are order[first[k]:first[k + 1]].
    """
    first = np.zeros(n + 1, np.int32)
    order = np.empty(len(key), np.int32)
    _group(np.ascontiguousarray(key), first, order)
    return first, order


@compiled
def _group(key: Any, first: Any, order: Any) -> None:
    for k in key:
        first[k + 1] += 1
    for k in range(len(first) - 1):
        first[k + 1] += first[k]
    at = first[:-1].copy()
    for i in range(len(key)):
        order[at[key[i]]] = i
        at[key[i]] += 1
