"""`Suggest`: asked for, followed, and called off; a job in the worker does it."""

from __future__ import annotations

import json
import uuid
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.boundaries.request import Asked, answer, body_of
from api.boundaries.suggestion import SUGGESTION
from api.services import services_of
from layers.boundaries.desk import require_drafter
from layers.boundaries.draft_rows import read_suggestion
from layers.jobs import store
from layers.jobs.errors import NoSuchJobError
from spatial.database import AnyConnection, async_transaction
from spatial.errors import AccessError

type Json = dict[str, Any]

_PATH = "/api/drafts/suggest"


async def post_suggestion(request: Request) -> Response:
    """POST /api/drafts/suggest: 202 with the job to follow."""
    asked, body = _asked(request), await body_of(request)
    if not asked.principal.may_write:
        raise AccessError("these credentials are for reading only / 此凭据只能读取")
    inputs: Json = {}
    if body.has("villages"):
        inputs["villages"] = list(body.units("villages"))
    if body.has("name"):
        inputs["name"] = body.text("name")
    body.finish()
    wanted = store.Request(SUGGESTION.id, SUGGESTION.check(inputs))
    async with async_transaction(services_of(request).pool, asked.principal) as connection:
        job = await store.submit_job(connection, wanted, may_write=True)
    headers = {"Location": f"{_PATH}/{job.id}", "Cache-Control": "no-store"}
    return JSONResponse(_job_json(job), HTTPStatus.ACCEPTED, headers)


async def get_suggestion(request: Request) -> Response:
    """GET /api/drafts/suggest/{job_id}: how far it is; at the end the draft and its summary."""
    asked = _asked(request)
    async with async_transaction(services_of(request).pool, asked.principal) as connection:
        job = await _find(request, connection)
        results = await store.read_results(connection, job.id)
    result = json.loads(results["result"]) if "result" in results else None
    return answer(_job_json(job) | {"result": result})


async def delete_suggestion(request: Request) -> Response:
    """DELETE /api/drafts/suggest/{job_id}: call it off; a draft that is there already stays."""
    principal = store.keeping_jobs(_asked(request).principal)
    async with async_transaction(services_of(request).pool, principal) as connection:
        job = await store.dismiss_job(connection, (await _find(request, connection)).id)
    return answer(_job_json(job))


async def get_summary(request: Request) -> Response:
    """GET /api/drafts/{draft_id}/suggestion: what was said of the draft; null of one drawn by hand.

    Raises:
        AccessError: these credentials see no households.
    """
    asked = Asked(request)
    if not asked.principal.reaches("buildings"):
        raise AccessError("these credentials see no households / 此凭据不可查看户数")
    return answer({"summary": await asked.on_draft(read_suggestion)})


def _asked(request: Request) -> Asked:
    asked = Asked(request)
    require_drafter(asked.principal)
    return asked


async def _find(request: Request, connection: AnyConnection) -> store.Job:
    """The job in the path, if it is one of these.

    Raises:
        NoSuchJobError: there is none, it is somebody else's, or does something else.
    """
    nothing = NoSuchJobError("there is no such suggestion / 没有这个任务")
    try:
        job = await store.read_job(connection, uuid.UUID(request.path_params["job_id"]))
    except ValueError:
        raise nothing from None
    if job.process_id != SUGGESTION.id:
        raise nothing
    return job


def _job_json(job: store.Job) -> Json:
    """How far a job is; of a failed one `message` says why."""
    return {
        "job": str(job.id),
        "status": job.status,
        "progress": job.progress,
        "message": job.message,
    }


ROUTES = [
    Route(_PATH, post_suggestion, methods=["POST"]),
    Route(f"{_PATH}/{{job_id}}", get_suggestion, methods=["GET"]),
    Route(f"{_PATH}/{{job_id}}", delete_suggestion, methods=["DELETE"]),
    Route("/api/drafts/{draft_id}/suggestion", get_summary, methods=["GET"]),
]
