"""`/api/session`: who am I, sign in, sign out; for programs and the map page."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from api.auth.bodies import read_object, text_of
from api.auth.cookies import clear_session_cookie, set_session_cookie
from api.auth.gate import identity_of
from api.auth.signing_in import give_code, session_token, sign_in, sign_out
from layers.accounts.identity import Identity, Way
from layers.accounts.tokens import csrf_token
from layers.roles import ROLE_NAMES, Role

_NO_STORE = {"Cache-Control": "no-store"}


async def get_session(request: Request) -> Response:
    """GET /api/session: the account that asks; `csrf_token` where a cookie says who it is."""
    identity = identity_of(request)
    return JSONResponse(_described(request, identity), headers=_NO_STORE)


async def post_session(request: Request) -> Response:
    """POST /api/session {"name", "password"}; {"code"} where a second step is pending."""
    body = await read_object(request)
    if "code" in body:
        await give_code(request, text_of(body, "code"))
        return JSONResponse({"pending": None}, headers=_NO_STORE)
    token = await sign_in(request, text_of(body, "name"), text_of(body, "password"))
    response = JSONResponse({"csrf_token": csrf_token(token)}, 201, headers=_NO_STORE)
    set_session_cookie(request, response, token)
    return response


async def delete_session(request: Request) -> Response:
    """DELETE /api/session: sign out."""
    await sign_out(request)
    response = Response(status_code=204)
    clear_session_cookie(request, response)
    return response


def _described(request: Request, identity: Identity | None) -> dict[str, Any]:
    if identity is None:
        return {"signed_in": False, "role": Role.ANONYMOUS.short_name, "name": None}
    account = identity.account
    zh, en = ROLE_NAMES[account.role]
    described: dict[str, Any] = {
        "signed_in": identity.pending is None,
        "name": account.name,
        "display_name": account.display_name,
        "role": account.role.short_name,
        "role_title": zh,
        "role_title_en": en,
        "department": account.department,
        "layers": list(account.layers),
        "way": identity.way.value,
        "may_write": identity.may_write,
        "pending": identity.pending.value if identity.pending else None,
    }
    if identity.way is Way.SESSION:
        described["csrf_token"] = csrf_token(session_token(request))
    return described


ROUTES = [
    Route("/api/session", get_session, methods=["GET"]),
    Route("/api/session", post_session, methods=["POST"]),
    Route("/api/session", delete_session, methods=["DELETE"]),
]
