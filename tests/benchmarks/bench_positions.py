"""How many positions a second are taken in: in process, through the database, through MQTT.

    python tests/benchmarks/bench_positions.py [--seconds N] [--responders N]

In process: into the engine's fleet, on a city of 50,000 nodes. Through the database: matched on
streets, judged, stored and kept, by a private server of this run, as its own installation has it.
Through MQTT: published at a thousand a second to a real broker (mosquitto), each counted when it is
committed. Last, what the change feed is told when all of them move at 10 m/s.
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
    said = parser.parse_args()
    in_process(Engine(grid_city(224)))
    engine = Engine(grid_city(100))
    with database(said.responders) as conninfo:
        asyncio.run(through_database(conninfo, engine, said.responders, said.seconds))
        if Path(MOSQUITTO).exists():
            asyncio.run(through_mqtt(conninfo, engine, said.responders, said.seconds))
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


def places(n: int, second: int) -> tuple[float, float]:
    """Where responder n is: each on a street of its own, 10 m further every second."""
    return 120.001 + second * STEP_DEG, 30.0005 + (n % 95) * 0.0009


async def through_database(conninfo: str, engine: Engine, responders: int, seconds: int) -> None:
    """As fast as they are taken, a fifth of all at a time."""
    pool = AsyncConnectionPool(conninfo, open=False, kwargs={"autocommit": True})
    async with pool:
        intake, running = begin(conninfo, pool, engine, together_s=0.0)
        now = time.time() - seconds
        await intake.take([Fix("0", 120.05, 30.05, now - 1)])  # compiles
        begun, outcomes = time.perf_counter(), []
        for second in range(seconds):
            batch = [Fix(str(n), *places(n, second), now + second, 8.0) for n in range(responders)]
            parts = [intake.take(batch[first::5]) for first in range(5)]
            outcomes += [each for part in await asyncio.gather(*parts) for each in part]
        took_s = time.perf_counter() - begun
        running.cancel()
    taken = outcomes.count(Outcome.TAKEN)
    print(f"through the database: {taken:,} taken in {took_s:.2f} s", end="")
    print(f" = {taken / took_s:,.0f} a second, {intake.counts.busy_s / taken * 1e6:.0f} µs each")


async def through_mqtt(conninfo: str, engine: Engine, responders: int, seconds: int) -> None:
    """A thousand a second, published as they would come; how late the last is committed."""
    with tempfile.TemporaryDirectory() as name, broker(Path(name)) as port:
        pool = AsyncConnectionPool(conninfo, open=False, kwargs={"autocommit": True})
        async with pool:
            intake, running = begin(conninfo, pool, engine)
            client = MqttPositions(Broker("127.0.0.1", port), "t", "wgs84", intake)
            following = asyncio.create_task(client.run())
            await client.connected.wait()
            begun = time.perf_counter()
            await publish(port, responders, seconds)
            published_s = time.perf_counter() - begun
            wanted = 1_000 * seconds
            while client.counts.outcomes.total() < wanted:
                await asyncio.sleep(0.01)
            done_s = time.perf_counter() - begun
            following.cancel()
            running.cancel()
    print(f"through MQTT: {wanted:,} published in {published_s:.2f} s, all committed", end="")
    print(f" {done_s - published_s:.2f} s later; {client.counts}; ", end="")
    print(f"busy {intake.counts.busy_s / done_s:.0%} of the time")


async def publish(port: int, responders: int, seconds: int) -> None:
    """A thousand a second, in steps of 20 ms."""
    async with aiomqtt.Client("127.0.0.1", port) as device:
        begun = time.perf_counter()
        for n in range(1_000 * seconds):
            if n % 20 == 0:
                await asyncio.sleep(max(0.0, begun + n / 1_000 - time.perf_counter()))
            lon, lat = places(n % responders, n // responders)
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
