"""Queryables and schema of a collection, from its catalogue entry.

By OGC API Features Part 3 (19-079r2) and by Part 5, which is Common Part 3 too (23-058r2).
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.ogc.html import render, wants_html
from api.ogc.languages import in_language, preferred_language
from api.ogc.links import ogc_url
from api.ogc.parameters import check_parameters
from api.services import readable_entry, role_of
from layers.catalogue import ID, Entry, Field, FieldType, Text
from layers.roles import Role
from layers.writing.change import editable_fields

SCHEMA_JSON = "application/schema+json"
_GEOJSON_GEOMETRY = "https://geojson.org/schema/Geometry.json"
_TEMPORAL = {FieldType.DATE, FieldType.DATE_TIME}


async def get_queryables(request: Request) -> Response:
    """GET /collections/{layer_id}/queryables."""
    return await _answer(request, "queryables")


async def get_schema(request: Request) -> Response:
    """GET /collections/{layer_id}/schema."""
    return await _answer(request, "schema")


async def _answer(request: Request, kind: str) -> Response:
    entry = readable_entry(request)
    check_parameters(request)
    language = preferred_language(request)
    role = role_of(request)
    document: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{ogc_url(request)}/collections/{entry.id}/{kind}",
        "type": "object",
        "title": in_language(entry.title, language),
        "description": in_language(entry.description, language),
        "properties": properties_of(entry, language, role),
        "additionalProperties": False,
    }
    if kind == "queryables":
        _add_id(document, language)
        _name_geometry_for_qgis(document, request)
    else:
        _say_what_is_taken(document, entry, role)
    if wants_html(request):
        shown = {"document": document, "layer": entry, "kind": kind}
        return render(request, "schema.html", shown)
    headers = {"Content-Language": language, "Vary": "User-Agent"}
    return JSONResponse(document, media_type=SCHEMA_JSON, headers=headers)


def _add_id(document: dict[str, Any], language: str) -> None:
    identity = {**_property(ID, language), "x-ogc-role": "id"}
    document["properties"] = {ID.name: identity, **document["properties"]}


def _name_geometry_for_qgis(document: dict[str, Any], request: Request) -> None:
    """QGIS (3.40 and later) filters by a geometry on the server only where this refers to GeoJSON.

    For nobody else: Part 3, queryables, D and Common Part 3, properties, B forbid the reference.
    """
    if "QGIS/" in request.headers.get("user-agent", ""):
        document["properties"]["geometry"]["$ref"] = _GEOJSON_GEOMETRY


def _say_what_is_taken(document: dict[str, Any], entry: Entry, role: Role) -> None:
    """What a body has to have, and what it can't set (Part 5, returnables and receivables)."""
    taken = {each.name for each in editable_fields(entry, role)} if role in entry.writers else set()
    required = [each.name for each in entry.fields_for(role) if each.required]
    if entry.writers:
        document["required"] = ["geometry", *required]
    for name, schema in document["properties"].items():
        if name not in taken and (name != "geometry" or not taken):
            schema["readOnly"] = True
        elif name in required and schema["type"] == "string":
            schema["pattern"] = r"\S"


def properties_of(entry: Entry, language: str, role: Role) -> dict[str, Any]:
    """JSON Schema of every property that `role` sees, the geometry included."""
    properties: dict[str, Any] = {
        "geometry": {
            "title": in_language(Text("几何", "geometry"), language),
            "format": f"geometry-{_geometry_format(entry)}",
            "x-ogc-role": "primary-geometry",
        }
    }
    for number, field in enumerate(entry.fields_for(role), start=1):
        properties[field.name] = {
            **_property(field, language),
            "x-ogc-propertySeq": number,
            **({"x-ogc-role": "primary-instant"} if field.name == entry.time_field else {}),
        }
    return properties


def _geometry_format(entry: Entry) -> str:
    """Part 5's names: a point layer has points; lines and polygons may come in several pieces."""
    name = entry.geometry.lower()
    if name == "geometry":
        return "any"
    return name if name == "point" else f"{name}-or-multi{name}"


def _property(field: Field, language: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"title": in_language(field.title, language)}
    schema["type"] = "string" if field.type in _TEMPORAL else field.type.value
    if field.type in _TEMPORAL:
        schema["format"] = field.type.value
    if field.unit:
        schema["x-ogc-unit"] = field.unit
    if field.codes:
        schema["oneOf"] = [
            {"const": code, "title": in_language(meaning, language)}
            for code, meaning in field.codes.items()
        ]
    return schema
