"""Executing a process and waiting for its result."""

from __future__ import annotations

import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.errors import ogc_exception
from api.ogc.processes.registry import find_process
from api.services import role_of, services_of
from spatial.errors import InputError


async def execute(request: Request) -> Response:
    """POST /processes/{process_id}/execution."""
    services = services_of(request)
    process = find_process(request.path_params["process_id"])
    if not process.may_be_run_by(role_of(request)):
        return ogc_exception(403, "Forbidden", f"{process.id} is not public / 此处理不对外公开")
    body = _parse(await request.body())
    inputs = process.check(body.get("inputs", {}))
    principal = services.principal(request)
    result = await run_in_threadpool(process.run, services, principal, inputs)
    if body.get("response") == "document":
        return _json({"result": result}, "application/json")
    return _json(result, process.media_type)


def _parse(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise InputError('the body has to be a JSON object like {"inputs": {...}}')
    return document


def _json(value: Any, media_type: str) -> Response:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Response(text, media_type=media_type)
