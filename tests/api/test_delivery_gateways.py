"""Every channel against its simulator, over HTTP: one contract, four dialects."""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from api.dispatch.simulator import Simulator, Weather
from inthread import served
from layers.delivery.channels import Outgoing, Receipt, RefusedError, UnreachedError
from layers.delivery.gateways import (
    DingTalkRobot,
    HttpGateway,
    WeComRobot,
    dingtalk_signature,
    fill,
)
from layers.delivery.settings import DeliverySettings
from spatial.errors import InputError, SetupError

MESSAGE = Outgoing(uuid.uuid4(), "13800000000", '着火 "fire" {to}', "https://town.example/duty")
BODY = {"to": "{to}", "text": "{text} {link}", "id": "{message_id}", "sign": ["{to}", 7]}
SECRET = "SEC000"


def send(make, message: Outgoing = MESSAGE) -> Receipt:
    """What the channel that `make(client)` makes says of a message."""

    async def run() -> Receipt:
        async with httpx.AsyncClient(timeout=0.5) as client:
            return await make(client).send(message)

    return asyncio.run(run())


CHANNELS = {
    "sms": lambda url: lambda client: HttpGateway(client, "sms", f"{url}/sms", BODY, "token"),
    "voice": lambda url: lambda client: HttpGateway(client, "voice", f"{url}/voice", BODY),
    "dingtalk": lambda url: lambda client: DingTalkRobot(client, f"{url}/dingtalk?a=1", SECRET),
    "wecom": lambda url: lambda client: WeComRobot(client, f"{url}/wecom?key=1"),
}


@pytest.mark.parametrize("name", CHANNELS)
def test_each_channel_brings_a_message_to_the_phone_that_is_meant(name):
    simulator = Simulator(Weather(), random.Random(1), dingtalk_secret=SECRET)
    with served(simulator.app()) as url:
        assert send(CHANNELS[name](url)) == Receipt(delivered=False)
    (arrived,) = simulator.arrived
    assert (arrived.channel, arrived.to) == (name, MESSAGE.to)
    assert MESSAGE.text in arrived.text
    assert MESSAGE.link in arrived.text


@pytest.mark.parametrize("name", CHANNELS)
def test_a_busy_gateway_asks_for_patience(name):
    simulator = Simulator(Weather(fail=1.0), random.Random(1))
    with served(simulator.app()) as url, pytest.raises(UnreachedError):
        send(CHANNELS[name](url))


def test_lost_and_doubled_messages_arrive_as_often_as_said():
    simulator = Simulator(Weather(lose=0.3, double=0.1), random.Random(7))
    arrivals = [len(simulator.weather.arrivals(simulator.chance)) for _ in range(10_000)]
    assert 0.28 < arrivals.count(0) / 10_000 < 0.32
    assert 0.09 < arrivals.count(2) / (10_000 - arrivals.count(0)) < 0.11


def test_a_robot_with_the_wrong_secret_is_refused():
    simulator = Simulator(Weather(), random.Random(1), dingtalk_secret="another")
    with served(simulator.app()) as url, pytest.raises(RefusedError, match="310000"):
        send(CHANNELS["dingtalk"](url))
    assert simulator.arrived == []


def test_the_signature_is_that_of_the_robots_manual():
    """HMAC-SHA256 over "timestamp, line break, secret" with the secret as its key, in base64."""
    assert dingtalk_signature("SECabc", 1577262236757) == _openssl("SECabc", 1577262236757)


def _openssl(secret: str, stamp: int) -> str:
    import base64  # noqa: PLC0415 - the reference is a second way to the same
    import hashlib  # noqa: PLC0415

    block = secret.encode().ljust(64, b"\0")
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in block) + f"{stamp}\n{secret}".encode()).digest()
    outer = hashlib.sha256(bytes(b ^ 0x5C for b in block) + inner).digest()
    return base64.b64encode(outer).decode()


