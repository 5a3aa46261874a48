"""A graph as an OpenStreetMap file, from which every engine reads the same streets.

Each street is one way; its speed, which is ours, stands as its maxspeed. Signals and crossings are
left out, since each engine has its own opinion of how long one waits there.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import osmium

from routing.modes import Mode
from routing.network.graph import Graph
from routing.network.speeds import CLASSES
from routing.network.travel_times import speeds_kph

_FIRST_VERTEX = 10**9  # ids of vertices between junctions begin here


def write_osm(graph: Graph, path: Path) -> None:
    """Write what cars may use of a graph; every street has the speed of our engine."""
    path.unlink(missing_ok=True)
    admits, speeds = graph.admits(Mode.CAR), speeds_kph(graph, Mode.CAR)
    open_streets = np.flatnonzero(admits.any(axis=1)).tolist()
    with osmium.SimpleWriter(str(path)) as writer:
        for index, (lon, lat) in enumerate(graph.node_xy.tolist()):
            writer.add_node(osmium.osm.mutable.Node(id=index + 1, location=(lon, lat), version=1))
        for street in open_streets:
            for vertex in _inner(graph, street):
                at = tuple(graph.vertices[vertex].tolist())
                node = osmium.osm.mutable.Node(id=_FIRST_VERTEX + vertex, location=at, version=1)
                writer.add_node(node)
        for street in open_streets:
            writer.add_way(_way(graph, street, admits[street], speeds[street]))
        for number, edges in enumerate(graph.turns_of(Mode.CAR), 1):
            if len(edges) == 2 and all(admits[e // 2, e % 2] for e in edges):
                writer.add_relation(_restriction(graph, number, edges[0], edges[1]))


def _inner(graph: Graph, street: int) -> range:
    return range(int(graph.first_vertex[street]) + 1, int(graph.first_vertex[street + 1]) - 1)


def _way(graph: Graph, street: int, admits: np.ndarray, speeds: np.ndarray) -> object:
    start, end = (graph.ends[street] + 1).tolist()
    along = bool(admits[0])
    nodes = [start, *(_FIRST_VERTEX + vertex for vertex in _inner(graph, street)), end]
    tags = {
        "highway": CLASSES[int(graph.classes[street])],
        "maxspeed": str(round(float(speeds[0 if along else 1]))),
        "oneway": "no" if admits.all() else "yes" if along else "-1",
    }
    return osmium.osm.mutable.Way(id=street + 1, nodes=nodes, tags=tags, version=1)


def _restriction(graph: Graph, number: int, first: int, then: int) -> object:
    via = int(graph.ends[first // 2, 1 - first % 2]) + 1
    members = [("w", first // 2 + 1, "from"), ("n", via, "via"), ("w", then // 2 + 1, "to")]
    kind = "no_u_turn" if first // 2 == then // 2 else "no_straight_on"
    tags = {"type": "restriction", "restriction": kind}
    return osmium.osm.mutable.Relation(id=number, members=members, tags=tags, version=1)
