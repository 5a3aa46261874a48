"""Simplify a network: a node where nothing branches becomes a vertex of a longer street."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layers.demo.frame import Ints


@dataclass(frozen=True)
class Chains:
    """Streets between real junctions and dead ends.

    Attributes:
        paths: for each street the indices of the nodes along it, ends included.
        first_edge: for each street the index of one of the edges that it is made of.
    """

    paths: list[list[int]]
    first_edge: Ints


def merge_chains(ends: Ints, sort: Ints, node_count: int) -> Chains:
    """Merge edges of the same `sort` across nodes that have exactly these two edges."""
    around = _edges_around(ends, node_count)
    passing = _passing_nodes(around, sort)
    used = np.zeros(len(ends), dtype=bool)
    paths, first_edge = [], []
    starts = [edge for edge in range(len(ends)) if not all(passing[n] for n in ends[edge])]
    for edge in [*starts, *range(len(ends))]:  # what is left after the starts are rings
        if not used[edge]:
            paths.append(_walk(edge, ends, around, passing, used))
            first_edge.append(edge)
    return Chains(paths, np.array(first_edge))


def _edges_around(ends: Ints, node_count: int) -> list[list[int]]:
    around: list[list[int]] = [[] for _ in range(node_count)]
    for edge, (a, b) in enumerate(ends.tolist()):
        around[a].append(edge)
        around[b].append(edge)
    return around


def _passing_nodes(around: list[list[int]], sort: Ints) -> list[bool]:
    return [len(edges) == 2 and sort[edges[0]] == sort[edges[1]] for edges in around]


def _walk(
    edge: int, ends: Ints, around: list[list[int]], passing: list[bool], used: np.ndarray
) -> list[int]:
    """The nodes from an end of `edge` that isn't passed through (or any, in a ring) onwards."""
    start, node = (int(each) for each in ends[edge])
    if passing[start] and not passing[node]:
        start, node = node, start
    path = [start, node]
    used[edge] = True
    while passing[node] and node != start:
        ahead = next((each for each in around[node] if not used[each]), None)
        if ahead is None:
            break
        used[ahead] = True
        a, b = (int(each) for each in ends[ahead])
        node = b if a == node else a
        path.append(node)
    return path
