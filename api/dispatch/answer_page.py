"""The page behind the link in a message: its responder says yes or no without signing in.

Opening it changes nothing, since programs open links to show what is behind them; its buttons do.
"""

from __future__ import annotations

import uuid
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.auth.bodies import read_form, text_of
from api.auth.rendering import render_page
from api.services import services_of
from layers.delivery.inbound import LINK_ACTIONS, answer_by_link
from layers.roles import Role
from spatial.database import Principal, async_transaction
from spatial.errors import InputError


async def get_answer(request: Request) -> Response:
    """GET /answer/{message}: what is asked, and two buttons."""
    return await _page(request, None)


async def post_answer(request: Request) -> Response:
    """POST /answer/{message}: a form with action=accept or decline."""
    action = text_of(await read_form(request), "action")
    if action not in LINK_ACTIONS:
        raise InputError("action is accept or decline / 操作应为 accept 或 decline")
    return await _page(request, action)


async def _page(request: Request, action: str | None) -> Response:
    services = services_of(request)
    told = None
    try:
        message = uuid.UUID(request.path_params["message"])
    except ValueError:
        message = None
    if message is not None:
        # Whoever is signed in at this telephone: the link alone says who answers.
        visitor = Principal(Role.ANONYMOUS, services.town.id, time_zone=services.town.time_zone)
        async with async_transaction(services.pool, visitor) as connection:
            told = await answer_by_link(connection, message, action)
    status = HTTPStatus.OK if told else HTTPStatus.NOT_FOUND
    data = {"told": told, "message": message}
    return render_page(request, "answer.html", "answer_order", data, status=status)


ROUTES = [
    Route("/answer/{message}", get_answer, methods=["GET"]),
    Route("/answer/{message}", post_answer, methods=["POST"]),
]
