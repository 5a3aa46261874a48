"""From where one can get to a street at all."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from routing.compiling import compiled
from routing.network.network_arrays import NOBODY, InEdges, Times


def main_part(edges: InEdges, times: Times) -> NDArray[np.bool_]:
    """(N,) the nodes of the largest part of the streets in which each leads to every other.

    Over open edges. All of them reach a street that one of them leads into.
    """
    is_open = times.through_s < np.inf
    first = np.append(0, np.cumsum(is_open))[edges.first]
    n_nodes = len(first) - 1
    links = csr_array(
        (np.ones(first[-1], np.int8), edges.tail[is_open], first), shape=(n_nodes, n_nodes)
    )
    part = connected_components(links, connection="strong")[1]
    return np.asarray(part == np.bincount(part).argmax())


def entries_of(edges: InEdges, street: int) -> NDArray[np.int32]:
    """(M,) nodes from which one drives into a street."""
    first, last = edges.first_place[2 * street], edges.first_place[2 * street + 2]
    return edges.tail[edges.places[first:last]]


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
