"""Pull: what changed in a layer since a token; and what became of one feature, and by whom."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.ogc.links import link, ogc_url
from api.services import readable_entry, role_of, services_of
from layers.changes.history import readers_of_history
from layers.changes.history_pages import MAX_LINES, read_history
from layers.changes.log import number_changes, parse_token
from layers.changes.pull import DEFAULT_CHANGES, MAX_CHANGES, ChangesPage, read_changes_page
from layers.reading.items import reading_as
from spatial.database import async_transaction
from spatial.errors import InputError, NotFoundError
from spatial.numerals import row_id, whole_number

GEOJSON = "application/geo+json"


async def get_changes(request: Request) -> Response:
    """GET /collections/{layer_id}/changes: one page after `since`, or where to begin."""
    services = services_of(request)
    entry = readable_entry(request)
    limit = _limit(request, {"since", "limit", "f"}, DEFAULT_CHANGES, MAX_CHANGES)
    async with services.pool.connection() as connection:
        position = await number_changes(connection)
    text = request.query_params.get("since")
    if text is None:
        return _answer(request, entry.id, ChangesPage([], [], position.last, is_last=True), limit)
    span = (parse_token(text, position), position.last)
    principal = reading_as(services.principal(request), entry)
    async with async_transaction(services.pool, principal) as connection:
        page = await read_changes_page(connection, principal, entry.id, span, limit)
    return _answer(request, entry.id, page, limit)


def _answer(request: Request, layer: str, page: ChangesPage, limit: int) -> Response:
    """A FeatureCollection of what is there, so that any client can draw it, with more members."""
    base = f"{ogc_url(request)}/collections/{layer}"
    following = urlencode({"since": page.following, "limit": limit})
    tail = {
        "deleted": page.deleted,
        "next": str(page.following),
        "more": not page.is_last,
        "numberReturned": len(page.features),
        "timeStamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "links": [
            link(f"{base}/changes?{following}", "next", GEOJSON, "what follows / 后续变化"),
            link(f"{base}/items", "items", GEOJSON, "all items / 全部要素"),
            link(base, "collection", "application/json", layer),
        ],
    }
    members = json.dumps(tail, ensure_ascii=False, separators=(",", ":"))[1:-1]
    body = f'{{"type":"FeatureCollection","features":[{",".join(page.features)}],{members}}}'
    return Response(body, media_type=GEOJSON, headers={"Cache-Control": "no-store"})


async def get_history(request: Request) -> Response:
    """GET /collections/{layer_id}/items/{feature_id}/history, the newest change first."""
    services = services_of(request)
    entry = readable_entry(request)
    text = request.path_params["feature_id"]
    feature_id = row_id(text)
    if role_of(request) not in readers_of_history(entry) or feature_id is None:
        raise NotFoundError(f"there is no history of {entry.id}/{text[:40]} / 没有变更记录")
    limit = _limit(request, {"before", "limit", "f"}, 100, MAX_LINES)
    principal = reading_as(services.principal(request), entry)
    async with async_transaction(services.pool, principal) as connection:
        lines = await read_history(
            connection, principal, (entry.id, feature_id), _before(request), limit
        )
    if not lines and "before" not in request.query_params:
        raise NotFoundError(f"nothing is known of {entry.id}/{text} / 没有变更记录")
    address = f"{ogc_url(request)}/collections/{entry.id}/items/{text}/history"
    links = [link(address, "self", "application/json", "newest first / 由新到旧")]
    if len(lines) == limit:
        following = urlencode({"before": lines[-1]["id"], "limit": limit})
        links.append(link(f"{address}?{following}", "next", "application/json", "older / 更早"))
    body = json.dumps({"history": lines, "links": links}, ensure_ascii=False, default=str)
    headers = {"Cache-Control": "no-store"}
    return Response(body, media_type="application/json", headers=headers)


def _before(request: Request) -> int | None:
    text = request.query_params.get("before")
    before = None if text is None else row_id(text)
    if text is not None and before is None:
        raise InputError(f"before has to be the id of a line of the history, not {text[:40]!r}")
    return before


def _limit(request: Request, known: set[str], default: int, most: int) -> int:
    """`limit`, once the names of all parameters are known."""
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        raise InputError(f"unknown parameter {unknown[0][:40]!r}")
    if request.query_params.get("f", "json") not in {"json", "geojson"}:
        raise InputError("there is no such format", remedy="f=json")
    text = request.query_params.get("limit", str(default))
    limit = whole_number(text)
    if not limit:
        raise InputError(f"limit has to be a whole number of at least 1, not {text[:40]!r}")
    return min(limit, most)
