"""What the routes of dispatching have in common: who asks, as whom, and where the work is done."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import orjson
import psycopg
from psycopg_pool import ConnectionPool
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.auth.refusals import PAGE_CHALLENGE
from api.services import services_of
from layers.dispatch.command import Desk
from layers.dispatch.current_engine import CurrentEngine
from layers.dispatch.reading import sources_for
from layers.roles import Role
from routing.nearest.engine import Engine
from spatial.database import Principal, become, transaction
from spatial.errors import InputError, NotFoundError
from spatial.numerals import row_id

_NO_STORE = {"Cache-Control": "no-store"}
_MOST_LISTED = 500


def account_of(request: Request) -> Principal:
    """Who asks.

    Raises:
        HTTPException: 401 where nobody is signed in.
    """
    principal = services_of(request).principal(request)
    if principal.role == Role.ANONYMOUS:
        challenge = {"WWW-Authenticate": PAGE_CHALLENGE}
        raise HTTPException(HTTPStatus.UNAUTHORIZED, "sign in first / 请先登录", challenge)
    return principal


async def in_transaction[Result](
    request: Request, act: Callable[[psycopg.Connection[Any]], Result]
) -> Result:
    """Run `act` in a transaction as the account that asks, off the event loop."""
    principal = account_of(request)
    pool = services_of(request).orders_pool

    def run() -> Result:
        with transaction(pool, principal) as connection:
            return act(connection)

    return await run_in_threadpool(run)


async def at_desk[Result](request: Request, act: Callable[[Desk], Result]) -> Result:
    """Run `act` like `in_transaction`, with the streets: these are the web's own to read."""
    principal, services = account_of(request), services_of(request)
    pool: ConnectionPool[Any] = services.orders_pool

    def run() -> Result:
        with pool.connection() as connection, connection.transaction():
            engine = engine_if_any(services.engine, connection)
            become(connection, principal)
            sources = sources_for(Role(principal.role)) if sees_responders(principal) else None
            return act(Desk(connection, services.town, engine, sources))

    return await run_in_threadpool(run)


def sees_responders(principal: Principal) -> bool:
    """Whether who can be there first is the principal's to know."""
    if principal.role == Role.GRID_MEMBER:
        return False
    granted = principal.role != Role.SYSTEM or {"responders", "orders"} <= {*principal.layers}
    return granted and principal.reaches("responders") and principal.reaches("orders")


def engine_if_any(current: CurrentEngine, connection: psycopg.Connection[Any]) -> Engine | None:
    """The engine of the moment; None for a town without streets, which works all the same."""
    try:
        return current.get(connection)
    except NotFoundError:
        return None


def id_in_path(request: Request, what: str) -> int:
    """The number `{id}` in the path.

    Raises:
        NotFoundError: it is none, so there is nothing of that name.
    """
    number = row_id(request.path_params["id"])
    if number is None:
        raise NotFoundError(f"there is no such {what} / 不存在")
    return number


def action_in_path(request: Request) -> str:
    """The word `{action}` in the path.

    Raises:
        NotFoundError: no action is called like that.
    """
    action: str = request.path_params["action"]
    if not (action.isascii() and action.isidentifier()):
        raise NotFoundError("there is no such action / 没有这个操作")
    return action


def flag(request: Request, name: str) -> bool:
    """A parameter that is true or false; false where it is missing.

    Raises:
        InputError: it is something else.
    """
    text = request.query_params.get(name, "false")
    if text not in ("true", "false"):
        raise InputError(f"{name} has to be true or false / {name} 应为 true 或 false")
    return text == "true"


def limit_of(request: Request, default: int) -> int:
    """The parameter `limit`: how many at most.

    Raises:
        InputError: it is no number from 1 to 500.
    """
    number = row_id(request.query_params.get("limit", str(default)))
    if number is None or not 1 <= number <= _MOST_LISTED:
        raise InputError(f"limit has to be 1 to {_MOST_LISTED} / limit 不对")
    return number


def answer(document: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """JSON that no cache keeps."""
    return Response(orjson.dumps(document), status, _NO_STORE, "application/json")
