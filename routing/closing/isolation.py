"""What closures cut off from the rest of the town."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.modes import Mode
from routing.network.graph import Graph
from routing.network.mode_network import strong_components

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class CutOff:
    """Streets that are open, and yet nobody gets there and back any more.

    Attributes:
        street: (n,) their indices.
        length_m: together.
        share_closed: of the length of all streets of the mode, closed in some direction.
    """

    street: NDArray[np.int64]
    length_m: float
    share_closed: float


def cut_off(graph: Graph, mode: Mode, closed: Bools) -> CutOff:
    """What a mode loses beside the closed streets themselves.

    Args:
        graph: the streets.
        mode: who travels.
        closed: (S, 2) what is closed along and against each street.
    """
    admits = graph.admits(mode)
    used = admits.any(axis=1)
    before = _in_largest_part(graph, admits)
    after = _in_largest_part(graph, admits & ~closed)
    lost = used & before & ~after & ~(admits & closed).any(axis=1)
    total_m = max(float(graph.length_m[used].sum()), 1e-9)
    closed_m = float(graph.length_m[(admits & closed).any(axis=1)].sum())
    return CutOff(np.flatnonzero(lost), float(graph.length_m[lost].sum()), closed_m / total_m)


def _in_largest_part(graph: Graph, admits: Bools) -> Bools:
    """(S,) of which streets both ends hang together with most others, there and back."""
    street, direction = np.nonzero(admits)
    if not len(street):
        return np.zeros(len(graph.ends), np.bool_)
    tail, head = graph.ends[street, direction], graph.ends[street, 1 - direction]
    part = strong_components(len(graph.node_ids), tail, head)
    travelled = np.unique(graph.ends[admits.any(axis=1)])
    largest = np.bincount(part[travelled]).argmax()
    return np.asarray((part[graph.ends] == largest).all(axis=1))
