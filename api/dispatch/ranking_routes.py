"""Who can be there first, and decisions: kept answers that can be made again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.auth.bodies import read_object
from api.cancelling import unless_gone
from api.ogc.processes.nearest import NEAREST_RESPONDERS
from api.services import services_of
from layers.dispatch.decisions import read_decision, replay
from layers.jobs.context import Context
from layers.jobs.outputs import to_json
from layers.reach.live import require_responders
from spatial.errors import NotFoundError
from spatial.numerals import row_id

_MOST_BYTES = 256 * 1024


async def post_nearest(request: Request) -> Response:
    """POST /api/nearest {lon, lat, k, mode, skills, departments, exclude, what_if}."""
    inputs = NEAREST_RESPONDERS.check(await read_object(request, most_bytes=_MOST_BYTES))

    def find(context: Context) -> Any:
        require_responders(context.principal)
        return NEAREST_RESPONDERS.run(context, inputs)["result"]

    return await _answer(request, find)


async def get_decision(request: Request) -> Response:
    """GET /api/decisions/{id}: what was answered, and all that it was made of."""
    decision_id = _id(request)

    def read(context: Context) -> Any:
        with context.transaction() as connection:
            return read_decision(connection, decision_id).as_json()

    return await _answer(request, read)


async def post_replay(request: Request) -> Response:
    """POST /api/decisions/{id}/replay: made again; whether it is the same, byte for byte."""
    decision_id = _id(request)

    def again(context: Context) -> Any:
        with context.transaction() as connection:
            decision = read_decision(connection, decision_id)
        with context.connection() as connection:
            engine = context.streets.get(connection)
            return replay(connection, context.town, engine, decision).as_json()

    return await _answer(request, again)


async def _answer(request: Request, work: Callable[[Context], Any]) -> Response:
    """What `work` gives, in a thread, in turn with others of the same standing."""
    services = services_of(request)
    principal = services.principal(request)
    slots = services.visitor_slots if principal.account_id is None else services.account_slots
    context = Context(services.threads_pool, principal, services.town, services.engine)
    answered = run_sync(lambda: to_json(work(context)), limiter=slots)
    text = await unless_gone(request, answered)
    return Response(text, media_type="application/json", headers={"Cache-Control": "no-store"})


def _id(request: Request) -> int:
    text = request.path_params["decision_id"]
    found = row_id(text)
    if found is None:
        raise NotFoundError(f"there is no decision {text[:40]} / 没有这条决策记录")
    return found


ROUTES = [
    Route("/api/nearest", post_nearest, methods=["POST"]),
    Route("/api/decisions/{decision_id}", get_decision, methods=["GET"]),
    Route("/api/decisions/{decision_id}/replay", post_replay, methods=["POST"]),
]
