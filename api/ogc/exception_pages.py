"""An error below /ogc as a page, for a person who came by a browser."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.ogc.html import render, wants_html
from api.proxy import path_below_root
from spatial.errors import InputError

type Handler = Callable[[Request, Exception], Coroutine[Any, Any, Response]]


def with_pages[Key](handlers: Mapping[Key, Handler]) -> dict[Key, Handler]:
    """The handlers, each of which answers a browser below /ogc with a page."""
    return {key: _with_page(handler) for key, handler in handlers.items()}


def _with_page(handler: Handler) -> Handler:
    async def handle(request: Request, error: Exception) -> Response:
        answer = await handler(request, error)
        return _page(request, answer) if _is_for_a_person(request, answer) else answer

    return handle


def _is_for_a_person(request: Request, answer: Response) -> bool:
    path = path_below_root(request.scope)
    is_below = path == "/ogc" or path.startswith("/ogc/")
    return (
        is_below
        and request.method in ("GET", "HEAD")
        and answer.media_type == "application/json"
        and wants_html(request)
    )


def _page(request: Request, answer: Response) -> Response:
    document = json.loads(bytes(answer.body))
    try:
        page = render(request, "exception.html", document)
    except InputError:  # it is the language that is wrong
        return answer
    page.status_code = answer.status_code
    for name, value in answer.headers.items():
        if name not in page.headers:
            page.headers[name] = value
    return page
