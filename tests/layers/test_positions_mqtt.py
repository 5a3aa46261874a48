"""Positions through a real MQTT broker: passwords, TLS, a broker that restarts."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiomqtt
import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool

from layers.positions.fixes import Outcome
from layers.positions.intake import Intake
from layers.positions.mqtt import Broker, MqttPositions
from layers.positions.streets import StreetMatchers
from routing.nearest.engine import Engine
from spatial.certificate import make_certificate
from spatial.errors import InputError, NotFoundError
from spatial.town import read_town

MOSQUITTO = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
needs_mosquitto = pytest.mark.skipif(not Path(MOSQUITTO).exists(), reason="no mosquitto here")
FLEET = 200


@pytest.mark.parametrize(
    "url", ["", "host", "http://host", "mqtt://", "mqtt://host:x", "ftp://h:1"]
)
def test_an_address_that_is_none_is_refused_in_words(url: str) -> None:
    with pytest.raises(InputError):
        Broker.from_url(url)


def test_an_address_says_all_and_shows_no_password() -> None:
    broker = Broker.from_url("mqtt://me:s%40cret@broker.example")
    assert (broker.host, broker.port, broker.username, broker.password) == (
        "broker.example",
        1883,
        "me",
        "s@cret",
    )
    assert "cret" not in repr(broker)
    assert Broker.from_url("mqtts://me@h", password="p").tls is not None
    with pytest.raises(InputError):
        Broker.from_url("mqtts://h", authorities=Path(__file__))


@dataclass
class RunningBroker:
    port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self, *lines: str) -> None:
        config = self.folder / "mosquitto.conf"
        if lines:
            config.write_text("\n".join((*lines, "max_queued_messages 0", "user root", "")))
        self.process = subprocess.Popen(
            [MOSQUITTO, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
                return
            time.sleep(0.05)
        raise AssertionError("mosquitto does not listen")

    def stop(self) -> None:
        assert self.process
        self.process.terminate()
        self.process.wait(10)


@contextmanager
def broker(folder: Path, *lines: str) -> Iterator[RunningBroker]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = RunningBroker(port, folder)
    running.start(f"listener {port} 127.0.0.1", *lines)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def fleet(small_town: Callable[..., AbstractContextManager[str]]) -> Iterator[str]:
    with small_town() as conninfo:
        with psycopg.connect(conninfo) as connection:
            connection.execute(
                "INSERT INTO layers.responder (town_id, key, label, geom, inside)"
                " SELECT 1, 'r/' || n, n::text, 'SRID=4326;POINT(120.05 29.05)', true"
                " FROM generate_series(1, %s) AS n",
                (FLEET,),
            )
        yield conninfo


def no_engine() -> Engine:
    raise NotFoundError("none")


async def follow(
    conninfo: str,
    address: Broker,
    act: Callable[[MqttPositions], Any],
    patience_s: float = 30,
    identifier: str | None = None,
) -> MqttPositions:
    """Take positions in while `act` publishes them."""
    with psycopg.connect(conninfo) as connection:
        town = read_town(connection)
    pool = AsyncConnectionPool(conninfo, open=False, kwargs={"autocommit": True})
    async with pool:
        intake = Intake(pool, lambda: town, StreetMatchers(no_engine))
        client = MqttPositions(address, "t", "wgs84", intake, identifier=identifier)
        tasks = [asyncio.create_task(intake.run()), asyncio.create_task(client.run())]
        try:
            async with asyncio.timeout(patience_s):
                await client.connected.wait()
                await act(client)
        finally:
            for task in tasks:
                task.cancel()
    return client


async def until(counted: Callable[[], int], wanted: int) -> None:
    async with asyncio.timeout(20):
        while counted() < wanted:
            await asyncio.sleep(0.02)


def payload(n: int, **more: Any) -> str:
    return json.dumps({"lon": 120.05 + n * 1e-6, "lat": 29.05, "at": time.time(), **more})


@needs_mosquitto
def test_a_thousand_a_second_come_through_and_nothing_else_does(fleet: str, tmp_path: Path) -> None:
    """Counted, not timed: the benchmark says how fast."""

    async def publish(client: MqttPositions) -> None:
        async with aiomqtt.Client("127.0.0.1", running.port) as device:
            for n in range(1000):
                topic = f"gridwhistle/t/positions/r/{1 + n % FLEET}"
                await device.publish(topic, payload(n), qos=0)
            await device.publish("gridwhistle/t/positions/r/1", "no json")
            await device.publish("gridwhistle/t/positions/r/1", b"\xff\x00")
            await device.publish("gridwhistle/t/positions/r/1", payload(1, datum="mars"))
            await device.publish("gridwhistle/t/positions/stranger", payload(1))
            # the topic says whose it is, whatever stands inside
            await device.publish("gridwhistle/t/positions/stranger", payload(1, responder="r/1"))
            await device.publish("gridwhistle/other/positions/r/1", payload(1))
        await until(client.counts.outcomes.total, 1002)
        await until(lambda: client.counts.malformed, 3)

    with broker(tmp_path, "allow_anonymous true") as running:
        address = Broker.from_url(f"mqtt://127.0.0.1:{running.port}")
        client = asyncio.run(follow(fleet, address, publish))
    assert client.counts.outcomes == {Outcome.TAKEN: 1000, Outcome.REFUSED: 2}
    assert client.counts.malformed == 3
    assert client.counts.dropped == 0


@needs_mosquitto
def test_a_password_and_tls_open_the_broker_and_nothing_less(fleet: str, tmp_path: Path) -> None:
    for name, content in zip(("cert.pem", "key.pem"), make_certificate("127.0.0.1"), strict=True):
        (tmp_path / name).write_bytes(content)
    secrets = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", secrets, "platform", "open sesame"], check=True)
    settings = (
        f"certfile {tmp_path}/cert.pem", f"keyfile {tmp_path}/key.pem",
        "allow_anonymous false", f"password_file {secrets}",
    )  # fmt: skip

    async def publish(client: MqttPositions) -> None:
        async with aiomqtt.Client(
            "127.0.0.1",
            running.port,
            username="platform",
            password="open sesame",
            tls_context=right.tls,
        ) as device:
            await device.publish("gridwhistle/t/positions/r/9", payload(1), qos=1)
        await until(client.counts.outcomes.total, 1)

    async def wait(client: MqttPositions) -> None:
        raise AssertionError("it was let in")

    with broker(tmp_path, *settings) as running:
        url = f"mqtts://platform@127.0.0.1:{running.port}"
        right = Broker.from_url(url, password="open sesame", authorities=tmp_path / "cert.pem")
        assert asyncio.run(follow(fleet, right, publish)).counts.outcomes == {Outcome.TAKEN: 1}
        others = (
            Broker.from_url(url, password="wrong", authorities=tmp_path / "cert.pem"),
            Broker.from_url(url, password="open sesame"),  # signed by nobody whom the system knows
        )
        for other in others:
            with pytest.raises(TimeoutError):
                asyncio.run(follow(fleet, other, wait, patience_s=1.2))


@needs_mosquitto
def test_a_broker_that_restarts_is_found_again(fleet: str, tmp_path: Path) -> None:
    async def publish(client: MqttPositions) -> None:
        await asyncio.to_thread(running.stop)
        await until(lambda: not client.connected.is_set(), True)
        await asyncio.to_thread(running.start)
        await client.connected.wait()
        async with aiomqtt.Client("127.0.0.1", running.port) as device:
            await device.publish("gridwhistle/t/positions/r/7", payload(3))
        await until(client.counts.outcomes.total, 1)

    with broker(tmp_path, "allow_anonymous true") as running:
        address = Broker.from_url(f"mqtt://127.0.0.1:{running.port}")
        client = asyncio.run(follow(fleet, address, publish))
    assert client.counts.outcomes == {Outcome.TAKEN: 1}


@needs_mosquitto
def test_what_is_sent_while_the_platform_restarts_is_kept_for_it(
    fleet: str, tmp_path: Path
) -> None:
    async def look_in(client: MqttPositions) -> None:
        assert client.connected.is_set()

    async def tell(responder: int) -> None:
        async with aiomqtt.Client("127.0.0.1", running.port) as device:
            topic = f"gridwhistle/t/positions/r/{responder}"
            await device.publish(topic, payload(1), qos=1)

    async def wait(client: MqttPositions) -> None:
        await until(client.counts.outcomes.total, 2)

    with broker(tmp_path, "allow_anonymous true") as running:
        address = Broker.from_url(f"mqtt://127.0.0.1:{running.port}")
        asyncio.run(follow(fleet, address, look_in, identifier="town hall"))
        for responder in (11, 12):
            asyncio.run(tell(responder))
        client = asyncio.run(follow(fleet, address, wait, identifier="town hall"))
    assert client.counts.outcomes == {Outcome.TAKEN: 2}
