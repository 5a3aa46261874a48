"""Vector tiles and the description of a tileset (OGC API Tiles 1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.ogc.html import render, wants_html
from api.ogc.languages import in_language, preferred_language
from api.ogc.links import link, ogc_url
from api.services import readable_entry, role_of, services_of
from layers.catalogue import Entry, Field, FieldType
from layers.reading.tiles import Tile, TileMatrixSet, check_tile, find_tile_matrix_set, read_tile
from spatial.database import async_transaction
from spatial.errors import InputError, NotFoundError
from spatial.town import Town

MVT = "application/vnd.mapbox-vector-tile"


async def get_tile(request: Request) -> Response:
    """GET /collections/{layer_id}/tiles/{matrix_set}/{zoom}/{row}/{column}."""
    services = services_of(request)
    entry = readable_entry(request)
    if request.query_params.get("f", "mvt") != "mvt":
        raise InputError("tiles come as f=mvt only")
    tile = _tile(request)
    check_tile(entry, tile)
    principal = services.principal(request)
    async with async_transaction(services.pool, principal) as connection:
        content = await read_tile(connection, entry, tile, principal)
    headers = {"Cache-Control": "no-cache"}
    if not content:
        return Response(status_code=204, headers=headers)
    return Response(content, media_type=MVT, headers=headers)


def _tile(request: Request) -> Tile:
    try:
        zoom, row, column = (int(request.path_params[name]) for name in ("zoom", "row", "column"))
    except ValueError:
        raise NotFoundError("a tile is named by three whole numbers") from None
    return Tile(find_tile_matrix_set(request.path_params["matrix_set"]), zoom, row, column)


async def get_tileset(request: Request) -> Response:
    """GET /collections/{layer_id}/tiles/{matrix_set}; also as TileJSON with f=tilejson."""
    entry = readable_entry(request)
    matrix_set = find_tile_matrix_set(request.path_params["matrix_set"])
    town = services_of(request).town
    fields = entry.fields_for(role_of(request))
    language = preferred_language(request)
    base = f"{ogc_url(request)}/collections/{entry.id}/tiles/{matrix_set.id}"
    if request.query_params.get("f") == "tilejson":
        return JSONResponse(_tilejson(entry, fields, town, base, language))
    document = _tileset(entry, fields, matrix_set, town, base, language)
    if wants_html(request):
        return render(request, "tileset.html", {"tileset": document, "layer": entry})
    return JSONResponse(document)


_GEOMETRY_DIMENSIONS = {"Point": 0, "LineString": 1, "Polygon": 2}


def _tileset(  # noqa: PLR0913 - what a tileset's description is made of
    entry: Entry,
    fields: Sequence[Field],
    matrix_set: TileMatrixSet,
    town: Town,
    base: str,
    language: str,
) -> dict[str, Any]:
    west, south, east, north = town.bounds()
    layer: dict[str, Any] = {
        "id": entry.id,
        "title": in_language(entry.title, language),
        "dataType": "vector",
        "propertiesSchema": {
            "type": "object",
            "properties": {each.name: {"type": _json_type(each.type)} for each in fields},
        },
    }
    if entry.geometry in _GEOMETRY_DIMENSIONS:
        layer["geometryDimension"] = _GEOMETRY_DIMENSIONS[entry.geometry]
    template = link(f"{base}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f=mvt", "item", MVT, entry.id)
    scheme = f"{base.split('/collections/', maxsplit=1)[0]}/TileMatrixSets/{matrix_set.id}"
    return {
        "title": in_language(entry.title, language),
        "description": in_language(entry.description, language),
        "dataType": "vector",
        "crs": f"http://www.opengis.net/def/crs/{matrix_set.crs}",
        "tileMatrixSetURI": f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{matrix_set.id}",
        "boundingBox": {"lowerLeft": [west, south], "upperRight": [east, north]},
        "layers": [layer],
        "links": [
            link(base, "self", "application/json", "this tileset / 本切片集"),
            {**template, "templated": True},
            link(
                scheme,
                "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme",
                "application/json",
                matrix_set.id,
            ),
            link(f"{base}?f=tilejson", "describedby", "application/json", "TileJSON"),
        ],
    }


def _json_type(kind: FieldType) -> str:
    return "string" if kind in {FieldType.DATE, FieldType.DATE_TIME} else kind.value


def _tilejson(
    entry: Entry, fields: Sequence[Field], town: Town, base: str, language: str
) -> dict[str, Any]:
    """TileJSON 3.0.0; its {z}/{y}/{x} is row before column, as OGC's templates are."""
    return {
        "tilejson": "3.0.0",
        "name": in_language(entry.title, language),
        "description": in_language(entry.description, language),
        "tiles": [f"{base}/{{z}}/{{y}}/{{x}}?f=mvt"],
        "minzoom": entry.min_zoom,
        "maxzoom": entry.max_zoom,
        "bounds": list(town.bounds()),
        "vector_layers": [
            {
                "id": entry.id,
                "fields": {each.name: in_language(each.title, language) for each in fields},
                "minzoom": entry.min_zoom,
                "maxzoom": entry.max_zoom,
            }
        ],
    }
