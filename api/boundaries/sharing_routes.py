"""Comments pinned on a draft, and the links by which a village reads it without an account."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.boundaries.request import Asked, answer, body_of, id_in_path
from api.services import services_of
from layers.boundaries.answers import CoverageAnswer, draft_json, step_json
from layers.boundaries.coverage import Connection
from layers.boundaries.draft_rows import Draft
from layers.boundaries.sharing import (
    Link,
    add_comment,
    linked,
    list_comments,
    list_links,
    make_link,
    remove_comment,
    remove_link,
)

type Json = dict[str, Any]

_GIS = "地理信息 GIS"


async def get_comments(request: Request) -> Response:
    """GET /api/drafts/{draft_id}/comments."""
    return answer(_collection(await Asked(request).on_draft(list_comments)))


async def post_comment(request: Request) -> Response:
    """POST /api/drafts/{draft_id}/comments."""
    asked = Asked(request)
    pin = await _comment_of(request, nickname=_GIS)
    return answer(await asked.on_draft(pin), HTTPStatus.CREATED)


async def delete_comment(request: Request) -> Response:
    """DELETE /api/drafts/{draft_id}/comments/{comment_id}."""
    comment_id = id_in_path(request, "comment_id")
    await Asked(request).on_draft(
        lambda connection, draft: remove_comment(connection, draft, comment_id)
    )
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def get_links(request: Request) -> Response:
    """GET /api/drafts/{draft_id}/links."""
    found = await Asked(request).on_draft(list_links)
    return answer({"links": [_link_json(link) for link in found]})


async def post_link(request: Request) -> Response:
    """POST /api/drafts/{draft_id}/links: the token comes once."""
    asked, body = Asked(request), await body_of(request)
    label = body.text("label")
    days = body.number("days") if body.has("days") else 14
    body.finish()
    link, token = await asked.on_draft(
        lambda connection, draft: make_link(connection, draft, label, days)
    )
    return answer(_link_json(link) | {"token": token}, HTTPStatus.CREATED)


async def delete_link(request: Request) -> Response:
    """DELETE /api/drafts/{draft_id}/links/{link_id}."""
    link_id = id_in_path(request, "link_id")
    await Asked(request).on_draft(lambda connection, draft: remove_link(connection, draft, link_id))
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def get_shared(request: Request) -> Response:
    """GET /api/shared-drafts/{token}: the draft of a link, to whoever holds it."""
    services = services_of(request)

    def read(connection: Connection, draft: Draft) -> Json:
        state = services.drafts.state(connection, services.town, draft)
        coverage = CoverageAnswer(state.now)
        steps = [_without_sources(step_json(step, {})) for step in state.done]
        return {
            "draft": _without_people(draft_json(draft, {}, (len(steps), 0), is_stale=False)),
            "steps": [_without_people(step) for step in steps],
            "arcs": coverage.arcs(),
            "units": coverage.units(),
        }

    return answer(await _by_link(request, read))


async def get_shared_comments(request: Request) -> Response:
    """GET /api/shared-drafts/{token}/comments."""
    return answer(_collection(await _by_link(request, list_comments)))


async def post_shared_comment(request: Request) -> Response:
    """POST /api/shared-drafts/{token}/comments."""
    pin = await _comment_of(request, nickname=None)
    return answer(await _by_link(request, pin), HTTPStatus.CREATED)


async def _comment_of(
    request: Request, *, nickname: str | None
) -> Callable[[Connection, Draft], Json]:
    body = await body_of(request)
    place, text = body.place("place"), body.long_text("text")
    if nickname is None or body.has("nickname"):
        nickname = body.text("nickname")
    said_by = nickname
    body.finish()

    def pin(connection: Connection, draft: Draft) -> Json:
        return add_comment(connection, draft, place, text, said_by)

    return pin


async def _by_link[Result](request: Request, act: Callable[[Connection, Draft], Result]) -> Result:
    services, token = services_of(request), request.path_params["token"]
    principal = services.principal(request)

    def run() -> Result:
        with linked(services.threads_pool, principal, services.town, token) as (connection, draft):
            return act(connection, draft)

    return await run_in_threadpool(run)


def _without_people(document: Json) -> Json:
    hidden = {"author", "author_name", "approver", "approver_name", "client", "conflict"}
    return {name: value for name, value in document.items() if name not in hidden}


def _without_sources(step: Json) -> Json:
    """A step without the file or the key that it came by: their names may name somebody."""
    hidden = {"file", "sha256", "client"}
    kept = {name: value for name, value in step["parameters"].items() if name not in hidden}
    return step | {"parameters": kept}


def _link_json(link: Link) -> Json:
    return {
        "id": link.id,
        "label": link.label,
        "created": link.created.isoformat(),
        "expires": link.expires.isoformat(),
    }


def _collection(features: list[Json]) -> Json:
    return {"type": "FeatureCollection", "features": features}


ROUTES = [
    Route("/api/drafts/{draft_id}/comments", get_comments, methods=["GET"]),
    Route("/api/drafts/{draft_id}/comments", post_comment, methods=["POST"]),
    Route("/api/drafts/{draft_id}/comments/{comment_id}", delete_comment, methods=["DELETE"]),
    Route("/api/drafts/{draft_id}/links", get_links, methods=["GET"]),
    Route("/api/drafts/{draft_id}/links", post_link, methods=["POST"]),
    Route("/api/drafts/{draft_id}/links/{link_id}", delete_link, methods=["DELETE"]),
    Route("/api/shared-drafts/{token}", get_shared, methods=["GET"]),
    Route("/api/shared-drafts/{token}/comments", get_shared_comments, methods=["GET"]),
    Route("/api/shared-drafts/{token}/comments", post_shared_comment, methods=["POST"]),
]
