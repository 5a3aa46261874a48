"""Steps of a draft: done, undone, done again; and the whole check."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.boundaries.client_routes import table_of
from api.boundaries.request import Asked, answer, body_of
from layers.boundaries.answers import edit_json
from layers.boundaries.desk import Edited
from layers.boundaries.draft_rows import Order


async def post_step(request: Request) -> Response:
    """POST /api/drafts/{draft_id}/steps: carry out one step."""
    asked, body = Asked(request), await body_of(request)
    seen, with_faces = await asked.seen(body), body.truth("faces", default=True)
    order = Order(body.text("kind"), body.object("parameters"))
    body.finish()

    def operate() -> dict[str, object]:
        edited = asked.desk.operate(asked.principal, asked.town, seen, order)
        return edit_json(edited, with_faces=with_faces)

    return answer(await run_in_threadpool(operate))


async def post_undo(request: Request) -> Response:
    """POST /api/drafts/{draft_id}/undo: take back the last step."""
    return await _mark(request, undone=True)


async def post_redo(request: Request) -> Response:
    """POST /api/drafts/{draft_id}/redo: do the step again that was undone last."""
    return await _mark(request, undone=False)


async def _mark(request: Request, *, undone: bool) -> Response:
    asked, body = Asked(request), await body_of(request)
    seen, with_faces = await asked.seen(body), body.truth("faces", default=True)
    body.finish()
    act = asked.desk.undo if undone else asked.desk.redo

    def run() -> dict[str, object]:
        edited: Edited = act(asked.principal, asked.town, seen)
        return edit_json(edited, with_faces=with_faces)

    return answer(await run_in_threadpool(run))


async def get_check(request: Request) -> Response:
    """GET /api/drafts/{draft_id}/check: every fault of the whole draft."""
    asked = Asked(request)
    state, faults = await run_in_threadpool(table_of(asked).check, asked.draft_id)
    return answer(
        {
            "revision": state.draft.revision,
            "sound": not faults,
            "faults": {"type": "FeatureCollection", "features": faults},
        }
    )


ROUTES = [
    Route("/api/drafts/{draft_id}/steps", post_step, methods=["POST"]),
    Route("/api/drafts/{draft_id}/undo", post_undo, methods=["POST"]),
    Route("/api/drafts/{draft_id}/redo", post_redo, methods=["POST"]),
    Route("/api/drafts/{draft_id}/check", get_check, methods=["GET"]),
]
