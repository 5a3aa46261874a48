"""Middleware: gives each request an id, and notes in the access log how it was answered."""

from __future__ import annotations

import re
import secrets
import time
from datetime import UTC, datetime

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth.gate import Gate, address_in, gate_in
from api.errors import handle_defect
from layers.accounts.access_log import Access
from layers.accounts.identity import Identity
from layers.roles import Role

HEADER = "X-Request-Id"
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")
_DEFECT = 500
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Record:
    """The outermost of ours, so that what the others refuse is noted too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the wrapped application does; a defect becomes an answer here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        answer = _Answer(send, request_id)
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:  # noqa: BLE001 - whatever it is, the client gets its number
            response = await handle_defect(Request(scope), error)
            if answer.status is None:
                await response(scope, receive, answer.send)
            answer.status = _DEFECT
        finally:
            gate_in(scope).journal.add(_access(scope, answer))


class _Answer:
    """Looks on while an answer is sent."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
        self.status: int | None = None
        self.bytes = 0
        self.started_s = time.perf_counter()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)[HEADER] = self.request_id
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
        await self._send(message)

    def duration_ms(self) -> int:
        return round((time.perf_counter() - self.started_s) * 1000)


def _request_id(scope: Scope) -> str:
    """The client's own, if it is one that can stand in a log; else a new one."""
    given = Headers(scope=scope).get(HEADER, "")
    return given if _ACCEPTED.fullmatch(given) else secrets.token_hex(16)


def _access(scope: Scope, answer: _Answer) -> Access:
    """Of the path only the template and the layer, of the address only a keyed hash."""
    gate: Gate = gate_in(scope)
    identity: Identity | None = scope["state"].get("identity")
    known = identity is not None and identity.pending is None
    return Access(
        town_id=gate.town.id,
        at=datetime.now(UTC),
        request_id=answer.request_id,
        account_id=identity.account.id if identity else None,
        role=identity.account.role if identity and known else Role.ANONYMOUS,
        way=identity.way if identity else None,
        method=scope["method"] if scope["method"] in _METHODS else "OTHER",
        route=getattr(scope.get("route"), "path", None),
        layer=_layer(scope),
        status=answer.status or _DEFECT,
        duration_ms=answer.duration_ms(),
        bytes=answer.bytes,
        address_hash=gate.address_hash(address_in(scope)),
    )


def _layer(scope: Scope) -> str | None:
    """The layer in the path, where it is one; what else stands there may be anything."""
    name = scope.get("path_params", {}).get("layer_id")
    return name if name in scope["app"].state.services.catalogue else None
