"""Gateways and phones that aren't there: for drills without a gateway or a robot, and for tests.

It takes messages as the real ones do, and loses, delays and doubles them on their way to the phone;
the phone sends receipts and answers back the same way.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from layers.delivery.gateways import dingtalk_signature

# Whether, and after how many seconds, the owner of an address answers, and with what; None: never.
Reaction = Callable[[str], "tuple[float, str] | None"]


@dataclass(frozen=True)
class Weather:
    """What happens to messages on their way.

    Attributes:
        lose: the share that never arrives, though it was taken.
        double: the share that arrives twice.
        fail: the share that the gateway refuses for the moment.
        delay_s: at least and at most, evenly.
    """

    lose: float = 0.0
    double: float = 0.0
    fail: float = 0.0
    delay_s: tuple[float, float] = (0.0, 0.0)

    def arrivals(self, chance: random.Random) -> list[float]:
        """After how many seconds a message arrives, once or twice; never where it is lost."""
        if chance.random() < self.lose:
            return []
        times = 2 if chance.random() < self.double else 1
        return [chance.uniform(*self.delay_s) for _ in range(times)]


@dataclass(frozen=True)
class Arrived:
    """A message as it came to a phone."""

    channel: str
    to: str
    text: str
    message_id: str | None


@dataclass
class Simulator:
    """Gateways of every kind, and the phones behind them.

    Attributes:
        callback: the base address of the gridwhistle that is told what phones say; None: they
            receive and say nothing.
        headers: with which it is told, e.g. a key.
        reaction: what the owner of an address does when an order arrives for the first time.
        answer_after_s: so long a gateway for SMS and voice takes to say that it has a message.
        arrived: every message as it came to a phone, doubled ones twice.
        taken: how many messages the gateways took.
    """

    weather: Weather
    chance: random.Random
    callback: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    reaction: Reaction = lambda _address: (1.0, "1")
    dingtalk_secret: str | None = None
    answer_after_s: float = 0.0
    arrived: list[Arrived] = field(default_factory=list)
    taken: int = 0
    _known: set[tuple[str, str]] = field(default_factory=set)
    _errands: set[asyncio.Task[None]] = field(default_factory=set)
    _client: httpx.AsyncClient = field(init=False, repr=False)

    def app(self) -> Starlette:
        """`/sms` and `/voice` take {to, text, id}; `/dingtalk` and `/wecom` what robots take."""
        return Starlette(
            routes=[
                Route("/dingtalk", self._take_dingtalk, methods=["POST"]),
                Route("/wecom", self._take_wecom, methods=["POST"]),
                Route("/{channel}", self._take_json, methods=["POST"]),
            ],
            lifespan=self._open,
        )

    @asynccontextmanager
    async def _open(self, _app: Starlette) -> AsyncIterator[None]:
        async with httpx.AsyncClient(timeout=10) as self._client:
            yield

    async def _take_json(self, request: Request) -> Response:
        body = await request.json()
        channel = request.path_params["channel"]
        if self._fails():
            return JSONResponse({"error": "busy"}, 503)
        self._carry(Arrived(channel, body["to"], body["text"], body.get("id")))
        await asyncio.sleep(self.answer_after_s)
        return JSONResponse({"accepted": True})

    async def _take_dingtalk(self, request: Request) -> Response:
        body = await request.json()
        if self._fails():
            return JSONResponse({"errcode": 130101, "errmsg": "send too fast"})
        if self.dingtalk_secret and not _is_signed(request, self.dingtalk_secret):
            return JSONResponse({"errcode": 310000, "errmsg": "sign not match"})
        for to in body["at"]["atMobiles"]:
            self._carry(Arrived("dingtalk", to, body["text"]["content"], None))
        return JSONResponse({"errcode": 0, "errmsg": "ok"})

    async def _take_wecom(self, request: Request) -> Response:
        text = (await request.json())["text"]
        if self._fails():
            return JSONResponse({"errcode": 45009, "errmsg": "api freq out of limit"})
        for to in text["mentioned_mobile_list"]:
            self._carry(Arrived("wecom", to, text["content"], None))
        return JSONResponse({"errcode": 0, "errmsg": "ok"})

    def _fails(self) -> bool:
        return self.chance.random() < self.weather.fail

    def _carry(self, message: Arrived) -> None:
        self.taken += 1
        for delay_s in self.weather.arrivals(self.chance):
            self._later(delay_s, self._arrive, message)

    async def _arrive(self, message: Arrived) -> None:
        """The phone shows it; its owner answers an order once, whatever comes how often."""
        self.arrived.append(message)
        if message.message_id:
            self._report("receipts", {"message_id": message.message_id, "status": "delivered"})
        if (message.to, message.text) in self._known:
            return
        self._known.add((message.to, message.text))
        answer = self.reaction(message.to)
        if answer is not None:
            after_s, text = answer
            reply = {"channel": message.channel, "from": message.to, "text": text}
            self._later(after_s, self._say, reply)

    async def _say(self, reply: dict[str, str]) -> None:
        self._report("replies", reply)

    def _report(self, what: str, body: dict[str, Any]) -> None:
        """The way back is no better than the way there."""
        for delay_s in self.weather.arrivals(self.chance):
            self._later(delay_s, self._post, (what, body))

    async def _post(self, told: tuple[str, dict[str, Any]]) -> None:
        if self.callback is None:
            return
        what, body = told
        url = f"{self.callback}/api/delivery/{what}"
        await self._client.post(url, json=body, headers=self.headers)

    def _later(self, delay_s: float, act: Callable[[Any], Any], about: Any) -> None:
        async def wait_and_act() -> None:
            await asyncio.sleep(delay_s)
            await act(about)

        errand = asyncio.create_task(wait_and_act())
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)


def _is_signed(request: Request, secret: str) -> bool:
    query = request.query_params
    stamp = query.get("timestamp", "")
    return stamp.isdigit() and query.get("sign") == dingtalk_signature(secret, int(stamp))
