"""Writing units of the coverage: into the client's own draft, one feature a request."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.ogc.bodies import FEATURE_TYPES, PATCH_TYPES, content_crs, read_body
from api.ogc.entity_tags import expectation_of
from api.ogc.items import feature_id_of, item_body
from api.ogc.own_draft import client_request, draft_headers, with_own_draft
from api.ogc.written import answer_created, answer_written
from api.services import reader_of, services_of
from layers.boundaries.clients.places import SERVED_TOLERANCE_DEG, tolerance_of
from layers.boundaries.clients.writing import Sent
from layers.catalogue import Entry
from layers.reading.items import read_feature, reading_as
from layers.reading.query import ItemsQuery
from layers.roles import Role
from layers.writing.change import Change, read_new, read_patch, read_replacement
from layers.writing.document import JsonObject, parse_object
from layers.writing.refusals import in_words
from spatial.database import Principal
from spatial.errors import NotFoundError


async def draft_new(request: Request, entry: Entry, principal: Principal) -> Response:
    """POST: a new unit."""
    document = parse_object(await read_body(request, FEATURE_TYPES, "Accept-Post"))
    role, crs = Role(principal.role), content_crs(request)
    change = read_new(entry, role, _writable(entry, role, document), crs)
    sent = _sent(request, document, change)

    def make() -> int:
        with in_words():
            return client_request(request, entry).write(lambda pen: pen.make(sent))

    unit = await run_in_threadpool(make)
    query, body = await _as_drawn(request, entry, principal, unit)
    response = answer_created(request, entry, unit, body)
    response.headers.update(draft_headers(request, query))
    return response


async def draft_change(request: Request, entry: Entry, principal: Principal) -> Response:
    """PUT, PATCH, DELETE: of a unit."""
    unit, expected = feature_id_of(request), expectation_of(request)
    asked = client_request(request, entry)
    if request.method == "DELETE":
        with in_words():
            await run_in_threadpool(asked.change, unit, expected, lambda pen: pen.remove(unit))
        return Response(status_code=HTTPStatus.NO_CONTENT)
    sent = await _read_sent(request, entry, Role(principal.role), unit)
    with in_words():
        await run_in_threadpool(asked.change, unit, expected, lambda pen: pen.change(unit, sent))
    query, body = await _as_drawn(request, entry, principal, unit)
    response = answer_written(request, body, HTTPStatus.NO_CONTENT)
    response.headers.update(draft_headers(request, query))
    return response


async def _read_sent(request: Request, entry: Entry, role: Role, unit: int) -> Sent:
    crs = content_crs(request)
    if request.method == "PATCH":
        document = parse_object(await read_body(request, PATCH_TYPES, "Accept-Patch"))
        writable = _writable(entry, role, document)
        return _sent(request, document, read_patch(entry, role, writable, crs, feature_id=unit))
    document = parse_object(await read_body(request, FEATURE_TYPES, "Accept-Post"))
    writable = _writable(entry, role, document)
    return _sent(request, document, read_replacement(entry, role, writable, crs))


def _writable(entry: Entry, role: Role, document: JsonObject) -> JsonObject:
    """Without what the house sets: QGIS sends it back with a piece that it split or merged."""
    properties = document.get("properties")
    if not isinstance(properties, dict):
        return document
    house = {each.name for each in entry.fields_for(role) if not each.editable}
    kept = {name: value for name, value in properties.items() if name not in house}
    return document | {"properties": kept}


def _sent(request: Request, document: JsonObject, change: Change) -> Sent:
    geometry: Any = document.get("geometry")
    tolerance_deg = SERVED_TOLERANCE_DEG
    if isinstance(geometry, dict) and content_crs(request).is_stored:
        tolerance_deg = tolerance_of(geometry.get("coordinates"))
    return Sent(change.values, change.shape, tolerance_deg)


async def _as_drawn(
    request: Request, entry: Entry, principal: Principal, unit: int
) -> tuple[ItemsQuery, str]:
    """The unit as the client sees it from now on."""
    crs = reader_of(request).crs(None)
    asked = ItemsQuery(crs=crs, bbox_crs=crs, feature_id=unit)
    query = await with_own_draft(request, entry, asked)
    async with services_of(request).pool.connection() as connection:
        reader = reading_as(principal, entry, query)
        feature = await read_feature(connection, entry, query, reader)
    if feature is None:
        raise NotFoundError(f"feature {unit} was deleted by another request / 要素已被删除")
    return query, item_body(request, entry, feature, query)
