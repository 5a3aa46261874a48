"""How long an editor waits for one step of a draft, from request to answer.

The app runs in a process of its own over a private PostgreSQL, first with the demo town's 1,914
micro-grids, then with 7,599 generated ones in four levels. One editor signs in, opens a draft and
draws at random places: each step is computed, checked where it touched something, stored, and told
with the arcs, units and polygons that changed. Prints the median, the 95th percentile and the
slowest of each kind, and the times of reading and of checking the whole draft; asserts nothing.

    .venv/bin/python tests/benchmarks/bench_draft_requests.py [STEPS]
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
import numpy as np
import psycopg
import shapely
from psycopg.conninfo import make_conninfo

sys.path[:0] = [str(Path(__file__).parents[2])]

from layers.accounts.administration import AccountPlan, add_account  # noqa: E402 - found above
from layers.boundaries.arc_store import store_missing_arcs  # noqa: E402
from layers.demo.plan import Plan  # noqa: E402
from layers.demo.start import start_town  # noqa: E402
from layers.migrations.run import migrate  # noqa: E402
from layers.roles import Role  # noqa: E402
from spatial.server import PrivateServer  # noqa: E402
from spatial.town import read_town  # noqa: E402

GENERATED = 7_599
PER_GRID, PER_VILLAGE = 20, 400
DEGREE_M = 1e5
WARM_UP = 5
_TOWN = """
INSERT INTO spatial.town (code, name, name_en, outline, time_zone, metric_srid, synthetic)
VALUES ('t', '试验', 'Test', ST_Multi(ST_GeomFromWKB(%s, 4326)), 'Asia/Shanghai', 4549, false);
"""
_BATCH = """
INSERT INTO spatial.batch (town_id, synthetic, layer, source_name)
SELECT id, synthetic, 'grids', 'generated' FROM spatial.town
"""
_UNIT = """
INSERT INTO grids.unit (id, town_id, code, level, parent_id) VALUES (%s, 1, %s, %s, %s)
"""
_VERSION = """
INSERT INTO grids.version (town_id, unit_id, name, geom, valid, batch_id)
VALUES (1, %s, %s, ST_Multi(ST_GeomFromWKB(%s, 4326)), '[2020-01-01,)', 1)
"""


def generated_cells(count: int) -> np.ndarray:
    """Voronoi cells in rows from west to east, their edges cut every 40 m."""
    side_m = 250.0 * np.sqrt(count)
    square = shapely.box(0, 0, side_m, side_m)
    points = shapely.MultiPoint(np.random.default_rng(1).random((count, 2)) * side_m)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=square))
    cells = shapely.coverage_clean(shapely.intersection(cells, square))
    cells = shapely.coverage_clean(shapely.segmentize(cells, 40.0))
    shapes = shapely.transform(cells, lambda xy: np.round(xy / DEGREE_M + (120, 29), 9))
    x, y = shapely.get_coordinates(shapely.centroid(shapes)).T
    ordered: np.ndarray = np.asarray(shapes)[np.lexsort((x, np.floor(y * 100)))]
    return ordered


def store_generated(connection: psycopg.Connection, cells: np.ndarray) -> None:
    """A town of four levels over the cells: so many to a grid, so many to a village."""
    numbers = np.arange(len(cells))
    whole = shapely.coverage_union_all(cells)
    connection.execute(_TOWN, (whole.wkb,))
    connection.execute(_BATCH)
    units = [(1, "t", 1, None)]
    shapes = [whole]
    parents = np.full(len(cells), 1)
    for level, size in ((2, PER_VILLAGE), (3, PER_GRID), (4, 1)):
        block = numbers // size
        first = len(units) + 1
        for number in np.unique(block).tolist():
            inside = block == number
            code = f"{level}-{number:05d}"
            units.append((len(units) + 1, code, level, int(parents[inside][0])))
            shapes.append(shapely.coverage_union_all(cells[inside]))
        parents = first + block
    with connection.cursor() as cursor:
        cursor.executemany(_UNIT, units)
        rows = [(u[0], u[1], shape.wkb) for u, shape in zip(units, shapes, strict=True)]
        cursor.executemany(_VERSION, rows)
    connection.execute("SELECT setval('grids.unit_id_seq', %s)", (len(units),))
    store_missing_arcs(connection, read_town(connection))


@contextmanager
def served(conninfo: str, folder: Path) -> Iterator[str]:
    """The app's address."""
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0"]
    environment = os.environ | {"DATABASE_URL": conninfo, "GRIDWHISTLE_DATA": str(folder)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1].rstrip("/")
        finally:
            process.terminate()


