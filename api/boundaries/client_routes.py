"""What a map client drew into its draft: looked at, repaired, made a step, discarded."""

from __future__ import annotations

from typing import Any

from shapely.geometry import mapping
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.boundaries.request import Asked, answer, body_of
from layers.boundaries.clients.settling import Table
from layers.boundaries.clients.view import ClientView
from layers.boundaries.draft_rows import Draft

type Json = dict[str, Any]


def table_of(asked: Asked, neighbour: str | None = None) -> Table:
    """Where clients' drafts are looked at, for the one who asks."""
    return Table(asked.desk, asked.principal, asked.town, neighbour)


async def client_state(asked: Asked) -> Json | None:
    """What the client drew since the last step, and whether it is clean; None without anything."""
    view, judgement = await run_in_threadpool(table_of(asked).look, asked.draft_id)
    if judgement is None:
        return None
    return {
        "client": view.state.draft.client,
        "units": len(view.faces),
        "clean": not judgement.faults,
        "moves_outline": bool(judgement.outline),
        "repair_width_m": judgement.repair_width_m,
        "faults": {"type": "FeatureCollection", "features": judgement.faults},
    }


async def get_faces(request: Request) -> Response:
    """GET /api/drafts/{draft_id}/faces: the units as the client drew them."""
    asked = Asked(request)
    view, _ = await run_in_threadpool(table_of(asked).look, asked.draft_id)
    return answer(_collection(view))


async def post_discard(request: Request) -> Response:
    """POST /api/drafts/{draft_id}/discard: forget what was drawn of a unit, or all of it."""
    asked, body = Asked(request), await body_of(request)
    seen = await asked.seen(body)
    unit = body.number("unit") if body.has("unit") else None
    body.finish()
    return _short(await run_in_threadpool(table_of(asked).discard, seen, unit))


async def post_settle(request: Request) -> Response:
    """POST /api/drafts/{draft_id}/settle: make what was drawn a step."""
    asked, body = Asked(request), await body_of(request)
    seen, neighbour = await asked.seen(body), body.optional_text("neighbour")
    body.finish()
    return _short(await run_in_threadpool(table_of(asked, neighbour).settle, seen))


async def post_repair(request: Request) -> Response:
    """POST /api/drafts/{draft_id}/repair: say what it would move; done where `apply` says so."""
    asked, body = Asked(request), await body_of(request)
    seen, width_m = await asked.seen(body), body.metres("width_m")
    apply = body.truth("apply", default=False)
    body.finish()

    def run() -> Json:
        return table_of(asked).repair(seen, width_m, apply=apply)

    return answer(await run_in_threadpool(run))


def _short(draft: Draft) -> Response:
    return answer({"id": draft.id, "revision": draft.revision, "state": draft.state})


def _collection(view: ClientView) -> Json:
    features = [
        {
            "type": "Feature",
            "id": unit,
            "geometry": None if face.shape is None else mapping(face.shape),
            "properties": {
                "level": face.unit.level,
                "parent": face.unit.parent,
                **face.attributes._asdict(),
                "gone": face.is_gone,
                "new": unit not in view.state.now.attributes,
                "at": face.at.isoformat() if face.at else None,
            },
        }
        for unit, face in view.faces.items()
    ]
    return {"type": "FeatureCollection", "features": features}


ROUTES = [
    Route("/api/drafts/{draft_id}/faces", get_faces, methods=["GET"]),
    Route("/api/drafts/{draft_id}/discard", post_discard, methods=["POST"]),
    Route("/api/drafts/{draft_id}/settle", post_settle, methods=["POST"]),
    Route("/api/drafts/{draft_id}/repair", post_repair, methods=["POST"]),
]
