"""Orders: listed, and moved on by those who dispatch and those who were sent."""

from __future__ import annotations

from typing import Any

import psycopg
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.auth.bodies import optional_text, read_object
from api.dispatch.request import (
    account_of,
    action_in_path,
    answer,
    flag,
    id_in_path,
    in_transaction,
    limit_of,
)
from layers.dispatch.orders import Move, act_on_order, list_orders
from layers.roles import Role
from spatial.errors import InputError

Connection = psycopg.Connection[Any]

_LISTED = 200
# Who acts as the responder that the account is bound to.
_SENT = frozenset({Role.OFFICER, Role.GRID_MEMBER})


async def get_orders(request: Request) -> Response:
    """GET /api/orders?active=true&limit="""
    account_of(request)
    only_active, most = flag(request, "active"), limit_of(request, _LISTED)

    def read(connection: Connection) -> dict[str, Any]:
        return {"orders": list_orders(connection, only_active=only_active, most=most)}

    return answer(await in_transaction(request, read))


async def post_action(request: Request) -> Response:
    """POST /api/orders/{id}/{action} {revision?, reason?}: seen, accept, decline, arrive, ..."""
    own = account_of(request).role in _SENT
    order_id, action = id_in_path(request, "order"), action_in_path(request)
    body = await read_object(request)
    move = Move(action, _revision(body), optional_text(body, "reason"))

    def act(connection: Connection) -> dict[str, Any]:
        return act_on_order(connection, order_id, move, own=own)

    return answer(await in_transaction(request, act))


def _revision(body: dict[str, Any]) -> int | None:
    value = body.get("revision")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise InputError("revision has to be that at which the order was seen / revision 不对")
    return value


ROUTES = [
    Route("/api/orders", get_orders, methods=["GET"]),
    Route("/api/orders/{id}/{action}", post_action, methods=["POST"]),
]
