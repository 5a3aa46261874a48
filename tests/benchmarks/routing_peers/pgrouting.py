"""pgRouting, if the machine has it: Dijkstra from an incident over the reversed streets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import psycopg

from routing.modes import Mode
from routing.network.graph import Graph
from routing.network.travel_times import travel_times_s
from routing_peers.questions import Answers, Place, Questions, answer

_TABLE = """
CREATE EXTENSION IF NOT EXISTS pgrouting CASCADE;
DROP TABLE IF EXISTS edge;
CREATE TABLE edge (id bigint PRIMARY KEY, source bigint, target bigint,
                   cost float8, reverse_cost float8);
"""
# Reversed: what leads from a responder to the incident leads from the incident to the responder.
_ASK = """
SELECT end_vid, agg_cost FROM pgr_dijkstraCost(
    'SELECT id, target AS source, source AS target, cost, reverse_cost FROM edge', %s, %s::bigint[])
"""


def is_there(connection: psycopg.Connection) -> bool:
    """Whether the server has the extension."""
    found = connection.execute(
        "SELECT FROM pg_available_extensions WHERE name = 'pgrouting'"
    ).fetchone()
    return found is not None


def fill(connection: psycopg.Connection, graph: Graph) -> None:
    """The streets of cars as its table of edges."""
    connection.execute(_TABLE)
    admits, times_s = graph.admits(Mode.CAR), travel_times_s(graph, Mode.CAR)
    cost = np.where(admits, times_s, -1.0)
    with connection.cursor().copy("COPY edge FROM STDIN") as copy:
        for street, ((u, v), (along, back)) in enumerate(
            zip(graph.ends.tolist(), cost.tolist(), strict=True)
        ):
            copy.write_row((street, u, v, along, back))
    connection.commit()
    connection.execute("ANALYZE edge")


def ask(connection: psycopg.Connection, graph: Graph, questions: Questions) -> Answers:
    """From node to node, without turns."""
    homes = [_nearest_node(graph, place) for place in questions.responders]
    targets = sorted(set(homes))

    def times_to(incident: Place) -> Sequence[float]:
        node = _nearest_node(graph, incident)
        found = dict(connection.execute(_ASK, (node, targets)).fetchall())
        found[node] = 0.0
        return [found.get(home, np.inf) for home in homes]

    return answer(times_to, questions, 2)


def _nearest_node(graph: Graph, place: Place) -> int:
    return int(np.argmin(((graph.node_xy - place) ** 2).sum(axis=1)))
