"""Which other sites' pages may read our answers."""

from __future__ import annotations

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from api.auth.settings import AuthSettings

_READ = ["GET", "HEAD", "OPTIONS", "POST"]  # POST executes a process
_WRITTEN = ["PUT", "PATCH", "DELETE"]
_WRITING = ["Content-Crs", "If-Match", "If-None-Match", "If-Unmodified-Since"]
_EXPOSED = ["Content-Crs", "ETag", "Link", "Location", "Retry-After", "X-Request-Id"]
_ASKED = ["Accept", "Accept-Crs", "Content-Type", "Prefer", "X-Request-Id"]


def cors(auth: AuthSettings) -> Middleware:
    """Public data is for every page. Pages of the origins in the setting may bring a key.

    Never the cookie: no other site's page acts for whoever is signed in here.
    """
    if not auth.cors_origins:
        return Middleware(
            CORSMiddleware,
            allow_origins=["*"],
            allow_methods=_READ,
            allow_headers=_ASKED,
            expose_headers=_EXPOSED,
        )
    return Middleware(
        CORSMiddleware,
        allow_origins=list(auth.cors_origins),
        allow_methods=[*_READ, *_WRITTEN],
        allow_headers=[*_ASKED, "Authorization", "X-API-Key", *_WRITING],
        expose_headers=_EXPOSED,
    )
