"""The session's cookie: set, and taken back."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from api.auth.gate import gate_of


def set_session_cookie(request: Request, response: Response, token: str) -> None:
    """Let the browser bring `token`; no script reads it, and other sites' forms don't send it."""
    gate = gate_of(request)
    response.set_cookie(
        gate.cookie_name,
        token,
        path=_path(request),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",  # strict would lose it on the way back from the office's login
    )
    if has_left(request):
        response.delete_cookie(_left(gate.cookie_name), path=_path(request))


def clear_session_cookie(request: Request, response: Response) -> None:
    """Take the cookie back; remember until the browser closes that its owner left."""
    gate = gate_of(request)
    response.delete_cookie(gate.cookie_name, path=_path(request))
    response.set_cookie(
        _left(gate.cookie_name), "1", path=_path(request), httponly=True, samesite="lax"
    )


def has_left(request: Request) -> bool:
    """Whether its owner signed out in this browser."""
    return _left(gate_of(request).cookie_name) in request.cookies


def _left(cookie_name: str) -> str:
    return f"{cookie_name}_left"


def _path(request: Request) -> str:
    return request.scope.get("root_path") or "/"
