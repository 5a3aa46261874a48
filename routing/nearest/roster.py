"""Who can be sent by one mode, each standing on a street: moved in microseconds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.compiling import compiled
from routing.network.mode_network import ModeNetwork
from routing.network.network_arrays import NOBODY, Standing
from routing.network.segment_grid import OFF_STREET
from routing.network.snapping import Snaps

_FIRST_ROOM = 16


class Roster:
    """Positions by row; rows of who has left are used again."""

    def __init__(self, network: ModeNetwork, room: int = _FIRST_ROOM) -> None:
        """Nobody yet.

        Args:
            network: of the mode.
            room: for how many to begin with.
        """
        self.network = network
        self._room = max(room, 1)
        self._free: list[int] = []
        self.size = 0
        self.has_headings = False
        self.distance_m = np.full(self._room, np.inf)
        self.present = np.zeros(self._room, np.bool_)
        self.standing = Standing(
            np.full(self._room, OFF_STREET, np.int32),
            np.zeros(self._room),
            np.full(network.n_nodes, NOBODY, np.int32),
            np.full(2 * self._room, NOBODY, np.int32),
            np.zeros(self._room),
            np.zeros(2 * self._room),
            np.zeros(network.n_nodes, np.int32),
        )

    def add(self) -> int:
        """A row for somebody who stands nowhere yet."""
        row = self._free.pop() if self._free else self.size
        if row == self.size:
            self.size += 1
        if self.size > self._room:
            self._grow()
        self.present[row] = True
        return row

    def remove(self, row: int) -> None:
        """Take somebody out."""
        self.put(np.array([row], np.int32), _nowhere())
        self.present[row] = False
        self._free.append(row)

    def put(
        self, rows: NDArray[np.int32], snaps: Snaps, turn_s: NDArray[np.float64] | None = None
    ) -> None:
        """Stand each of `rows` where it has been snapped to.

        Args:
            rows: (P,) whose.
            snaps: (P,) where.
            turn_s: (P, 2) seconds to turn round before leaving along and against the street;
                None for nobody.
        """
        self.has_headings |= turn_s is not None
        arrival_node, standing = self.network.arrival_node, self.standing
        if self.has_headings:
            _count_ahead(arrival_node, standing, rows, -1)
        _stand(arrival_node, standing, rows, snaps.street, snaps.fraction)
        if self.has_headings:
            standing.turn_s.reshape(-1, 2)[rows] = 0.0 if turn_s is None else turn_s
            _count_ahead(arrival_node, standing, rows, 1)
        self.distance_m[rows] = snaps.distance_m

    def _grow(self) -> None:
        more = self._room
        self._room *= 2
        self.distance_m = np.append(self.distance_m, np.full(more, np.inf))
        self.present = np.append(self.present, np.zeros(more, np.bool_))
        self.standing = self.standing._replace(
            street=np.append(self.standing.street, np.full(more, OFF_STREET, np.int32)),
            fraction=np.append(self.standing.fraction, np.zeros(more)),
            following_exit=np.append(
                self.standing.following_exit, np.full(2 * more, NOBODY, np.int32)
            ),
            delay_s=np.append(self.standing.delay_s, np.zeros(more)),
            turn_s=np.append(self.standing.turn_s, np.zeros(2 * more)),
        )


def _nowhere() -> Snaps:
    return Snaps(np.array([OFF_STREET], np.int32), np.zeros(1), np.array([np.inf]))


@compiled
def _take_out(arrival_node: Any, standing: Any, row: int) -> None:
    """Unlink a row's exits from their nodes."""
    for way_out in range(2 * row, 2 * row + 2):
        node = arrival_node[2 * standing.street[row] + (way_out & 1)]
        if node == NOBODY:
            continue
        if standing.first_exit[node] == way_out:
            standing.first_exit[node] = standing.following_exit[way_out]
            continue
        e = standing.first_exit[node]
        while standing.following_exit[e] != way_out:
            e = standing.following_exit[e]
        standing.following_exit[e] = standing.following_exit[way_out]


@compiled
def _stand(arrival_node: Any, standing: Any, rows: Any, street: Any, fraction: Any) -> None:
    """Move rows to other places."""
    for i in range(len(rows)):
        row = rows[i]
        if standing.street[row] != OFF_STREET:
            _take_out(arrival_node, standing, row)
        standing.street[row] = street[i]
        standing.fraction[row] = fraction[i]
        if street[i] == OFF_STREET:
            continue
        for way_out in range(2 * row, 2 * row + 2):
            node = arrival_node[2 * street[i] + (way_out & 1)]
            if node != NOBODY:
                standing.following_exit[way_out] = standing.first_exit[node]
                standing.first_exit[node] = way_out


@compiled
def _count_ahead(arrival_node: Any, standing: Any, rows: Any, change: int) -> None:
    """Rows that would have to turn round count, or count no more, at the nodes ahead of them."""
    for row in rows:
        if standing.street[row] == OFF_STREET:
            continue
        for way_out in range(2 * row, 2 * row + 2):
            node = arrival_node[2 * standing.street[row] + (way_out & 1)]
            if node != NOBODY and standing.turn_s[way_out ^ 1] > 0:
                standing.ahead[node] += change
