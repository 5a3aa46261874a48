"""What there is in tiles of a layer: the list of its tilesets, one of them, and TileJSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.ogc.html import render, wants_html
from api.ogc.languages import in_language, preferred_language
from api.ogc.links import link, ogc_url
from api.ogc.parameters import PAGE_FORMATS, check_parameters
from api.ogc.tiles import MVT, matrix_set_in_path
from api.services import readable_entry, role_of, services_of
from layers.catalogue import Entry, Field, FieldType
from layers.legend import read_attributions
from layers.reading.items import reading_as
from layers.reading.tiles.bins import counted_codes
from layers.reading.tiles.extent import read_extent
from layers.reading.tiles.matrix_sets import Box, TileMatrixSet, limits_of, tile_matrix_sets
from layers.roles import Role
from spatial.database import async_transaction
from spatial.errors import NotFoundError

_Json = dict[str, Any]
_JSON = "application/json"
_TILING_SCHEME = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
_GEOMETRY_DIMENSIONS = {"Point": 0, "LineString": 1, "Polygon": 2}


@dataclass(frozen=True)
class Described:
    """What a tileset's description is made of.

    Attributes:
        address: of the layer's tilesets.
        scheme: of the definitions of tile matrix sets.
        extent: of the layer's features, as far as the reader sees them.
        attribution: who made the data; empty where nobody said it.
    """

    entry: Entry
    role: Role
    language: str
    address: str
    scheme: str
    extent: Box
    attribution: str

    @property
    def title(self) -> str:
        """The layer's, in the reader's language."""
        return in_language(self.entry.title, self.language)


async def get_tilesets(request: Request) -> Response:
    """GET /collections/{layer_id}/tiles."""
    check_parameters(request, formats=PAGE_FORMATS)
    described = await describe(request)
    sets = tile_matrix_sets(gcj02=services_of(request).settings.gcj02)
    document = {
        "tilesets": [_tileset(described, each) for each in sets],
        "links": _links(described.address, described.title),
    }
    return _answer(request, "tilesets.html", document, described)


async def get_tileset(request: Request) -> Response:
    """GET /collections/{layer_id}/tiles/{matrix_set}; also as TileJSON with f=tilejson."""
    check_parameters(request, formats=(*PAGE_FORMATS, "tilejson"))
    matrix_set = matrix_set_in_path(request)
    described = await describe(request)
    if request.query_params.get("f") == "tilejson":
        return JSONResponse(_tilejson(described, matrix_set))
    document = _tileset(described, matrix_set) | {"layers": [_layer(described, matrix_set)]}
    return _answer(request, "tileset.html", document, described)


async def describe(request: Request) -> Described:
    """What a description of the layer's tiles needs to know."""
    entry, services = readable_entry(request), services_of(request)
    principal = reading_as(services.principal(request), entry)
    async with async_transaction(services.pool, principal) as connection:
        extent = await read_extent(connection, entry, principal)
    async with services.pool.connection() as connection:
        attributions = await read_attributions(connection, [entry], services.town.id)
    return Described(
        entry,
        role_of(request),
        preferred_language(request),
        f"{ogc_url(request)}/collections/{entry.id}/tiles",
        f"{ogc_url(request)}/TileMatrixSets",
        extent or services.town.bounds(),
        attributions[entry.id],
    )


