"""Who can be sent, by whatever mode, each where it was last seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from routing.modes import Mode
from routing.nearest.answers import Origin
from routing.nearest.headings import stand_by_headings
from routing.nearest.roster import Roster
from routing.network.graph import Graph
from routing.network.mode_network import ModeNetwork
from routing.network.segment_grid import Segments
from routing.network.snapping import snap


class Fleet:
    """Members by key, kept on the streets of one engine.

    A change of positions and a question must not meet: who shares a fleet among threads keeps them
    apart.

    Attributes:
        rosters: by mode, of those modes that somebody has.
    """

    def __init__(
        self,
        graph: Graph,
        networks: Mapping[Mode, ModeNetwork],
        segments: Segments,
        max_snap_m: float,
    ) -> None:
        """Nobody yet."""
        self._graph = graph
        self.rosters: dict[Mode, Roster] = {}
        self._networks = networks
        self._segments = segments
        self._max_snap_m = max_snap_m
        self._row: dict[str, tuple[Mode, int]] = {}
        self._origins: dict[Mode, list[Origin | None]] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._row)

    def join(self, origins: Iterable[Origin]) -> None:
        """Add members, or move them to where they are now and to their present mode."""
        by_mode: dict[Mode, list[Origin]] = {}
        for origin in origins:
            by_mode.setdefault(origin.mode, []).append(origin)
        for mode, several in by_mode.items():
            roster = self._roster(mode, len(several))
            rows = np.array([self._row_of(origin) for origin in several], np.int32)
            self._stand(roster, rows, several)
            roster.standing.delay_s[rows] = [origin.delay_s for origin in several]

    def leave(self, key: str) -> None:
        """Take somebody out, if it is there."""
        if key in self._row:
            mode, row = self._row.pop(key)
            self.rosters[mode].remove(row)
            self._origins[mode][row] = None

    def origin_at(self, mode: Mode, row: int) -> Origin:
        """Who has a row of a mode's roster."""
        origin = self._origins[mode][row]
        assert origin is not None
        return origin

    def rows_that(self, mode: Mode, keys: Sequence[str] | None) -> NDArray[np.bool_]:
        """(R,) of a mode's roster: those of `keys`, or everybody."""
        roster = self.rosters[mode]
        if keys is None:
            return roster.present
        chosen = np.zeros(len(roster.present), np.bool_)
        rows = [self._row[key] for key in keys if key in self._row]
        chosen[[row for its_mode, row in rows if its_mode == mode]] = True
        return chosen

    def _stand(self, roster: Roster, rows: NDArray[np.int32], origins: Sequence[Origin]) -> None:
        """On the streets that they travel, where that is known; else on the nearest ones."""
        network = self._networks[origins[0].mode]
        lonlat = np.array([(origin.lon, origin.lat) for origin in origins], np.float64)
        snaps = snap(self._segments, network, lonlat, max_m=self._max_snap_m, leaving=True)
        turn_s = None
        if any(origin.heading is not None for origin in origins):
            turn_s = stand_by_headings(self._graph, network, self._segments, origins, snaps)
        roster.put(rows, snaps, turn_s)

    def _roster(self, mode: Mode, room: int) -> Roster:
        if mode not in self.rosters:
            self.rosters[mode] = Roster(self._networks[mode], room)
            self._origins[mode] = []
        return self.rosters[mode]

    def _row_of(self, origin: Origin) -> int:
        known = self._row.get(origin.key)
        if known is not None and known[0] != origin.mode:
            self.leave(origin.key)
            known = None
        if known is None:
            known = origin.mode, self.rosters[origin.mode].add()
            self._row[origin.key] = known
        members = self._origins[origin.mode]
        members.extend([None] * (known[1] + 1 - len(members)))
        members[known[1]] = origin
        return known[1]