@pytest.fixture(scope="module")
def faulty() -> Iterator[str]:
    """A gateway that answers by the first part of the path."""

    async def echo(_request):
        return JSONResponse({"delivered": True})

    async def hang(_request):
        await asyncio.sleep(2)
        return PlainTextResponse("late")

    async def say(request):
        return PlainTextResponse("<html>", int(request.path_params["status"]))

    routes = [
        Route("/echo", echo, methods=["POST"]),
        Route("/hang", hang, methods=["POST"]),
        Route("/{status:int}", say, methods=["POST"]),
    ]
    with served(Starlette(routes=routes)) as url:
        yield url


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("hang", UnreachedError),
        ("500", UnreachedError),
        ("503", UnreachedError),
        ("429", UnreachedError),
        ("400", RefusedError),
        ("401", RefusedError),
        ("302", RefusedError),
    ],
)
@pytest.mark.parametrize("kind", ["sms", "wecom"])
def test_a_fault_is_told_apart_and_tells_no_secret(faulty, path, error, kind):
    url = f"{faulty}/{path}?access_token=hidden"

    def make(client):
        return HttpGateway(client, "sms", url, BODY) if kind == "sms" else WeComRobot(client, url)

    with pytest.raises(error) as caught:
        send(make)
    assert "hidden" not in f"{caught.value!r} {caught.value}"
    assert MESSAGE.to not in str(caught.value)
    assert caught.value.__cause__ is None
    assert "hidden" not in repr(make(None))


def test_nobody_listens():
    with pytest.raises(UnreachedError):
        send(lambda client: WeComRobot(client, "http://127.0.0.1:9/"))


def test_what_is_filled_in_stays_a_text():
    """Quotes and names of places in a text become neither JSON nor places."""
    message_id = str(MESSAGE.message_id)
    assert fill(BODY, MESSAGE) == {
        "to": MESSAGE.to,
        "text": f"{MESSAGE.text} {MESSAGE.link}",
        "id": message_id,
        "sign": [MESSAGE.to, 7],
    }


def test_a_gateway_may_say_that_it_was_delivered(faulty):
    receipt = send(lambda client: HttpGateway(client, "sms", f"{faulty}/echo", BODY))
    assert receipt == Receipt(delivered=True)


def test_the_environment_sets_channels_up_and_hides_secrets(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("SECxyz\n")
    for name, value in {
        "ORDER_LADDER": "page sms voice+dingtalk",
        "SMS_URL": "https://sms.example/send",
        "SMS_BODY": json.dumps(BODY),
        "SMS_TOKEN": "token-1",
        "DINGTALK_WEBHOOK": "https://oapi.example/robot/send?access_token=token-2",
        "DINGTALK_SECRET_FILE": str(tmp_path / "secret"),
        "PUBLIC_URL": "https://town.example/",
    }.items():
        monkeypatch.setenv(f"GRIDWHISTLE_{name}", value)
    settings = DeliverySettings.from_environment()
    assert settings.ladder == (("page",), ("sms",), ("voice", "dingtalk"))
    assert settings.public_url == "https://town.example"
    assert settings.dingtalk_secret == "SECxyz"
    assert sorted(settings.channels(httpx.AsyncClient())) == ["dingtalk", "sms"]
    assert not any(secret in repr(settings) for secret in ("token-1", "token-2", "SECxyz"))


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("ORDER_LADDER", "page pigeon", SetupError),
        ("ORDER_LADDER", "sms sms", InputError),
        ("SMS_URL", "sms.example", SetupError),
        ("VOICE_URL", "ftp://voice.example", SetupError),
        ("DINGTALK_SECRET_FILE", "/nowhere", SetupError),
    ],
)
def test_a_setting_that_can_not_be_is_refused(monkeypatch, name, value, error):
    monkeypatch.setenv(f"GRIDWHISTLE_{name}", value)
    with pytest.raises(error, match="DINGTALK" if "FILE" in name else "sms|_URL|LADDER"):
        DeliverySettings.from_environment()
