"""Refusals of dispatching, with what a page needs to say who was faster."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.errors import handle_ours
from layers.dispatch.refusals import TakenError


async def _handle_taken(request: Request, error: Exception) -> Response:
    assert isinstance(error, TakenError)
    response = await handle_ours(request, error)
    document = json.loads(bytes(response.body)) | {"taken": error.holder}
    return JSONResponse(document, response.status_code)


HANDLERS = {TakenError: _handle_taken}
