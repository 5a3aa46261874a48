"""The shared schemas and refusals of the document."""

from __future__ import annotations

from api.ogc.openapi.operations import HTML, JSON, JSON_LD, Json, answer, schema_ref

_TEXT: Json = {"type": "string"}
_WHOLE: Json = {"type": "integer", "minimum": 0}
_URI: Json = {"type": "string", "format": "uri"}
_MOMENT: Json = {"type": "string", "format": "date-time"}

_REFUSALS = {
    "400": "a parameter or the body is not what it has to be / 请求有误",
    "401": "the credentials are wrong / 凭证无效",
    "403": "not with these rights / 无权",
    "404": "there is no such thing / 不存在",
    "405": "not with this method / 不支持此方法",
    "409": "it contradicts what is there / 冲突",
    "410": "it was there and was removed / 已删除",
    "412": "it has changed meanwhile / 已被他人修改",
    "413": "the body is too large / 请求过大",
    "415": "the body is of a media type that isn't read / 媒体类型不支持",
    "422": "the body contradicts its schema / 内容不符合模式",
    "428": "a precondition has to be named / 缺少先决条件",
    "429": "asked too often; Retry-After says when again / 请求过于频繁",
    "503": "the query took too long, or the database is busy / 服务繁忙",
    "default": "an error / 错误",
}


def refusals() -> Json:
    """Name → response, each with an exception document."""
    contents = {media_type: schema_ref("exception") for media_type in (JSON, JSON_LD)}
    contents[HTML] = _TEXT
    return {f"refused-{code}": answer(text, contents) for code, text in _REFUSALS.items()}


def shared_schemas() -> Json:
    """Name → schema."""
    return _common() | _geometries() | _tiles() | _processes()


def _object(required: str = "", **properties: Json) -> Json:
    found: Json = {"type": "object", "properties": properties}
    return {**found, "required": required.split()} if required else found


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


_LINKS = _list(schema_ref("link"))


def _common() -> Json:
    numbers = _list({"type": "number"})
    extent = _object(
        spatial=_object("bbox", bbox=_list({**numbers, "minItems": 4, "maxItems": 6}), crs=_TEXT),
        temporal=_object("interval", interval=_list(_list({**_TEXT, "nullable": True}))),
    )
    return {
        "exception": _object(
            "type",
            type=_TEXT,
            code=_TEXT,
            title=_TEXT,
            status={"type": "integer"},
            detail=_TEXT,
            description=_TEXT,
        ),
        "link": _object(
            "href rel",
            href=_TEXT,
            rel=_TEXT,
            type=_TEXT,
            title=_TEXT,
            hreflang=_TEXT,
            templated={"type": "boolean"},
        ),
        "landingPage": _object("title links", title=_TEXT, description=_TEXT, links=_LINKS),
        "conformance": _object("conformsTo", conformsTo=_list(_URI)),
        "collections": _object(
            "links collections", links=_LINKS, collections=_list(schema_ref("collection"))
        ),
        "collection": _object(
            "id links extent crs storageCrs itemType",
            id=_TEXT,
            title=_TEXT,
            description=_TEXT,
            keywords=_list(_TEXT),
            attribution=_TEXT,
            links=_LINKS,
            extent=extent,
            itemType={"type": "string", "enum": ["feature"]},
            crs=_list(_TEXT),
            storageCrs=_TEXT,
        ),
        # JSON Schema 2020-12, which OpenAPI 3.0 can't describe further
        "jsonSchema": _object("type properties", **{
            "$id": _URI, "type": {"type": "string", "enum": ["object"]}, "title": _TEXT,
            "properties": {"type": "object", "additionalProperties": {"type": "object"}},
        }),
    }  # fmt: skip


