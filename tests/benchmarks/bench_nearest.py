"""How long the nearest takes, beside networkx on the same graph and the same queries.

    nice -n -20 python tests/benchmarks/bench_nearest.py [FILE ...] [--million] [--queries N]

FILE is anything that `import streets` reads; without one, and without --million, the towns at hand
and two made up. --million: a made-up million of nodes, with the start from PostGIS. Every query is
asked several times and its best time counts: the machine may be busy. Times are of the engine's
call in process, with turns and geometry, without JSON.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
from street_start import print_start

from routing.modes import ALL_MODES, Mode
from routing.nearest.answers import Origin
from routing.nearest.engine import Engine
from routing.nearest.fleet import Fleet
from routing.network.graph import Graph, graph_from_streets
from routing.network.measures import Measure
from routing.network.speeds import CLASSES
from routing.network.travel_times import travel_times_s
from routing.sources.files import read_street_file

AT_HAND = ("shenzhen_osmnx.graphml", "liechtenstein_2024.osm.pbf")
ROADS = Path(__file__).parents[3] / "shared" / "data" / "roads"
K = 5
ROUNDS = 5


def grid_city(side: int, seed: int = 0) -> Graph:
    """A city of side x side nodes 100 m apart: jittered, a fifth one-way, one junction in fifty
    with a forbidden turn."""
    chance = np.random.default_rng(seed)
    column, row = np.meshgrid(np.arange(side), np.arange(side))
    xy = np.column_stack([column.ravel(), row.ravel()]) + chance.uniform(-0.3, 0.3, (side**2, 2))
    xy = np.array([120.0, 30.0]) + xy * [0.00104, 0.0009]
    node = np.arange(side**2).reshape(side, side)
    ends = np.vstack(
        [
            np.column_stack([node[:, :-1].ravel(), node[:, 1:].ravel()]),
            np.column_stack([node[:-1].ravel(), node[1:].ravel()]),
        ]
    )
    ends = ends[chance.random(len(ends)) < 0.9].astype(np.int32)
    n = len(ends)
    modes = np.full((n, 2), int(ALL_MODES), np.uint8)
    modes[chance.random(n) < 0.2, 1] = int(Mode.FOOT)
    middle = xy[ends].mean(axis=1) + chance.uniform(-1e-4, 1e-4, (n, 2))
    vertices = np.stack([xy[ends[:, 0]], middle, xy[ends[:, 1]]], axis=1).reshape(-1, 2)
    steps = np.diff(vertices.reshape(n, 3, 2), axis=1) * [96_400.0, 110_900.0]
    turns = _forbidden_turns(ends, side**2 // 50, chance)
    return Graph(
        node_ids=np.arange(side**2),
        node_xy=xy,
        street_ids=np.arange(1, n + 1),
        ends=ends,
        keys=np.zeros(n, np.int32),
        length_m=np.hypot(steps[..., 0], steps[..., 1]).sum(axis=1),
        speed_kph=chance.choice([20.0, 30.0, 40.0, 60.0], n),
        modes=modes,
        vertices=vertices,
        first_vertex=np.arange(0, 3 * n + 1, 3),
        classes=np.full(n, CLASSES.index("residential"), np.uint8),
        signals=(chance.random((n, 2)) < 0.05).astype(np.uint8),
        crossings=np.zeros(n, np.uint8),
        turn_edges=turns.ravel(),
        first_turn_edge=np.arange(0, 2 * len(turns) + 1, 2),
        turn_modes=np.full(len(turns), int(Mode.CAR), np.uint8),
    )


def _forbidden_turns(ends: np.ndarray, count: int, chance: np.random.Generator) -> np.ndarray:
    """(T, 2) numbers of edges that follow each other, not by turning round."""
    tail = ends.ravel()  # number 2s leaves ends[s, 0], 2s + 1 leaves ends[s, 1]
    order = np.argsort(tail, kind="stable")
    first = np.searchsorted(tail[order], np.arange(tail.max() + 2))
    edge = chance.integers(0, len(tail), count)
    head = tail[edge ^ 1]
    degree = first[head + 1] - first[head]
    onward = order[first[head] + chance.integers(0, 1 << 30, count) % degree]
    pairs = np.column_stack([edge, onward])
    return np.unique(pairs[onward != edge ^ 1], axis=0).astype(np.int32)


def points_on(graph: Graph, count: int, seed: int) -> list[tuple[float, float]]:
    """Up to 20 m beside streets of cars."""
    chance = np.random.default_rng(seed)
    streets = np.flatnonzero(graph.admits(Mode.CAR).any(axis=1))
    first = graph.first_vertex[chance.choice(streets, count)]
    share = chance.random((count, 1))
    places = graph.vertices[first] * (1 - share) + graph.vertices[first + 1] * share
    return [(x, y) for x, y in (places + chance.uniform(-2e-4, 2e-4, (count, 2))).tolist()]


def best_times_ms(ask: Callable[[float, float], object], points: list[tuple[float, float]]) -> str:
    """Median and 99th percentile of each query's best time."""
    best = np.full(len(points), np.inf)
    for _ in range(ROUNDS):
        for i, (lon, lat) in enumerate(points):
            start = time.perf_counter()
            ask(lon, lat)
            best[i] = min(best[i], time.perf_counter() - start)
    return f"p50 {np.median(best) * 1e3:8.3f}  p99 {np.quantile(best, 0.99) * 1e3:8.3f} ms"


