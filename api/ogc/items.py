"""Features: the items of a collection and one of them (OGC API Features 1 to 3)."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from api.cancelling import cancelled_on_disconnect, taking_turn
from api.ogc.downloads import DOWNLOADS, download_items
from api.ogc.entity_tags import is_known, validators_of
from api.ogc.html import render, wants_html
from api.ogc.languages import preferred_language
from api.ogc.links import crs_uri, link, ogc_url, page_links, whole_layer_link
from api.ogc.own_draft import draft_headers, draft_links, with_own_draft
from api.ogc.parameters import check_parameters, single_values
from api.services import readable_entry, reader_of, role_of, services_of
from layers.catalogue import Entry
from layers.reading.crs import OutputCrs
from layers.reading.items import Page, read_feature, read_page, reading_as
from layers.reading.paging import write_position
from layers.reading.query import DEFAULT_LIMIT, ItemsQuery, parse_items_query
from spatial.errors import InputError, NotFoundError
from spatial.numerals import row_id

GEOJSON = "application/geo+json"
HTML = "text/html"
_FORMATS = frozenset({"json", "geojson", "html", *DOWNLOADS})
# json.dumps would make one each time.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


async def get_items(request: Request) -> Response:
    """GET /collections/{layer_id}/items."""
    entry = readable_entry(request)
    parameters = single_values(request)
    _check_format(request)
    preferred_language(request)  # refuses what is none, as every page does
    if parameters.get("f") in DOWNLOADS:
        return await download_items(request, entry, parameters["f"])
    query = parse_items_query(entry, parameters, reader_of(request), default_limit=DEFAULT_LIMIT)
    query = await with_own_draft(request, entry, query)
    page = await _read(request, entry, query)
    tail = _tail(request, entry, query, page)
    body = f'{{"type":"FeatureCollection","features":[{page.features}],{tail}}}'
    if wants_html(request):
        files = {form: whole_layer_link(request, form) for form in DOWNLOADS}
        data = {"collection": json.loads(body), "files": files}
        return _page(request, "items.html", entry, data)
    return _geojson(request, body, query.crs, _counts(page) | draft_headers(request, query))


async def _read(request: Request, entry: Entry, query: ItemsQuery) -> Page:
    services = services_of(request)
    principal = reading_as(services.principal(request), entry, query)
    searches = query.condition is not None or query.search is not None
    async with (
        taking_turn(request, services.search_slots) if searches else nullcontext(),
        services.pool.connection() as connection,
        cancelled_on_disconnect(request, connection),
    ):
        return await read_page(connection, entry, query, principal)


def _tail(request: Request, entry: Entry, query: ItemsQuery, page: Page) -> str:
    """The members of the collection after its features."""
    cursors = {
        rel: write_position(entry.id, query.sort, position)
        for rel, position in (("next", page.following), ("prev", page.preceding))
        if position is not None
    }
    # An estimate is said to be one: the standard's number is an exact count to its readers.
    estimated = {"numberMatchedEstimated": True} if page.is_estimated else {}
    return _members(
        {
            "numberMatched": page.matched,
            **estimated,
            "numberReturned": page.returned,
            "timeStamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "links": [
                *page_links(request, GEOJSON, {"html": HTML} | DOWNLOADS, cursors),
                *draft_links(request, query),
            ],
        }
    )


def _counts(page: Page) -> dict[str, str]:
    return {
        "OGC-NumberMatched": str(page.matched),
        "OGC-NumberReturned": str(page.returned),
        "OGC-NumberMatched-Estimated": "true" if page.is_estimated else "false",
    }


async def get_item(request: Request) -> Response:
    """GET /collections/{layer_id}/items/{feature_id}."""
    entry = readable_entry(request)
    check_parameters(request, formats=("json", "geojson", "html"), may_have=("crs",))
    query = await with_own_draft(request, entry, _item_query(request))
    services = services_of(request)
    principal = reading_as(services.principal(request), entry, query)
    async with services.pool.connection() as connection:
        feature = await read_feature(connection, entry, query, principal)
    if feature is None:
        raise NotFoundError(f"{entry.id} has no feature {query.feature_id} / 没有这个要素")
    body = item_body(request, entry, feature, query)
    if wants_html(request):
        return _page(request, "item.html", entry, {"feature": json.loads(body)})
    validators = validators_of(body) | draft_headers(request, query)
    if is_known(request, validators):
        return Response(status_code=304, headers=validators)
    return _geojson(request, body, query.crs, validators)


def item_body(request: Request, entry: Entry, feature: str, query: ItemsQuery | None = None) -> str:
    """A feature as it answers for itself: with its links."""
    base = f"{ogc_url(request)}/collections/{entry.id}"
    item = f"{base}/items/{json.loads(feature)['id']}"
    links = [
        link(item, "self", GEOJSON, "this feature / 本要素"),
        link(f"{item}?f=html", "alternate", HTML, "as HTML"),
        link(base, "collection", "application/json", entry.title.zh),
        *(draft_links(request, query) if query else ()),
    ]
    return f"{feature[:-1]},{_members({'links': links})}}}"


def feature_id_of(request: Request) -> int:
    """The id in the path.

    Raises:
        NotFoundError: it is none that a feature could have.
    """
    text = request.path_params["feature_id"]
    feature_id = row_id(text)
    if feature_id is None:
        raise NotFoundError(f"there is no feature {text[:40]} / 没有这个要素")
    return feature_id


def _item_query(request: Request) -> ItemsQuery:
    crs = reader_of(request).crs(request.query_params.get("crs"))
    return ItemsQuery(crs=crs, bbox_crs=crs, feature_id=feature_id_of(request))


def _check_format(request: Request) -> None:
    name = request.query_params.get("f", "json")
    if name not in _FORMATS:
        raise InputError(
            f"there is no format called {name}", remedy=f"f={', '.join(sorted(_FORMATS))}"
        )


def _page(request: Request, template: str, entry: Entry, data: dict[str, object]) -> Response:
    fields = entry.fields_for(role_of(request))
    return render(request, template, data | {"layer": entry, "fields": fields})


def _members(members: dict[str, object]) -> str:
    """The members of a JSON object without its braces."""
    return _ENCODER.encode(members)[1:-1]


def _geojson(request: Request, body: str, crs: OutputCrs, headers: dict[str, str]) -> Response:
    # Part 2, requirement 16: the CRS of the answer, as a URI in angle brackets.
    content_crs = {"Content-Crs": f"<{crs_uri(ogc_url(request), crs)}>"}
    return Response(body, media_type=GEOJSON, headers=content_crs | headers)
