"""Vector tiles (OGC API Tiles 1), from the cache or made now."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.cancelling import unless_gone
from api.ogc.entity_tags import is_known
from api.services import Services, readable_entry, services_of
from layers.catalogue import Entry
from layers.reading.items import reading_as
from layers.reading.tiles.matrix_sets import Tile, TileMatrixSet, find_tile, find_tile_matrix_set
from layers.reading.tiles.statement import read_tile
from layers.tile_cache import KeptTile, TileKey
from spatial.database import Principal
from spatial.errors import InputError, NotFoundError

MVT = "application/vnd.mapbox-vector-tile"

# A browser asks each time whether its copy is the newest. What it may see hangs on who it says it
# is, so that a copy for one is not given to another.
_VARY = "Accept-Encoding, Authorization, Cookie"
# How long a tile may be kept of a layer whose rows come and go by the clock.
_CLOCK_S = 60.0
# And of one whose features move all the time.
_MOVING_S = 1.0


async def get_tile(request: Request) -> Response:
    """GET /collections/{layer_id}/tiles/{matrix_set}/{zoom}/{row}/{column}.

    Tiles have one format, so that no Accept header is needed to ask for it.
    """
    entry = readable_entry(request)
    if request.query_params.get("f", "mvt") != "mvt":
        raise InputError("tiles come as f=mvt only / 切片只有 f=mvt 一种格式")
    tile = tile_in_path(request)
    if tile.depth > entry.max_zoom:
        raise NotFoundError(f"{entry.id} has no tiles of level {tile.level} / 没有这一级切片")
    services = services_of(request)
    principal = services.principal(request)
    key = TileKey.of(entry, tile, principal)
    kept = services.tiles.find(key)
    if kept is None:
        kept = await unless_gone(request, make_tile(services, entry, key, principal))
    return await tile_response(request, kept, is_public=key.is_public)


async def make_tile(
    services: Services, entry: Entry, key: TileKey, principal: Principal
) -> KeptTile:
    """A tile that goes into the cache, or that another request is making already."""

    async def make() -> bytes:
        reader = reading_as(principal, entry)
        async with services.pool.connection() as connection:
            return await read_tile(connection, entry, key.tile, reader)

    return await services.tiles.get(key, make, good_for_s=_good_for_s(entry))


def _good_for_s(entry: Entry) -> float | None:
    """How long a tile of a layer may be kept although no change of it was told."""
    if entry.told_every_deg is not None:
        return _MOVING_S
    return _CLOCK_S if entry.moves_with_time else None


def matrix_set_in_path(request: Request) -> TileMatrixSet:
    """The tile matrix set that the path names.

    Raises:
        NotFoundError: there is none.
    """
    gcj02 = services_of(request).settings.gcj02
    return find_tile_matrix_set(request.path_params["matrix_set"], gcj02=gcj02)


def tile_in_path(request: Request) -> Tile:
    """The tile that the path names.

    Raises:
        NotFoundError: there is none.
    """
    matrix_set = matrix_set_in_path(request)
    address = [request.path_params[name] for name in ("zoom", "row", "column")]
    if not all(text.isascii() and text.isdecimal() and len(text) < 10 for text in address):
        raise NotFoundError("a tile is named by three whole numbers / 切片地址须为三个整数")
    return find_tile(matrix_set, *map(int, address))


async def tile_response(request: Request, tile: KeptTile, *, is_public: bool) -> Response:
    """The tile, compressed for those who take it so; 304 for those who have it."""
    is_packed = bool(tile.content) and "gzip" in request.headers.get("accept-encoding", "")
    # RFC 9110, 8.8.3.3: the compressed bytes are another representation, so they have a tag of
    # their own.
    tag = f"{tile.digest}-gzip" if is_packed else tile.digest
    headers = {
        "ETag": f'"{tag}"',
        "Cache-Control": "public, no-cache" if is_public else "private, no-cache",
        "Vary": _VARY,
    }
    if is_known(request, headers):
        return Response(status_code=304, headers=headers)
    if not tile.content:
        return Response(status_code=204, headers=headers)
    if not is_packed:
        return Response(tile.content, media_type=MVT, headers=headers)
    if not tile.is_quickly_packed:
        await run_in_threadpool(lambda: tile.packed)
    headers["Content-Encoding"] = "gzip"
    return Response(tile.packed, media_type=MVT, headers=headers)
