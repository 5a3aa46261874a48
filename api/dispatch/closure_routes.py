"""Closures and slowdowns: drawn, listed, changed, ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.auth.bodies import read_object
from api.dispatch.closure_bodies import change_from, plan_from
from api.services import Services, services_of
from layers.closures.desk import (
    Connection,
    LiveStreets,
    add_closure,
    change_closure,
    closures_ahead,
    closures_in_force,
    end_closure,
    events_of,
    preview_closure,
)
from layers.roles import Role
from routing.stored.graph_store import graph_version, no_streets
from spatial.database import Principal, transaction
from spatial.errors import AccessError, NotFoundError
from spatial.numerals import row_id

_NO_STORE = {"Cache-Control": "no-store"}
_MOST_BYTES = 1024 * 1024
_CLOSERS = frozenset({Role.DISPATCHER, Role.ADMINISTRATOR, Role.OFFICER, Role.SYSTEM})


async def get_closures(request: Request) -> Response:
    """GET /api/closures: those in force; for who closes streets, those to come and who drew them.

    {"type": "FeatureCollection", "features", "may_close"}.
    """
    principal = services_of(request).principal(request)

    def read(connection: Connection) -> dict[str, Any]:
        may_close = Role(principal.role) in _CLOSERS
        try:
            with connection.transaction():
                features = closures_ahead(connection) if may_close else []
        except AccessError:
            may_close = False
        if not may_close:
            features = closures_in_force(connection, Role(principal.role))
        return {"type": "FeatureCollection", "features": features, "may_close": may_close}

    return _answer(await _in_transaction(request, principal, read))


async def post_closure(request: Request) -> Response:
    """POST /api/closures: close streets, or slow them.

    Body: "geometry" (GeoJSON; "as": point, along, barrier or area; "radius_m"; "one_way") or
    "streets" (ids); "kind": closed or slow, "speed_share", "modes", "starts", "ends" or "minutes",
    "reason", "note". 201: {"closure", "effects"}.
    """
    principal = _closer(request)
    plan = plan_from(await read_object(request, most_bytes=_MOST_BYTES), datetime.now(UTC))
    services = services_of(request)
    streets = await run_in_threadpool(_live_streets, services)

    def add(connection: Connection) -> dict[str, Any]:
        closed = add_closure(connection, streets, plan, Role(principal.role))
        return {
            "closure": _one(connection, closed.closure_id),
            "effects": closed.effects.as_json(),
        }

    return _answer(await _in_transaction(request, principal, add), HTTPStatus.CREATED)


async def preview(request: Request) -> Response:
    """POST /api/closures/preview: what the same body would close, and do; nothing is closed.

    {"geometry", "streets" (ids), "effects"}.
    """
    _closer(request)
    plan = plan_from(await read_object(request, most_bytes=_MOST_BYTES), datetime.now(UTC))
    services = services_of(request)

    def look() -> dict[str, Any]:
        return preview_closure(_live_streets(services), plan)

    return _answer(await run_in_threadpool(look))


async def get_closure(request: Request) -> Response:
    """GET /api/closures/{id}: {"closure" (null when it is over), "events"}: who did what to it."""
    principal, closure_id = _closer(request), _id_in(request)

    def read(connection: Connection) -> dict[str, Any]:
        events = events_of(connection, closure_id)
        return {"closure": _one(connection, closure_id), "events": events}

    return _answer(await _in_transaction(request, principal, read))


async def patch_closure(request: Request) -> Response:
    """PATCH /api/closures/{id}: "ends" or "minutes" (from now), "starts", "kind", "note", ...

    200: {"closure"}.
    """
    principal, closure_id = _closer(request), _id_in(request)
    change = change_from(await read_object(request), datetime.now(UTC))

    def alter(connection: Connection) -> dict[str, Any]:
        change_closure(connection, closure_id, change)
        return {"closure": _one(connection, closure_id)}

    return _answer(await _in_transaction(request, principal, alter))


async def delete_closure(request: Request) -> Response:
    """DELETE /api/closures/{id}: it ends now. 204."""
    principal, closure_id = _closer(request), _id_in(request)
    await _in_transaction(request, principal, lambda c: end_closure(c, closure_id))
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _closer(request: Request) -> Principal:
    """Who asks, if it may be somebody who closes streets; the database knows the rest.

    Raises:
        AccessError: it can't be.
    """
    principal = services_of(request).principal(request)
    if Role(principal.role) not in _CLOSERS or not principal.reaches("closures"):
        raise AccessError(
            "closing streets is for dispatchers and the traffic police / 封路由调度员和交警操作"
        )
    return principal


def _live_streets(services: Services) -> LiveStreets:
    with services.threads_pool.connection() as connection:
        version = graph_version(connection, services.town.id)
        if version is None:
            raise no_streets()
        return LiveStreets(services.engine.get(connection), version)


async def _in_transaction[Result](
    request: Request, principal: Principal, act: Callable[[Connection], Result]
) -> Result:
    def run() -> Result:
        with transaction(services_of(request).threads_pool, principal) as connection:
            return act(connection)

    return await run_in_threadpool(run)


def _one(connection: Connection, closure_id: int) -> dict[str, Any] | None:
    found = (each for each in closures_ahead(connection) if each["id"] == closure_id)
    return next(found, None)


def _id_in(request: Request) -> int:
    text = request.path_params["closure_id"]
    number = row_id(text)
    if number is None:
        raise NotFoundError(f"there is no closure {text[:50]} / 没有这条封路信息")
    return number


def _answer(document: Any, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return JSONResponse(document, status, headers=_NO_STORE)


CLOSURE_ROUTES = [
    Route("/api/closures", get_closures, methods=["GET"]),
    Route("/api/closures", post_closure, methods=["POST"]),
    Route("/api/closures/preview", preview, methods=["POST"]),
    Route("/api/closures/{closure_id}", get_closure, methods=["GET"]),
    Route("/api/closures/{closure_id}", patch_closure, methods=["PATCH"]),
    Route("/api/closures/{closure_id}", delete_closure, methods=["DELETE"]),
]
