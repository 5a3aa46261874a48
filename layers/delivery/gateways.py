"""The channels that are web services: SMS and voice gateways, robots of 钉钉 and 企业微信."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import httpx

from layers.delivery.channels import Outgoing, Receipt, RefusedError, UnreachedError

# As robots' servers answer; every other number than 0 is a refusal, but these pass.
_DINGTALK_BUSY = frozenset({-1, 130101, 410100})  # system busy; sent too fast
_WECOM_BUSY = frozenset({-1, 45009, 45033})  # system busy; too many a minute, or at once
_BUSY_STATUSES = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(frozen=True)
class HttpGateway:
    """A gateway that takes JSON by POST: SMS, voice, or anything of the kind.

    Attributes:
        url: where it takes messages.
        body: the JSON to be sent; `{to}`, `{text}`, `{link}` and `{message_id}` in its texts are
            filled in.
        token: sent as `Authorization: Bearer …`, if there is one.
    """

    client: httpx.AsyncClient
    name: str
    url: str = field(repr=False)
    body: Mapping[str, Any]
    token: str | None = field(default=None, repr=False)

    async def send(self, message: Outgoing) -> Receipt:
        """Hand it over; the id rides in the header `Idempotency-Key` too."""
        headers = {"Idempotency-Key": str(message.message_id)}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        answer = await _post(self.client, self.url, fill(self.body, message), headers)
        return Receipt(delivered=answer.get("delivered") is True)


@dataclass(frozen=True)
class DingTalkRobot:
    """A robot in a group of 钉钉 or 浙政钉, which names the one who is meant.

    Attributes:
        webhook: its address, access token included.
        secret: with which what is sent is signed (加签); None where the robot goes by a keyword or
            by addresses.
    """

    client: httpx.AsyncClient
    webhook: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    name: str = "dingtalk"
    clock: Callable[[], float] = time.time

    async def send(self, message: Outgoing) -> Receipt:
        """Hand it over, signed for this moment."""
        url = httpx.URL(self.webhook)
        if self.secret:
            now_ms = round(self.clock() * 1000)
            signature = dingtalk_signature(self.secret, now_ms)
            url = url.copy_merge_params({"timestamp": now_ms, "sign": signature})
        body = {
            "msgtype": "text",
            "text": {"content": f"{_with_link(message)} @{message.to}"},
            "at": {"atMobiles": [message.to], "isAtAll": False},
        }
        answer = await _post(self.client, url, body, {})
        return _judge(answer, _DINGTALK_BUSY)


@dataclass(frozen=True)
class WeComRobot:
    """A robot in a group of 企业微信, which names the one who is meant."""

    client: httpx.AsyncClient
    webhook: str = field(repr=False)
    name: str = "wecom"

    async def send(self, message: Outgoing) -> Receipt:
        """Hand it over."""
        text = {"content": _with_link(message), "mentioned_mobile_list": [message.to]}
        answer = await _post(self.client, self.webhook, {"msgtype": "text", "text": text}, {})
        return _judge(answer, _WECOM_BUSY)


def dingtalk_signature(secret: str, timestamp_ms: int) -> str:
    """What proves that a message to or from a robot of 钉钉 is of this moment and of its owner."""
    signed = f"{timestamp_ms}\n{secret}".encode()
    return base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()


def fill(template: Any, message: Outgoing) -> Any:
    """The template with the message's values in its texts; a value never becomes structure."""
    if isinstance(template, Mapping):
        return {key: fill(value, message) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(each, message) for each in template]
    if not isinstance(template, str):
        return template
    values = {
        "{to}": message.to,
        "{text}": message.text,
        "{link}": message.link or "",
        "{message_id}": str(message.message_id),
    }
    parts = _cut(template, values)
    return "".join(values.get(part, part) for part in parts)


def _cut(text: str, names: Mapping[str, str]) -> list[str]:
    """The text in pieces, each name a piece of its own: what is filled in is not searched again."""
    pieces = [text]
    for name in names:
        divided = [piece.split(name) for piece in pieces]
        pieces = [
            part
            for parts in divided
            for number, piece in enumerate(parts)
            for part in ([name, piece] if number else [piece])
        ]
    return pieces


def _with_link(message: Outgoing) -> str:
    return f"{message.text} {message.link}" if message.link else message.text


async def _post(
    client: httpx.AsyncClient, url: httpx.URL | str, body: Any, headers: Mapping[str, str]
) -> dict[str, Any]:
    """The JSON object that the gateway answers; an empty one where it says nothing of use."""
    try:
        response = await client.post(url, json=body, headers=headers)
    except httpx.HTTPError as error:
        # Its words may hold the address, and in that a secret.
        raise UnreachedError(f"no answer: {type(error).__name__}") from None
    if response.status_code in _BUSY_STATUSES or response.is_server_error:
        raise UnreachedError(f"HTTP {response.status_code}")
    if not response.is_success:
        raise RefusedError(f"HTTP {response.status_code}")
    try:
        answer = response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _judge(answer: Mapping[str, Any], busy: frozenset[int]) -> Receipt:
    code = answer.get("errcode", 0)
    if code in busy:
        raise UnreachedError(f"errcode {code}")
    if code != 0:
        raise RefusedError(f"errcode {code}")
    return Receipt()
