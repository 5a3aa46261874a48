"""The coverage of today, for all who may read it; and what it will be, for those who draft."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.boundaries.request import Asked, answer, id_in_path
from api.ogc.entity_tags import is_known
from api.services import services_of
from layers.boundaries.answers import CoverageAnswer, Names
from layers.boundaries.coverage import Connection
from layers.boundaries.draft_rows import names_of
from layers.boundaries.planned import Foresight, Planned
from layers.boundaries.shown import Shown, coverage_json, reading

type Json = dict[str, Any]


async def get_coverage(request: Request) -> Response:
    """GET /api/coverage: {"began", "arcs", "units"} of today."""
    services = services_of(request)
    principal = services.principal(request)

    def read() -> Shown:
        with reading(services.threads_pool, principal) as connection:
            return services.coverage.today(connection, services.drafts, services.town)

    shown = await run_in_threadpool(read)
    # RFC 9110, 8.8.3.3: the packed bytes are another representation.
    is_packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {
        "ETag": f'"{shown.tag}-gzip"' if is_packed else f'"{shown.tag}"',
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Encoding, Cookie, Authorization",
    }
    if is_known(request, headers):
        return Response(status_code=304, headers=headers)
    if not is_packed:
        return Response(shown.content, media_type="application/json", headers=headers)
    headers["Content-Encoding"] = "gzip"
    return Response(shown.packed, media_type="application/json", headers=headers)


async def get_planned(request: Request) -> Response:
    """GET /api/coverage/planned: the approved drafts in the order of their moments."""
    asked = Asked(request)

    def read() -> Json:
        with asked.desk.transaction(asked.principal) as connection:
            found = Foresight(connection, asked.desk.cache, asked.town).all()
            return {"planned": _described(connection, found)}

    return answer(await run_in_threadpool(read))


async def get_planned_coverage(request: Request) -> Response:
    """GET /api/coverage/planned/{draft_id}: as it will be from that draft's moment on."""
    asked, draft_id = Asked(request), id_in_path(request, "draft_id")

    def read() -> Json:
        with asked.desk.transaction(asked.principal) as connection:
            found = Foresight(connection, asked.desk.cache, asked.town).up_to(draft_id)
            planned = _described(connection, found)
        return {
            "planned": planned[-1],
            "after": planned[:-1],
            **coverage_json(found[-1].coverage),
            "changed": _changed_json(found[-1]),
        }

    return answer(await run_in_threadpool(read))


def _described(connection: Connection, found: list[Planned]) -> list[Json]:
    drafts = [planned.draft for planned in found]
    accounts = [one for draft in drafts for one in (draft.author, draft.approver) if one]
    names = names_of(connection, accounts)
    return [_planned_json(planned, names) for planned in found]


def _changed_json(planned: Planned) -> Json:
    there = planned.coverage.topology.units.by_id
    changed, before = planned.changed, CoverageAnswer(planned.before)
    return {
        "arcs": sorted(planned.redraw.shape.arcs),
        "units": sorted(changed & there.keys()),
        "gone": [before.unit(unit) for unit in sorted(changed - there.keys())],
    }


def _planned_json(planned: Planned, names: Names) -> Json:
    draft, hindrance = planned.draft, planned.hindrance
    return {
        "id": draft.id,
        "name": draft.name,
        "author_name": names.get(draft.author),
        "approver_name": names.get(draft.approver or 0),
        "effective_from": draft.effective_from and draft.effective_from.isoformat(),
        "units": len(planned.changed),
        "comes_about": hindrance is None,
        "hindrance": hindrance and hindrance.message,
    }


ROUTES = [
    Route("/api/coverage", get_coverage, methods=["GET"]),
    Route("/api/coverage/planned", get_planned, methods=["GET"]),
    Route("/api/coverage/planned/{draft_id}", get_planned_coverage, methods=["GET"]),
]
