"""How long a process takes until it can answer, from the arrays of a graph in PostGIS.

    python street_start.py CONNINFO

is the process: it prints the seconds for the arrays and for the engine.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

sys.path[:0] = [str(Path(__file__).parents[2])]

from layers.migrations.run import migrate  # noqa: E402 - found above
from routing.nearest.engine import Engine  # noqa: E402
from routing.network.graph import Graph  # noqa: E402
from routing.stored.graph_store import load_graph, save_graph  # noqa: E402
from spatial.server import PrivateServer  # noqa: E402

_TOWN = """
INSERT INTO spatial.town (code, name, name_en, outline, time_zone, metric_srid, synthetic)
VALUES ('t', '小镇', 'Small', ST_Multi(ST_MakeEnvelope(120, 30, 120.3, 30.3, 4326)),
        'Asia/Shanghai', 4549, false) RETURNING id
"""


def print_start(graph: Graph) -> None:
    """Store a graph in a private server, and start twice: the second finds shared memory."""
    with tempfile.TemporaryDirectory(prefix="gridwhistle-start-") as name:
        Path(name).chmod(0o755)
        with PrivateServer(Path(name) / "postgresql").lease() as conninfo:
            migrate(conninfo)
            with psycopg.connect(conninfo) as connection:
                row = connection.execute(_TOWN).fetchone()
                assert row is not None
                save_graph(connection, row[0], 1, graph)
            for which in ("first", "second"):
                begun = time.perf_counter()
                done = subprocess.run(
                    [sys.executable, __file__, conninfo], check=True, capture_output=True, text=True
                )
                whole_s = time.perf_counter() - begun
                said = done.stdout.strip()
                print(f"  {which} start from PostGIS: {said}; the whole process {whole_s:.1f} s")


def main(conninfo: str) -> None:
    """Start."""
    begun = time.perf_counter()
    with psycopg.connect(conninfo) as connection:
        graph = load_graph(connection, 1)
    read = time.perf_counter()
    Engine(graph)
    print(f"arrays {read - begun:.2f} s, engine {time.perf_counter() - read:.2f} s")


if __name__ == "__main__":
    main(sys.argv[1])
