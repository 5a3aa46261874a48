"""A responder's own orders, pushed to the page; and what gateways say of messages."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from http import HTTPStatus
from typing import Any, override

import orjson
import psycopg
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.auth.bodies import read_object, text_of
from api.auth.gate import identity_of
from api.auth.refusals import PAGE_CHALLENGE
from api.dispatch.order_feed import Listener, OrderFeed
from api.push.events import HEARTBEAT
from api.push.streaming import HEARTBEAT_S, LastingAnswer
from api.services import Services, services_of
from layers.delivery.inbound import answer_by_message, note_receipt
from layers.delivery.own_orders import read_own_orders
from layers.roles import Role
from spatial.database import Principal, async_transaction
from spatial.errors import AccessError, InputError

_NO_STORE = {"Cache-Control": "no-store"}
_RESPONDERS = frozenset({Role.OFFICER, Role.GRID_MEMBER})
_RETRY_MS = 1000
_OVER = b"event: end\ndata: {}\n\n"


async def get_own_orders(request: Request) -> Response:
    """GET /api/my/orders: the active order, those that ended a moment ago, and the duty."""
    services, principal = _responder(request)
    return JSONResponse(await read_own_orders(services.pool, principal), headers=_NO_STORE)


async def stream_own_orders(request: Request) -> Response:
    """GET /api/my/orders/stream: the same document as events `orders`, now and whenever it changes.

    Each event says all there is, so that a page that was cut off needs nothing of what it missed.
    """
    services, principal = _responder(request)
    own = await read_own_orders(services.pool, principal)
    if own["responder"] is None:
        raise AccessError("the account is bound to no responder / 账号未绑定处置力量")
    feed: OrderFeed = request.app.state.order_feed
    listener = Listener(own["responder"]["id"], identity_of(request))
    feed.join(listener)
    return OrderStream(feed, listener, services, principal)


class OrderStream(LastingAnswer):
    """A responder's orders, whenever they change."""

    def __init__(
        self, feed: OrderFeed, listener: Listener, services: Services, principal: Principal
    ) -> None:
        super().__init__()
        self._feed = feed
        self._listener = listener
        self._services = services
        self._principal = principal

    @override
    def _leave(self) -> None:
        self._feed.leave(self._listener)

    @override
    async def _texts(self) -> AsyncIterator[bytes]:
        yield f"retry: {_RETRY_MS}\n\n".encode()
        said: Any = None
        while not self._listener.ended:
            self._listener.news.clear()
            with suppress(psycopg.OperationalError):  # the database comes back, and tells so
                own = await self._read()
                if own["orders"] != said:
                    said = own["orders"]
                    yield b"event: orders\ndata: %b\n\n" % orjson.dumps(own)
            while not self._listener.news.is_set():
                with suppress(TimeoutError):
                    async with asyncio.timeout(HEARTBEAT_S):
                        await self._listener.news.wait()
                if not self._listener.news.is_set():
                    yield HEARTBEAT
        yield _OVER

    async def _read(self) -> dict[str, Any]:
        return await read_own_orders(self._services.pool, self._principal)


async def post_receipt(request: Request) -> Response:
    """POST /api/delivery/receipts {message_id, status: "delivered" | "failed"}: by a gateway's key.

    Twice, late, or of a message that isn't known: 204 all the same, since nothing is to be mended.
    """
    services, principal = _gateway(request)
    body = await read_object(request)
    status = text_of(body, "status")
    if status not in {"delivered", "failed"}:
        raise InputError('status is "delivered" or "failed" / status 应为 delivered 或 failed')
    try:
        message_id = uuid.UUID(text_of(body, "message_id"))
    except ValueError:
        raise InputError("message_id is no message's / message_id 无效") from None
    async with async_transaction(services.pool, principal) as connection:
        await note_receipt(connection, message_id, delivered=status == "delivered")
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=_NO_STORE)


async def post_reply(request: Request) -> Response:
    """POST /api/delivery/replies {channel, from, text}: what somebody answers to a message.

    The answer has a text to be sent back, e.g. to one who accepts what was given to another.
    """
    services, principal = _gateway(request)
    body = await read_object(request)
    channel, sender, text = (text_of(body, name) for name in ("channel", "from", "text"))
    async with async_transaction(services.pool, principal) as connection:
        answer = await answer_by_message(connection, channel, sender, text)
    return JSONResponse(answer, headers=_NO_STORE)


def _responder(request: Request) -> tuple[Services, Principal]:
    """Who asks for orders of their own.

    Raises:
        AccessError: the role is never sent anywhere.
    """
    return _caller(request, _RESPONDERS)


def _gateway(request: Request) -> tuple[Services, Principal]:
    return _caller(request, frozenset({Role.SYSTEM}))


def _caller(request: Request, roles: frozenset[Role]) -> tuple[Services, Principal]:
    services = services_of(request)
    principal = services.principal(request)
    if principal.role == Role.ANONYMOUS:
        challenge = {"WWW-Authenticate": PAGE_CHALLENGE}
        raise HTTPException(HTTPStatus.UNAUTHORIZED, "sign in first / 请先登录", challenge)
    if principal.role not in roles:
        raise AccessError("this is not for your role / 您的角色无此权限")
    return services, principal


ROUTES = [
    Route("/api/my/orders", get_own_orders),
    Route("/api/my/orders/stream", stream_own_orders),
    Route("/api/delivery/receipts", post_receipt, methods=["POST"]),
    Route("/api/delivery/replies", post_reply, methods=["POST"]),
]
