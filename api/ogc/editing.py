"""Writing features: POST, PUT, PATCH, DELETE, and OPTIONS to ask who may (OGC API Features 4)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.auth.refusals import CHALLENGE
from api.ogc.bodies import FEATURE_TYPES, PATCH_TYPES, content_crs, read_body
from api.ogc.drafting import draft_change, draft_new
from api.ogc.entity_tags import expectation_of
from api.ogc.items import feature_id_of, item_body
from api.ogc.written import answer_created, answer_written
from api.services import readable_entry, reader_of, services_of
from layers.accounts.identity import Identity
from layers.catalogue import Entry
from layers.reading.items import read_feature, reading_as
from layers.reading.query import ItemsQuery
from layers.roles import Role
from layers.writing.change import Change, read_new, read_patch, read_replacement
from layers.writing.document import parse_object
from layers.writing.edits import check_may_write, create, remove, write
from layers.writing.refusals import in_words
from spatial.database import AnyConnection, Principal, async_transaction

METHODS = ["OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
_READING = ("GET", "HEAD", "OPTIONS")
_ITEMS_WRITING = ("POST",)
_ITEM_WRITING = ("PUT", "PATCH", "DELETE")


async def edit_items(request: Request) -> Response:
    """Everything but GET at /collections/{layer_id}/items."""
    entry = readable_entry(request)
    if request.method == "OPTIONS":
        return _options(request, entry, _ITEMS_WRITING)
    principal = _writer(request, entry, _ITEMS_WRITING)
    if entry.drafters:
        return await draft_new(request, entry, principal)
    return await _post(request, entry, principal)


async def edit_item(request: Request) -> Response:
    """Everything but GET at /collections/{layer_id}/items/{feature_id}."""
    entry = readable_entry(request)
    if request.method == "OPTIONS":
        return _options(request, entry, _ITEM_WRITING)
    principal = _writer(request, entry, _ITEM_WRITING)
    if entry.drafters:
        return await draft_change(request, entry, principal)
    if request.method == "DELETE":
        return await _delete(request, entry, principal)
    return await _put_or_patch(request, entry, principal)


async def _post(request: Request, entry: Entry, principal: Principal) -> Response:
    document = parse_object(await read_body(request, FEATURE_TYPES, "Accept-Post"))
    change = read_new(entry, Role(principal.role), document, content_crs(request))
    async with _transaction(request, principal) as connection:
        feature_id = await create(connection, entry, principal, change)
        body = await _written(request, connection, entry, principal, feature_id)
    return answer_created(request, entry, feature_id, body)


async def _put_or_patch(request: Request, entry: Entry, principal: Principal) -> Response:
    feature_id = feature_id_of(request)
    change = await _read_change(request, entry, Role(principal.role), feature_id)
    async with _transaction(request, principal) as connection:
        expected = expectation_of(request)
        await write(connection, entry, principal, feature_id, change, expected)
        body = await _written(request, connection, entry, principal, feature_id)
    return answer_written(request, body, HTTPStatus.NO_CONTENT)


async def _delete(request: Request, entry: Entry, principal: Principal) -> Response:
    async with _transaction(request, principal) as connection:
        expected = expectation_of(request)
        await remove(connection, entry, principal, feature_id_of(request), expected)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _read_change(request: Request, entry: Entry, role: Role, feature_id: int) -> Change:
    crs = content_crs(request)
    if request.method == "PATCH":
        document = parse_object(await read_body(request, PATCH_TYPES, "Accept-Patch"))
        return read_patch(entry, role, document, crs, feature_id=feature_id)
    document = parse_object(await read_body(request, FEATURE_TYPES, "Accept-Post"))
    return read_replacement(entry, role, document, crs)


@asynccontextmanager
async def _transaction(request: Request, principal: Principal) -> AsyncIterator[AnyConnection]:
    """A transaction as whoever asks; what the database refuses comes out in words."""
    with in_words():
        async with async_transaction(services_of(request).pool, principal) as connection:
            yield connection


async def _written(
    request: Request,
    connection: AnyConnection,
    entry: Entry,
    principal: Principal,
    feature_id: int,
) -> str:
    """The feature as it is now; an editor of a layer sees all that it writes there."""
    crs = reader_of(request).crs(None)
    query = ItemsQuery(crs=crs, bbox_crs=crs, feature_id=feature_id)
    feature = await read_feature(connection, entry, query, principal)
    assert feature is not None  # the view's check option let it through
    return item_body(request, entry, feature)


def _writer(request: Request, entry: Entry, methods: tuple[str, ...]) -> Principal:
    """Whoever asks, known to be an editor of the layer.

    Raises:
        HTTPException: 405 where nobody writes so, 401 for somebody without an account.
        AccessError: the account's role may not.
    """
    principal = services_of(request).principal(request)
    if request.method not in methods or not entry.writers:
        allowed = {"Allow": ", ".join(_allowed(request, entry, methods))}
        detail = f"{request.method} isn't for this / 此处不支持 {request.method}"
        raise HTTPException(HTTPStatus.METHOD_NOT_ALLOWED, detail, allowed)
    if principal.role not in entry.writers and principal.role == Role.ANONYMOUS:
        challenge = {"WWW-Authenticate": CHALLENGE}
        raise HTTPException(HTTPStatus.UNAUTHORIZED, "sign in to write / 编辑请先登录", challenge)
    check_may_write(entry, Role(principal.role))
    return reading_as(principal, entry)


def _allowed(request: Request, entry: Entry, methods: tuple[str, ...]) -> tuple[str, ...]:
    role = services_of(request).principal(request).role
    identity: Identity | None = request.scope.get("state", {}).get("identity")
    reads_only = identity is not None and not identity.may_write
    return (*_READING, *methods) if role in entry.writers and not reads_only else _READING


def _options(request: Request, entry: Entry, methods: tuple[str, ...]) -> Response:
    """What whoever asks may do here; QGIS offers editing where it finds POST and PUT."""
    allowed = _allowed(request, entry, methods)
    headers = {"Allow": ", ".join(allowed)}
    if "POST" in allowed:
        headers["Accept-Post"] = ", ".join(FEATURE_TYPES)
    if "PATCH" in allowed:
        headers["Accept-Patch"] = ", ".join(PATCH_TYPES)
    return Response(headers=headers)
