"""`/api/basemaps`: pictures under the editor, for those who draft."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.basemaps.pictures import Picture, Pictures, Tile, tile_address
from api.basemaps.upstream import fetch_image, open_client
from api.boundaries.request import drafter_of, id_in_path
from api.cancelling import unless_gone
from api.services import services_of
from spatial.datum import gcj02_offset_m
from spatial.errors import NotFoundError

# A day: so long nobody asks again for what he has seen. Pictures are renewed a few times a year.
_KEPT = {"Cache-Control": "private, max-age=86400"}


@dataclass(frozen=True)
class Basemaps:
    """The pictures, the client that fetches them, and how long it waits for a tile."""

    offered: Pictures
    client: httpx.AsyncClient
    timeout_s: float


@asynccontextmanager
async def open_basemaps(offered: Pictures, timeout_s: float) -> AsyncIterator[Basemaps]:
    """What the routes below need, while the app runs."""
    async with open_client(timeout_s) as client:
        yield Basemaps(offered, client, timeout_s)


async def get_basemaps(request: Request) -> Response:
    """GET /api/basemaps: {"pictures": [picture, …]}."""
    drafter_of(request)
    west, south, east, north = services_of(request).town.bounds()
    shift_m = round(gcj02_offset_m((west + east) / 2, (south + north) / 2))
    pictures = _basemaps(request).offered.pictures
    found = [_as_json(picture, shift_m if picture.is_shifted else 0) for picture in pictures]
    return JSONResponse({"pictures": found}, headers={"Cache-Control": "no-store"})


async def get_tile(request: Request) -> Response:
    """GET /api/basemaps/{source}/{z}/{x}/{y}: one tile of Web Mercator, as its server has it."""
    drafter_of(request)
    basemaps, tile = _basemaps(request), _tile_of(request)
    source = basemaps.offered.sources.get(request.path_params["source"])
    if source is None or not _is_within(tile, source.min_zoom, source.max_zoom):
        raise NotFoundError("there is no such picture, or no such tile of it / 没有这张底图瓦片")
    address = tile_address(source.template, tile)
    fetching = fetch_image(basemaps.client, address, basemaps.timeout_s)
    image = await unless_gone(request, fetching)
    return Response(image.content, media_type=image.media_type, headers=_KEPT)


def _basemaps(request: Request) -> Basemaps:
    found: Basemaps = request.app.state.basemaps
    return found


def _tile_of(request: Request) -> Tile:
    return Tile(*(id_in_path(request, name) for name in ("z", "x", "y")))


def _is_within(tile: Tile, min_zoom: int, max_zoom: int) -> bool:
    return min_zoom <= tile.z <= max_zoom and max(tile.x, tile.y) < 2**tile.z


def _as_json(picture: Picture, shift_m: int) -> dict[str, Any]:
    return {
        "id": picture.id,
        "title": picture.title.zh,
        "title_en": picture.title.en,
        "tiles": [f"/api/basemaps/{source}/{{z}}/{{x}}/{{y}}" for source in picture.tiles],
        "min_zoom": picture.min_zoom,
        "max_zoom": picture.max_zoom,
        "attribution": picture.attribution,
        "shift_m": shift_m,
    }


ROUTES = [
    Route("/api/basemaps", get_basemaps, methods=["GET"]),
    Route("/api/basemaps/{source}/{z}/{x}/{y}", get_tile, methods=["GET"]),
]
