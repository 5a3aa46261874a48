"""The web app: every route, the services they share, and what happens when it starts and ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from importlib import import_module
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, ConnectionPool
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route

from api.errors import HANDLERS
from api.health import get_health
from api.ogc.frame import SOURCES, Frame
from api.ogc.routes import ROUTES as OGC_ROUTES
from api.pages import page_routes
from api.proxy import ProxyHeaders
from api.services import Services
from api.town import get_layers, get_town
from layers.entries import CATALOGUE
from layers.nearest import CurrentEngine
from spatial.changes import ANYTHING, table_changes
from spatial.database import open_pool
from spatial.errors import NotFoundError
from spatial.settings import Settings
from spatial.town import Town, read_town
from spatial.web_login import web_conninfo

POOL_SIZE = 16
_MIDDLEWARE = [
    # Public data is for every page; without credentials no other site can act for a visitor.
    Middleware(CORSMiddleware, allow_origins=["*"], expose_headers=["Content-Crs", "Link"]),
    Middleware(GZipMiddleware, minimum_size=1024, compresslevel=5),
]


def create_app(
    settings: Settings,
    conninfo: str,
    *,
    only_this_machine: bool = False,
    trust_this_machine: bool = False,
) -> Starlette:
    """The app over the database at `conninfo`, which is running and migrated.

    Args:
        only_this_machine: it listens on a loopback address. A demo then shows internal layers to
            whoever opens it.
        trust_this_machine: on a loopback address a real town does so too.

    Raises:
        NotFoundError: the database has no town yet.
    """
    with psycopg.connect(conninfo) as connection:
        town = read_town(connection)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        shows_internal = only_this_machine and (town.synthetic or trust_this_machine)
        async with _services(
            settings, web_conninfo(conninfo), town, shows_internal=shows_internal
        ) as services:
            _show(app, services)
            follower = asyncio.create_task(_follow_town(app, conninfo))
            # Served already; what the first heat map needs is loaded beside that.
            warming = asyncio.create_task(run_in_threadpool(import_module, "layers.hotspots"))
            yield {}
            follower.cancel()
            await warming

    routes = [
        *OGC_ROUTES,
        Route("/api/town", get_town),
        Route("/api/layers", get_layers),
        Route("/health", get_health),
        *page_routes(),
    ]
    middleware = [Middleware(ProxyHeaders, trusted=settings.trusted_proxies), *_MIDDLEWARE]
    return Starlette(
        routes=routes, middleware=middleware, exception_handlers=HANDLERS, lifespan=lifespan
    )


def _show(app: Starlette, services: Services) -> None:
    app.state.services = services
    app.state.frame = Frame(services.town, services.catalogue)


async def _follow_town(app: Starlette, conninfo: str) -> None:
    """Take over what others change of the town: its outline comes with an import."""
    async for table in table_changes(conninfo):
        if table not in SOURCES | {ANYTHING}:
            continue
        services: Services = app.state.services
        app.state.frame.forget()
        town = await run_in_threadpool(_read_town, services.threads_pool)
        if town != services.town:
            _show(app, replace(services, town=town, engine=CurrentEngine(town)))


def _read_town(pool: ConnectionPool[Any]) -> Town:
    with pool.connection() as connection:
        return read_town(connection)


@asynccontextmanager
async def _services(
    settings: Settings, conninfo: str, town: Town, *, shows_internal: bool
) -> AsyncIterator[Services]:
    """Pools and engine, warm before the first request; all closed at the end."""
    threads_pool: ConnectionPool[Any] = await run_in_threadpool(open_pool, conninfo)
    engine = CurrentEngine(town)
    try:
        with threads_pool.connection() as connection, suppress(NotFoundError):
            await run_in_threadpool(engine.get, connection)
        async with AsyncConnectionPool(
            conninfo, min_size=2, max_size=POOL_SIZE, open=False
        ) as pool:
            await pool.wait()
            yield Services(
                settings, conninfo, town, CATALOGUE, engine, pool, threads_pool, shows_internal
            )
    finally:
        await run_in_threadpool(threads_pool.close)
