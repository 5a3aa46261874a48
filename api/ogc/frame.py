"""pygeoapi inside Starlette: landing, collections, tilesets and process descriptions.

One `API` object for each role, so that what a principal may not see is not even named.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from pygeoapi.api import API, APIRequest, describe_collections, landing_page
from pygeoapi.api.processes import describe_processes
from pygeoapi.api.tiles import get_collection_tiles, tilematrixset, tilematrixsets
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.ogc.config import PLACEHOLDER_URL, process_config, pygeoapi_config
from api.ogc.links import ogc_url
from api.services import services_of
from layers.catalogue import Catalogue
from layers.legend import read_attributions
from layers.roles import Role
from spatial.town import Town

Frame = dict[str, API]
_PLAIN_JSON = {"application/json", "application/json; charset=UTF-8"}


def make_frame(town: Town, catalogue: Catalogue) -> Frame:
    """An `API` object for each role."""
    return {role: _make_api(town, catalogue, role) for role in Role}


def _make_api(town: Town, catalogue: Catalogue, role: Role) -> API:
    api = API(pygeoapi_config(town, catalogue, role), {})
    api.manager.processes = process_config()
    return api


async def get_landing_page(request: Request) -> Response:
    """GET /."""
    return await _call(request, landing_page)


async def get_collections(request: Request) -> Response:
    """GET /collections and /collections/{layer_id}; in JSON each names its data's makers."""
    answer = await _call(request, describe_collections, request.path_params.get("layer_id"))
    if answer.status_code != HTTPStatus.OK or answer.headers["content-type"] not in _PLAIN_JSON:
        return answer
    return JSONResponse(await _attributed(request, json.loads(bytes(answer.body))))


async def _attributed(request: Request, document: dict[str, Any]) -> dict[str, Any]:
    services = services_of(request)
    collections = document.get("collections", [document])
    entries = [services.catalogue.entry(each["id"]) for each in collections]
    async with services.pool.connection() as connection:
        attributions = await read_attributions(connection, entries, services.town.id)
    for each in collections:
        each["attribution"] = attributions[each["id"]]
    return document


async def get_tilesets(request: Request) -> Response:
    """GET /collections/{layer_id}/tiles."""
    return await _call(request, get_collection_tiles, request.path_params["layer_id"])


async def get_tile_matrix_sets(request: Request) -> Response:
    """GET /TileMatrixSets."""
    return await _call(request, tilematrixsets)


async def get_tile_matrix_set(request: Request) -> Response:
    """GET /TileMatrixSets/{matrix_set}."""
    return await _call(request, tilematrixset, request.path_params["matrix_set"])


async def get_processes(request: Request) -> Response:
    """GET /processes and /processes/{process_id}."""
    return await _call(request, describe_processes, request.path_params.get("process_id"))


async def _call(
    request: Request, function: Callable[..., tuple[Any, int, Any]], *arguments: Any
) -> Response:
    """Call pygeoapi off the event loop and write its links for the client's address."""
    frame: Frame = request.app.state.frame
    api = frame[services_of(request).principal(request).role]
    asked = await APIRequest.from_starlette(request, api.locales)
    headers, status, content = await run_in_threadpool(function, api, asked, *arguments)
    if isinstance(content, str):
        content = content.encode()
    content = content.replace(PLACEHOLDER_URL.encode(), ogc_url(request).encode())
    headers = {name: value for name, value in headers.items() if name != "Content-Length"}
    return Response(content, status, headers)
