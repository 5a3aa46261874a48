"""The parameters that several operations share."""

from __future__ import annotations

from collections.abc import Sequence

from api.ogc.frame import FORMATS
from api.ogc.languages import LANGUAGES
from api.ogc.openapi.operations import Json, in_header, in_path, in_query
from layers.reading.query import DEFAULT_LIMIT, MAX_LIMIT

# GDAL looks for cql-text, by which CQL2's text was called in drafts; ours takes it as cql2-text.
FILTER_LANGUAGES = ("cql2-text", "cql2-json", "cql-text")
_YEAR = r"(000[1-9]|00[1-9]\d|0[1-9]\d{2}|[1-9]\d{3})"
_LONG, _SHORT = r"(0[13578]|1[02])-(0[1-9]|[12]\d|3[01])", r"(0[469]|11)-(0[1-9]|[12]\d|30)"
_DAY = rf"{_YEAR}-({_LONG}|{_SHORT}|02-(0[1-9]|[12]\d))"
_HOUR, _SIXTIETH = r"([01]\d|2[0-3])", r"[0-5]\d"
_TIME = rf"{_HOUR}:{_SIXTIETH}:{_SIXTIETH}(\.\d+)?(Z|[+-]{_HOUR}:{_SIXTIETH})?"
_MOMENT = rf"{_DAY}(T{_TIME})?"
INTERVAL = {
    "type": "string",
    "pattern": rf"^({_MOMENT}|({_MOMENT}|\.\.)?/({_MOMENT}|\.\.)?)$",
}
_TEXT: Json = {"type": "string"}
_WHOLE: Json = {"type": "integer", "minimum": 0}


def shared_parameters(crs_uris: Sequence[str], matrix_sets: Sequence[str]) -> Json:
    """Name → parameter.

    Args:
        crs_uris: of every CRS that the installation offers.
        matrix_sets: the ids of its tile matrix sets.
    """
    crs: Json = {"type": "string", "enum": list(crs_uris), "default": crs_uris[0]}
    queried = {
        **_selecting(crs),
        **_paging(),
        "crs": (crs, "the CRS of the answer / 返回坐标系"),
        "skipGeometry": ({"type": "boolean", "default": False}, "without geometry / 不含几何"),
        "lang": ({"type": "string", "enum": list(LANGUAGES)}, "zh or en / 语言"),
        "f": ({"type": "string", "enum": list(FORMATS)}, "the format / 格式"),
        "f-json-html": ({"type": "string", "enum": ["json", "html"]}, "the format / 格式"),
    }
    found = {
        name: in_query("f" if name.startswith("f-json") else name, schema, description)
        for name, (schema, description) in queried.items()
    }
    return found | _in_paths(matrix_sets) | _headers(crs_uris)


def _selecting(crs: Json) -> dict[str, tuple[Json, str]]:
    bbox = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    return {
        "bbox": (bbox, "west, south, east, north; six numbers with heights / 范围"),
        "bbox-crs": (crs, "the CRS of bbox / 范围的坐标系"),
        "datetime": (
            INTERVAL,
            "an instant, a date, or start/end with .. for an open end / 时间",
        ),
        "filter": (_TEXT, "CQL2 / 过滤表达式"),
        "filter-lang": (
            {"type": "string", "enum": list(FILTER_LANGUAGES), "default": FILTER_LANGUAGES[0]},
            "the language of filter / 表达式语言",
        ),
        "filter-crs": (crs, "the CRS of the geometries in filter / 表达式的坐标系"),
        "q": (_TEXT, "words, all of which have to be found; a comma means or / 全文检索"),
    }


def _paging() -> dict[str, tuple[Json, str]]:
    limits = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT}
    return {
        "limit": (limits, "how many at most; more is as the maximum / 每页数量"),
        "offset": ({**_WHOLE, "default": 0}, "how many to leave out / 跳过数量"),
        "cursor": (_TEXT, "where a page begins, from a link to it / 页的起点"),
    }


def _in_paths(matrix_sets: Sequence[str]) -> Json:
    matrix_set = {"type": "string", "enum": list(matrix_sets)}
    return {
        "featureId": in_path("featureId", {**_WHOLE, "maximum": 2**63 - 1}),
        "tileMatrixSetId": in_path("tileMatrixSetId", matrix_set),
        **{name: in_path(name, _WHOLE) for name in ("tileMatrix", "tileRow", "tileCol")},
        "jobId": in_path("jobId", {"type": "string", "format": "uuid"}),
    }


def _headers(crs_uris: Sequence[str]) -> Json:
    crs = {"type": "string", "enum": [f"<{uri}>" for uri in crs_uris]}
    return {
        "Prefer": in_header("Prefer", _TEXT, "respond-async, wait=10; return=representation"),
        "If-Match": in_header("If-Match", _TEXT, "the ETag that was read / 读取时的 ETag"),
        "If-None-Match": in_header("If-None-Match", _TEXT, "the ETag that is known / 已有的 ETag"),
        "Content-Crs": in_header("Content-Crs", crs, "the CRS of the body, in <> / 正文坐标系"),
    }
