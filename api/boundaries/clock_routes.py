"""The clock of a demo town, put forward to the moment for which a draft waits."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.boundaries.request import Asked, answer, body_of
from layers.boundaries.effect.demo_clock import let_time_pass


async def post_time(request: Request) -> Response:
    """POST /api/drafts/{draft_id}/let-time-pass: {"as_of"}, the demo's new moment."""
    asked, body = Asked(request), await body_of(request)
    body.finish()
    arguments = (asked.desk, asked.principal, asked.town, asked.draft_id)
    moment = await run_in_threadpool(let_time_pass, *arguments)
    return answer({"as_of": moment.isoformat()})


ROUTES = [Route("/api/drafts/{draft_id}/let-time-pass", post_time, methods=["POST"])]
