"""Where is it: places by name, and the names that people give them."""

from __future__ import annotations

import math
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import psycopg
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.auth.bodies import read_object, text_of
from api.dispatch.place_index import PlaceIndex
from api.services import role_of, services_of
from layers.gazetteer.aliases import (
    ENTRY,
    Alias,
    add_alias,
    list_aliases,
    may_name,
    remove_alias,
)
from layers.gazetteer.answers import pair_as_json, place_as_json
from layers.gazetteer.coordinates import read_pair
from layers.gazetteer.gazetteer import Query, confirmed, confirming
from layers.gazetteer.units import MOST_TYPED
from spatial.database import AnyConnection, Principal, async_transaction, transaction
from spatial.errors import AccessError, InputError, NotFoundError
from spatial.numerals import row_id

_NO_STORE = {"Cache-Control": "no-store"}
_MOST_PLACES = 50
_DEFAULT_PLACES = 8


async def get_places(request: Request) -> Response:
    """GET /api/places?q=&limit=8&lon=&lat=: {"places", "asks"}, the best first.

    Places: {"kind", "label", "detail", "inner", "lon", "lat", "id"} in WGS 84. For a pasted pair of
    coordinates they are its readings, and "asks" says what wasn't said: "datum", "order".
    """
    query = _query(request)
    pair = read_pair(query.text)
    if pair:
        places = pair_as_json(pair, services_of(request).town)
        return _answer({"places": places[: query.limit], "asks": list(pair.asks)})
    found = await _find(request, query) if query.text.strip() else []
    return _answer({"places": found, "asks": []})


async def get_aliases(request: Request) -> Response:
    """GET /api/places/aliases: {"aliases", "may_name"}."""
    principal, role = _named(request), role_of(request)

    def read(connection: psycopg.Connection[Any]) -> dict[str, Any]:
        aliases = list_aliases(connection, role)
        for alias in aliases:
            alias["updated"] = alias["updated"].isoformat()
        return {"aliases": aliases, "may_name": may_name(role)}

    return _answer(await _in_transaction(request, principal, read))


async def post_alias(request: Request) -> Response:
    """POST /api/places/aliases {"name", "lon", "lat", "note"?}: 201 {"id"}."""
    principal, role = _named(request), role_of(request)
    body = await read_object(request)
    lon, lat = (_degrees(name, body.get(name)) for name in ("lon", "lat"))
    if lon is None or lat is None:
        raise InputError("lon and lat are needed / 缺少经纬度")
    alias = Alias(text_of(body, "name"), lon, lat, text_of(body, "note", ""))

    def add(connection: psycopg.Connection[Any]) -> int:
        return add_alias(connection, role, alias)

    number = await _in_transaction(request, principal, add)
    return _answer({"id": number}, HTTPStatus.CREATED)


async def delete_alias(request: Request) -> Response:
    """DELETE /api/places/aliases/{alias_id}: 204."""
    principal, role = _named(request), role_of(request)
    number = row_id(request.path_params["alias_id"])
    if not number:
        raise NotFoundError("there is no such alias / 没有这个别称")

    def remove(connection: psycopg.Connection[Any]) -> None:
        remove_alias(connection, role, number)

    await _in_transaction(request, principal, remove)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _query(request: Request) -> Query:
    asked = request.query_params
    text = asked.get("q", "")
    if len(text) > MOST_TYPED:
        raise InputError(f"q has at most {MOST_TYPED} characters / 最多 {MOST_TYPED} 个字")
    limit = row_id(asked["limit"]) if "limit" in asked else _DEFAULT_PLACES
    if not limit or limit > _MOST_PLACES:
        raise InputError(f"limit is 1 to {_MOST_PLACES} / limit 应为 1 到 {_MOST_PLACES}")
    lon, lat = (_degrees(name, asked.get(name)) for name in ("lon", "lat"))
    if (lon is None) != (lat is None):
        raise InputError("lon and lat come together / 经纬度应同时给出")
    return Query(text, limit, None if lon is None or lat is None else (lon, lat))


def _degrees(name: str, value: object) -> float | None:
    """A longitude or latitude; None where there is none."""
    if value is None:
        return None
    try:
        number = float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not abs(number) <= (180 if name == "lon" else 90):
        raise InputError(f"{name} has to be degrees / {name} 应为度数")
    return number


async def _find(request: Request, query: Query) -> list[dict[str, Any]]:
    services, places = services_of(request), _index(request)
    principal = services.principal(request)
    gazetteer = await places.ready()
    found = await run_in_threadpool(
        gazetteer.propose, services.threads_pool, services.town, principal, query
    )
    statement = confirming(principal, found)
    rows: list[Any] = []
    if statement:
        connection: AnyConnection
        async with async_transaction(services.pool, principal) as connection:
            cursor = await connection.execute(statement)
            rows = await cursor.fetchall()
    return [place_as_json(each) for each in confirmed(found, rows, query.limit)]


def _index(request: Request) -> PlaceIndex:
    index: PlaceIndex = request.app.state.places
    return index


def _named(request: Request) -> Principal:
    """Who asks for aliases, if it came for them.

    Raises:
        AccessError: it didn't.
    """
    principal = services_of(request).principal(request)
    if not principal.reaches(ENTRY.id):
        raise AccessError("aliases are for the town's staff / 地名别称仅供内部使用")
    return principal


async def _in_transaction[Result](
    request: Request, principal: Principal, act: Callable[[psycopg.Connection[Any]], Result]
) -> Result:
    pool = services_of(request).threads_pool

    def run() -> Result:
        with transaction(pool, principal) as connection:
            return act(connection)

    return await run_in_threadpool(run)


def _answer(body: dict[str, Any], status: int = HTTPStatus.OK) -> Response:
    return JSONResponse(body, status, headers=_NO_STORE)


ROUTES = [
    Route("/api/places", get_places, methods=["GET"]),
    Route("/api/places/aliases", get_aliases, methods=["GET"]),
    Route("/api/places/aliases", post_alias, methods=["POST"]),
    Route("/api/places/aliases/{alias_id}", delete_alias, methods=["DELETE"]),
]
