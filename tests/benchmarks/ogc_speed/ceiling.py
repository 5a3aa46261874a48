"""The least that a server can do: the same statement, role and time-out, and nothing else.

A bare ASGI app on psycopg: no routing, no parsing, no accounts, no links. Statements and their
values are made when it starts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from psycopg_pool import AsyncConnectionPool
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import POOL_SIZE
from layers.entries import CATALOGUE
from layers.reading.items import reading_as
from layers.reading.query import DEFAULT_LIMIT, Reader, parse_items_query
from layers.reading.statements import page_statement
from layers.reading.tiles.matrix_sets import find_tile, find_tile_matrix_set
from layers.reading.tiles.statement import tile_statement, tile_values
from layers.roles import Role
from ogc_speed.scenarios import Scenario, scenarios
from ogc_speed.town import ANONYMOUS, OFFICER
from spatial.database import Principal, fetch_row
from spatial.web_login import web_conninfo


@dataclass(frozen=True)
class Question:
    """One address."""

    principal: Principal
    statement: Any
    values: dict[str, Any]
    is_tile: bool


def questions() -> dict[tuple[str, bytes], Question]:
    """Role and address → what is asked of the database."""
    return {
        (each.role, path.encode()): question
        for each in scenarios()
        for path, question in zip(each.our_paths(), _questions(each), strict=True)
    }


def _questions(scenario: Scenario) -> list[Question]:
    entry = CATALOGUE.entry(scenario.layer)
    principal = reading_as(OFFICER if scenario.role is Role.OFFICER else ANONYMOUS, entry)
    reader = Reader(scenario.role, 4549, "Asia/Shanghai")
    asked = []
    for text in scenario.queries:
        parameters = dict(parse_qsl(text))
        query = parse_items_query(entry, parameters, reader, default_limit=DEFAULT_LIMIT)
        statement = page_statement(entry, scenario.role, query)
        asked.append(Question(principal, statement.query, statement.values, is_tile=False))
    matrix_set = find_tile_matrix_set("WebMercatorQuad")
    for level, row, column in scenario.tiles:
        tile = find_tile(matrix_set, level, row, column)
        text = tile_statement(entry, scenario.role, matrix_set, tile.depth).as_bytes()
        asked.append(Question(principal, text, tile_values(tile), is_tile=True))
    return asked


def ceiling(conninfo: str) -> ASGIApp:
    """The app over the database at `conninfo`."""
    asked = questions()
    pool = AsyncConnectionPool(
        web_conninfo(conninfo),
        min_size=2,
        max_size=POOL_SIZE,
        open=False,
        kwargs={"autocommit": True},
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(pool, receive, send)
            return
        role = Role.OFFICER if b"x-role" in dict(scope["headers"]) else Role.ANONYMOUS
        address = scope["raw_path"].split(b"?")[0]
        if scope["query_string"]:
            address += b"?" + scope["query_string"]
        question = asked[role, address]
        async with pool.connection() as connection:
            row = await fetch_row(
                connection,
                question.principal,
                question.statement,
                question.values,
                binary=question.is_tile,
            )
        await _send(send, *(_tile(row) if question.is_tile else _collection(row)))

    return app


def _collection(row: Any) -> tuple[bytes, bytes]:
    features, read, _first, _last, matched, _planned = row
    body = (
        f'{{"type":"FeatureCollection","features":[{features or ""}],'
        f'"numberMatched":{matched},"numberReturned":{read}}}'
    )
    return body.encode(), b"application/geo+json"


def _tile(row: Any) -> tuple[bytes, bytes]:
    return bytes(row[0]), b"application/vnd.mapbox-vector-tile"


async def _send(send: Send, body: bytes, media_type: bytes) -> None:
    headers = [(b"content-type", media_type), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _live(pool: AsyncConnectionPool, receive: Receive, send: Send) -> None:
    told: dict[str, Callable[[], Awaitable[None]]] = {
        "lifespan.startup": pool.open, "lifespan.shutdown": pool.close,
    }  # fmt: skip
    while told:
        kind = (await receive())["type"]
        await told.pop(kind)()
        await send({"type": f"{kind}.complete"})
