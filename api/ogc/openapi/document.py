"""GET /openapi: the document as a role sees it."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response

from api.ogc.answers import Answer
from api.ogc.config import PLACEHOLDER_URL, town_title
from api.ogc.frame import Frame
from api.ogc.html import render, wants_html
from api.ogc.languages import preferred_language
from api.ogc.links import crs_uri, ogc_url
from api.ogc.openapi.changes import add_changes, subscription_paths
from api.ogc.openapi.editing import add_editing
from api.ogc.openapi.features import OPENAPI_JSON, frame_paths, layer_paths
from api.ogc.openapi.operations import Json
from api.ogc.openapi.parameters import shared_parameters
from api.ogc.openapi.processes import process_paths
from api.ogc.openapi.schemas import refusals, shared_schemas
from api.ogc.openapi.shifted_crs import shifted_crs_paths
from api.ogc.openapi.tiles import matrix_set_paths, style_paths, tile_paths
from api.ogc.parameters import check_parameters
from api.services import Services, role_of, services_of
from layers.reading.crs import supported_crs
from layers.reading.tiles.matrix_sets import tile_matrix_sets
from layers.roles import Role

# Credentials are never needed to read what is public.
_SECURITY: list[Json] = [{}, {"basic": []}, {"bearer": []}, {"key": []}]
_SCHEMES: Json = {
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


async def get_openapi(request: Request) -> Response:
    """GET /openapi."""
    check_parameters(request)
    frame: Frame = request.app.state.frame
    role, language = role_of(request), preferred_language(request)
    if wants_html(request):
        document = describe(services_of(request), role, language)
        return render(request, "openapi_paths.html", {"document": document})
    answers, key = frame.answers, ("openapi", role, language)
    answer = answers.get(key)
    if answer is None:
        document = describe(services_of(request), role, language)
        content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        answer = Answer(200, {"Content-Language": language}, content)
        answers.keep(key, answer)
    content = answer.content.replace(PLACEHOLDER_URL.encode(), ogc_url(request).encode())
    return Response(content, answer.status, answer.headers, OPENAPI_JSON)


def describe(services: Services, role: Role, language: str) -> Json:
    """The whole document; its links start with PLACEHOLDER_URL."""
    paths = frame_paths() | matrix_set_paths()
    for entry in services.catalogue.readable_by(role):
        paths |= layer_paths(entry, role, language) | tile_paths(entry)
        paths |= style_paths(entry)
        add_editing(paths, entry, role, language)
        add_changes(paths, entry, role, language)
    paths |= subscription_paths() | process_paths(role)
    if services.settings.gcj02:
        paths |= shifted_crs_paths()
    gcj02 = services.settings.gcj02
    all_crs = supported_crs(services.town.metric_srid, gcj02=gcj02)
    uris = [crs_uri(PLACEHOLDER_URL, crs) for crs in all_crs]
    matrix_sets = [each.id for each in tile_matrix_sets(gcj02=gcj02)]
    return {
        "openapi": "3.0.3",
        "info": {
            "title": town_title(services.town).zh,
            "description": "OGC API Features, Tiles and Processes",
            "version": "1.0.0",
        },
        "servers": [{"url": PLACEHOLDER_URL}],
        "security": _SECURITY,
        "paths": paths,
        "components": {
            "parameters": shared_parameters(uris, matrix_sets),
            "responses": refusals(),
            "schemas": shared_schemas(),
            "securitySchemes": _SCHEMES,
        },
    }
