"""A demo on this machine signs in whoever opens its page: nobody else is there, nothing is real."""

from __future__ import annotations

import ipaddress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth.cookies import has_left, set_session_cookie
from api.auth.devices import device_of
from api.auth.gate import Gate, gate_of, identity_of
from layers.accounts.administration import list_accounts
from layers.accounts.demo import visitor
from layers.accounts.sessions import open_session


class Greeting:
    """Around the page's route: adds a session of the demo's dispatcher to the answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the wrapped application does, a cookie added."""
        request = Request(scope)
        token = None
        if _is_to_be_greeted(request):
            token = await run_in_threadpool(_sign_in, gate_of(request), device_of(request))
        if token is None:
            await self._app(scope, receive, send)
            return
        cookies = Response()
        set_session_cookie(request, cookies, token)
        added: list[Any] = [each for each in cookies.raw_headers if each[0] == b"set-cookie"]

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *added]
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _is_to_be_greeted(request: Request) -> bool:
    """A browser that goes to the page by itself, by this machine's own name.

    Another site's page can't state that it navigates, and under a name of its own that leads here
    (DNS rebinding) it isn't greeted.
    """
    return (
        getattr(request.app.state, "gate", None) is not None
        and gate_of(request).greets_visitors
        and identity_of(request) is None
        and not has_left(request)
        and _is_navigation(request)
        and _is_own_name(request.url.hostname or "")
    )


def _is_navigation(request: Request) -> bool:
    mode = request.headers.get("sec-fetch-mode")
    if mode is None:  # a browser from before 2020
        return request.headers.get("accept", "").startswith("text/html")
    return mode == "navigate" and request.headers.get("sec-fetch-dest") == "document"


def _is_own_name(name: str) -> bool:
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name == "localhost"


def _sign_in(gate: Gate, device: str) -> str | None:
    with gate.threads_pool.connection() as connection:
        account = visitor(list_accounts(connection, gate.town.id))
        if account is None:
            return None
        return open_session(connection, account.id, gate.settings.sessions, device=device)
