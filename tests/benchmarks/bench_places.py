"""How long somebody waits for places by name, from request to answer over HTTP.

The app runs in a process of its own over a private PostgreSQL: first with the demo town, then with
100,000 generated premises. One client asks the queries of tests/helpers/placequeries.py one after
the other, as the page does. Prints how many places there are, how long the gazetteer took to be
made and mapped, the median, the 95th percentile and the slowest answer, in how many the right place
was among the first three, how long an edit took to be found, and how long another cheap request
takes while the gazetteer is made anew; asserts nothing.

    .venv/bin/python tests/benchmarks/bench_places.py
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep

import httpx
import numpy as np
import psycopg
from psycopg.conninfo import make_conninfo

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "helpers")]

import smalltown  # noqa: E402 - found above
from layers.demo.plan import Plan  # noqa: E402
from layers.demo.start import start_town  # noqa: E402
from layers.gazetteer.building import build_gazetteer  # noqa: E402
from layers.gazetteer.gazetteer import Gazetteer  # noqa: E402
from layers.migrations.run import migrate  # noqa: E402
from placequeries import WRITTEN, made_queries  # noqa: E402
from spatial.database import open_pool  # noqa: E402
from spatial.server import PrivateServer  # noqa: E402
from spatial.town import read_town  # noqa: E402

GENERATED = 100_000
STEMS = "大成蟠龙云黄江北金山钟村楼陈石壁塔山新店稽亭舟墟湖剡溪吴溪渡磬光明方前南江后塘和溪桥西"
CYCLE = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
TRADES = ("针织厂", "小吃店", "便利店", "五金店", "药房", "面馆", "水果店", "服饰有限公司")
ONE_MORE = """
INSERT INTO layers.premises (town_id, key, kind, name, geom, inside, batch_id)
SELECT id, 'new', 'shop', '欻欻餐厅', ST_PointOnSurface(outline), true,
       (SELECT min(id) FROM spatial.batch) FROM spatial.town
"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="gridwhistle-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with PrivateServer(folder / "postgresql").lease() as server:
            for title, fill in (("demo town", _fill_demo), ("100,000 premises", _fill_many)):
                conninfo = _new_database(server, fill.__name__)
                with psycopg.connect(conninfo) as connection:
                    fill(connection)
                with psycopg.connect(conninfo, autocommit=True) as connection:
                    connection.execute("ANALYZE")
                _measure(title, conninfo, folder / "app")


def _new_database(server: str, name: str) -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    conninfo = make_conninfo(server, dbname=name)
    migrate(conninfo)
    return conninfo


def _fill_demo(connection: psycopg.Connection) -> None:
    start_town(connection, Plan())


def _fill_many(connection: psycopg.Connection) -> None:
    smalltown.add_town(connection)
    chance = np.random.default_rng(1)
    columns = "town_id, key, kind, name, address, geom, inside, batch_id"
    statement = f"COPY layers.premises ({columns}) FROM STDIN"
    with connection.cursor().copy(statement) as copy:
        for number in range(GENERATED):
            stem = "".join(chance.choice(list(STEMS), 2))
            name = stem + "".join(chance.choice(list(CYCLE), 2)) + str(chance.choice(TRADES))
            lon, lat = 120 + 0.1 * chance.random(), 29 + 0.1 * chance.random()
            address = f"{stem}村{number % 400 + 1}号"
            point = f"SRID=4326;POINT({lon:.6f} {lat:.6f})"
            copy.write_row((1, str(number), "shop", name, address, point, True, 1))


def _measure(title: str, conninfo: str, folder: Path) -> None:
    with psycopg.connect(conninfo) as connection:
        town = read_town(connection)
    with open_pool(conninfo, max_size=1) as pool:
        began = perf_counter()
        build_gazetteer(conninfo, town.id)
        made_s = perf_counter() - began
        gazetteer = Gazetteer(town.id)
        began = perf_counter()
        gazetteer.load(pool)
        mapped_s = perf_counter() - began
    places = gazetteer.places
    written = WRITTEN if town.synthetic else ()
    queries = [*written, *made_queries(places, 11, 300)]
    print(f"{title}: {len(places):,} places, made in {made_s:.1f} s, mapped in {mapped_s:.3f} s")
    with _served(conninfo, folder) as client:
        client.get("/api/places", params={"q": "大成"}, timeout=120)
        _ask(client, queries[:20])  # warm
        _report(*_ask(client, queries), len(queries))
        _report_edit(client, conninfo)
        _report_others(client, conninfo)


def _ask(client: httpx.Client, queries: Sequence[tuple[str, str]]) -> tuple[list[float], int]:
    """Milliseconds of each answer, and how many had the right place among the first three."""
    waited, right = [], 0
    for text, label in queries:
        began = perf_counter()
        found = client.get("/api/places", params={"q": text}).json()["places"]
        waited.append(1e3 * (perf_counter() - began))
        right += any(place["label"] == label for place in found[:3])
    return waited, right


def _report(waited: list[float], right: int, count: int) -> None:
    median, late = np.percentile(waited, [50, 95])
    print(f"  {count} queries over HTTP: p50 {median:.1f} ms, p95 {late:.1f} ms,"
          f" slowest {max(waited):.1f} ms; in the top 3: {100 * right / count:.1f} %")  # fmt: skip


def _report_edit(client: httpx.Client, conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        connection.execute(ONE_MORE)
    began = perf_counter()
    while not client.get("/api/places", params={"q": "欻欻餐厅"}).json()["places"]:
        sleep(0.02)
    print(f"  an edit is found after {perf_counter() - began:.2f} s")


def _report_others(client: httpx.Client, conninfo: str) -> None:
    """Another request, at rest and while the arrays are made anew beside it."""
    before, _ = _cheap(client, lambda: 0)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        newest = "SELECT max(version) FROM layers.gazetteer"
        version = connection.execute(newest).fetchone()
        # All streets anew: places that are made of several features are due at once.
        connection.execute("UPDATE routing.street SET name = name || '甲' WHERE name IS NOT NULL")
        connection.execute("UPDATE layers.premises SET name = name || '甲'")
        began = perf_counter()
        during, count = _cheap(
            client, lambda: 0 if connection.execute(newest).fetchone() != version else 1
        )
    print(f"  /api/town at rest p50 {before[0]:.1f} p95 {before[1]:.1f} ms; while it is made anew"
          f" p50 {during[0]:.1f} p95 {during[1]:.1f} ms ({count} requests,"
          f" {perf_counter() - began:.1f} s)")  # fmt: skip


def _cheap(client: httpx.Client, left: Callable[[], int]) -> tuple[Sequence[float], int]:
    """Median and 95th percentile, in ms, of requests that go on while some are left."""
    waited: list[float] = []
    while len(waited) < 200 or (left() == 1 and len(waited) < 20_000):
        began = perf_counter()
        client.get("/api/town")
        waited.append(1e3 * (perf_counter() - began))
    return np.percentile(waited, [50, 95]).tolist(), len(waited)


@contextmanager
def _served(conninfo: str, folder: Path) -> Iterator[httpx.Client]:
    command = [sys.executable, "-m", "api.cli", "serve", "--port", "0", "--no-worker"]
    environment = os.environ | {"DATABASE_URL": conninfo, "GRIDWHISTLE_DATA": str(folder)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[-1].rstrip("/")
            with httpx.Client(base_url=url) as client:
                yield client
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
