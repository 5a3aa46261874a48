"""The operations on collections and their features."""

from __future__ import annotations

from api.ogc.downloads import DOWNLOADS
from api.ogc.openapi.fields import asked_value, collection_schema, feature_schema
from api.ogc.openapi.operations import (
    GEOJSON,
    JSON,
    JSON_LD,
    About,
    Json,
    answer,
    in_query,
    operation,
    page,
    parameter_ref,
    schema_ref,
)
from layers.catalogue import Entry
from layers.reading.query import PARAMETERS
from layers.roles import Role

OPENAPI_JSON = "application/vnd.oai.openapi+json;version=3.0"
_ITEM_FORMATS = ("json", "geojson", "html")
_NOT_CHANGED: Json = {"description": "the client has it / 未更改"}
_SCHEMA_JSON = "application/schema+json"
_BOTH = (parameter_ref("f-json-html"), parameter_ref("lang"))
_JSON_ONLY = (in_query("f", {"type": "string", "enum": ["json"]}), parameter_ref("lang"))
_ALL = (parameter_ref("f"), parameter_ref("lang"))
# These are of each layer's own properties.
_OWN = {"sortby", "properties", "f", "lang"}


def frame_paths() -> Json:
    """Landing page, conformance, this document and the collections."""
    pages = {
        "/": ("getLandingPage", "landing page / 首页", "landingPage"),
        "/collections": ("getCollections", "all collections / 全部图层", "collections"),
    }
    paths = {
        path: {
            "get": operation(
                About(name, summary, "server"),
                _ALL,
                page(summary, {JSON: schema_ref(schema), JSON_LD: {"type": "object"}}),
            )
        }
        for path, (name, summary, schema) in pages.items()
    }
    conformance = page("what is conformed to / 符合性", {JSON: schema_ref("conformance")})
    document = page("this document / 本文档", {OPENAPI_JSON: {"type": "object"}})
    return paths | {
        "/conformance": {
            "get": operation(
                About("getConformance", "conformance / 符合性", "server"), _BOTH, conformance
            )
        },
        "/openapi": {
            "get": operation(
                About("getOpenApi", "this document / 本文档", "server"), _BOTH, document
            )
        },
    }


def layer_paths(entry: Entry, role: Role, language: str) -> Json:
    """A collection, its schemas, its items and one of them, as far as `role` may."""
    base = f"/collections/{entry.id}"
    name, tag = entry.id, entry.id
    title = f"{entry.title.zh} / {entry.title.en}"
    collection = operation(
        About(f"{name}.getCollection", title, tag),
        _ALL,
        page(title, {JSON: schema_ref("collection"), JSON_LD: {"type": "object"}}),
        ["404"],
    )
    paths: Json = {base: {"get": collection}}
    json_schema = {_SCHEMA_JSON: schema_ref("jsonSchema")}
    for kind in ("queryables", "schema"):
        about = About(f"{name}.get-{kind}", kind, tag)
        both = operation(about, _BOTH, page(kind, json_schema), ["404"])
        paths[f"{base}/{kind}"] = {"get": both}
    about = About(f"{name}.get-feature-schema", "a feature's schema / 要素模式", tag)
    described = {"200": answer(about.summary, json_schema)}
    paths[f"{base}/feature-schema"] = {"get": operation(about, _JSON_ONLY, described, ["404"])}
    feature = feature_schema(entry, role, language)
    paths[f"{base}/items"] = {"get": _items(entry, role, language, feature)}
    paths[f"{base}/items/{{featureId}}"] = {"get": _item(entry, title, feature)}
    return paths


def _items(entry: Entry, role: Role, language: str, feature: Json) -> Json:
    names = [each.name for each in entry.fields_for(role)]
    sorts = [sign + name for name in names for sign in ("", "+", "-")]
    own = [
        in_query("sortby", _names(sorts), "properties, - before a descending one / 排序"),
        in_query("properties", _names(names), "which properties to answer with / 返回属性"),
        in_query(
            "f", {"type": "string", "enum": [*_ITEM_FORMATS, *DOWNLOADS]}, "the format / 格式"
        ),
        parameter_ref("lang"),
    ]
    shared = [parameter_ref(name) for name in sorted(PARAMETERS - _OWN)]
    equal = [
        in_query(each.name, asked_value(each, language)) for each in entry.queryables_for(role)
    ]
    title = f"{entry.title.zh} / {entry.title.en}"
    files = {
        media_type.split(";")[0]: {"type": "string", "format": "binary"}
        for media_type in DOWNLOADS.values()
    }
    found = page(title, {GEOJSON: collection_schema(feature), **files})
    return operation(
        About(f"{entry.id}.getFeatures", title, entry.id), [*shared, *own, *equal], found, ["404"]
    )


def _names(names: list[str]) -> Json:
    return {"type": "array", "items": {"type": "string", "enum": names}}


def _item(entry: Entry, title: str, feature: Json) -> Json:
    formats = in_query("f", {"type": "string", "enum": list(_ITEM_FORMATS)}, "the format / 格式")
    shared = map(parameter_ref, ("featureId", "crs", "If-None-Match", "lang"))
    return operation(
        About(f"{entry.id}.getFeature", title, entry.id),
        [*shared, formats],
        {**page(title, {GEOJSON: feature}), "304": _NOT_CHANGED},
        ["404"],
    )
