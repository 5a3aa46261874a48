"""Features: the items of a collection and one of them (OGC API Features 1 and 2)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from api.ogc.html import render, wants_html
from api.ogc.links import link, ogc_url, page_links
from api.services import Services, readable_entry, role_of, services_of
from layers.catalogue import Entry
from layers.reading.crs import OutputCrs, find_crs
from layers.reading.items import read_feature, read_page
from layers.reading.query import ItemsQuery, parse_items_query
from spatial.database import async_transaction
from spatial.errors import InputError, NotFoundError

GEOJSON = "application/geo+json"


async def get_items(request: Request) -> Response:
    """GET /collections/{layer_id}/items."""
    services = services_of(request)
    principal = services.principal(request)
    entry = readable_entry(request)
    _check_format(request)
    query = parse_items_query(
        entry,
        request.query_params,
        role=role_of(request),
        metric_srid=services.town.metric_srid,
        time_zone=services.town.time_zone,
    )
    async with async_transaction(services.pool, principal) as connection:
        page = await read_page(connection, entry, query, principal)
    numbers = {
        "offset": query.offset,
        "limit": query.limit,
        "returned": page.returned,
        "matched": page.matched,
    }
    tail = {
        "numberMatched": page.matched,
        "numberReturned": page.returned,
        "timeStamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "links": page_links(request, GEOJSON, numbers),
    }
    body = f'{{"type":"FeatureCollection","features":[{page.features}],{_members(tail)}}}'
    if wants_html(request):
        return render(request, "items.html", {"collection": json.loads(body), "layer": entry})
    return _geojson(body, query.crs)


async def get_item(request: Request) -> Response:
    """GET /collections/{layer_id}/items/{feature_id}."""
    services = services_of(request)
    principal = services.principal(request)
    entry = readable_entry(request)
    _check_format(request)
    query = _item_query(services, request)
    async with async_transaction(services.pool, principal) as connection:
        feature = await read_feature(connection, entry, query, principal)
    if feature is None:
        raise _not_found(entry, str(query.feature_id))
    base = f"{ogc_url(request)}/collections/{entry.id}"
    links = [
        link(f"{base}/items/{query.feature_id}", "self", GEOJSON, "this feature / 本要素"),
        link(f"{base}/items/{query.feature_id}?f=html", "alternate", "text/html", "as HTML"),
        link(base, "collection", "application/json", entry.title.zh),
    ]
    body = f"{feature[:-1]},{_members({'links': links})}}}"
    if wants_html(request):
        return render(request, "item.html", {"feature": json.loads(body), "layer": entry})
    return _geojson(body, query.crs)


def _item_query(services: Services, request: Request) -> ItemsQuery:
    text = request.path_params["feature_id"]
    if not text.isdecimal() or int(text) >= 2**63:
        raise NotFoundError(f"there is no feature {text}")
    crs = find_crs(request.query_params.get("crs"), services.town.metric_srid)
    return ItemsQuery(crs=crs, bbox_crs=crs, feature_id=int(text))


def _not_found(entry: Entry, feature_id: str) -> NotFoundError:
    return NotFoundError(f"{entry.id} has no feature {feature_id} / 没有这个要素")


def _check_format(request: Request) -> None:
    name = request.query_params.get("f", "json")
    if name not in {"json", "geojson", "html"}:
        raise InputError(f"there is no format called {name}", remedy="f=json or f=html")


def _members(members: dict[str, object]) -> str:
    """The members of a JSON object without its braces."""
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))[1:-1]


def _geojson(body: str, crs: OutputCrs) -> Response:
    # Part 2, requirement 16: the CRS of the answer, as a URI in angle brackets.
    return Response(body, media_type=GEOJSON, headers={"Content-Crs": f"<{crs.uri}>"})
