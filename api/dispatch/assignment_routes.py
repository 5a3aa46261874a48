"""Several incidents at once: who had best go where. A suggestion; orders go by incidents."""

from __future__ import annotations

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.auth.bodies import read_object
from api.cancelling import unless_gone
from api.dispatch.request import account_of, answer
from api.ogc.processes.assignment import ASSIGNMENT, suggested
from api.services import services_of
from layers.jobs.context import Context

_MOST_BYTES = 256 * 1024


async def post_assignment(request: Request) -> Response:
    """POST /api/assignment {incidents?, what_if?}: pairs, and the price of every other choice."""
    principal = account_of(request)
    inputs = ASSIGNMENT.check(await read_object(request, most_bytes=_MOST_BYTES))
    services = services_of(request)
    context = Context(services.threads_pool, principal, services.town, services.engine)
    work = run_sync(lambda: suggested(context, inputs), limiter=services.account_slots)
    return answer(await unless_gone(request, work))


ROUTES = [Route("/api/assignment", post_assignment, methods=["POST"])]
