"""The streets as one mode sees them: directed edges with seconds, and an index to snap onto."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from routing.graph import Graph
from routing.modes import Mode, travel_times_s
from routing.search import InEdges
from routing.snapping import Snapper


@dataclass(frozen=True)
class ModeNetwork:
    """What `mode` may use.

    Attributes:
        admits: (S, 2) whether the mode may travel along and against each street.
        street_time_s: (S,) seconds of each street, in either direction.
        edges: the directed edges, by the node that they lead to.
        component: (N,) number of the strongly connected component: within one, everybody gets
            everywhere.
    """

    mode: Mode
    admits: NDArray[np.bool_]
    street_time_s: NDArray[np.float64]
    edges: InEdges
    component: NDArray[np.int64]
    snapper: Snapper


def make_mode_network(
    graph: Graph, mode: Mode, lines_metric: NDArray[np.object_], to_metres: Transformer
) -> ModeNetwork:
    """The network of `mode`; `lines_metric` are the graph's lines in metres."""
    admits = graph.admits(mode)
    street_time_s = travel_times_s(mode, graph.length_m, graph.speed_kph)
    number = np.flatnonzero(admits.ravel())
    street, direction = number // 2, number % 2
    tail, head = graph.ends[street, direction], graph.ends[street, 1 - direction]
    order = np.argsort(head, kind="stable")
    n_nodes = len(graph.node_ids)
    return ModeNetwork(
        mode=mode,
        admits=admits,
        street_time_s=street_time_s,
        edges=InEdges(
            first=np.searchsorted(head[order], np.arange(n_nodes + 1)).astype(np.int64),
            tail=tail[order].astype(np.int64),
            number=number[order].astype(np.int64),
            time_s=street_time_s[street[order]],
        ),
        component=strong_components(n_nodes, tail, head),
        snapper=Snapper(lines_metric, admits, _mainland(graph, admits), to_metres),
    )


def _mainland(graph: Graph, admits: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(S,) whether a street hangs together with most others, one-ways taken as two-way.

    Where no part holds most of the nodes there is no mainland to prefer: all streets count.
    """
    ends = graph.ends[admits.any(axis=1)]
    part = _components(len(graph.node_ids), ends[:, 0], ends[:, 1], "weak")
    travelled = np.unique(ends)
    sizes = np.bincount(part[travelled], minlength=1)
    if 2 * sizes.max() <= len(travelled):
        return np.ones(len(graph.ends), dtype=np.bool_)
    return np.asarray(part[graph.ends[:, 0]] == sizes.argmax())


def strong_components(
    n_nodes: int, tail: NDArray[np.integer], head: NDArray[np.integer]
) -> NDArray[np.int64]:
    """(N,) number of the strongly connected component of each node."""
    return _components(n_nodes, tail, head, "strong")


def _components(
    n_nodes: int, tail: NDArray[np.integer], head: NDArray[np.integer], connection: str
) -> NDArray[np.int64]:
    links = coo_array((np.ones(len(tail), np.int8), (tail, head)), shape=(n_nodes, n_nodes))
    _, label = connected_components(links, directed=True, connection=connection)
    return np.asarray(label, dtype=np.int64)
