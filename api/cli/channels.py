"""`channels`: how orders reach responders, tried out before it matters."""

from __future__ import annotations

import asyncio
import random
import uuid
from pathlib import Path

import click
import httpx
import uvicorn

from api.cli.context import connected
from api.dispatch.simulator import Simulator, Weather
from layers.delivery.channels import Outgoing
from layers.delivery.contacts import save_contacts
from layers.delivery.settings import ADDRESSED, PAGE, DeliverySettings
from spatial.errors import SetupError
from spatial.settings import Settings
from spatial.town import read_town

_SHARE = click.FloatRange(0, 1)
_TEST_TEXT = "【网格吹哨】通道测试,请忽略。A test of this channel."


@click.group()
def channels() -> None:
    """How orders reach responders: page, SMS, robots, voice."""


@channels.command("list")
@click.pass_obj
def list_command(settings: Settings) -> None:
    """Say which channels are set up, in their order, and how many responders have an address."""
    delivery = DeliverySettings.from_environment()
    query = "SELECT channel, count(*) FROM layers.responder_contact WHERE town_id = %s GROUP BY 1"
    with connected(settings) as connection:
        counts = dict(connection.execute(query, (read_town(connection).id,)).fetchall())
    for number, rung in enumerate(delivery.ladder, 1):
        for name in rung:
            ready = name == PAGE or name in delivery.channels(httpx.AsyncClient())
            addresses = "accounts" if name == PAGE else f"{counts.get(name, 0)} addresses"
            click.echo(f"{number}  {name:<9} {'set up' if ready else 'not set up':<11} {addresses}")


@channels.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def contacts(settings: Settings, file: Path) -> None:
    """Take over addresses from FILE, all of it or nothing.

    A table with the column key and one for each of sms, dingtalk, wecom and voice that is to be
    changed; an empty cell removes an address.
    """
    with connected(settings) as connection:
        done = save_contacts(connection, read_town(connection).id, file)
        connection.commit()
    click.echo(", ".join(f"{name} {count}" for name, count in done.items() if count) or "nothing")


@channels.command("test")
@click.argument("channel", type=click.Choice(ADDRESSED))
@click.argument("address")
def test_command(channel: str, address: str) -> None:
    """Send a test message to ADDRESS by CHANNEL, as orders would be sent."""
    delivery = DeliverySettings.from_environment()

    async def send() -> None:
        async with httpx.AsyncClient(timeout=delivery.send_within_s) as client:
            found = delivery.channels(client).get(channel)
            if found is None:
                raise SetupError(f"{channel} is not set up / 渠道未配置", remedy="docs/delivery.md")
            await found.send(Outgoing(uuid.uuid4(), address, _TEST_TEXT, delivery.public_url))

    asyncio.run(send())
    click.echo("taken by the gateway / 网关已接收")


@channels.command()
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8090,
    show_default=True,
    help="Where it listens, on this machine.",
)
@click.option("--lose", type=_SHARE, default=0.0, help="The share that never arrives.")
@click.option("--double", type=_SHARE, default=0.0, help="The share that arrives twice.")
@click.option("--fail", type=_SHARE, default=0.0, help="The share that is refused for the moment.")
@click.option("--delay", type=click.FloatRange(0), default=0.0, help="Up to so many seconds late.")
@click.option("--answers", type=_SHARE, default=1.0, help="The share of people who accept.")
@click.option("--callback", metavar="URL", help="The gridwhistle that hears what phones say.")
@click.option("--key", envvar="GRIDWHISTLE_KEY", help="An API key for that, of a system.")
def simulate(
    port: int,
    lose: float,
    double: float,
    fail: float,
    delay: float,
    answers: float,
    callback: str | None,
    key: str | None,
) -> None:
    """Stand in for all gateways and phones, badly if wanted: for drills.

    It takes SMS at /sms, calls at /voice, and what robots are sent at /dingtalk and /wecom.
    """
    chance = random.Random()  # noqa: S311 - a drill, no secret

    def react(_address: str) -> tuple[float, str] | None:
        return (chance.uniform(1, 10), "1") if chance.random() < answers else None

    simulator = Simulator(
        Weather(lose, double, fail, (0.0, delay)),
        chance,
        callback=callback.rstrip("/") if callback else None,
        headers={"X-API-Key": key} if key else {},
        reaction=react,
    )
    click.echo(f"http://127.0.0.1:{port}/sms, /voice, /dingtalk, /wecom; Ctrl-C ends it")
    uvicorn.run(simulator.app(), port=port, log_level="warning")
