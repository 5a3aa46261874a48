"""The page that somebody asked for before signing in; a cookie keeps it until they have."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from api.auth.gate import gate_of

_KEPT_S = 600
_LONGEST = 500
# To sign in again, or out, isn't what anybody came for.
_NO_PAGES = ("/login", "/logout")


def keep_asked(request: Request, response: Response, page: str) -> None:
    """Remember `page`, if it is one of ours.

    Args:
        page: a path, with what follows it.
    """
    if _is_ours(request, page):
        response.set_cookie(
            _cookie_name(request), quote(page, safe=""), max_age=_KEPT_S, httponly=True,
            secure=request.url.scheme == "https", samesite="lax",
        )  # fmt: skip


def asked_page(request: Request) -> str | None:
    """What was asked for; None for nothing, or nothing of ours."""
    page = unquote(request.cookies.get(_cookie_name(request), ""))
    return page if _is_ours(request, page) else None


def forget_asked(request: Request, response: Response) -> None:
    """It has been shown."""
    response.delete_cookie(_cookie_name(request))


def _is_ours(request: Request, page: str) -> bool:
    """Whether a browser that is sent there stays on this site.

    Browsers read two slashes as another host, a backslash as a slash, and leave out line breaks.
    """
    if len(page) > _LONGEST or not page.startswith("/") or not page.isprintable():
        return False
    if page.startswith("//") or "\\" in page:
        return False
    path = urlsplit(page).path.removeprefix(request.scope.get("root_path", ""))
    return not path.startswith(_NO_PAGES)


def _cookie_name(request: Request) -> str:
    return f"{gate_of(request).cookie_name}_asked"
