"""Who can be sent by one mode, each standing on a street: moved in microseconds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from routing.compiling import compiled
from routing.network.mode_network import ModeNetwork
from routing.network.network_arrays import NOBODY, Standing
from routing.network.segment_grid import OFF_STREET, Segments
from routing.network.snapping import Snaps, snap

_FIRST_ROOM = 16


class Roster:
    """Positions by row; rows of who has left are used again."""

    def __init__(self, network: ModeNetwork, room: int = _FIRST_ROOM) -> None:
        """Nobody yet.

        Args:
            network: of the mode.
            room: for how many to begin with.
        """
        self._network = network
        self._room = max(room, 1)
        self._free: list[int] = []
        self.size = 0
        self.distance_m = np.full(self._room, np.inf)
        self.present = np.zeros(self._room, np.bool_)
        self.standing = Standing(
            np.full(self._room, OFF_STREET, np.int32),
            np.zeros(self._room),
            np.full(network.n_nodes, NOBODY, np.int32),
            np.full(2 * self._room, NOBODY, np.int32),
            np.zeros(self._room),
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

    def put(self, rows: NDArray[np.int32], snaps: Snaps) -> None:
        """Stand each of `rows` where it has been snapped to."""
        _stand(
            self._network.arrival_node,
            self.standing,
            rows,
            snaps.street,
            snaps.fraction,
        )
        self.distance_m[rows] = snaps.distance_m

    def move(
        self, segments: Segments, rows: NDArray[np.int32], lonlat: NDArray[np.float64], max_m: float
    ) -> None:
        """Snap and put."""
        self.put(rows, snap(segments, self._network, lonlat, max_m=max_m, leaving=True))

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
