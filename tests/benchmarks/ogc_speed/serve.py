"""One server on a port: gridwhistle, or the ceiling, under the very same uvicorn settings.

python -m ogc_speed.serve ours|ours-without-cache|ceiling CONNINFO DATA_FOLDER PORT
"""

from __future__ import annotations

import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.types import ASGIApp

from api.app import create_app
from api.cli.running import run_app
from layers.tile_cache import TileCache
from ogc_speed.ceiling import ceiling
from spatial.settings import Settings


def ours(conninfo: str, folder: Path, *, cache: bool = True) -> ASGIApp:
    """gridwhistle as it is served, but for the cache where it is to be measured without."""
    app = create_app(Settings(folder), conninfo)
    return app if cache else _without_cache(app)


def _without_cache(app: Starlette) -> ASGIApp:
    lifespan = app.router.lifespan_context

    @asynccontextmanager
    async def without_cache(app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with lifespan(app) as state:
            app.state.services = replace(app.state.services, tiles=TileCache(max_bytes=0))
            yield state or {}

    app.router.lifespan_context = without_cache
    return app


def main(kind: str, conninfo: str, folder: str, port: str) -> None:
    with socket.create_server(("127.0.0.1", int(port))) as listener:
        if kind == "ceiling":
            run_app(ceiling(conninfo), listener)
        else:
            run_app(ours(conninfo, Path(folder), cache=kind == "ours"), listener)


if __name__ == "__main__":
    main(*sys.argv[1:])
