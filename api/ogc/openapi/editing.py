"""The operations by which an editor writes features (OGC API Features 4)."""

from __future__ import annotations

from api.ogc.bodies import FEATURE_TYPES, MERGE_PATCH
from api.ogc.openapi.fields import feature_schema, patch_schema, written_schema
from api.ogc.openapi.operations import (
    GEOJSON,
    JSON,
    About,
    Json,
    answer,
    operation,
    parameter_ref,
)
from layers.catalogue import Entry
from layers.roles import Role

_FEATURE_ID = parameter_ref("featureId")
_HOW = tuple(map(parameter_ref, ("Content-Crs", "Prefer")))
_ONLY_ID: Json = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "integer"}},
}
_REFUSALS = ("403", "404", "405", "409", "412", "413", "415", "422")


def add_editing(paths: Json, entry: Entry, role: Role, language: str) -> None:
    """Add to a layer's paths what `role` may do there beyond reading."""
    if role not in entry.writers:
        return
    whole = written_schema(entry, role, language)
    feature = feature_schema(entry, role, language)
    items = f"/collections/{entry.id}/items"
    paths[items]["post"] = _post(entry, whole, feature)
    paths[f"{items}/{{featureId}}"] |= {
        "put": _change(About(f"{entry.id}.replaceFeature", "replace / 替换", entry.id), feature)
        | _body(dict.fromkeys(FEATURE_TYPES, whole)),
        "patch": _change(About(f"{entry.id}.updateFeature", "change / 修改", entry.id), feature)
        | _body({MERGE_PATCH: patch_schema(entry, role, language)}),
        "delete": operation(
            About(f"{entry.id}.deleteFeature", "delete / 删除", entry.id),
            [_FEATURE_ID, parameter_ref("If-Match")],
            {"204": {"description": "it is gone / 已删除"}},
            _REFUSALS,
        ),
    }


def _post(entry: Entry, whole: Json, feature: Json) -> Json:
    location = {"Location": {"description": "the feature / 新要素", "schema": {"type": "string"}}}
    only_id: Json = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "integer"}},
    }
    created = answer("it was made / 已新建", {JSON: only_id, GEOJSON: feature}, location)
    about = About(f"{entry.id}.addFeature", "add / 新建", entry.id)
    post = operation(about, _HOW, {"201": created}, _REFUSALS)
    return post | _body(dict.fromkeys(FEATURE_TYPES, whole))


def _change(about: About, feature: Json) -> Json:
    answers = {
        "200": answer("as it is now / 修改后的要素", {GEOJSON: feature}),
        "204": {"description": "it was done / 已修改"},
    }
    parameters = (_FEATURE_ID, parameter_ref("If-Match"), *_HOW)
    return operation(about, parameters, answers, _REFUSALS)


def _body(schemas: Json) -> Json:
    content = {media_type: {"schema": schema} for media_type, schema in schemas.items()}
    return {"requestBody": {"required": True, "content": content}}
