"""Micro-grids that share a polygon, with what each looks after."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.boundaries.request import Asked, answer, id_in_path
from layers.boundaries.burdens import INCIDENT_DAYS
from layers.boundaries.coverage import Connection, began_at
from layers.boundaries.draft_rows import Draft
from layers.boundaries.highrises.loads import read_highrises
from layers.boundaries.highrises.standing import buildings_on, codes_beside
from layers.roles import Role

_CODES = 30  # those of further micro-grids are typed


async def get_highrises(request: Request) -> Response:
    """GET /api/highrises: those of today."""
    asked = Asked(request)

    def read() -> dict[str, Any]:
        with asked.desk.transaction(asked.principal) as connection:
            began = began_at(connection, asked.town)
            if began is None:
                return _document([])
            today = asked.desk.cache.base(connection, asked.town, began)
            return _document(read_highrises(connection, asked.town, today))

    return answer(await run_in_threadpool(read))


async def get_draft_highrises(request: Request) -> Response:
    """GET /api/drafts/{id}/highrises: those of a draft as it is now."""
    asked = Asked(request)

    def read(connection: Connection, draft: Draft) -> dict[str, Any]:
        now = asked.desk.cache.state(connection, asked.town, draft).now
        return _document(read_highrises(connection, asked.town, now))

    return answer(await asked.on_draft(read))


async def get_draft_highrise(request: Request) -> Response:
    """GET /api/drafts/{id}/highrises/{unit}: what it takes to share out one polygon."""
    asked, unit = Asked(request), id_in_path(request, "unit_id")
    role = Role(asked.principal.role)

    def read(connection: Connection, draft: Draft) -> dict[str, Any]:
        state = asked.desk.cache.state(connection, asked.town, draft)
        tools = asked.desk.tools(connection, asked.principal, asked.town, state)
        return {
            "unit": unit,
            "buildings": buildings_on(connection, state.now, unit, role),
            "codes": codes_beside(state.now, unit, tools.owners_of, tools.numbering, _CODES),
        }

    return answer(await asked.on_draft(read))


def _document(highrises: list[dict[str, Any]]) -> dict[str, Any]:
    return {"incident_days": INCIDENT_DAYS, "highrises": highrises}


ROUTES = [
    Route("/api/highrises", get_highrises, methods=["GET"]),
    Route("/api/drafts/{draft_id}/highrises", get_draft_highrises, methods=["GET"]),
    Route("/api/drafts/{draft_id}/highrises/{unit_id}", get_draft_highrise, methods=["GET"]),
]
