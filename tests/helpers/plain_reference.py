"""Who gets where how fast, found the plain way: a Dijkstra on edges and turns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from routing.modes import Mode
from routing.network.graph import Graph
from routing.network.speeds import PACES
from routing.network.travel_times import travel_times_s

_State = tuple[int, frozenset[tuple[int, int]]]
_START = (-1, 0)


class PlainReference:
    """Travel times by scipy's Dijkstra on a graph of edges and what has been travelled of turns.

    A state is a directed edge that has been travelled, and which forbidden turns one is in the
    middle of. Who stands on an edge begins in a state of its own: it may leave a closed street.
    """

    def __init__(
        self, graph: Graph, mode: Mode, speed_shares: dict[int, float] | None = None
    ) -> None:
        self.pace = PACES[mode]
        self.admits = graph.admits(mode).ravel()
        self.ends = graph.ends.ravel()  # number 2s leaves ends[2s] and leads to ends[2s + 1]
        self.share = speed_shares or {}
        free_s = travel_times_s(graph, mode).ravel()
        self.time_s = [t / (self.share.get(e) or 1) for e, t in enumerate(free_s.tolist())]
        self.turns = graph.turns_of(mode) if self.pace.keeps_restrictions else []
        self.leaving: dict[int, list[int]] = {}
        for edge in np.flatnonzero(self.admits).tolist():
            self.leaving.setdefault(int(self.ends[edge]), []).append(edge)
        self.states: dict[_State, int] = {}
        self.of_edge: dict[int, list[int]] = {}
        self._build()

    def _build(self) -> None:
        waiting = [(e, self._begun(e) | {_START}) for e in np.flatnonzero(self.admits).tolist()]
        for state in waiting:
            self._number(state)
        arcs = []
        while waiting:
            state = waiting.pop()
            edge, begun = state
            if self.share.get(edge) == 0 and _START not in begun:
                continue
            for following in self.leaving.get(int(self.ends[edge ^ 1]), []):
                after = self._after(begun - {_START}, following)
                if after is None:
                    continue
                known = (following, after) in self.states
                to = self._number((following, after))
                if not known:
                    waiting.append((following, after))
                cost_s = self.time_s[following]
                cost_s += self.pace.u_turn_s if following == edge ^ 1 else 0
                arcs.append((to, self.states[state], cost_s))
        n = len(self.states)
        backwards = np.array(arcs).reshape(-1, 3)
        # scipy takes a cost of nothing for no arc
        cost = np.maximum(backwards[:, 2], 1e-12)
        places = backwards[:, :2].astype(np.int32)
        self.arcs = coo_array((cost, (places[:, 0], places[:, 1])), shape=(n, n)).tocsr()

    def _number(self, state: _State) -> int:
        if state not in self.states:
            self.states[state] = len(self.states)
            if _START not in state[1]:
                self.of_edge.setdefault(state[0], []).append(self.states[state])
        return self.states[state]

    def _begun(self, edge: int) -> frozenset[tuple[int, int]]:
        return frozenset((t, 1) for t, turn in enumerate(self.turns) if turn[0] == edge)

    def _after(self, begun: frozenset[tuple[int, int]], edge: int) -> frozenset | None:
        goes_on = {(t, n + 1) for t, n in begun if self.turns[t][n] == edge}
        if any(n == len(self.turns[t]) for t, n in goes_on):
            return None
        return frozenset(goes_on) | self._begun(edge)

    def times_s(
        self,
        place: tuple[int, float],
        origins: list[tuple[int, float]],
        limit_s: float = np.inf,
        headings: Sequence[int | None] | None = None,
    ) -> list[float]:
        """Seconds from each (street, fraction) to a place; inf where over `limit_s` or no way.

        Who is heading along a street (0) or against it (1) turns round to leave it otherwise.
        """
        headings = headings or [None] * len(origins)
        to_go = np.full(len(self.states), np.inf)
        for direction in (0, 1):
            edge = 2 * place[0] + direction
            rest_s = abs(1 - direction - place[1]) * self.time_s[edge]
            for state in self.of_edge.get(edge, ()) if self.admits[edge] else ():
                # the whole of the last edge is in it, not only the part to the incident
                found = dijkstra(self.arcs, indices=state, limit=limit_s + rest_s) - rest_s
                np.minimum(to_go, found, out=to_go)
        known = zip(origins, headings, strict=True)
        return [self._time_s(place, origin, heading, to_go) for origin, heading in known]

    def _time_s(
        self,
        place: tuple[int, float],
        origin: tuple[int, float],
        heading: int | None,
        to_go: np.ndarray,
    ) -> float:
        times_s = [np.inf]
        street, fraction = origin
        for direction in (0, 1):
            edge = 2 * street + direction
            if not self.admits[edge]:
                continue
            turn_s = 0.0 if heading in (None, direction) else self.pace.u_turn_s
            rest_s = turn_s + abs(1 - direction - fraction) * self.time_s[edge]
            start = self.states[(edge, self._begun(edge) | {_START})]
            times_s.append(rest_s + to_go[start])
            ahead = (place[1] - fraction) * (1 - 2 * direction)
            if street == place[0] and ahead >= 0:
                times_s.append(turn_s + ahead * self.time_s[edge])
        if origin == place:
            times_s.append(0.0)
        return float(min(times_s))
