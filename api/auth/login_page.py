"""`/login`, its second step, and `/logout`."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from api.auth.asked_page import asked_page, forget_asked, keep_asked
from api.auth.bodies import read_form, text_of
from api.auth.cookies import clear_session_cookie, set_session_cookie
from api.auth.gate import gate_of, identity_of
from api.auth.rendering import login_style, page_language, render_page
from api.auth.signing_in import as_owner, give_code, sign_in, sign_out
from layers.accounts.administration import is_bound
from layers.accounts.identity import Identity, Step, Way
from layers.accounts.sign_in import WrongCredentialsError
from layers.roles import Role
from spatial.errors import InputError, LimitError

# Where somebody who has signed in begins; responders on their own page, others on the map.
_HOMES = {Role.GIS_EDITOR: "/grids"}
# Pages that keep their visitor's language in the browser.
_ASK_THEMSELVES = ("/", "/grids", "/duty")


async def get_login(request: Request) -> Response:
    """GET /login?next=PAGE; GET /login/code while a code is asked for."""
    identity = identity_of(request)
    if identity is not None and identity.pending is Step.CODE:
        return render_page(request, "code.html", "second_factor", {})
    response = login_form(request)
    keep_asked(request, response, request.query_params.get("next", ""))
    return response


async def post_login(request: Request) -> Response:
    """POST /login."""
    form = await read_form(request)
    name = text_of(form, "name")
    try:
        token = await sign_in(request, name, text_of(form, "password"))
    except WrongCredentialsError as error:
        return login_form(request, fault=str(error), name=name, status=401)
    except LimitError as error:
        return login_form(request, fault=str(error), name=name, status=429)
    response = go(request, "/login/next")
    set_session_cookie(request, response, token)
    return response


async def get_next(request: Request) -> Response:
    """GET /login/next: where whoever has just signed in goes on: to the page that was asked for."""
    identity = identity_of(request)
    if identity is None or identity.way is not Way.SESSION:
        return go(request, "/login")
    if identity.pending is Step.CODE:
        return go(request, "/login/code")
    if identity.pending:
        return go(request, "/account")
    asked = asked_page(request)
    if asked is None:
        return go(request, await _home(request, identity))
    response = RedirectResponse(asked, 303)
    forget_asked(request, response)
    return response


async def _home(request: Request, identity: Identity) -> str:
    if await as_owner(request, lambda connection: is_bound(connection, identity.account)):
        return "/duty"
    return _HOMES.get(identity.account.role, "/")


async def post_code(request: Request) -> Response:
    """POST /login/code."""
    form = await read_form(request)
    try:
        await give_code(request, text_of(form, "code"))
    except InputError as error:
        data = {"fault": str(error)}
        return render_page(request, "code.html", "second_factor", data, status=401)
    return go(request, "/login/next")


async def post_logout(request: Request) -> Response:
    """POST /logout."""
    await sign_out(request)
    response = go(request, "/login")
    clear_session_cookie(request, response)
    return response


async def get_style(_request: Request) -> Response:
    """GET /login.css."""
    return login_style()


def login_form(request: Request, *, status: int = 200, **data: Any) -> Response:
    """The login page."""
    oidc = gate_of(request).settings.oidc
    return render_page(
        request, "login.html", "sign_in", data | {"oidc": oidc and oidc.title}, status=status
    )


def go_to_login(request: Request) -> Response:
    """Sign in first, and come back to what is asked for."""
    response = go(request, "/login")
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    keep_asked(request, response, asked)
    return response


def go(request: Request, path: str) -> Response:
    """See another page of ours, in the same language."""
    root = request.scope.get("root_path", "")
    is_asked = page_language(request) == "en" and path not in _ASK_THEMSELVES
    language = "?lang=en" if is_asked else ""
    return RedirectResponse(f"{root}{path}{language}", 303)


ROUTES = [
    Route("/login", get_login, methods=["GET"]),
    Route("/login", post_login, methods=["POST"]),
    Route("/login/code", get_login, methods=["GET"]),
    Route("/login/code", post_code, methods=["POST"]),
    Route("/login/next", get_next, methods=["GET"]),
    Route("/logout", post_logout, methods=["POST"]),
    Route("/login.css", get_style, methods=["GET"]),
]
