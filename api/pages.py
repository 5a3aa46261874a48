"""The map page: its built files, with the headers that keep it on this machine."""

from __future__ import annotations

from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.auth.greeting import Greeting

DIST = Path(__file__).parent / "page" / "dist"

# The page may talk to nobody but the server it came from. MapLibre sets styles through the CSSOM
# and starts its worker from a file of ours, so neither inline styles nor blob: workers are needed.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data: blob:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
# A built file carries a hash of its content in its name; the index names the current ones.
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"

# The map page, the editor of grid boundaries, and the page of those who are sent.
_FILES = {"/": "index.html", "/grids": "grids.html", "/duty": "duty.html"}

_NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>gridwhistle</title>
<h1>地图页面尚未构建</h1>
<p>在 <code>api/page</code> 中运行 <code>npm ci &amp;&amp; npm run build</code>。
接口在 <a href="/ogc">/ogc</a>。</p>
<h2 lang="en">The map page is not built yet</h2><p lang="en">Run
<code>npm ci &amp;&amp; npm run build</code> in <code>api/page</code>.
The interfaces are at <a href="/ogc">/ogc</a>.</p></html>"""


class PageHeaders:
    """Adds the page's headers, and how long a browser may keep the file, to what was found."""

    def __init__(self, app: ASGIApp, caching: str) -> None:
        self._app = app
        self._headers = {**_HEADERS, "Cache-Control": caching}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the wrapped application does, headers added."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def page_routes(dist: Path = DIST) -> list[BaseRoute]:
    """The routes of the pages (map, editor of grids, duty), of the icon and the built files.

    Args:
        dist: where the build put the page; `/` says how to build it while it isn't there.
    """
    files = StaticFiles(directory=dist, check_dir=False)
    assets = StaticFiles(directory=dist / "assets", check_dir=False)

    async def answer(request: Request) -> Response:
        """The file itself, or 304 where the browser has it."""
        path = request.scope["route"].path
        name = _FILES.get(path, path.lstrip("/"))
        try:
            return await files.get_response(name, request.scope)
        except HTTPException:
            return HTMLResponse(_NOT_BUILT, status_code=503)

    fresh = [Middleware(PageHeaders, caching=_ASK_AGAIN)]
    kept = [Middleware(PageHeaders, caching=_FOREVER)]
    return [
        Route("/", answer, middleware=[*fresh, Middleware(Greeting)]),
        Route("/grids", answer, middleware=fresh),
        Route("/duty", answer, middleware=fresh),
        Route("/favicon.svg", answer, middleware=fresh),
        Route("/favicon.ico", _to_icon),
        Mount("/assets", assets, middleware=kept),
    ]


async def _to_icon(request: Request) -> Response:
    """Where browsers look for an icon of what names none, as answers in JSON don't."""
    return RedirectResponse(f"{request.scope.get('root_path', '')}/favicon.svg", 308)
