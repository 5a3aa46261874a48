"""The OpenAPI 3.0 document: self-contained, made from the catalogue and the processes."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.ogc.config import town_title
from api.ogc.html import render, wants_html
from api.ogc.languages import preferred_language
from api.ogc.links import ogc_url
from api.ogc.processes.registry import PROCESSES
from api.ogc.schemas import properties_of
from api.services import services_of
from layers.catalogue import Entry
from layers.reading.crs import supported_crs
from layers.reading.query import DEFAULT_LIMIT, MAX_LIMIT
from layers.reading.tiles import TILE_MATRIX_SETS
from layers.roles import Role

OPENAPI_JSON = "application/vnd.oai.openapi+json;version=3.0"
_Json = dict[str, Any]


async def get_openapi(request: Request) -> Response:
    """GET /openapi."""
    services = services_of(request)
    role = Role(services.principal(request).role)
    entries = list(services.catalogue.readable_by(role))
    uris = [crs.uri for crs in supported_crs(services.town.metric_srid)]
    document: _Json = {
        "openapi": "3.0.3",
        "info": {
            "title": town_title(services.town).zh,
            "description": "OGC API Features, Tiles and Processes",
            "version": "1.0.0",
        },
        "servers": [{"url": ogc_url(request)}],
        "paths": _frame_paths() | _process_paths(),
        "components": {"parameters": _parameters(uris), "responses": _responses()},
    }
    language = preferred_language(request)
    for entry in entries:
        document["paths"] |= _layer_paths(entry, language, role)
    if wants_html(request):
        return render(request, "openapi_paths.html", {"document": document})
    return JSONResponse(document, media_type=OPENAPI_JSON)


def _get(summary: str, tag: str, *parameters: _Json, media_type: str = "application/json") -> _Json:
    """A GET operation."""
    return {
        "get": {
            "summary": summary,
            "tags": [tag],
            "parameters": list(parameters),
            "responses": {
                "200": {"description": summary, "content": {media_type: {"schema": {}}}},
                "default": {"$ref": "#/components/responses/exception"},
            },
        }
    }


def _ref(name: str) -> _Json:
    return {"$ref": f"#/components/parameters/{name}"}


def _in_path(name: str, schema: _Json) -> _Json:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _in_query(name: str, description: str, schema: _Json, *, explode: bool = False) -> _Json:
    return {
        "name": name,
        "in": "query",
        "description": description,
        "required": False,
        "schema": schema,
        "style": "form",
        "explode": explode,
    }


def _parameters(crs_uris: list[str]) -> _Json:
    text = {"type": "string"}
    limits = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    numbers = {
        "type": "array",
        "items": {"type": "number"},
        "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
    }
    crs = {"type": "string", "format": "uri", "enum": crs_uris}
    return {
        "bbox": _in_query("bbox", "west, south, east, north", numbers),
        "bbox-crs": _in_query("bbox-crs", "the CRS of bbox", crs),
        "crs": _in_query("crs", "the CRS of the answer", crs),
        "datetime": _in_query("datetime", "an instant, a date, or start/end", text, explode=False),
        "limit": _in_query("limit", "how many features at most", limits),
        "offset": _in_query("offset", "how many to leave out", {"type": "integer", "minimum": 0}),
        "sortby": _in_query("sortby", "properties, - before a descending one", text),
        "properties": _in_query("properties", "which properties to answer with", text),
        "skipGeometry": _in_query("skipGeometry", "without geometry", {"type": "boolean"}),
        "f": _in_query("f", "json or html", {"type": "string", "enum": ["json", "html"]}),
        "lang": _in_query("lang", "zh or en", {"type": "string", "enum": ["zh", "en"]}),
    }


def _responses() -> _Json:
    schema = {
        "type": "object",
        "required": ["code", "description"],
        "properties": {
            "type": {"type": "string"},
            "code": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "description": {"type": "string"},
            "detail": {"type": "string"},
        },
    }
    content = {"application/json": {"schema": schema}}
    return {"exception": {"description": "an error", "content": content}}


def _frame_paths() -> _Json:
    both = (_ref("f"), _ref("lang"))
    matrix_set = _in_path("tileMatrixSetId", {"type": "string", "enum": list(TILE_MATRIX_SETS)})
    return {
        "/": _get("landing page", "server", *both),
        "/openapi": _get("this document", "server", *both, media_type=OPENAPI_JSON),
        "/conformance": _get("conformance classes", "server", *both),
        "/collections": _get("all collections", "server", *both),
        "/TileMatrixSets": _get("tile matrix sets", "server", *both),
        "/TileMatrixSets/{tileMatrixSetId}": _get("tile matrix set", "server", matrix_set, *both),
        "/processes": _get("all processes", "processes", *both),
    }


def _layer_paths(entry: Entry, language: str, role: Role) -> _Json:
    base = f"/collections/{entry.id}"
    both = (_ref("f"), _ref("lang"))
    feature = _in_path("featureId", {"type": "integer"})
    names = ("bbox", "bbox-crs", "crs", "datetime", "limit", "offset", "sortby", "properties")
    filters = [
        _in_query(name, schema.pop("title"), schema)
        for name, schema in properties_of(entry, language, role).items()
        if name != "geometry"
    ]
    items = _get(
        entry.title.en,
        entry.id,
        *map(_ref, (*names, "skipGeometry")),
        *filters,
        *both,
        media_type="application/geo+json",
    )
    item = _get(
        entry.title.en, entry.id, feature, _ref("crs"), *both, media_type="application/geo+json"
    )
    schema_json = "application/schema+json"
    return {
        base: _get(entry.title.en, entry.id, *both),
        f"{base}/items": items,
        f"{base}/items/{{featureId}}": item,
        f"{base}/queryables": _get("queryables", entry.id, *both, media_type=schema_json),
        f"{base}/schema": _get("schema", entry.id, *both, media_type=schema_json),
    } | _tile_paths(entry, base)


def _tile_paths(entry: Entry, base: str) -> _Json:
    matrix_set = _in_path("tileMatrixSetId", {"type": "string", "enum": list(TILE_MATRIX_SETS)})
    whole = {"type": "integer", "minimum": 0}
    address = [_in_path(name, whole) for name in ("tileMatrix", "tileRow", "tileCol")]
    path = f"{base}/tiles/{{tileMatrixSetId}}"
    mvt = "application/vnd.mapbox-vector-tile"
    tile = _get("a vector tile", entry.id, matrix_set, *address, media_type=mvt)
    tile["get"]["responses"]["204"] = {"description": "nothing lies in this tile"}
    return {
        f"{base}/tiles": _get("tilesets", entry.id, _ref("f"), _ref("lang")),
        path: _get("a tileset", entry.id, matrix_set),
        f"{path}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": tile,
    }


def _process_paths() -> _Json:
    paths: _Json = {}
    for process in PROCESSES:
        body = {"type": "object", "properties": {"inputs": process.input_schema()}}
        media_type = next(iter(process.outputs.values())).media_type
        execution = _get(process.title.en, "processes", media_type=media_type)["get"]
        execution["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": body, "example": dict(process.example)}},
        }
        paths[f"/processes/{process.id}"] = _get(process.title.en, "processes", _ref("lang"))
        paths[f"/processes/{process.id}/execution"] = {"post": execution}
    return paths
