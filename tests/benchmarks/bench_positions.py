"""How many positions a second are taken in: in process, through the database, through MQTT.

    python tests/benchmarks/bench_positions.py [--seconds N] [--responders N] [--rate N]

In process: into the engine's fleet, on a city of 50,000 nodes. Through the database: matched on
streets, judged, stored and kept, by a private server of this run, as its own installation has it.
Through MQTT: published at a thousand a second (or another rate) by a process of its own to a real
broker (mosquitto), each counted when it is committed. Last, what the change feed is told when all
of them move at 10 m/s.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import aiomqtt
import numpy as np
import psycopg
from bench_nearest import grid_city
from psycopg_pool import AsyncConnectionPool

from layers.migrations.run import migrate
from layers.positions.fixes import Fix, Outcome
from layers.positions.intake import Intake
from layers.positions.mqtt import Broker, MqttPositions
from layers.positions.streets import StreetMatchers
from routing.nearest.answers import Origin
from routing.nearest.engine import Engine
from routing.network.graph import Graph
from spatial.server import PrivateServer
from spatial.town import read_town

MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
TOWN = """
INSERT INTO spatial.town (code, name, name_en, outline, time_zone, metric_srid, synthetic)
VALUES ('t', '小镇', 'Small', ST_Multi(ST_MakeEnvelope(120, 30, 120.3, 30.3, 4326)),
        'Asia/Shanghai', 4549, false)