def measure(name: str, graph: Graph, responders: list[int], queries: int) -> None:
    """Print what the engine takes on one graph."""
    start = time.perf_counter()
    engine = Engine(graph)
    print(
        f"\n{name}: {len(graph.node_ids):,} nodes, {len(graph.street_ids):,} streets, "
        f"{len(graph.turn_modes)} forbidden turns; engine ready in "
        f"{time.perf_counter() - start:.2f} s"
    )
    points = points_on(graph, queries, seed=1)
    for count in responders:
        fleet = engine.fleet()
        members = [Origin(str(i), *at) for i, at in enumerate(points_on(graph, count, seed=2))]
        fleet.join(members)
        took = best_times_ms(lambda lon, lat, f=fleet: engine.nearest_of(f, lon, lat, K), points)
        print(f"  k={K} of R={count:5}: {took}")
    moves_a_second(fleet, members)
    closure_ms(engine, fleet, points[0])


def moves_a_second(fleet: Fleet, members: list[Origin]) -> None:
    """Print how many positions are taken in, one by one and as many at once as a second brings."""
    start = time.perf_counter()
    for member in members:
        fleet.join([replace(member, lon=member.lon + 1e-5)])
    alone = len(members) / (time.perf_counter() - start)
    start = time.perf_counter()
    fleet.join(replace(member, lon=member.lon - 1e-5) for member in members)
    together = len(members) / (time.perf_counter() - start)
    print(f"  positions a second: {alone:,.0f} one by one, {together:,.0f} together")


def closure_ms(engine: Engine, fleet: Fleet, place: tuple[float, float]) -> None:
    """Print how much longer a query takes before which something has been closed or opened."""
    street = int(engine.graph.street_ids[0])
    closed = Measure((street, -street))
    engine.measures.put("closed", closed)
    engine.nearest_of(fleet, *place, K)
    took_s = []
    for _ in range(20):
        for change in (
            lambda: engine.measures.drop("closed"),
            lambda: engine.measures.put("closed", closed),
        ):
            plain = time.perf_counter()
            engine.nearest_of(fleet, *place, K)
            start = time.perf_counter()
            change()
            engine.nearest_of(fleet, *place, K)
            took_s.append(time.perf_counter() - start - (start - plain))
    print(f"  a closure, made or taken back, more than a query: {np.median(took_s) * 1e3:.3f} ms")


def beside_networkx(graph: Graph, responders: int, queries: int) -> None:
    """The same question to networkx: a full Dijkstra from the incident's node, reversed."""
    times_s = travel_times_s(graph, Mode.CAR)
    admits = graph.admits(Mode.CAR)
    against = nx.DiGraph()
    for (u, v), (along, back), (there_s, back_s) in zip(
        graph.ends.tolist(), admits.tolist(), times_s.tolist(), strict=True
    ):
        if along:
            against.add_edge(v, u, weight=there_s)
        if back:
            against.add_edge(u, v, weight=back_s)
    nodes = sorted(against)
    homes = np.random.default_rng(3).choice(nodes, responders).tolist()

    def ask(node: float, _: float) -> list[float]:
        found = nx.single_source_dijkstra_path_length(against, int(node), weight="weight")
        return sorted(found.get(home, np.inf) for home in homes)[:K]

    starts = np.random.default_rng(4).choice(nodes, queries).tolist()
    took = best_times_ms(ask, [(float(node), 0.0) for node in starts])
    print(f"  networkx full, node to node, no turns, R={responders}: {took}")


def measure_file(path: Path, queries: int) -> None:
    """A file's streets."""
    graph = graph_from_streets(read_street_file(path).streets)
    measure(path.name, graph, [20, 200, 2000], queries)
    beside_networkx(graph, 200, 10)


def measure_made_up(queries: int) -> None:
    """A town and a city."""
    for name, side in (("a town made up", 88), ("a city made up", 224)):
        graph = grid_city(side)
        measure(name, graph, [20, 200, 2000], queries)
        beside_networkx(graph, 200, 3)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--million", action="store_true", help="a million nodes")
    parser.add_argument("--queries", type=int, default=300)
    wanted = parser.parse_args()
    at_hand = [path for path in map(ROADS.joinpath, AT_HAND) if path.exists()]
    nothing_said = not wanted.files and not wanted.million
    for path in at_hand if nothing_said else wanted.files:
        measure_file(path, wanted.queries)
    if nothing_said:
        measure_made_up(wanted.queries)
    if wanted.million:
        graph = grid_city(1000)
        measure("a million nodes made up", graph, [200, 2000], wanted.queries)
        print_start(graph)


if __name__ == "__main__":
    main()