@dataclass
class Editor:
    """Somebody who draws at random places, knowing of the draft what its answers told."""

    client: httpx.Client
    chance: np.random.Generator

    def begin(self) -> float:
        """Open a draft and read it; the seconds of reading."""
        self.draft = self.client.post("/api/drafts", json={"name": "bench"}).json()["id"]
        self.client.get(f"/api/drafts/{self.draft}")
        begun = perf_counter()
        read = self.client.get(f"/api/drafts/{self.draft}").json()
        elapsed = perf_counter() - begun
        self.revision = 0
        self.arcs = {arc["id"]: arc for arc in read["arcs"]}
        self.units = {unit["id"]: unit for unit in read["units"]}
        self.split: list[tuple[int, int]] = []
        return elapsed

    def post(self, what: str, body: dict[str, Any]) -> tuple[float, bool]:
        """The seconds until the answer was there, and whether the step was carried out."""
        path = f"/api/drafts/{self.draft}/{what}"
        begun = perf_counter()
        answer = self.client.post(path, json={"revision": self.revision, **body})
        elapsed = perf_counter() - begun
        if answer.status_code != 200:
            assert answer.status_code == 400, answer.text
            return elapsed, False
        told = answer.json()
        self.revision = told["revision"]
        for kept, changes in ((self.arcs, told["arcs"]), (self.units, told["units"])):
            kept.update({each["id"]: each for each in changes["changed"]})
            for gone in changes["gone"]:
                kept.pop(gone, None)
        self.told = told
        return elapsed, True

    def inner_arc(self) -> dict[str, Any]:
        ids = [i for i, arc in self.arcs.items() if arc["left"] and arc["right"]]
        return self.arcs[int(self.chance.choice(ids))]

    def aside(self, place: list[float]) -> list[float]:
        return [value + float(self.chance.normal(0, 5 / DEGREE_M)) for value in place]

    def step(self, kind: str) -> tuple[float, bool]:
        arc = self.inner_arc()
        if kind == "undo":
            return self.post("undo", {})
        parameters: dict[str, Any]
        if kind == "move_node":
            parameters = {"node": arc["coords"][0], "to": self.aside(arc["coords"][0])}
        elif kind == "add_vertex":
            middle = np.mean(arc["coords"][:2], axis=0).tolist()
            parameters = {"arc": arc["id"], "edge": 0, "at": self.aside(middle)}
        elif kind == "merge":
            if not self.split:
                return 0.0, False
            survivor, absorbed = self.split.pop()
            parameters = {"survivor": survivor, "absorbed": absorbed}
        elif kind == "split":
            parameters = {"unit": arc["left"], "line": self.across(arc)}
        else:
            parameters = {"giver": arc["left"], "taker": arc["right"], "line": self.across(arc)}
        before = set(self.units)
        elapsed, done = self.post("steps", {"kind": kind, "parameters": parameters})
        if done and kind == "split":
            [new] = set(self.units) - before
            self.split.append((arc["left"], new))
        return elapsed, done

    def across(self, arc: dict[str, Any]) -> list[list[float]]:
        """Beside the arc on its left, along it, and far beyond its ends."""
        (x0, y0), (x1, y1) = arc["coords"][0], arc["coords"][-1]
        length = float(np.hypot(x1 - x0, y1 - y0)) or 1e-4
        dx, dy = (x1 - x0) / length, (y1 - y0) / length
        x, y = (x0 + x1) / 2 - dy * 3e-4, (y0 + y1) / 2 + dx * 3e-4
        return [[x - dx * 0.02, y - dy * 0.02], [x + dx * 0.02, y + dy * 0.02]]


KINDS = ("move_node", "add_vertex", "split", "merge", "transfer", "undo")


def measure(conninfo: str, folder: Path, steps: int) -> None:
    """Draw, and print how long it took."""
    password = secrets.token_urlsafe(16)
    with psycopg.connect(conninfo) as connection:
        plan = AccountPlan("bench", Role.GIS_EDITOR, password=password, must_change_password=False)
        add_account(connection, read_town(connection).id, plan)
    with served(conninfo, folder) as url:
        headers = {"Origin": url}
        with httpx.Client(base_url=url, headers=headers, timeout=120) as client:
            client.post("/api/session", json={"name": "bench", "password": password})
            # Answered once the app has read the names of places, which is the last of its start.
            client.get("/api/places", params={"q": "town"})
            editor = Editor(client, np.random.default_rng(7))
            print(f"  reading the whole draft  {editor.begin() * 1e3:8.1f} ms")
            times: dict[str, list[float]] = defaultdict(list)
            refused = 0
            for number in range(steps + WARM_UP):
                kind = KINDS[number % len(KINDS)]
                elapsed, done = editor.step(kind)
                if done and number >= WARM_UP:
                    times[kind].append(elapsed * 1e3)
                refused += not done
            everything = [each for found in times.values() for each in found]
            for kind, found in [*times.items(), ("all", everything)]:
                middle, high = np.percentile(found, [50, 95])
                print(f"  {kind:12} {len(found):5} steps  median {middle:6.1f}  p95 {high:6.1f}"
                      f"  slowest {max(found):6.1f} ms")  # fmt: skip
            begun = perf_counter()
            check = client.get(f"/api/drafts/{editor.draft}/check").json()
            print(
                f"  whole check  {(perf_counter() - begun) * 1e3:8.1f} ms, sound: {check['sound']}"
            )
            print(f"  refused by a rule: {refused}")


def main(steps: int) -> None:
    """Both towns, one after the other."""
    with tempfile.TemporaryDirectory(prefix="gridwhistle-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with PrivateServer(folder / "postgresql").lease() as server:
            for label in ("demo", "generated"):
                with psycopg.connect(server, autocommit=True) as admin:
                    admin.execute(f"CREATE DATABASE {label}")
                conninfo = make_conninfo(server, dbname=label)
                migrate(conninfo)
                with psycopg.connect(conninfo) as connection:
                    if label == "demo":
                        start_town(connection, Plan())
                    else:
                        store_generated(connection, generated_cells(GENERATED))
                    row = connection.execute(
                        "SELECT count(*) FROM grids.unit WHERE level = 4"
                    ).fetchone()
                    connection.commit()
                    connection.execute("ANALYZE")
                print(f"{row[0] if row else 0} micro-grids ({label})")
                measure(conninfo, folder / label, steps)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
