"""A mode's streets for searches that go everywhere: turning round is an edge like any other.

The search for the nearest keeps two labels at a node, for who would turn round and for who comes
otherwise. Here, where many sources and several labels meet, a node at which turning round may pay
(`InEdges.turns_back`) is a state for each edge by which one comes to it, and what turning costs
stands on the edges that leave the state. Everywhere else a state is a node. So a plain Dijkstra is
exact, in both directions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.network.mode_network import ModeNetwork
from routing.network.network_arrays import NOBODY
from routing.network.speeds import PACES

Ints = NDArray[np.int32]


class Spread(NamedTuple):
    """Edges by the state at which a search stands, in one direction of travel.

    Attributes:
        first: (N + 1,) state n goes on by the edges first[n] to first[n + 1] - 1.
        to: (E,) where each leads.
        link: (E,) its index in `Links`.
    """

    first: Ints
    to: Ints
    link: Ints


class Links(NamedTuple):
    """Edges between states.

    Attributes:
        tail, head: (E,) states.
        edge: (E,) index in `InEdges`, whose time it takes.
        number: (E,) 2·street along its geometry, 2·street + 1 against it.
        turning_s: (E,) what turning round into it costs; most often 0.
    """

    tail: Ints
    head: Ints
    edge: Ints
    number: Ints
    turning_s: NDArray[np.float32]


class ReachNetwork(NamedTuple):
    """The streets of one mode as states and links.

    Attributes:
        n_states: how many.
        links: between them, ordered by number.
        first_link: (2S + 1,) number m has the links first_link[m] to first_link[m + 1] - 1.
        arrival: (2S,) the state of who has begun on a direction of a street and comes to its end;
            -1 where the mode may not go.
        ahead, back: the links by where they begin, and by where they end.
    """

    n_states: int
    links: Links
    first_link: Ints
    arrival: Ints
    ahead: Spread
    back: Spread


def make_reach_network(network: ModeNetwork) -> ReachNetwork:
    """States and links of a mode's streets."""
    edges = network.edges
    head = np.repeat(np.arange(network.n_nodes, dtype=np.int32), np.diff(edges.first))
    turns_back = edges.turns_back & network.minds_u_turns
    state_of = _States(network.n_nodes, turns_back, head, edges.number)
    links = _links(network, state_of, head)
    n_numbers = len(network.arrival_node)
    counts = np.bincount(links.number, minlength=n_numbers)
    return ReachNetwork(
        n_states=state_of.count,
        links=links,
        first_link=_offsets(counts),
        arrival=state_of.of(network.arrival_node, np.arange(n_numbers, dtype=np.int32)),
        ahead=_spread(state_of.count, links.tail, links.head),
        back=_spread(state_of.count, links.head, links.tail),
    )


class _States:
    """Numbers of states: a node's own, or one for each pair of node and edge that leads to it."""

    def __init__(
        self, n_nodes: int, turns_back: NDArray[np.bool_], head: Ints, number: Ints
    ) -> None:
        self._n_nodes = n_nodes
        self._turns_back = turns_back
        several = turns_back[head]
        self.node, self.number = head[several], number[several]
        order = np.lexsort((self.number, self.node))
        pairs = np.column_stack([self.node, self.number])[order]
        new = np.concatenate([[True], (pairs[1:] != pairs[:-1]).any(axis=1)])[: len(pairs)]
        self.node, self.number = pairs[new].T if len(pairs) else (self.node, self.number)
        self._keys = self._key(self.node, self.number)
        self.count = n_nodes + len(self.node)

    def of(self, node: Ints, number: Ints) -> Ints:
        """The state of who comes to `node` by `number`; -1 where there is no node."""
        states = node.astype(np.int32).copy()
        known = node != NOBODY
        several = known.copy()
        several[known] = self._turns_back[node[known]]
        at = np.searchsorted(self._keys, self._key(node[several], number[several]))
        states[several] = self._n_nodes + at
        return states

    @staticmethod
    def _key(node: Ints, number: Ints) -> NDArray[np.int64]:
        return node.astype(np.int64) << 32 | number


def _links(network: ModeNetwork, states: _States, head: Ints) -> Links:
    """Each edge from each state of the node where it begins, ordered by number."""
    edges, n_nodes = network.edges, network.n_nodes
    by_tail = np.argsort(edges.tail, kind="stable").astype(np.int32)
    leaving = _offsets(np.bincount(edges.tail, minlength=n_nodes))
    plain = ~(edges.turns_back & network.minds_u_turns)[edges.tail]
    begun = np.arange(len(states.node), dtype=np.int32)
    degree = leaving[states.node + 1] - leaving[states.node]
    begins = np.repeat(begun, degree)
    offset = np.arange(len(begins)) - np.repeat(np.cumsum(degree) - degree, degree)
    multiplied = by_tail[leaving[states.node[begins]] + offset]
    edge = np.concatenate([np.flatnonzero(plain).astype(np.int32), multiplied])
    tail = np.concatenate([edges.tail[plain], n_nodes + begins]).astype(np.int32)
    came_by = np.concatenate([np.full(plain.sum(), NOBODY, np.int32), states.number[begins]])
    number = edges.number[edge]
    turns = (came_by != NOBODY) & (came_by == (number ^ 1))
    order = np.argsort(number, kind="stable")
    return Links(
        tail=tail[order],
        head=states.of(head[edge], number)[order],
        edge=edge[order],
        number=number[order],
        turning_s=np.where(turns, PACES[network.mode].u_turn_s, 0).astype(np.float32)[order],
    )


def _spread(n_states: int, begins: Ints, ends: Ints) -> Spread:
    order = np.argsort(begins, kind="stable").astype(np.int32)
    counts = np.bincount(begins, minlength=n_states)
    return Spread(_offsets(counts), ends[order], order)


def _offsets(counts: NDArray[np.int64]) -> Ints:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
