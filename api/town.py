"""What the map page asks at its start: the town, and its layers for the legend."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.services import role_of, services_of
from layers.catalogue import Catalogue, Entry, Field, Release
from layers.facts import skills
from layers.legend import (
    count_features,
    read_attributions,
    read_categories,
    read_departments,
)
from layers.roles import Role
from spatial.database import async_transaction

INCIDENT_WINDOW_DAYS = 365


async def get_town(request: Request) -> Response:
    """GET /api/town."""
    services = services_of(request)
    town = services.town
    west, south, east, north = town.bounds()
    now = town.now()
    async with services.pool.connection() as connection:
        categories = await read_categories(connection)
        departments = await read_departments(connection)
    return JSONResponse(
        {
            "code": town.code,
            "name": town.name,
            "name_en": town.name_en,
            "synthetic": town.synthetic,
            "as_of": now.isoformat() if town.as_of else None,
            "now": now.isoformat(),
            "time_zone": town.time_zone,
            "bounds": [west, south, east, north],
            "center": [(west + east) / 2, (south + north) / 2],
            "map_approval_number": services.settings.map_approval_number or "",
            "shows_internal": _shows_internal(services.catalogue, role_of(request)),
            "incident_window": {
                "from": (now.date() - timedelta(days=INCIDENT_WINDOW_DAYS)).isoformat(),
                "to": now.date().isoformat(),
            },
            "departments": departments,
            "skills": [vars(each) for each in skills()],
            "categories": categories,
        }
    )


def _shows_internal(catalogue: Catalogue, role: Role) -> bool:
    """Whether whoever asks is signed in with the right to some internal layer."""
    return any(entry.release is Release.INTERNAL for entry in catalogue.readable_by(role))


async def get_layers(request: Request) -> Response:
    """GET /api/layers."""
    services = services_of(request)
    principal = services.principal(request)
    role = Role(principal.role)
    readable = services.catalogue.readable_by(role)
    entries = [entry for entry in readable if principal.reaches(entry.id)]
    if not entries:
        return JSONResponse([])
    async with async_transaction(services.pool, principal) as connection:
        counts = await count_features(connection, entries, principal)
    async with services.pool.connection() as connection:
        attributions = await read_attributions(connection, entries, services.town.id)
    return JSONResponse(
        [
            {
                **_layer(entry, role),
                "count": counts[entry.id],
                "attribution": attributions[entry.id] or None,
            }
            for entry in entries
        ]
    )


def _layer(entry: Entry, role: Role) -> dict[str, Any]:
    return {
        "id": entry.id,
        "title": entry.title.zh,
        "title_en": entry.title.en,
        "description": entry.description.zh,
        "description_en": entry.description.en,
        "geometry": {"Point": "point", "LineString": "line"}.get(entry.geometry, "polygon"),
        "release": entry.release.value,
        "precision": entry.precision.zh,
        "precision_en": entry.precision.en,
        "min_zoom": entry.min_zoom,
        "max_zoom": entry.max_zoom,
        "default_visible": entry.visible,
        "time_field": entry.time_field,
        "fields": [_field(each) for each in entry.fields_for(role)],
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "title": field.title.zh,
        "title_en": field.title.en,
        "type": field.type.value,
        "unit": field.unit,
        "codes": {code: [text.zh, text.en] for code, text in field.codes.items()},
    }