def _tileset(described: Described, matrix_set: TileMatrixSet) -> _Json:
    """What the list says of a tileset (20-057, table 9), and the limits of its data."""
    west, south, east, north = described.extent
    address = f"{described.address}/{matrix_set.id}"
    return {
        "title": f"{described.title} · {in_language(matrix_set.title, described.language)}",
        "description": in_language(described.entry.description, described.language),
        "tileMatrixSetId": matrix_set.id,
        # A set of our own is named by where its definition is found.
        "tileMatrixSetURI": matrix_set.uri or f"{described.scheme}/{matrix_set.id}",
        "crs": matrix_set.crs,
        **({"attribution": described.attribution} if described.attribution else {}),
        "dataType": "vector",
        "mediaTypes": [MVT],
        # Where the set shifts places, the box is of the places as they are.
        "boundingBox": {
            "lowerLeft": [west, south],
            "upperRight": [east, north],
            "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        },
        "tileMatrixSetLimits": [
            {
                "tileMatrix": str(each.level),
                "minTileRow": each.min_row,
                "maxTileRow": each.max_row,
                "minTileCol": each.min_column,
                "maxTileCol": each.max_column,
            }
            for each in limits_of(matrix_set, described.extent)
        ],
        "links": [*_links(address, described.title), *_ways_to_tiles(described, matrix_set)],
    }


def _links(address: str, title: str) -> list[_Json]:
    return [
        link(address, "self", _JSON, title),
        link(f"{address}?f=html", "alternate", "text/html", title),
    ]


def _ways_to_tiles(described: Described, matrix_set: TileMatrixSet) -> list[_Json]:
    address = f"{described.address}/{matrix_set.id}"
    template = f"{address}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}?f=mvt"
    scheme = f"{described.scheme}/{matrix_set.id}"
    links: list[_Json] = [
        {**link(template, "item", MVT, described.entry.id), "templated": True},
        link(scheme, _TILING_SCHEME, _JSON, matrix_set.id),
    ]
    if not matrix_set.is_geographic:
        links.append(link(f"{address}?f=tilejson", "describedby", _JSON, "TileJSON"))
    return links


def _layer(described: Described, matrix_set: TileMatrixSet) -> _Json:
    """What the tiles hold (17-083r4, GeospatialData)."""
    entry = described.entry
    layer: _Json = {
        "id": entry.id,
        "title": described.title,
        "description": in_language(entry.description, described.language),
        "dataType": "vector",
        "minTileMatrix": str(matrix_set.first_level),
        "maxTileMatrix": str(matrix_set.level_of(entry.max_zoom)),
        "propertiesSchema": {
            "type": "object",
            "properties": {
                name: {"title": title, "type": kind} for name, title, kind in _properties(described)
            },
        },
    }
    if entry.geometry in _GEOMETRY_DIMENSIONS:
        layer["geometryDimension"] = _GEOMETRY_DIMENSIONS[entry.geometry]
    return layer


def _properties(described: Described) -> list[tuple[str, str, str]]:
    """Name, title and JSON type of what the tiles' features carry, near and from afar."""
    entry, language = described.entry, described.language
    fields: Sequence[Field] = entry.fields_for(described.role)
    near = [
        (each.name, in_language(each.title, language), _json_type(each.type)) for each in fields
    ]
    return near + _counts(described)


def _counts(described: Described) -> list[tuple[str, str, str]]:
    """What bins and merged pixels carry: how many features they stand for, in all and by code."""
    entry, chinese = described.entry, described.language == "zh"
    whole = "要素个数(小比例尺)" if chinese else "how many features, from afar"
    counts = [("count", whole, "integer")] if entry.cell else [("merged", whole, "integer")]
    if entry.cell:
        counts.append(("h3", "H3 单元(小比例尺)" if chinese else "H3 cell, from afar", "string"))
    by_code = [
        (name, f"{whole}: {in_language(field.codes[code], described.language)}", "integer")
        for name, field, code in counted_codes(entry, described.role)
    ]
    return counts + by_code


def _json_type(kind: FieldType) -> str:
    return "string" if kind in {FieldType.DATE, FieldType.DATE_TIME} else kind.value


def _tilejson(described: Described, matrix_set: TileMatrixSet) -> _Json:
    """TileJSON 3.0.0; its {z}/{y}/{x} is row before column, as OGC's templates are.

    Raises:
        NotFoundError: the set is not web Mercator, which TileJSON takes for granted.
    """
    if matrix_set.is_geographic:
        raise NotFoundError(
            f"there is no TileJSON of {matrix_set.id}, only of web Mercator / 没有 TileJSON",
            remedy="WebMercatorQuad?f=tilejson",
        )
    entry = described.entry
    west, south, east, north = described.extent
    return {
        "tilejson": "3.0.0",
        "name": described.title,
        "description": in_language(entry.description, described.language),
        **({"attribution": described.attribution} if described.attribution else {}),
        "scheme": "xyz",
        "tiles": [f"{described.address}/{matrix_set.id}/{{z}}/{{y}}/{{x}}?f=mvt"],
        "minzoom": 0,
        "maxzoom": entry.max_zoom,
        "bounds": [west, south, east, north],
        "center": [(west + east) / 2, (south + north) / 2, max(entry.min_zoom, 10)],
        "vector_layers": [
            {
                "id": entry.id,
                "description": in_language(entry.description, described.language),
                "fields": {name: title for name, title, _kind in _properties(described)},
                "minzoom": 0,
                "maxzoom": entry.max_zoom,
            }
        ],
    }


def _answer(request: Request, template: str, document: _Json, described: Described) -> Response:
    if wants_html(request):
        data = {"document": document, "tileset": document, "layer": described.entry}
        return render(request, template, data)
    return JSONResponse(document, headers={"Content-Language": described.language})
