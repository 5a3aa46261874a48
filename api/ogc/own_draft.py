"""A client that redraws boundaries sees its own draft in these layers, and is told so."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.ogc.links import link
from api.services import role_of, services_of
from layers.accounts.identity import Identity, Way
from layers.boundaries.clients.request import ClientRequest
from layers.boundaries.desk import DRAFTED_LAYER, Desk
from layers.catalogue import Entry
from layers.reading.query import ItemsQuery

_COMMENT = re.compile(r"\([^()]*\)")
_PRODUCT = re.compile(r"([A-Za-z][\w.+-]{0,39})(?:/|\s|$)")
_NO_NAME = "program"


def client_of(request: Request) -> str:
    """The kind of client: the key by which it came, else its program's name."""
    identity: Identity | None = request.scope.get("state", {}).get("identity")
    if identity is not None and identity.way is Way.KEY:
        return f"key {identity.credential_id}"
    return product_of(request.headers.get("user-agent", ""))


def product_of(user_agent: str) -> str:
    """The program's name; QGIS says "Mozilla/5.0 QGIS/34006/…", as browsers say Mozilla first."""
    names = _PRODUCT.findall(_COMMENT.sub(" ", user_agent))
    return next((name for name in names if name != "Mozilla"), _NO_NAME)


def client_request(request: Request, entry: Entry) -> ClientRequest:
    """The request as a client's that draws units."""
    services = services_of(request)
    desk = Desk(services.threads_pool, services.drafts)
    principal = services.principal(request)
    return ClientRequest(desk, principal, services.town, client_of(request), entry)


async def with_own_draft(request: Request, entry: Entry, query: ItemsQuery) -> ItemsQuery:
    """The query as the client's own draft answers it, if it has one; of today alone."""
    if role_of(request) not in entry.drafters or query.interval is not None:
        return query
    if not services_of(request).principal(request).reaches(DRAFTED_LAYER):
        return query  # a key for grids alone has no draft, and reads what holds
    overlay = await run_in_threadpool(client_request(request, entry).overlay)
    return query if overlay is None else replace(query, overlay=overlay)


def draft_headers(request: Request, query: ItemsQuery) -> dict[str, str]:
    """What says that an answer shows a draft, and which (RFC 5829: working-copy)."""
    if query.overlay is None:
        return {}
    return {
        "Gridwhistle-Draft": str(query.overlay.draft_id),
        "Link": f'<{_href(request, query.overlay.draft_id)}>; rel="working-copy"',
        "Cache-Control": "no-store",
    }


def draft_links(request: Request, query: ItemsQuery) -> list[Any]:
    """The link to the draft that an answer shows."""
    if query.overlay is None:
        return []
    href = _href(request, query.overlay.draft_id)
    title = "your draft, not in effect / 本客户端的草案,尚未生效"
    return [link(href, "working-copy", "application/json", title)]


def _href(request: Request, draft_id: int) -> str:
    return f"{str(request.base_url).rstrip('/')}/api/drafts/{draft_id}"
