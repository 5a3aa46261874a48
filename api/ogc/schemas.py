"""Queryables (Features 3) and schema (Features 5) of a collection, from its catalogue entry."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.ogc.frame import answer_by_frame, wants_html
from api.ogc.items import readable_entry
from api.ogc.links import ogc_url
from api.services import services_of
from layers.catalogue import Entry, Field, FieldType, Text

SCHEMA_JSON = "application/schema+json"
_TEMPORAL = {FieldType.DATE, FieldType.DATE_TIME}


async def get_queryables(request: Request) -> Response:
    """GET /collections/{layer_id}/queryables."""
    return await _answer(request, "queryables")


async def get_schema(request: Request) -> Response:
    """GET /collections/{layer_id}/schema."""
    return await _answer(request, "schema")


async def _answer(request: Request, kind: str) -> Response:
    services = services_of(request)
    principal = services.principal(request)
    entry = readable_entry(services, principal, request.path_params["layer_id"])
    if wants_html(request):
        return await answer_by_frame(request, kind, entry.id)
    language = preferred_language(request)
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{ogc_url(request)}/collections/{entry.id}/{kind}",
        "type": "object",
        "title": in_language(entry.title, language),
        "description": in_language(entry.description, language),
        "properties": properties_of(entry, language),
        "additionalProperties": False,
    }
    return JSONResponse(document, media_type=SCHEMA_JSON, headers={"Content-Language": language})


def preferred_language(request: Request) -> str:
    """`lang=`, or the first of Accept-Language that the house speaks; Chinese by default."""
    wishes = request.query_params.get("lang") or request.headers.get("accept-language", "")
    for wish in wishes.lower().split(","):
        for language in ("zh", "en"):
            if wish.strip().startswith(language):
                return language
    return "zh"


def in_language(text: Text, language: str) -> str:
    """One of a text's languages."""
    return text.en if language == "en" else text.zh


def properties_of(entry: Entry, language: str) -> dict[str, Any]:
    """JSON Schema of every property, the geometry included."""
    properties: dict[str, Any] = {
        "geometry": {
            "title": in_language(Text("几何", "geometry"), language),
            "format": f"geometry-{_geometry_format(entry)}",
            "x-ogc-role": "primary-geometry",
        }
    }
    for number, field in enumerate(entry.fields, start=1):
        properties[field.name] = {
            **_property(field, language),
            "x-ogc-propertySeq": number,
            **({"x-ogc-role": "primary-instant"} if field.name == entry.time_field else {}),
        }
    return properties


def _geometry_format(entry: Entry) -> str:
    return "any" if entry.geometry == "Geometry" else f"{entry.geometry.lower()}-or-multi"


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
