"""`positions`: takes in what devices publish to an MQTT broker, until Ctrl-C."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import psycopg
from psycopg_pool import AsyncConnectionPool

from api.cli.context import running_database
from layers.dispatch.current_engine import CurrentEngine
from layers.positions.intake import Intake
from layers.positions.mqtt import Broker, MqttPositions
from layers.positions.reading import DATUMS
from layers.positions.streets import StreetMatchers
from routing.nearest.engine import Engine
from spatial.errors import InputError
from spatial.logs import log_to_stderr
from spatial.settings import Settings
from spatial.town import read_town

_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SAY_EVERY_S = 60.0
_CONNECTIONS = 3


@click.command()
@click.option(
    "--mqtt",
    "url",
    envvar="GRIDWHISTLE_MQTT_URL",
    required=True,
    metavar="URL",
    help="mqtt://user@host:1883, or mqtts:// for TLS. The password: GRIDWHISTLE_MQTT_PASSWORD, or "
    "a file named by GRIDWHISTLE_MQTT_PASSWORD_FILE.",
)
@click.option(
    "--datum",
    envvar="GRIDWHISTLE_MQTT_DATUM",
    type=click.Choice(DATUMS),
    required=True,
    help="Of positions that don't say their own; many Chinese phones say gcj02.",
)
@click.option(
    "--ca",
    "authorities",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Certificates (PEM) that sign the broker's.  [default: the system's]",
)
@click.option(
    "--client-id",
    "identifier",
    envvar="GRIDWHISTLE_MQTT_CLIENT_ID",
    metavar="NAME",
    help="As which the broker knows this installation and keeps for it what comes while it is "
    "away; no two may have the same.  [default: gridwhistle-TOWN]",
)
@click.pass_obj
def positions(
    settings: Settings, url: str, datum: str, authorities: Path | None, identifier: str | None
) -> None:
    """Take in positions that devices publish to an MQTT broker / 接收 MQTT 定位.

    Topic: gridwhistle/TOWN/positions/KEY, where TOWN is the town's code and KEY the responder's;
    payload: {"lon", "lat", "at", "accuracy_m", "speed_mps", "bearing_deg"} or a list of them. Who
    may publish to which topic is settled at the broker. Positions are taken on duty only; those
    that are not newer than what is known, or from the future, are counted and ignored. What devices
    send with QoS 1 while this command is away the broker keeps for up to an hour, as many messages
    as it is set to keep (mosquitto: max_queued_messages).
    """
    log_to_stderr("positions")
    broker = Broker.from_url(url, password=_password(), authorities=authorities)
    with running_database(settings) as conninfo:
        asyncio.run(_until_asked(take_in(conninfo, broker, datum, identifier)))


def _password() -> str | None:
    name = os.environ.get("GRIDWHISTLE_MQTT_PASSWORD_FILE")
    if not name:
        return os.environ.get("GRIDWHISTLE_MQTT_PASSWORD") or None
    try:
        return Path(name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InputError(f"GRIDWHISTLE_MQTT_PASSWORD_FILE: {error.strerror}") from error


async def take_in(conninfo: str, broker: Broker, datum: str, identifier: str | None = None) -> None:
    """Follow a broker for the town at `conninfo` until this is cancelled."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        town = read_town(connection)
        current = CurrentEngine(town)

        def engine() -> Engine:
            return current.get(connection)

        async with AsyncConnectionPool(
            conninfo, min_size=1, max_size=_CONNECTIONS, open=False, kwargs={"autocommit": True}
        ) as pool:
            intake = Intake(pool, lambda: town, StreetMatchers(engine))
            known_as = identifier or f"gridwhistle-{town.code}"
            client = MqttPositions(broker, town.code, datum, intake, identifier=known_as)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(intake.run())
                tasks.create_task(client.run())
                tasks.create_task(_say(client))


async def _say(client: MqttPositions) -> None:
    await client.connected.wait()
    # What the start has made stays: no search for garbage has to look at it again.
    gc.collect()
    gc.freeze()
    click.echo("已连接 / connected", err=True)
    while True:
        await asyncio.sleep(_SAY_EVERY_S)
        click.echo(f"positions: {client.counts}", err=True)


async def _until_asked(work: Coroutine[Any, Any, None]) -> None:
    """Run until Ctrl-C or SIGTERM."""
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()
    for number in _ENDING_SIGNALS:
        loop.add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task
