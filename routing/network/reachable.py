"""From where one can get to a street at all, as machine code."""

from __future__ import annotations

from typing import Any

import numpy as np

from routing.compiling import compiled
from routing.network.network_arrays import NOBODY


@compiled
def reaching(edges: Any, times: Any, street: int) -> Any:
    """(N,) bool: from which nodes one can get to a street at all, over open edges."""
    reaches = np.zeros(len(edges.first) - 1, np.bool_)
    stack = [np.int32(NOBODY)]
    stack.clear()
    for p in range(edges.first_place[2 * street], edges.first_place[2 * street + 2]):
        node = edges.tail[edges.places[p]]
        if not reaches[node]:
            reaches[node] = True
            stack.append(node)
    while stack:
        node = stack.pop()
        for i in range(edges.first[node], edges.first[node + 1]):
            tail = edges.tail[i]
            if not reaches[tail] and times.through_s[i] < np.inf:
                reaches[tail] = True
                stack.append(tail)
    return reaches
