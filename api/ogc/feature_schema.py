"""JSON Schema of a layer's GeoJSON features, for clients that ask the `describedby` link for types.

GDAL is one: without it a property whose first values are all null would be a text to it. Features 5
describes the properties alone (`schema`), which such clients don't read.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.ogc.languages import in_language, preferred_language
from api.ogc.links import ogc_url
from api.ogc.parameters import check_parameters
from api.ogc.schemas import SCHEMA_JSON, properties_of
from api.services import readable_entry, role_of
from layers.catalogue import Text

_DESCRIPTION = Text(
    "GeoJSON 要素；没有值的属性为 null",
    "A GeoJSON feature; a property that has no value is null",
)


async def get_feature_schema(request: Request) -> Response:
    """GET /collections/{layer_id}/feature-schema."""
    entry = readable_entry(request)
    check_parameters(request, formats=("json",))
    language = preferred_language(request)
    properties = properties_of(entry, language, role_of(request))
    del properties["geometry"]
    document: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{ogc_url(request)}/collections/{entry.id}/feature-schema",
        "type": "object",
        "title": in_language(entry.title, language),
        "description": in_language(_DESCRIPTION, language),
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"const": "Feature"},
            "id": {"type": "integer"},
            "geometry": {},
            "properties": {"type": "object", "properties": properties},
        },
    }
    return JSONResponse(document, media_type=SCHEMA_JSON, headers={"Content-Language": language})