"""
STEP_DEG = 10 / 111_320  # ten metres


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--responders", type=int, default=400)
    parser.add_argument("--rate", type=int, action="append", help="a second, by MQTT  [1000]")
    said = parser.parse_args()
    in_process(Engine(grid_city(224)))
    engine = Engine(grid_city(100))
    with database(said.responders) as conninfo:
        asyncio.run(through_database(conninfo, engine, said.responders, said.seconds))
        if Path(MOSQUITTO).exists():
            for rate in said.rate or [1_000]:
                asyncio.run(through_mqtt(conninfo, engine, said.responders, said.seconds, rate))
        else:
            print("MQTT: no mosquitto here")
        told_to_the_feed(conninfo)


def in_process(engine: Engine, members: int = 2_000, moves: int = 10_000) -> None:
    """Positions into a fleet, a fifth of it at a time."""
    chance = np.random.default_rng(1)
    west, south = engine.graph.node_xy.min(axis=0)
    east, north = engine.graph.node_xy.max(axis=0)
    fleet = engine.fleet()
    lon, lat = chance.uniform(west, east, moves), chance.uniform(south, north, moves)
    origins = [
        Origin(str(n % members), x, y)
        for n, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True))
    ]
    fleet.join(origins[:members])
    begun = time.perf_counter()
    for first in range(0, moves, members // 5):
        fleet.join(origins[first : first + members // 5])
    took_s = time.perf_counter() - begun
    print(f"in process: {moves:,} positions of {members:,} in {took_s:.3f} s", end="")
    print(f" = {moves / took_s:,.0f} a second")


@contextmanager
def database(responders: int) -> Iterator[str]:
    """A private server with the small town and its responders."""
    with tempfile.TemporaryDirectory(prefix="gridwhistle-bench-") as name:
        Path(name).chmod(0o755)
        with PrivateServer(Path(name) / "postgresql").lease() as conninfo:
            migrate(conninfo)
            with psycopg.connect(conninfo) as connection:
                connection.execute(TOWN)
                connection.execute(
                    "INSERT INTO layers.responder (town_id, key, label, geom, inside)"
                    " SELECT 1, n::text, n::text, 'SRID=4326;POINT(120.05 30.05)', true"
                    " FROM generate_series(0, %s) AS n",
                    (responders - 1,),
                )
            yield conninfo


def walks(graph: Graph, responders: int, seconds: int, seed: int = 3) -> np.ndarray:
    """(R, S, 2) degrees: each along streets at ten metres a second, seen some metres aside."""
    chance = np.random.default_rng(seed)
    beside: list[list[int]] = [[] for _ in graph.node_ids]
    for tail, head in graph.ends.tolist():
        beside[tail].append(head)
        beside[head].append(tail)
    along = np.arange(seconds) * STEP_DEG
    ways = [_way(graph.node_xy, beside, along[-1], chance) for _ in range(responders)]
    seen = np.stack([[np.interp(along, way[:, 0], way[:, i]) for i in (1, 2)] for way in ways])
    return seen.transpose(0, 2, 1) + chance.normal(0, 4 / 111_320, (responders, seconds, 2))


def _way(
    xy: np.ndarray, beside: list[list[int]], long: float, chance: np.random.Generator
) -> np.ndarray:
    """(N, 3): how far, and where; from junction to junction, turning round at dead ends only."""
    last, node = -1, int(chance.choice([n for n in range(len(xy)) if beside[n]]))
    way = [(0.0, *xy[node])]
    while way[-1][0] <= long:
        onward = [each for each in beside[node] if each != last] or beside[node]
        last, node = node, int(chance.choice(onward))
        way.append((way[-1][0] + float(np.hypot(*(xy[node] - xy[last]))), *xy[node]))
    return np.array(way)


async def through_database(conninfo: str, engine: Engine, responders: int, seconds: int) -> None:
    """As fast as they are taken, a fifth of all at a time."""
    pool = AsyncConnectionPool(conninfo, open=False, kwargs={"autocommit": True})
    async with pool:
        intake, running = begin(conninfo, pool, engine, together_s=0.0)
        ways = walks(engine.graph, responders, seconds)
        now = time.time() - seconds
        await intake.take([Fix("0", 120.05, 30.05, now - 1)])  # compiles
        begun, outcomes = time.perf_counter(), []
        for second in range(seconds):
            batch = [
                Fix(str(n), *ways[n, second].tolist(), now + second, 8.0) for n in range(responders)
            ]
            for first in range(5):
                outcomes += await intake.take(batch[first::5])
        took_s = time.perf_counter() - begun
        running.cancel()
    taken = outcomes.count(Outcome.TAKEN)
    print(f"through the database: {taken:,} taken in {took_s:.2f} s", end="")
    print(f" = {taken / took_s:,.0f} a second, {on_streets(conninfo):.0%} of them on streets")


def on_streets(conninfo: str) -> float:
    """The share of the kept positions that were matched."""
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT avg((street_id > 0)::int) FROM layers.position").fetchone()
    assert row is not None
    return float(row[0] or 0)


async def through_mqtt(
    conninfo: str, engine: Engine, responders: int, seconds: int, rate: int
) -> None:
    """Published by another process as they would come; how late the last is committed."""
    wanted = rate * seconds
    ways = walks(engine.graph, responders, wanted // responders + 1, seed=4)
    with tempfile.TemporaryDirectory() as name, broker(Path(name)) as port:
        pool = AsyncConnectionPool(conninfo, open=False, kwargs={"autocommit": True})
        async with pool:
            intake, running = begin(conninfo, pool, engine)
            client = MqttPositions(Broker("127.0.0.1", port), "t", "wgs84", intake)
            following = asyncio.create_task(client.run())
            await client.connected.wait()
            device = get_context("spawn").Process(target=publish, args=(port, ways, rate, wanted))
            device.start()
            while not client.counts.outcomes:
                await asyncio.sleep(0.01)
            begun, used = time.perf_counter(), time.process_time()
            while device.is_alive():
                await asyncio.sleep(0.01)
            published_s = time.perf_counter() - begun
            while client.counts.outcomes.total() < wanted:
                await asyncio.sleep(0.01)
            done_s, used_s = time.perf_counter() - begun, time.process_time() - used
            following.cancel()
            running.cancel()
    print(f"through MQTT, {rate:,} a second: {wanted:,} published in {published_s:.2f} s", end="")
    print(f" = {wanted / published_s:,.0f} a second, all committed", end="")
    print(f" {done_s - published_s:.2f} s later; {client.counts}; ", end="")
    print(f"this process used {used_s:.2f} s, waited for {intake.counts.busy_s:.2f} s of storing")


def publish(port: int, ways: np.ndarray, rate: int, count: int) -> None:
    """So many a second, in steps of 20 ms, one fix of each in turn."""
    asyncio.run(_publish(port, ways, rate, count))


async def _publish(port: int, ways: np.ndarray, rate: int, count: int) -> None:
    responders = len(ways)
    async with aiomqtt.Client("127.0.0.1", port) as device:
        begun = time.perf_counter()
        for n in range(count):
            if n % (rate // 50) == 0:
                await asyncio.sleep(max(0.0, begun + n / rate - time.perf_counter()))
            lon, lat = ways[n % responders, n // responders].tolist()
            fix = {"lon": lon, "lat": lat, "at": time.time(), "accuracy_m": 8}
            topic = f"gridwhistle/t/positions/{n % responders}"
            await device.publish(topic, json.dumps(fix), qos=0)


def begin(
    conninfo: str, pool: AsyncConnectionPool, engine: Engine, **how: float
) -> tuple[Intake, asyncio.Task[None]]:
    """What takes positions in, running."""
    with psycopg.connect(conninfo) as connection:
        town = read_town(connection)
    intake = Intake(pool, lambda: town, StreetMatchers(lambda: engine), **how)
    return intake, asyncio.create_task(intake.run())


@contextmanager
def broker(folder: Path) -> Iterator[int]:
    """A mosquitto on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = folder / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\n")
    command = [MOSQUITTO, "-c", str(config)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(0.5)
        yield port
        process.terminate()


def told_to_the_feed(conninfo: str) -> None:
    """Of how many moves the log of changes was told."""
    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT layers.number_changes()")
        row = connection.execute(
            "SELECT (SELECT count(*) FROM layers.change WHERE layer = 'responders'"
            " AND kind = 'update'), (SELECT count(*) FROM layers.position)"
        ).fetchone()
    assert row is not None
    print(f"the log of changes was told of {row[0]:,} moves; {row[1]:,} positions were kept")


if __name__ == "__main__":
    main()
