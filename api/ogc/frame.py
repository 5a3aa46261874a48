"""pygeoapi inside Starlette: landing, collections, tilesets and process descriptions.

One `API` object for each rights class, so that what a principal may not see is not even named.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pygeoapi.api import API, APIRequest, describe_collections, landing_page
from pygeoapi.api.processes import describe_processes
from pygeoapi.api.tiles import get_collection_tiles, tilematrixset, tilematrixsets
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.ogc.config import PLACEHOLDER_URL, process_config, pygeoapi_config
from api.ogc.links import ogc_url
from api.services import services_of
from layers.catalogue import Catalogue
from spatial.database import RightsClass
from spatial.town import Town

Frame = dict[RightsClass, API]


def make_frame(town: Town, catalogue: Catalogue) -> Frame:
    """An `API` object for each rights class."""
    return {rights: _make_api(town, catalogue, rights) for rights in RightsClass}


def _make_api(town: Town, catalogue: Catalogue, rights: RightsClass) -> API:
    api = API(pygeoapi_config(town, catalogue.readable_by(rights)), {})
    api.manager.processes = process_config()
    return api


async def get_landing_page(request: Request) -> Response:
    """GET /."""
    return await _answer(request, landing_page)


async def get_collections(request: Request) -> Response:
    """GET /collections and /collections/{layer_id}."""
    return await _answer(request, describe_collections, request.path_params.get("layer_id"))


async def get_tilesets(request: Request) -> Response:
    """GET /collections/{layer_id}/tiles."""
    return await _answer(request, get_collection_tiles, request.path_params["layer_id"])


async def get_tile_matrix_sets(request: Request) -> Response:
    """GET /TileMatrixSets."""
    return await _answer(request, tilematrixsets)


async def get_tile_matrix_set(request: Request) -> Response:
    """GET /TileMatrixSets/{matrix_set}."""
    return await _answer(request, tilematrixset, request.path_params["matrix_set"])


async def get_processes(request: Request) -> Response:
    """GET /processes and /processes/{process_id}."""
    return await _answer(request, describe_processes, request.path_params.get("process_id"))


async def _answer(
    request: Request, function: Callable[..., tuple[Any, int, Any]], *arguments: Any
) -> Response:
    """Call pygeoapi off the event loop and write its links for the client's address."""
    frame: Frame = request.app.state.frame
    api = frame[services_of(request).principal(request).rights]
    asked = await APIRequest.from_starlette(request, api.locales)
    headers, status, content = await run_in_threadpool(function, api, asked, *arguments)
    if isinstance(content, str):
        content = content.encode()
    content = content.replace(PLACEHOLDER_URL.encode(), ogc_url(request).encode())
    headers = {name: value for name, value in headers.items() if name != "Content-Length"}
    return Response(content, status, headers)
