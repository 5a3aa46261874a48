"""Incidents: read, moved on by hand, and given to responders."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import psycopg
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.auth.bodies import optional_text, read_object, text_of
from api.dispatch.request import (
    account_of,
    action_in_path,
    answer,
    at_desk,
    flag,
    id_in_path,
    in_transaction,
    limit_of,
)
from layers.dispatch.command import Desk
from layers.dispatch.incidents import act_on_incident, list_incidents, read_incident
from layers.dispatch.orders import Choice
from layers.dispatch.sending import send_responder
from layers.dispatch.unattended import read_unattended
from layers.roles import Role
from spatial.errors import InputError
from spatial.numerals import row_id

Connection = psycopg.Connection[Any]

_LISTED = 200
_DISPATCHERS = frozenset({Role.DISPATCHER, Role.ADMINISTRATOR})


async def get_incidents(request: Request) -> Response:
    """GET /api/incidents?open=true&limit="""
    account_of(request)
    only_open, most = flag(request, "open"), limit_of(request, _LISTED)

    def read(connection: Connection) -> dict[str, Any]:
        return {"incidents": list_incidents(connection, only_open=only_open, most=most)}

    return answer(await in_transaction(request, read))


async def get_unattended(request: Request) -> Response:
    """GET /api/incidents/unattended?limit=: where nobody is, and how long each waits."""
    account_of(request)
    most = limit_of(request, _LISTED)

    def read(connection: Connection) -> dict[str, Any]:
        return read_unattended(connection, most)

    return answer(await in_transaction(request, read))


async def get_incident(request: Request) -> Response:
    """GET /api/incidents/{id}: with orders, events, and what may be done next."""
    dispatches = account_of(request).role in _DISPATCHERS
    incident_id = id_in_path(request, "incident")

    def read(connection: Connection) -> dict[str, Any]:
        return read_incident(connection, incident_id, with_reports=dispatches)

    return answer(await in_transaction(request, read))


async def post_order(request: Request) -> Response:
    """POST /api/incidents/{id}/orders {responder, reason?, replaces?, decision?}

    Without a decision by which the responder was chosen one is made now.
    """
    account_of(request)
    incident_id, body = id_in_path(request, "incident"), await read_object(request)
    choice = Choice(
        text_of(body, "responder"),
        decision=_optional_id(body, "decision"),
        replaces=_optional_id(body, "replaces"),
        reason=optional_text(body, "reason"),
    )

    def send(desk: Desk) -> dict[str, Any]:
        return send_responder(desk, incident_id, choice)

    return answer(await at_desk(request, send), HTTPStatus.CREATED)


async def post_action(request: Request) -> Response:
    """POST /api/incidents/{id}/{action} {revision, …}"""
    account_of(request)
    incident_id, action = id_in_path(request, "incident"), action_in_path(request)
    body = await read_object(request)
    revision = body.pop("revision", None)
    if isinstance(revision, bool) or not isinstance(revision, int) or not 0 <= revision < 2**31:
        raise InputError("revision has to be that at which it was seen / 缺少 revision")

    def act(connection: Connection) -> dict[str, Any]:
        return act_on_incident(connection, incident_id, action, revision, body)

    return answer(await in_transaction(request, act))


def _optional_id(body: dict[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    number = row_id(str(value))
    if isinstance(value, bool) or number is None:
        raise InputError(f"{name} has to be a whole number / {name} 应为整数")
    return number


ROUTES = [
    Route("/api/incidents", get_incidents, methods=["GET"]),
    Route("/api/incidents/unattended", get_unattended, methods=["GET"]),
    Route("/api/incidents/{id}", get_incident, methods=["GET"]),
    Route("/api/incidents/{id}/orders", post_order, methods=["POST"]),
    Route("/api/incidents/{id}/{action}", post_action, methods=["POST"]),
]
