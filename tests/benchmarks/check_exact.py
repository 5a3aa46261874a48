"""Whether the nearest on the streets of any file are those of a plain Dijkstra, to a millisecond.

    python tests/benchmarks/check_exact.py FILE ... [--queries N] [--modes car ebike emergency]

FILE is anything that `import streets` reads. Random incidents are asked of the engine, and of a
Dijkstra on the graph of edges and turns (tests/helpers/plain_reference.py, scipy's): once on free
streets, once with a tenth of all streets closed and a tenth slowed. Questions on which both don't
agree are printed, and make it fail.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "helpers")]

from real_streets import ask_both  # noqa: E402 - found above
from routing.modes import Mode  # noqa: E402
from routing.network.graph import Graph, graph_from_streets  # noqa: E402
from routing.sources.files import read_street_file  # noqa: E402

DISTURBED = (0.0, 0.1)


def check(graph: Graph, mode: Mode, queries: int, responders: int, disturbed: float) -> int:
    """How many don't agree."""
    start = time.perf_counter()
    wrong = unanswered = 0
    for question in ask_both(graph, mode, queries, disturbed, responders):
        unanswered += not question.ours_s
        if not question.agrees:
            wrong += 1
            print(f"    at {question.place}: {question.ours_s}, plainly {question.plain_s}")
    print(
        f"  {mode.name.lower():9} {'streets closed and slowed' if disturbed else 'free streets':26}"
        f" {queries - wrong:,} of {queries:,} agree ({unanswered:,} that nobody can reach),"
        f" {time.perf_counter() - start:.0f} s",
        flush=True,
    )
    return wrong


def main() -> None:
    """Check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--queries", type=int, default=10_000)
    parser.add_argument("--responders", type=int, default=50)
    names = [mode.name.lower() for mode in Mode]
    parser.add_argument("--modes", nargs="+", choices=names, default=["car"])
    wanted = parser.parse_args()
    wrong = 0
    for path in wanted.files:
        graph = graph_from_streets(read_street_file(path).streets)
        print(
            f"{path.name}: {len(graph.node_ids):,} junctions, {len(graph.street_ids):,} streets, "
            f"{len(graph.turn_modes)} forbidden turns"
        )
        for mode in (Mode[name.upper()] for name in wanted.modes):
            if not graph.admits(mode).any():
                print(f"  {mode.name.lower()}: no street of this file admits it")
                continue
            for disturbed in DISTURBED:
                wrong += check(graph, mode, wanted.queries, wanted.responders, disturbed)
    if wrong:
        sys.exit(f"{wrong} don't agree")


if __name__ == "__main__":
    main()
