"""Middleware: headers that keep browsers careful, and bodies within bounds."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ogc_exception
from spatial.numerals import whole_number

# For what states no policy of its own: data, and pages that are made on the server.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_ALWAYS: Mapping[bytes, bytes] = {
    b"content-security-policy": _POLICY.encode(),
    b"cross-origin-opener-policy": b"same-origin",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
}
_HSTS = "max-age=31536000"
_CREDENTIALS = "Authorization, Cookie, X-API-Key"


class SecurityHeaders:
    """Adds what an answer doesn't say itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the wrapped application does, headers added."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(MutableHeaders(scope=message), scope)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _add_headers(headers: MutableHeaders, scope: Scope) -> None:
    stated = {name for name, _ in headers.raw}
    headers.raw.extend(each for each in _ALWAYS.items() if each[0] not in stated)
    # Over http the header means nothing (RFC 6797, section 7.2).
    if scope["scheme"] == "https":
        headers.setdefault("Strict-Transport-Security", _HSTS)
    # No cache shows one person what another may see.
    headers.add_vary_header(_CREDENTIALS)
    if scope.get("state", {}).get("identity") is not None:
        caching = headers.get("cache-control")
        if caching is None:
            headers["Cache-Control"] = "private, no-cache"
        elif "private" not in caching and "no-store" not in caching:
            headers["Cache-Control"] = f"private, {caching.replace('public, ', '')}"


class BodyLimit:
    """Refuses a body that is longer than anybody needs, before it fills the memory."""

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; its body ends with 413 where it grows too long."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stated = whole_number(Headers(scope=scope).get("content-length", "")) or 0
        if stated > self._most_bytes:
            await self._refuse(scope, receive, send)
            return
        counted, started = 0, False

        async def counting_receive() -> Message:
            nonlocal counted
            message = await receive()
            counted += len(message.get("body", b""))
            if counted > self._most_bytes:
                raise _TooLongError
            return message

        async def noticing_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counting_receive, noticing_send)
        except _TooLongError:
            if not started:
                await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = f"a body has at most {self._most_bytes:,} bytes / 请求体过大"
        await ogc_exception(413, "ContentTooLarge", message)(scope, receive, send)


class _TooLongError(Exception):
    """The body went on after its limit."""