def _geometries() -> Json:
    position: Json = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 3}
    line = {**_list(position), "minItems": 2}
    polygon = _list({**_list(position), "minItems": 4})
    point, lines, polygons = (
        _geometry(Point=position),
        _geometry(LineString=line, MultiLineString=_list(line)),
        _geometry(Polygon=polygon, MultiPolygon=_list(polygon)),
    )
    return {
        "geometry-point": point,
        "geometry-linestring": lines,
        "geometry-polygon": polygons,
        "geometry-geometry": {
            "oneOf": [
                *point["oneOf"],
                *_geometry(MultiPoint=_list(position))["oneOf"],
                *lines["oneOf"],
                *polygons["oneOf"],
            ],
        },
    }


def _geometry(**coordinates: Json) -> Json:
    return {
        "oneOf": [
            _object(
                "type coordinates",
                type={"type": "string", "enum": [name]},
                coordinates=each,
            )
            for name, each in coordinates.items()
        ]
    }


def _tiles() -> Json:
    matrix = _object(
        "id scaleDenominator cellSize pointOfOrigin tileWidth tileHeight matrixWidth matrixHeight",
        id=_TEXT,
        scaleDenominator={"type": "number"},
        cellSize={"type": "number"},
        cornerOfOrigin={"type": "string", "enum": ["topLeft", "bottomLeft"]},
        pointOfOrigin={"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        tileWidth=_WHOLE,
        tileHeight=_WHOLE,
        matrixWidth=_WHOLE,
        matrixHeight=_WHOLE,
    )
    return {
        "tilesets": _object("tilesets links", tilesets=_list(schema_ref("tileset")), links=_LINKS),
        "tileset": _object(
            "dataType crs links",
            title=_TEXT,
            description=_TEXT,
            dataType={"type": "string", "enum": ["vector"]},
            crs=_TEXT,
            tileMatrixSetURI=_TEXT,
            layers=_list(_object("id dataType", id=_TEXT, dataType=_TEXT)),
            links=_LINKS,
        ),
        "tilejson": _object(
            "tilejson tiles",
            tilejson=_TEXT,
            tiles=_list(_TEXT),
            bounds=_list({"type": "number"}),
            minzoom=_WHOLE,
            maxzoom=_WHOLE,
            vector_layers=_list(_object("id fields", id=_TEXT, fields={"type": "object"})),
        ),
        "tileMatrixSets": _object(
            "tileMatrixSets", tileMatrixSets=_list(_object("links", id=_TEXT, links=_LINKS))
        ),
        "tileMatrixSet": _object(
            "id crs tileMatrices", id=_TEXT, title=_TEXT, crs=_TEXT, tileMatrices=_list(matrix)
        ),
    }


def _processes() -> Json:
    # Described here in JSON Schema itself, which may be anything.
    described = {"type": "object", "additionalProperties": {"type": "object"}}
    summary: Json = {
        "id": _TEXT,
        "version": _TEXT,
        "title": _TEXT,
        "description": _TEXT,
        "keywords": _list(_TEXT),
        "jobControlOptions": _list(
            {"type": "string", "enum": ["sync-execute", "async-execute", "dismiss"]}
        ),
        "outputTransmission": _list({"type": "string", "enum": ["value", "reference"]}),
        "links": _LINKS,
    }
    statuses = ["accepted", "running", "successful", "failed", "dismissed"]
    return {
        "processes": _object(
            "processes links", processes=_list(_object("id version", **summary)), links=_LINKS
        ),
        "process": _object("id version", **summary, inputs=described, outputs=described),
        "statusInfo": _object(
            "jobID status type",
            jobID=_TEXT,
            processID=_TEXT,
            type={"type": "string", "enum": ["process"]},
            status={"type": "string", "enum": statuses},
            message=_TEXT,
            progress={"type": "integer", "minimum": 0, "maximum": 100},
            created=_MOMENT,
            started=_MOMENT,
            finished=_MOMENT,
            updated=_MOMENT,
            expires=_MOMENT,
            links=_LINKS,
        ),
        "jobs": _object("jobs links", jobs=_list(schema_ref("statusInfo")), links=_LINKS),
        "results": {"type": "object"},
    }
