"""The streets as one mode sees them: directed edges between nodes, forbidden turns left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from routing.modes import Mode
from routing.network.counting import grouped
from routing.network.expansion import Expansion, expand
from routing.network.graph import Graph
from routing.network.network_arrays import InEdges
from routing.network.speeds import PACES
from routing.network.travel_times import travel_times_s


@dataclass(frozen=True)
class ModeNetwork:
    """What `mode` may use.

    Attributes:
        admits: (S, 2) whether the mode may travel along and against each street.
        edges: the directed edges, by the node that they lead to.
        arrival_node: (2S,) the node that each direction of a street leads to; -1 where it isn't
            admitted.
        component: (N,) number of the strongly connected component: within one, everybody gets
            everywhere.
        mainland: (S,) whether a street hangs together with most others.
        minds_u_turns: whether turning round can be part of a quickest way: only where turns are
            forbidden; without, who turns round has passed where it wants to go.
    """

    mode: Mode
    admits: NDArray[np.bool_]
    edges: InEdges
    arrival_node: NDArray[np.int32]
    component: NDArray[np.int64]
    mainland: NDArray[np.bool_]
    minds_u_turns: bool

    @property
    def n_nodes(self) -> int:
        """How many nodes there are, copies for forbidden turns included."""
        return len(self.edges.first) - 1


def make_mode_network(graph: Graph, mode: Mode) -> ModeNetwork:
    """The network of `mode`."""
    pace = PACES[mode]
    admits = graph.admits(mode)
    number = np.flatnonzero(admits.ravel()).astype(np.int32)
    street, direction = number // 2, number % 2
    place = _places_in_space(graph.node_xy)
    tail = place[graph.ends[street, direction]]
    head = place[graph.ends[street, 1 - direction]]
    n_numbers = 2 * len(graph.street_ids)
    turns = graph.turns_of(mode) if pace.keeps_restrictions else []
    expansion = expand(
        len(graph.node_ids),
        tail=tail,
        head=head,
        number=number,
        n_numbers=n_numbers,
        turns=turns,
    )
    return ModeNetwork(
        mode=mode,
        admits=admits,
        edges=_by_head(expansion, n_numbers, _turns_back(graph, mode, expansion)),
        arrival_node=expansion.arrival_node,
        component=strong_components(expansion.n_nodes, expansion.tail, expansion.head),
        mainland=_mainland(graph, admits),
        minds_u_turns=expansion.n_nodes > len(graph.node_ids) and pace.u_turn_s > 0,
    )


def _places_in_space(xy: NDArray[np.float64]) -> NDArray[np.int32]:
    """(N,) numbers of nodes such that neighbours have near numbers: a search touches less memory.

    The order is that of a Z-curve over 2^16 x 2^16 cells.
    """
    if not len(xy):
        return np.zeros(0, np.int32)
    low, high = xy.min(axis=0), xy.max(axis=0)
    cells = ((xy - low) / np.maximum(high - low, 1e-12) * 0xFFFF).astype(np.uint64)
    code = _spread(cells[:, 0]) | (_spread(cells[:, 1]) << np.uint64(1))
    place = np.empty(len(xy), np.int32)
    place[np.argsort(code, kind="stable")] = np.arange(len(xy), dtype=np.int32)
    return place


def _spread(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The 16 low bits with a zero between each two."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        bits = (bits | (bits << np.uint64(shift))) & np.uint64(mask)
    return bits


def _turns_back(graph: Graph, mode: Mode, expansion: Expansion) -> NDArray[np.bool_]:
    """(N,) at which nodes it can pay to turn round, or to go on rather than to turn round.

    Who turns round where no turn was forbidden has passed where it goes on to. So only who comes
    from a copy of a node turns round, there or, if turning takes c seconds, at nodes that it gets
    to in less than c: a longer way out and back is worse than turning at once. Streets are
    never quicker than when they are free.
    """
    n_nodes = expansion.n_nodes
    is_copy = np.arange(n_nodes) >= len(graph.node_ids)
    if not is_copy.any():
        return is_copy
    time_s = travel_times_s(graph, mode).ravel()[expansion.number]
    # Rows as they are: parallel arcs stay apart, and the search takes the shorter one.
    # scipy takes a cost of nothing for no arc.
    first, order = grouped(expansion.tail, n_nodes)
    cost_s = np.maximum(time_s[order], 1e-9)
    arcs = csr_array((cost_s, expansion.head[order], first), shape=(n_nodes, n_nodes))
    begins = np.unique(expansion.head[is_copy[expansion.tail]])
    if not len(begins):
        return is_copy
    limit_s = PACES[mode].u_turn_s
    away_s = dijkstra(arcs, indices=begins, limit=limit_s, min_only=True)
    return np.asarray(is_copy | np.isfinite(away_s))


def _by_head(expansion: Expansion, n_numbers: int, turns_back: NDArray[np.bool_]) -> InEdges:
    first, order = grouped(expansion.head, expansion.n_nodes)
    number = expansion.number[order]
    first_place, by_number = grouped(number, n_numbers)
    return InEdges(
        first=first,
        tail=expansion.tail[order],
        number=number,
        first_place=first_place,
        places=by_number,
        turns_back=turns_back,
    )


def _mainland(graph: Graph, admits: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(S,) whether a street hangs together with most others, one-ways taken as two-way.

    Where no part holds most of the nodes there is no mainland to prefer: all streets count.
    """
    ends = graph.ends[admits.any(axis=1)]
    part = _components(len(graph.node_ids), ends[:, 0], ends[:, 1], "weak")
    travelled = np.zeros(len(graph.node_ids), np.bool_)
    travelled[ends] = True
    sizes = np.bincount(part[travelled], minlength=1)
    if 2 * sizes.max() <= travelled.sum():
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
