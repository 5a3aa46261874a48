"""What the routes of dispatching have in common: who asks, as whom, and where the work is done."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import psycopg
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.auth.refusals import PAGE_CHALLENGE
from api.services import services_of
from layers.roles import Role
from spatial.database import Principal, transaction
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
    pool = services_of(request).threads_pool

    def run() -> Result:
        with transaction(pool, principal) as connection:
            return act(connection)

    return await run_in_threadpool(run)


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
    return JSONResponse(document, status, headers=_NO_STORE)
