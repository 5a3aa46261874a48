"""One question laid out for the search, and its answer read back as ways along streets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.graph import Graph
from routing.mode_network import ModeNetwork
from routing.search import NOBODY, Doors, Found, reaching, search_back
from routing.snapping import OFF_STREET, Snaps

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Position:
    """A place on a street: a share of its length from the beginning of its geometry."""

    street: int
    fraction: float


@dataclass(frozen=True)
class Leg:
    """A street, or part of it, travelled from one share of its length to another."""

    street: int
    start: float
    end: float


@dataclass(frozen=True)
class Question:
    """One incident and R responders of one mode.

    Attributes:
        responders: their places on the streets.
        seeds: where one turns into the incident's street.
        exits: where responders leave their streets.
        straight_time_s: (R,) of those who drive straight to it on the incident's own street.
    """

    graph: Graph
    network: ModeNetwork
    incident: Position
    responders: Snaps
    seeds: Doors
    exits: Doors
    straight_time_s: Floats

    def search(self, k: int) -> Found:
        """Run the search until the k nearest are certain."""
        edges = self.network.edges
        return Found(*search_back(edges, self.seeds, self.exits, self.straight_time_s, k))

    def first(self, found: Found, k: int) -> NDArray[np.int64]:
        """Indices of the at most k responders who are there first, in their order."""
        order = np.argsort(found.responder_time_s, kind="stable")[:k]
        return order[np.isfinite(found.responder_time_s[order])]

    def unreachable(self, found: Found) -> NDArray[np.int64]:
        """Indices of the responders who can't get there."""
        lost = ~np.isfinite(found.responder_time_s)
        if not found.exhausted and lost.any():
            lost[self.exits.responder[self._gets_there()]] = False
        return np.flatnonzero(lost)

    def _gets_there(self) -> NDArray[np.bool_]:
        """For each exit, whether a seed can be reached; a full search only if it isn't plain."""
        component = self.network.component
        together = np.isin(component[self.exits.node], component[self.seeds.node])
        if together.all():
            return together
        return np.asarray(reaching(self.network.edges, self.seeds.node)[self.exits.node])

    def legs(self, found: Found, r: int) -> list[Leg]:
        """The streets from responder r to the incident."""
        street, fraction = int(self.responders.street[r]), float(self.responders.fraction[r])
        way_out = int(found.responder_exit[r])
        if way_out == NOBODY:
            return [Leg(street, fraction, self.incident.fraction)]
        legs = [Leg(street, fraction, 1.0 - self.exits.edge[way_out] % 2)]
        node = int(self.exits.node[way_out])
        while (edge := int(found.next_edge[node])) != NOBODY:
            street, direction = divmod(edge, 2)
            legs.append(Leg(street, float(direction), 1.0 - direction))
            node = int(self.graph.ends[street, 1 - direction])
        return [*legs, self._last_leg(node)]

    def _last_leg(self, node: int) -> Leg:
        """From a seed's node to the incident; on a loop, by its shorter arm."""
        here = np.flatnonzero(self.seeds.node == node)
        seed = here[np.argmin(self.seeds.time_s[here])]
        return Leg(self.incident.street, float(self.seeds.edge[seed] % 2), self.incident.fraction)


def ask(graph: Graph, network: ModeNetwork, incident: Position, responders: Snaps) -> Question:
    """Lay a question out as arrays."""
    return Question(
        graph,
        network,
        incident,
        responders,
        seeds=_seeds(graph, network, incident),
        exits=_exits(graph, network, responders),
        straight_time_s=_straight_times_s(network, incident, responders),
    )


def _seeds(graph: Graph, network: ModeNetwork, incident: Position) -> Doors:
    direction = np.flatnonzero(network.admits[incident.street])
    travelled = np.where(direction == 0, incident.fraction, 1 - incident.fraction)
    return Doors(
        node=graph.ends[incident.street, direction].astype(np.int64),
        edge=2 * incident.street + direction,
        responder=np.zeros_like(direction),
        time_s=travelled * network.street_time_s[incident.street],
    )


def _exits(graph: Graph, network: ModeNetwork, responders: Snaps) -> Doors:
    on_street = responders.street != OFF_STREET
    responder, direction = np.nonzero(network.admits[responders.street] & on_street[:, None])
    street, fraction = responders.street[responder], responders.fraction[responder]
    return Doors(
        node=graph.ends[street, 1 - direction].astype(np.int64),
        edge=2 * street + direction,
        responder=responder,
        time_s=np.where(direction == 0, 1 - fraction, fraction) * network.street_time_s[street],
    )


def _straight_times_s(network: ModeNetwork, incident: Position, responders: Snaps) -> Floats:
    """Seconds along the incident's own street, for who is on it and faces it; else inf."""
    ahead = incident.fraction - responders.fraction
    faces = network.admits[incident.street][np.where(ahead >= 0, 0, 1)] | (ahead == 0)
    on_it = responders.street == incident.street
    time_s = np.abs(ahead) * network.street_time_s[incident.street]
    return np.where(on_it & faces, time_s, np.inf)
