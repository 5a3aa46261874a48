"""The web app: every route, the services they share, and what happens when it starts and ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
from psycopg_pool import AsyncConnectionPool, ConnectionPool
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route

from api.auth.cors import cors
from api.auth.entrance import Entrance
from api.auth.gate import make_gate, with_town
from api.auth.headers import BodyLimit, SecurityHeaders
from api.auth.record import Record
from api.auth.refusals import HANDLERS as REFUSALS
from api.auth.routes import ROUTES as AUTH_ROUTES
from api.auth.settings import AuthSettings
from api.basemaps.pictures import read_pictures
from api.basemaps.routes import ROUTES as BASEMAP_ROUTES
from api.basemaps.routes import open_basemaps
from api.boundaries.file_routes import FILE_MODULES
from api.boundaries.refusals import HANDLERS as BOUNDARY_REFUSALS
from api.boundaries.routes import ROUTES as BOUNDARY_ROUTES
from api.dispatch.order_feed import OrderFeed
from api.dispatch.place_index import PlaceIndex
from api.dispatch.positions import make_intake
from api.dispatch.refusals import HANDLERS as DISPATCH_REFUSALS
from api.dispatch.routes import ROUTES as DISPATCH_ROUTES
from api.errors import HANDLERS
from api.exception_reports import ExceptionReports
from api.health import get_health
from api.metrics import Measure, Metrics
from api.ogc.exception_pages import with_pages
from api.ogc.frame import SOURCES, Frame
from api.ogc.processes.registry import HEAVY_MODULES
from api.ogc.routes import ROUTES as OGC_ROUTES
from api.ogc.tiles import MVT
from api.pages import page_routes
from api.proxy import ProxyHeaders
from api.push.feed import ChangeFeed, Copies, Touched
from api.push.moves import MoveFeed
from api.services import Services
from api.town import get_layers, get_town
from layers.accounts.credential_tables import CREDENTIAL_TABLES
from layers.boundaries.effect.effect import catch_up
from layers.dispatch.current_engine import CurrentEngine
from layers.entries import CATALOGUE
from layers.jobs.apart import warm_up
from layers.tile_cache import TileCache
from spatial.changes import ANYTHING, table_changes
from spatial.database import AnyConnection, open_pool
from spatial.errors import NotFoundError
from spatial.settings import Settings
from spatial.town import Town, read_town
from spatial.web_login import web_conninfo

POOL_SIZE = 16
# More would wait for the processors all the same, each with functions of its own to learn.
_ORDERS_POOL_SIZE = 4
_PACKED_ALREADY = ("font/woff2", "image/png", "text/event-stream", MVT)


def create_app(
    settings: Settings,
    conninfo: str,
    *,
    only_this_machine: bool = False,
    auth: AuthSettings | None = None,
) -> Starlette:
    """The app over the database at `conninfo`, which is running and migrated.

    Args:
        only_this_machine: it listens on a loopback address. A demo then signs in whoever opens its
            page.
        auth: how people and programs are let in; None: as the environment says.

    Raises:
        NotFoundError: the database has no town yet.
        SetupError: the environment can't be understood.
    """
    auth = auth or AuthSettings.from_environment()
    pictures = read_pictures(settings)
    catch_up(conninfo)
    with psycopg.connect(conninfo) as connection:
        town = read_town(connection)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with (
            _services(settings, web_conninfo(conninfo), town) as services,
            open_basemaps(pictures, settings.basemap_timeout_s) as app.state.basemaps,
        ):
            _show(app, services)
            gate = make_gate(services, auth, only_this_machine=only_this_machine)
            app.state.gate = gate
            journal = asyncio.create_task(gate.journal.run())
            follower = asyncio.create_task(_follow_town(app, conninfo))
            places = app.state.places = PlaceIndex(services.threads_pool, conninfo, town.id)
            placing = asyncio.create_task(places.run())
            feed = _make_feed(services, places, idle=auth.sessions.idle)
            app.state.feed = feed
            feeding = asyncio.create_task(feed.run())
            app.state.positions = make_intake(app)
            taking_in = asyncio.create_task(app.state.positions.run())
            moves = MoveFeed(services.pool, services.conninfo, feed.audience)
            telling_moves = asyncio.create_task(moves.run())
            app.state.order_feed = OrderFeed(
                services.pool, services.conninfo, session_idle=auth.sessions.idle
            )
            order_feeding = asyncio.create_task(app.state.order_feed.run())
            # Served already; what the first heat map or file needs is loaded beside that.
            warm_up([*HEAVY_MODULES, *FILE_MODULES, "layers.gazetteer.building"])
            yield {}
            feed.end()
            app.state.order_feed.end()
            taking_in.cancel()
            telling_moves.cancel()
            placing.cancel()
            feeding.cancel()
            order_feeding.cancel()
            follower.cancel()
            journal.cancel()
            await gate.journal.write()

    routes = [
        *OGC_ROUTES,
        *AUTH_ROUTES,
        *BOUNDARY_ROUTES,
        *DISPATCH_ROUTES,
        *BASEMAP_ROUTES,
        Route("/api/town", get_town),
        Route("/api/layers", get_layers),
        Route("/health", get_health),
        *page_routes(),
    ]
    return Starlette(
        routes=routes,
        middleware=_middleware(settings, auth, Metrics()),
        exception_handlers=with_pages(
            {**HANDLERS, **REFUSALS, **BOUNDARY_REFUSALS, **DISPATCH_REFUSALS}
        ),
        lifespan=lifespan,
    )


def _middleware(settings: Settings, auth: AuthSettings, metrics: Metrics) -> list[Middleware]:
    """The outermost first."""
    return [
        Middleware(ProxyHeaders, trusted=settings.trusted_proxies),
        Middleware(Record),
        Middleware(Measure, metrics=metrics),
        Middleware(SecurityHeaders),
        cors(auth),
        Middleware(
            GZipMiddleware,
            minimum_size=1024,
            compresslevel=5,
            exclude_content_types=_PACKED_ALREADY,
        ),
        Middleware(ExceptionReports),
        Middleware(BodyLimit, most_bytes=auth.max_body_bytes),
        Middleware(Entrance),
    ]


def _show(app: Starlette, services: Services) -> None:
    app.state.services = services
    gcj02 = services.settings.gcj02
    app.state.frame = Frame(services.town, services.catalogue, gcj02=gcj02)


def _make_feed(services: Services, places: PlaceIndex, *, idle: timedelta) -> ChangeFeed:
    """The change feed: tiles are forgotten, and names read again, where something changed."""

    def forget(touched: Touched) -> None:
        for layer_id, boxes in touched.items():
            services.tiles.forget(layer_id, boxes)
        places.touch(touched)

    def forget_all() -> None:
        services.tiles.forget_all()
        places.touch()

    return ChangeFeed(
        services.pool,
        services.conninfo,
        services.town.id,
        copies=Copies(forget, forget_all),
        session_idle=idle,
    )


async def _follow_town(app: Starlette, conninfo: str) -> None:
    """Take over what others change of the town: its outline comes with an import."""
    async for table in table_changes(conninfo):
        if table in CREDENTIAL_TABLES | {ANYTHING}:
            app.state.gate.authenticator.forget()
        if table not in SOURCES | {ANYTHING}:
            continue
        services: Services = app.state.services
        app.state.frame.forget()
        town = await run_in_threadpool(_read_town, services.threads_pool)
        if town != services.town:
            _show(app, replace(services, town=town, engine=CurrentEngine(town)))
            app.state.gate = with_town(app.state.gate, town)


def _read_town(pool: ConnectionPool[Any]) -> Town:
    with pool.connection() as connection:
        return read_town(connection)


@asynccontextmanager
async def _services(settings: Settings, conninfo: str, town: Town) -> AsyncIterator[Services]:
    """Pools and engine, warm before the first request; all closed at the end."""
    engine = CurrentEngine(town)
    async with AsyncExitStack() as stack:
        threads_pool = await _enter_pool(stack, conninfo)
        orders_pool = await _enter_pool(
            stack, conninfo, min_size=_ORDERS_POOL_SIZE, max_size=_ORDERS_POOL_SIZE
        )
        with threads_pool.connection() as connection, suppress(NotFoundError):
            await run_in_threadpool(engine.get, connection)
        pool: AsyncConnectionPool[AnyConnection] = AsyncConnectionPool(
            conninfo, min_size=4, max_size=POOL_SIZE, open=False, kwargs={"autocommit": True}
        )
        await stack.enter_async_context(pool)
        await pool.wait()
        yield Services(
            settings=settings,
            conninfo=conninfo,
            town=town,
            catalogue=CATALOGUE,
            engine=engine,
            pool=pool,
            threads_pool=threads_pool,
            orders_pool=orders_pool,
            tiles=TileCache(settings.tile_cache_bytes),
        )


async def _enter_pool(stack: AsyncExitStack, conninfo: str, **size: int) -> ConnectionPool[Any]:
    """A pool for threads, closed with `stack`."""
    pool: ConnectionPool[Any] = await run_in_threadpool(open_pool, conninfo, **size)
    stack.push_async_callback(run_in_threadpool, pool.close)
    return pool
