"""The k nearest of R responders, beside other engines: the same streets, the same questions.

    nice -n -20 python tests/benchmarks/bench_routing_peers.py [FILE] [--responders R] [--cache DIR]

FILE is anything that `import streets` reads; without one, a city of 50,000 junctions is made up.
The streets are written as one OpenStreetMap file with our speeds as maxspeed, and every engine,
ours too, reads that file. OSRM and Valhalla are installed from their wheels into the cache;
pgRouting takes part where PostgreSQL has it (apt-get install postgresql-15-pgrouting). Times are
of each engine's own call in its process: ours with turns, geometry and the best k in order; theirs
a table of seconds, of which the k least are taken. Prints the ratios and how many of our k each
finds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import networkx as nx
import numpy as np
import psycopg

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from bench_nearest import grid_city, points_on  # noqa: E402 - found above
from routing_peers import pgrouting  # noqa: E402
from routing_peers.installed import install, prepare_osrm, prepare_valhalla  # noqa: E402
from routing_peers.osm_copy import write_osm  # noqa: E402
from routing_peers.questions import Answers, Place, Questions, answer, ask_apart  # noqa: E402

from routing.modes import Mode  # noqa: E402
from routing.nearest.answers import Origin  # noqa: E402
from routing.nearest.engine import Engine  # noqa: E402
from routing.network.graph import Graph, graph_from_streets  # noqa: E402
from routing.network.travel_times import travel_times_s  # noqa: E402
from routing.sources.files import read_street_file  # noqa: E402
from spatial.server import PrivateServer  # noqa: E402

K = 5
FEW = 10  # questions for those who take a tenth of a second and more
PEERS = Path(__file__).parent / "routing_peers"


def ask_ours(graph: Graph, questions: Questions) -> Answers:
    """Our engine: turns, geometry, the best in order."""
    engine = Engine(graph)
    fleet = engine.fleet()
    fleet.join(Origin(str(i), *at) for i, at in enumerate(questions.responders))

    def times_to(incident: Place) -> np.ndarray:
        times = np.full(len(questions.responders), np.inf)
        for arrival in engine.nearest_of(fleet, *incident, questions.k).arrivals:
            times[int(arrival.origin.key)] = arrival.travel_time_s
        return times

    return answer(times_to, questions, 5)


def ask_networkx(graph: Graph, questions: Questions) -> Answers:
    """A whole Dijkstra from the incident's junction over the reversed streets, without turns."""
    admits, times_s = graph.admits(Mode.CAR), travel_times_s(graph, Mode.CAR)
    against = nx.DiGraph()
    for (u, v), (along, back), (there_s, back_s) in zip(
        graph.ends.tolist(), admits.tolist(), times_s.tolist(), strict=True
    ):
        if along:
            against.add_edge(v, u, weight=there_s)
        if back:
            against.add_edge(u, v, weight=back_s)
    nodes = np.array(sorted(against))

    def node_at(place: Place) -> int:
        return int(nodes[np.argmin(((graph.node_xy[nodes] - place) ** 2).sum(axis=1))])

    homes = [node_at(place) for place in questions.responders]

    def times_to(incident: Place) -> list[float]:
        found = nx.single_source_dijkstra_path_length(against, node_at(incident), weight="weight")
        return [found.get(home, np.inf) for home in homes]

    return answer(times_to, questions, 1)


def ask_pgrouting(graph: Graph, questions: Questions, folder: Path) -> Answers | None:
    """In a private server; None where there is no such extension."""
    with PrivateServer(folder / "postgresql").lease() as server, psycopg.connect(server) as conn:
        if not pgrouting.is_there(conn):
            return None
        pgrouting.fill(conn, graph)
        return pgrouting.ask(conn, graph, questions)


def report(name: str, theirs: Answers, ours: Answers) -> None:
    """A line of the table."""
    asked = len(theirs.best)
    found = [
        len(set(mine) & set(other)) / len(mine)
        for mine, other in zip(ours.best[:asked], theirs.best, strict=True)
    ]
    ratio = np.median(theirs.took_s) / np.median(ours.took_s[:asked])
    print(
        f"  {name:34} p50 {theirs.p50_ms:9.3f} ms  p99 {theirs.p99_ms:9.3f} ms "
        f"{ratio:9.1f} times ours; names {np.mean(found):6.1%} of our {K}",
        flush=True,
    )


def measure(graph: Graph, osm: Path, cache: Path, questions: Questions, folder: Path) -> None:
    """All engines, one after the other."""
    few = Questions(questions.responders, questions.incidents[:FEW], questions.k)
    ours = ask_ours(graph, questions)
    report("gridwhistle", ours, ours)
    environment = install(cache)
    python = environment / "bin" / "python"
    osrm = prepare_osrm(environment, osm, folder)
    command = [python, PEERS / "osrm_table.py", osrm]
    report("OSRM table, CH", ask_apart(command, questions, folder), ours)
    valhalla = prepare_valhalla(environment, osm, folder)
    command = [python, PEERS / "valhalla_matrix.py", valhalla]
    report("Valhalla matrix", ask_apart(command, few, folder), ours)
    report("networkx, full", ask_networkx(graph, few), ours)
    by_pgrouting = ask_pgrouting(graph, few, folder)
    if by_pgrouting:
        report("pgRouting dijkstraCost", by_pgrouting, ours)
    else:
        print("  pgRouting: PostgreSQL has no such extension here")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--responders", type=int, nargs="+", default=[200, 20])
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "gridwhistle-bench")
    wanted = parser.parse_args()
    known = graph_from_streets(read_street_file(wanted.file).streets) if wanted.file else None
    with tempfile.TemporaryDirectory(prefix="gridwhistle-peers-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        osm = folder / "same.osm.pbf"
        write_osm(known or grid_city(224), osm)
        graph = graph_from_streets(read_street_file(osm).streets)
        for count in wanted.responders:
            print(
                f"{wanted.file.name if wanted.file else 'a city made up'}: "
                f"{len(graph.node_ids):,} junctions, {len(graph.street_ids):,} streets, "
                f"{len(graph.turn_modes)} forbidden turns; k = {K} of {count}"
            )
            places = points_on(graph, count, seed=2), points_on(graph, wanted.queries, seed=1)
            measure(graph, osm, wanted.cache, Questions(*places, K), folder)


if __name__ == "__main__":
    main()
