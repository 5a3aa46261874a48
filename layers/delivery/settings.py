"""By which channels this installation reaches people, from the environment."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from layers.delivery.channels import Channel
from layers.delivery.gateways import DingTalkRobot, HttpGateway, WeComRobot
from layers.delivery.plan import parse_ladder
from spatial.errors import SetupError

# The page is told by the web app, which hears of every order by itself.
PAGE = "page"
# Channels whose messages go to an address of the person's own; the page goes by the account.
ADDRESSED = ("sms", "dingtalk", "wecom", "voice")
CHANNEL_NAMES = (PAGE, *ADDRESSED)
_LADDER = "page sms+dingtalk+wecom voice"
_SMS_BODY = {"to": "{to}", "text": "{text} {link}", "id": "{message_id}"}
_VOICE_BODY = {"to": "{to}", "text": "{text}", "id": "{message_id}"}


@dataclass(frozen=True)
class HttpSettings:
    """A gateway that takes JSON."""

    url: str = field(repr=False)
    body: Mapping[str, Any]
    token: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class DeliverySettings:
    """Channels and their order.

    Attributes:
        ladder: the channels, rung by rung; those that are not set up are passed over.
        public_url: where people reach this installation; messages then bear a link to answer by.
        dingtalk_secret: with which messages to the robot are signed.
        send_within_s: a gateway that takes longer has not answered.
    """

    ladder: tuple[tuple[str, ...], ...] = parse_ladder(_LADDER)
    public_url: str | None = None
    sms: HttpSettings | None = None
    voice: HttpSettings | None = None
    dingtalk_webhook: str | None = field(default=None, repr=False)
    dingtalk_secret: str | None = field(default=None, repr=False)
    wecom_webhook: str | None = field(default=None, repr=False)
    send_within_s: float = 4.0

    @classmethod
    def from_environment(cls) -> DeliverySettings:
        """Read the environment; docs/delivery.md lists the variables.

        GRIDWHISTLE_ORDER_LADDER (rungs by spaces, channels of one by `+`), GRIDWHISTLE_PUBLIC_URL,
        GRIDWHISTLE_SMS_URL, _SMS_BODY (JSON), _SMS_TOKEN; the same for _VOICE_…;
        GRIDWHISTLE_DINGTALK_WEBHOOK and _DINGTALK_SECRET, GRIDWHISTLE_WECOM_WEBHOOK. What is secret
        may stand in a file that …_FILE names.

        Raises:
            SetupError: one of them can't be understood.
            InputError: a channel stands on the ladder twice.
        """
        ladder = parse_ladder(_setting("ORDER_LADDER") or _LADDER)
        unknown = {each for rung in ladder for each in rung} - set(CHANNEL_NAMES)
        if unknown or not ladder:
            raise SetupError(
                f"GRIDWHISTLE_ORDER_LADDER knows no channel {', '.join(sorted(unknown))}",
                remedy=f"GRIDWHISTLE_ORDER_LADDER='{_LADDER}'",
            )
        return cls(
            ladder=ladder,
            public_url=_address("PUBLIC_URL"),
            sms=_gateway("SMS", _SMS_BODY),
            voice=_gateway("VOICE", _VOICE_BODY),
            dingtalk_webhook=_address("DINGTALK_WEBHOOK"),
            dingtalk_secret=_secret("DINGTALK_SECRET"),
            wecom_webhook=_address("WECOM_WEBHOOK"),
        )

    def channels(self, client: httpx.AsyncClient) -> dict[str, Channel]:
        """The channels that are set up, by name; the page is none of them."""
        found: list[Channel] = []
        for name, gateway in (("sms", self.sms), ("voice", self.voice)):
            if gateway:
                found.append(HttpGateway(client, name, gateway.url, gateway.body, gateway.token))
        if self.dingtalk_webhook:
            found.append(DingTalkRobot(client, self.dingtalk_webhook, self.dingtalk_secret))
        if self.wecom_webhook:
            found.append(WeComRobot(client, self.wecom_webhook))
        return {channel.name: channel for channel in found}


def _setting(name: str) -> str | None:
    return os.environ.get(f"GRIDWHISTLE_{name}") or None


def _secret(name: str) -> str | None:
    """The variable, or what the file holds that …_FILE names."""
    path = _setting(f"{name}_FILE")
    if _setting(name) or not path:
        return _setting(name)
    try:
        return Path(path).read_text(encoding="utf-8").strip() or None
    except OSError as error:
        raise SetupError(
            f"GRIDWHISTLE_{name}_FILE names a file that can't be read: {error.strerror}",
            remedy=f"correct or unset GRIDWHISTLE_{name}_FILE",
        ) from error


def _address(name: str) -> str | None:
    """A web address; it may be secret, so an error doesn't repeat it."""
    text = _secret(name)
    if text is None:
        return None
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host:
        raise SetupError(
            f"GRIDWHISTLE_{name} is no web address",
            remedy=f"GRIDWHISTLE_{name}=https://…, or unset it",
        )
    return text.rstrip("/")


def _gateway(name: str, usual: Mapping[str, Any]) -> HttpSettings | None:
    url = _address(f"{name}_URL")
    if url is None:
        return None
    text = _setting(f"{name}_BODY")
    try:
        body = json.loads(text) if text else usual
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise SetupError(
            f"GRIDWHISTLE_{name}_BODY is no JSON object",
            remedy=f"GRIDWHISTLE_{name}_BODY='{json.dumps(usual)}'",
        )
    return HttpSettings(url, body, _secret(f"{name}_TOKEN"))
