"""A network in which every way is allowed: forbidden turns become nodes that are missing an edge.

A junction stays one node. Only who has come by the first streets of a forbidden turn stands on a
copy of it, from which the last street can't be entered. So there are as many copies as forbidden
turns have beginnings, and all other nodes are searched as if there were no turns at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
_Steps = tuple[int, ...]


@dataclass(frozen=True)
class Expansion:
    """Directed edges between nodes and copies of nodes.

    Attributes:
        n_nodes: of nodes and copies.
        tail, head: (E,) where each edge begins and ends.
        number: (E,) of the street's direction that it stands for; several may stand for one.
        arrival_node: by number, the node or copy reached by who has begun on that street.
    """

    n_nodes: int
    tail: Ints
    head: Ints
    number: Ints
    arrival_node: Ints


class _Forbidden:
    """Which beginning of which forbidden turn somebody has just travelled."""

    def __init__(self, turns: Iterable[_Steps]) -> None:
        self.whole = set(turns)
        prefixes = {turn[:n] for turn in self.whole for n in range(1, len(turn))}
        self.prefixes = {prefix: i for i, prefix in enumerate(sorted(prefixes))}

    def after(self, travelled: _Steps, edge: int) -> _Steps | None:
        """The longest beginning that ends with `edge`; () for none, None where it is forbidden."""
        path = (*travelled, edge)
        suffixes = [path[i:] for i in range(len(path))]
        if any(suffix in self.whole for suffix in suffixes):
            return None
        return next((suffix for suffix in suffixes if suffix in self.prefixes), ())


def expand(  # noqa: PLR0913 - a network is its arrays
    n_nodes: int,
    *,
    tail: Ints,
    head: Ints,
    number: Ints,
    n_numbers: int,
    turns: Iterable[_Steps],
) -> Expansion:
    """The network without its forbidden turns.

    Args:
        n_nodes: of nodes.
        tail: (E,) where each edge begins.
        head: (E,) where it ends.
        number: (E,) by which turns name it; ascending.
        n_numbers: one more than the highest number there may be.
        turns: edges that must not follow each other; a turn over an edge that isn't there is
            no turn.
    """
    turns = [tuple(turn) for turn in turns]
    place = {edge: i for i, edge in enumerate(number.tolist())} if turns else {}
    forbidden = _Forbidden(turn for turn in turns if all(edge in place for edge in turn))
    copy_of = {prefix: n_nodes + i for prefix, i in forbidden.prefixes.items()}
    entered = head.copy()
    for prefix, copy in copy_of.items():
        if len(prefix) == 1:
            entered[place[prefix[0]]] = copy
    arrival = np.full(n_numbers, -1, np.int32)
    arrival[number] = entered
    leaving = _edges_leaving(tail, {int(head[place[prefix[-1]]]) for prefix in copy_of})
    added = [
        (copy, copy_of[state] if state else int(entered[i]), int(number[i]))
        for travelled, copy in copy_of.items()
        for i in leaving[int(head[place[travelled[-1]]])]
        if (state := forbidden.after(travelled, int(number[i]))) is not None
    ]
    more = np.array(added, np.int32).reshape(-1, 3)
    return Expansion(
        n_nodes + len(copy_of),
        np.concatenate([tail, more[:, 0]]),
        np.concatenate([entered, more[:, 1]]),
        np.concatenate([number, more[:, 2]]),
        arrival,
    )


def _edges_leaving(tail: Ints, nodes: set[int]) -> dict[int, list[int]]:
    """For each of `nodes`, the indices of the edges that leave it."""
    leaving: dict[int, list[int]] = {node: [] for node in nodes}
    for i in np.flatnonzero(np.isin(tail, list(nodes))).tolist():
        leaving[int(tail[i])].append(i)
    return leaving
