"""The definitions of the tile matrix sets (OGC 17-083r4, its JSON encoding)."""

from __future__ import annotations

import math
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.ogc.html import render, wants_html
from api.ogc.languages import in_language, preferred_language
from api.ogc.links import link, ogc_url
from api.ogc.parameters import check_parameters
from api.ogc.tiles import matrix_set_in_path
from api.services import services_of
from layers.reading.tiles.matrix_sets import TileMatrixSet, tile_matrix_sets

_TILE_PIXELS = 256
_METRES_PER_DEGREE = math.pi * 6378137.0 / 180
# 17-083r4, 6.1: the pixel for which scale denominators are stated.
_PIXEL_M = 0.00028


async def get_tile_matrix_sets(request: Request) -> Response:
    """GET /TileMatrixSets."""
    check_parameters(request)
    language = preferred_language(request)
    base = f"{ogc_url(request)}/TileMatrixSets"
    document = {
        "tileMatrixSets": [
            {
                "id": each.id,
                "title": in_language(each.title, language),
                "uri": each.uri or f"{base}/{each.id}",
                "crs": each.crs,
                "links": _links(f"{base}/{each.id}", in_language(each.title, language)),
            }
            for each in tile_matrix_sets(gcj02=services_of(request).settings.gcj02)
        ],
        "links": _links(base, "tile matrix sets / 切片矩阵集"),
    }
    return _answer(request, "tilematrixsets/index.html", document)


async def get_tile_matrix_set(request: Request) -> Response:
    """GET /TileMatrixSets/{matrix_set}."""
    check_parameters(request)
    matrix_set = matrix_set_in_path(request)
    address = f"{ogc_url(request)}/TileMatrixSets/{matrix_set.id}"
    document = definition(matrix_set, address, preferred_language(request))
    document["links"] = _links(address, document["title"])
    return _answer(request, "tilematrixsets/tilematrixset.html", document)


def definition(matrix_set: TileMatrixSet, address: str, language: str) -> dict[str, Any]:
    """The set in the standard's JSON.

    Args:
        address: of this definition, by which a set of our own is known.
    """
    scale_set = {"wellKnownScaleSet": matrix_set.scale_set} if matrix_set.scale_set else {}
    levels = range(matrix_set.first_level, matrix_set.last_level + 1)
    return {
        "id": matrix_set.id,
        "title": in_language(matrix_set.title, language),
        "description": in_language(matrix_set.description, language),
        "uri": matrix_set.uri or address,
        **scale_set,
        "crs": matrix_set.crs,
        "orderedAxes": list(matrix_set.axes),
        "tileMatrices": [_tile_matrix(matrix_set, level) for level in levels],
    }


def _tile_matrix(matrix_set: TileMatrixSet, level: int) -> dict[str, Any]:
    columns, rows = matrix_set.size_of(level)
    cell_size = matrix_set.span / columns / _TILE_PIXELS
    metres = cell_size * (_METRES_PER_DEGREE if matrix_set.is_geographic else 1)
    # The corner is written in the axis order of the CRS.
    corner = matrix_set.north_west
    return {
        "id": str(level),
        "scaleDenominator": metres / _PIXEL_M,
        "cellSize": cell_size,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": list(corner[::-1] if matrix_set.northing_first else corner),
        "tileWidth": _TILE_PIXELS,
        "tileHeight": _TILE_PIXELS,
        "matrixWidth": columns,
        "matrixHeight": rows,
    }


def _links(address: str, title: str) -> list[dict[str, str]]:
    return [
        link(address, "self", "application/json", title),
        link(f"{address}?f=html", "alternate", "text/html", title),
    ]


def _answer(request: Request, template: str, document: dict[str, Any]) -> Response:
    if wants_html(request):
        return render(request, template, document)
    return JSONResponse(document, headers={"Content-Language": preferred_language(request)})
