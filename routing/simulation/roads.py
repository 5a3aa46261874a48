"""The streets of one mode, free of traffic, as a simulation drives on them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.lengths import shares_along
from routing.modes import Mode
from routing.network.graph import Graph
from routing.network.mode_network import ModeNetwork, make_mode_network
from routing.network.travel_times import travel_times_s
from routing.reach.network import make_reach_network

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


class Roads(NamedTuple):
    """States and links between them, see `routing.reach.network`.

    Attributes:
        arrival: (2S,) the state in which who has begun on a direction comes to its end; -1: none.
        along_s: (2S,) seconds of each direction of each street.
        link_tail, link_head, link_number: (E,) states, and the direction of a street.
        link_s: (E,) seconds, those of turning round among them.
        first_link: (2S + 1,) direction m has the links first_link[m] to first_link[m + 1] - 1.
        back_first, back_link: links by the state that they lead to.
        vertices, first_vertex, vertex_share: of the streets' geometries, degrees and shares.
    """

    arrival: Ints
    along_s: Floats
    link_tail: Ints
    link_head: Ints
    link_number: Ints
    link_s: Floats
    first_link: Ints
    back_first: Ints
    back_link: Ints
    vertices: Floats
    first_vertex: NDArray[np.int64]
    vertex_share: Floats

    @property
    def n_states(self) -> int:
        """How many there are."""
        return len(self.back_first) - 1


def make_roads(graph: Graph, mode: Mode) -> tuple[Roads, NDArray[np.bool_]]:
    """The streets of a mode, and (S,) which of them lie where everybody gets everywhere."""
    network = make_mode_network(graph, mode)
    reach = make_reach_network(network)
    along_s = travel_times_s(graph, mode).ravel().astype(np.float32).astype(np.float64)
    links = reach.links
    roads = Roads(
        arrival=reach.arrival,
        along_s=along_s,
        link_tail=links.tail,
        link_head=links.head,
        link_number=links.number,
        link_s=along_s[links.number] + links.turning_s,
        first_link=reach.first_link,
        back_first=reach.back.first,
        back_link=reach.back.link,
        # copies: machine code is made anew for arrays that are read-only
        vertices=graph.vertices.copy(),
        first_vertex=graph.first_vertex.copy(),
        vertex_share=shares_along(graph.vertices, graph.first_vertex),
    )
    return roads, _in_largest_part(network)


def _in_largest_part(network: ModeNetwork) -> NDArray[np.bool_]:
    """(S,) streets on which the mode may go, all within one strong component, the largest."""
    largest = np.bincount(network.component).argmax() if len(network.component) else 0
    inside = network.component == largest
    edges = network.edges
    head = np.repeat(np.arange(network.n_nodes), np.diff(edges.first))
    both = inside[edges.tail] & inside[head]
    n_streets = len(network.admits)
    of_street = edges.number // 2
    all_edges = np.bincount(of_street, minlength=n_streets)
    return np.asarray((all_edges > 0) & (np.bincount(of_street[both], minlength=n_streets) > 0))
