"""Positions by MQTT: devices publish to a broker, and this client takes them in.

Topic: gridwhistle/<code of the town>/positions/<key of the responder>; payload: one fix as JSON, or
a list of them, as over HTTP. Who may publish to which topic is the broker's to say.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiomqtt
import psycopg
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from layers.positions.fixes import Fix, Outcome
from layers.positions.intake import Intake
from layers.positions.reading import read_fixes
from spatial.errors import GridwhistleError, InputError
from spatial.logs import kind_of

LOGGER = logging.getLogger(__name__)
# At least once: what is lost between broker and us is sent again, and a doubled fix is ignored.
_QOS = 1
# So long the broker keeps for us what devices send at least once (QoS 1) while we are away; how
# many messages at most is the broker's to say. Hours later nobody wants to know.
_KEPT_FOR_S = 3600
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0
# Newer positions are worth more than older ones that nobody could store in time.
_MOST_WAITING = 20_000
_MOST_BYTES = 64 * 1024
_PORTS = {"mqtt": 1883, "mqtts": 8883}


@dataclass(frozen=True)
class Broker:
    """Where devices publish.

    Attributes:
        tls: what its certificate is checked against; None: not encrypted.
    """

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = None

    @classmethod
    def from_url(
        cls, url: str, *, password: str | None = None, authorities: Path | None = None
    ) -> Broker:
        """From mqtt://user@host:1883 or mqtts://user@host:8883.

        Args:
            url: a password in it is used where none is given.
            password: of the user.
            authorities: certificates (PEM) that sign the broker's; None: the system's.

        Raises:
            InputError: it is no such address, or the certificates can't be read.
        """
        parts = urlsplit(url)
        try:
            usual = _PORTS[parts.scheme]
            port = parts.port or usual
        except (KeyError, ValueError):
            raise InputError(
                "this is no address of a broker / 不是 MQTT 地址", remedy="mqtts://user@host:8883"
            ) from None
        if not parts.hostname:
            raise InputError("the broker's host is missing / 缺少主机", remedy="mqtt://host:1883")
        tls = None
        if parts.scheme == "mqtts":
            tls = _certificates(authorities)
        known = password or (unquote(parts.password) if parts.password else None)
        username = unquote(parts.username) if parts.username else None
        return cls(parts.hostname, port, username, known, tls)


def _certificates(authorities: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authorities)
    except (OSError, ssl.SSLError) as error:
        raise InputError(f"{authorities} holds no certificates: {error}") from error


@dataclass
class MqttCounts:
    """What came from the broker since the start."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    malformed: int = 0
    dropped: int = 0

    def __str__(self) -> str:
        numbers = {what.value: count for what, count in sorted(self.outcomes.items())}
        numbers |= {"malformed": self.malformed, "dropped": self.dropped}
        return ", ".join(f"{count} {name}" for name, count in numbers.items() if count) or "none"


class MqttPositions:
    """A client of one broker for one town; `run` goes on until it is cancelled."""

    def __init__(
        self,
        broker: Broker,
        town_code: str,
        datum: str,
        intake: Intake,
        *,
        identifier: str | None = None,
    ) -> None:
        """Not connected yet.

        Args:
            broker: where devices publish.
            town_code: in the topics.
            datum: of positions that don't say their own.
            intake: running, on the owner's connections.
            identifier: as which the broker knows this installation again, and keeps for it what
                comes while it is away; of two clients with the same one, the broker turns out the
                first. None: nothing is kept.
        """
        self.counts = MqttCounts()
        self.connected = asyncio.Event()
        self._broker = broker
        self._prefix = f"gridwhistle/{town_code}/positions/"
        self._datum = datum
        self._intake = intake
        self._identifier = identifier
        self._waiting: list[Fix] = []
        self._news = asyncio.Event()

    async def run(self) -> None:
        """Take positions in, connecting anew whenever the broker is lost."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hand_on())
            tasks.create_task(self._stay_connected())

    async def _stay_connected(self) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                async with self._client() as client:
                    await client.subscribe(f"{self._prefix}#", qos=_QOS)
                    self.connected.set()
                    pause_s = _FIRST_PAUSE_S
                    async for message in client.messages:
                        self._note(message)
            except (aiomqtt.MqttError, OSError) as error:
                # What the broker says of it holds neither name nor password.
                LOGGER.warning("the broker is lost, tries again in %.0f s: %s", pause_s, error)
            self.connected.clear()
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _client(self) -> aiomqtt.Client:
        broker = self._broker
        return aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password,
            tls_context=broker.tls,
            protocol=aiomqtt.ProtocolVersion.V5,
            identifier=self._identifier,
            clean_start=self._identifier is None,
            properties=_kept_session() if self._identifier else None,
            # aiomqtt's own log would tell topics, which name responders.
            logger=_quiet(),
        )

    def _note(self, message: aiomqtt.Message) -> None:
        try:
            self._waiting += self._read(message)
        except (GridwhistleError, ValueError, RecursionError):
            self.counts.malformed += 1
            return
        self._news.set()

    def _read(self, message: aiomqtt.Message) -> list[Fix]:
        payload = message.payload
        if not isinstance(payload, bytes) or len(payload) > _MOST_BYTES:
            raise InputError("no payload that could be a position")
        key = message.topic.value.removeprefix(self._prefix)
        told = read_fixes(json.loads(payload), now_s=time.time(), datum=self._datum)
        self.counts.malformed += len(told.faults)
        # The topic says whose they are: the broker has checked who may publish there.
        return [replace(fix, responder=key) for fix in told.fixes]

    async def _hand_on(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            fixes, self._waiting = self._waiting, []
            if len(fixes) > _MOST_WAITING:
                self.counts.dropped += len(fixes) - _MOST_WAITING
                fixes = fixes[-_MOST_WAITING:]
            try:
                self.counts.outcomes.update(await self._intake.take(fixes))
            except (psycopg.Error, GridwhistleError) as error:
                self.counts.dropped += len(fixes)
                LOGGER.warning("%d positions were not stored: %s", len(fixes), kind_of(error))


def _kept_session() -> Properties:
    """How long the broker is to know us when we are gone (MQTT 5.0, 3.1.2.11.2)."""
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = _KEPT_FOR_S
    return properties


def _quiet() -> logging.Logger:
    logger = logging.getLogger("gridwhistle.mqtt")
    logger.setLevel(logging.CRITICAL)
    return logger
