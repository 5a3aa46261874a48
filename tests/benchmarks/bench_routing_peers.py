"""The k nearest of R responders, beside other engines: the same streets, the same questions.

    nice -n -20 python tests/benchmarks/bench_routing_peers.py [FILE] [--responders R ...]
        [--queries N] [--cache DIR] [--prepare]

FILE is anything that `import streets` reads; without one, a city of 50,000 junctions is made up.
The streets are written as one OpenStreetMap file with our speeds as maxspeed, and every engine,
ours too, reads that file. OSRM and Valhalla are installed from their wheels into the cache, where
what they make of the streets is kept, too; pgRouting takes part where PostgreSQL has it (apt-get
install postgresql-15-pgrouting). Times are of each engine's own call in its process: ours with
turns, geometry and the best k in order; theirs a table of seconds, of which the k least are taken.
Each question is asked several times and its best time counts; who is slow is asked for half a
minute.
Prints p50, p99, how many times ours that is by p50, and how many answers name others than ours.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import networkx as nx
import numpy as np
import psycopg

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from bench_nearest import grid_city, points_on  # noqa: E402 - found above
from routing_peers import pgrouting  # noqa: E402
from routing_peers.differing import compare  # noqa: E402
from routing_peers.installed import (  # noqa: E402
    folder_for,
    install,
    prepare_osrm,
    prepare_valhalla,
)
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
OSRM = ("CH", "MLD")
PEERS = Path(__file__).parent / "routing_peers"
WHY = """Why answers differ: OSRM and Valhalla add seconds of their own where one street goes over
into the next, OSRM counts in tenths of seconds, and Valhalla's cheapest way isn't its quickest.
networkx and pgRouting go from junction to junction, without turns. None has closures that act on
the next question: OSRM contracts or customizes anew, Valhalla reads speeds of tiles, the others
change a table."""


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


def ask_everybody(graph: Graph, questions: Questions) -> list[np.ndarray]:
    """Of each incident, (R,) seconds until each responder is there; inf where there is no way."""
    engine = Engine(graph)
    fleet = engine.fleet()
    fleet.join(Origin(str(i), *at) for i, at in enumerate(questions.responders))
    times_s = []
    for incident in questions.incidents:
        of_each = np.full(len(questions.responders), np.inf)
        for arrival in engine.nearest_of(fleet, *incident, len(of_each)).arrivals:
            of_each[int(arrival.origin.key)] = arrival.travel_time_s
        times_s.append(of_each)
    return times_s


class Table:
    """The lines, one engine each."""

    def __init__(self, graph: Graph, questions: Questions) -> None:
        """Ask ours, and print its line."""
        self.ours = ask_ours(graph, questions)
        self.times_s = ask_everybody(graph, questions)
        self._line("gridwhistle", self.ours)

    def add(self, name: str, theirs: Answers) -> None:
        """Print the line of another."""
        self._line(name, theirs)
        print(f"  {'':24} {compare(theirs, self.ours, self.times_s)}", flush=True)

    def _line(self, name: str, answers: Answers) -> None:
        asked = len(answers.best)
        ratio = answers.p50_ms / (float(np.median(self.ours.took_s[:asked])) * 1e3)
        print(
            f"  {name:24} p50 {answers.p50_ms:9.3f} ms  p99 {answers.p99_ms:9.3f} ms "
            f" {ratio:8.1f} times ours by p50; {asked} questions",
            flush=True,
        )


@dataclass(frozen=True)
class Peers:
    """The others, made ready for one file of streets."""

    python: Path
    osrm: dict[str, Path]
    valhalla: Path


def prepare(osm: Path, cache: Path) -> Peers:
    """Install the others and let each make of the streets what it wants; kept for the next run."""
    environment = install(cache)
    folder = folder_for(cache, osm)
    return Peers(
        environment / "bin" / "python",
        {algorithm: prepare_osrm(environment, osm, folder, algorithm) for algorithm in OSRM},
        prepare_valhalla(environment, osm, folder),
    )


def measure(graph: Graph, peers: Peers, questions: Questions, folder: Path) -> None:
    """All engines, one after the other."""
    table = Table(graph, questions)
    for algorithm, data in peers.osrm.items():
        command = [peers.python, PEERS / "osrm_table.py", algorithm, data]
        table.add(f"OSRM table, {algorithm}", ask_apart(command, questions, folder))
    command = [peers.python, PEERS / "valhalla_matrix.py", peers.valhalla]
    table.add("Valhalla matrix", ask_apart(command, questions, folder))
    table.add("networkx, full", ask_networkx(graph, questions))
    by_pgrouting = ask_pgrouting(graph, questions, folder)
    if by_pgrouting:
        table.add("pgRouting dijkstraCost", by_pgrouting)
    else:
        print("  pgRouting: PostgreSQL has no such extension here")


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--responders", type=int, nargs="+", default=[200, 20])
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "gridwhistle-bench")
    parser.add_argument("--prepare", action="store_true", help="only make the others ready")
    wanted = parser.parse_args()
    name = wanted.file.name if wanted.file else "a city made up"
    known = graph_from_streets(read_street_file(wanted.file).streets) if wanted.file else None
    with tempfile.TemporaryDirectory(prefix="gridwhistle-peers-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        osm = folder / "same.osm.pbf"
        write_osm(known or grid_city(224), osm)
        graph = graph_from_streets(read_street_file(osm).streets)
        print(
            f"{name}: {len(graph.node_ids):,} junctions, {len(graph.street_ids):,} streets of cars,"
            f" {len(graph.turn_modes)} forbidden turns",
            flush=True,
        )
        peers = prepare(osm, wanted.cache)
        for count in [] if wanted.prepare else wanted.responders:
            print(f"k = {K} of R = {count}")
            places = points_on(graph, count, seed=2), points_on(graph, wanted.queries, seed=1)
            measure(graph, peers, Questions(*places, K), folder)
        print(WHY)


if __name__ == "__main__":
    main()
