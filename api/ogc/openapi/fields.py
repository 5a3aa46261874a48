"""The properties of a layer in the words of OpenAPI 3.0, which has no `const` and no type null."""

from __future__ import annotations

from collections.abc import Sequence

from api.ogc.languages import in_language
from api.ogc.openapi.operations import Json, schema_ref
from layers.catalogue import Entry, Field, FieldType
from layers.roles import Role
from layers.writing.change import editable_fields

_TEMPORAL = {FieldType.DATE, FieldType.DATE_TIME}


def asked_value(field: Field, language: str) -> Json:
    """What a client may compare a property with."""
    return _typed(field, list(field.codes)) | {"title": in_language(field.title, language)}


def feature_schema(entry: Entry, role: Role, language: str) -> Json:
    """A feature as it is answered to `role`; every value may be missing."""
    return _feature(
        {each.name: _answered_value(each, language) for each in entry.fields_for(role)},
        {"allOf": [schema_ref(_geometry(entry))], "nullable": True},
    )


def collection_schema(feature: Json) -> Json:
    """A page of features."""
    return {
        "type": "object",
        "required": ["type", "features", "links", "timeStamp", "numberReturned"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": feature},
            "links": {"type": "array", "items": schema_ref("link")},
            "timeStamp": {"type": "string", "format": "date-time"},
            "numberMatched": {"type": "integer", "minimum": 0},
            "numberMatchedEstimated": {"type": "boolean"},
            "numberReturned": {"type": "integer", "minimum": 0},
        },
    }


def written_schema(entry: Entry, role: Role, language: str) -> Json:
    """A feature as an editor sends it: what may be written, and what has to be there."""
    editable = editable_fields(entry, role)
    written = _written(editable, language)
    required = [each.name for each in editable if each.required]
    if required:
        written["required"] = required
    return {**_sent(entry, written), "required": ["type", "geometry", "properties"]}


def patch_schema(entry: Entry, role: Role, language: str) -> Json:
    """A merge patch: what is absent stays."""
    return _sent(entry, _written(editable_fields(entry, role), language))


def _written(editable: Sequence[Field], language: str) -> Json:
    properties = {
        each.name: _required_value(each, language)
        if each.required
        else _answered_value(each, language)
        for each in editable
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _required_value(field: Field, language: str) -> Json:
    """Not null, and no blank text."""
    schema = _typed(field, list(field.codes)) | {"title": in_language(field.title, language)}
    is_free_text = field.type is FieldType.STRING and not field.codes
    return {**schema, "pattern": r"\S"} if is_free_text else schema


def _sent(entry: Entry, properties: Json) -> Json:
    return {
        "type": "object",
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "geometry": schema_ref(_geometry(entry)),
            "properties": properties,
        },
    }


def _feature(properties: Json, geometry: Json) -> Json:
    return {
        "type": "object",
        "required": ["type", "id", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "integer"},
            "geometry": geometry,
            "properties": {
                "type": "object",
                "properties": properties,
                "additionalProperties": False,
            },
            "links": {"type": "array", "items": schema_ref("link")},
        },
    }


def _answered_value(field: Field, language: str) -> Json:
    codes: list[str | None] = [*field.codes, None] if field.codes else []
    return {**_typed(field, codes), "nullable": True, "title": in_language(field.title, language)}


def _typed(field: Field, codes: list[str] | list[str | None]) -> Json:
    if field.type in _TEMPORAL:
        return {"type": "string", "format": field.type.value}
    schema: Json = {"type": field.type.value}
    return {**schema, "enum": codes} if codes else schema


def _geometry(entry: Entry) -> str:
    return f"geometry-{entry.geometry.lower()}"
