"""The operations on tiles; their names end as OGC API Tiles, Table 11 wants."""

from __future__ import annotations

from api.ogc.openapi.operations import (
    JSON,
    About,
    Json,
    answer,
    in_path,
    in_query,
    operation,
    page,
    parameter_ref,
    schema_ref,
)
from layers.catalogue import Entry

_MVT = "application/vnd.mapbox-vector-tile"
_STYLE = "application/vnd.mapbox.style+json"
_LANG = parameter_ref("lang")
_MATRIX_SET = parameter_ref("tileMatrixSetId")
_ADDRESS = tuple(map(parameter_ref, ("tileMatrix", "tileRow", "tileCol")))


def matrix_set_paths() -> Json:
    """The tile matrix sets."""
    both = (parameter_ref("f-json-html"), _LANG)
    all_of_them = operation(
        About("getTileMatrixSetsList", "tile matrix sets / 切片矩阵集", "tiles"),
        both,
        page("tile matrix sets / 切片矩阵集", {JSON: schema_ref("tileMatrixSets")}),
    )
    one = operation(
        About("getTileMatrixSet", "a tile matrix set / 一个切片矩阵集", "tiles"),
        (_MATRIX_SET, *both),
        page("a tile matrix set / 切片矩阵集", {JSON: schema_ref("tileMatrixSet")}),
        ["404"],
    )
    return {
        "/TileMatrixSets": {"get": all_of_them},
        "/TileMatrixSets/{tileMatrixSetId}": {"get": one},
    }


def tile_paths(entry: Entry) -> Json:
    """The tilesets of a layer, one of them, and its tiles."""
    base = f"/collections/{entry.id}/tiles"
    name = f"{entry.id}.collection.vector"
    tilesets = operation(
        About(f"{name}.getTileSetsList", "tilesets / 切片集", entry.id),
        (parameter_ref("f-json-html"), _LANG),
        page("tilesets / 切片集", {JSON: schema_ref("tilesets")}),
        ["404"],
    )
    forms = in_query("f", {"type": "string", "enum": ["json", "html", "tilejson"]})
    either = {"oneOf": [schema_ref("tileset"), schema_ref("tilejson")]}
    tileset = operation(
        About(f"{name}.getTileSet", "a tileset / 一个切片集", entry.id),
        (_MATRIX_SET, forms, _LANG),
        page("a tileset, or TileJSON / 切片集", {JSON: either}),
        ["404"],
    )
    return {
        base: {"get": tilesets},
        f"{base}/{{tileMatrixSetId}}": {"get": tileset},
        f"{base}/{{tileMatrixSetId}}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": {
            "get": _tile(entry, name)
        },
    }


def style_paths(entry: Entry) -> Json:
    """The styles of a layer's tiles."""
    base = f"/collections/{entry.id}/styles"
    style = in_path("styleId", {"type": "string", "enum": ["default"]})
    styles = operation(
        About(f"{entry.id}.getStyles", "styles / 样式", entry.id),
        (in_query("f", {"type": "string", "enum": ["json"]}), _LANG),
        {"200": answer("styles / 样式", {JSON: {"type": "object"}})},
        ["404"],
    )
    one = operation(
        About(f"{entry.id}.getStyle", "a MapLibre style / MapLibre 样式", entry.id),
        (style, in_query("f", {"type": "string", "enum": ["mapbox", "json"]}), _LANG),
        {"200": answer("a style / 样式", {_STYLE: {"type": "object", "required": ["version"]}})},
        ["404"],
    )
    return {base: {"get": styles}, f"{base}/{{styleId}}": {"get": one}}


def _tile(entry: Entry, name: str) -> Json:
    found = answer("a vector tile / 矢量切片", {_MVT: {"type": "string", "format": "binary"}})
    return operation(
        About(f"{name}.getTile", "a vector tile / 矢量切片", entry.id),
        (
            _MATRIX_SET,
            *_ADDRESS,
            in_query("f", {"type": "string", "enum": ["mvt"]}),
            parameter_ref("If-None-Match"),
        ),
        {
            "200": found,
            "204": {"description": "nothing lies in this tile / 空切片"},
            "304": {"description": "the client has it / 未更改"},
        },
        ["404"],
    )
