"""What the web app holds while it runs, handed to every route; nothing is global."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from anyio import CapacityLimiter
from psycopg_pool import AsyncConnectionPool, ConnectionPool
from starlette.requests import Request

from layers.boundaries.cache import DraftCache
from layers.boundaries.shown import ShownCoverage
from layers.catalogue import Catalogue, Entry
from layers.dispatch.current_engine import CurrentEngine
from layers.reach.live import LiveCoverage
from layers.reading.query import Reader
from layers.roles import Role
from layers.tile_cache import TileCache
from spatial.database import AnyConnection, Principal
from spatial.errors import NotFoundError
from spatial.settings import Settings
from spatial.town import Town


@dataclass(frozen=True)
class Services:
    """The running application.

    Attributes:
        conninfo: of the web's own login.
        engine: answers who is nearest.
        pool, threads_pool: connections of the web's own login, for the event loop and for threads.
        orders_pool: likewise, for what can't wait behind anything else: reports and orders. All of
            it is open from the start, since a session's first report takes ten times as long.
        visitor_slots: so many processes run at a time for visitors who wait; more take turns.
        account_slots: the same for those with an account, whom no visitor keeps waiting.
        tiles: the vector tiles that were made, as long as they hold.
        drafts: the drafts of boundaries asked for last, as they stand.
        coverage: that of today as the editor's page reads it.
        coverage_live: what the responders on duty reach now.
        search_slots: so many pages with a filter or a search are read at a time: each may look at
            every row, and one processor is left for quick answers.
        download_slots: so many whole layers leave as files at a time, each holding a connection.
    """

    settings: Settings
    conninfo: str
    town: Town
    catalogue: Catalogue
    engine: CurrentEngine
    pool: AsyncConnectionPool[AnyConnection]
    threads_pool: ConnectionPool[Any]
    orders_pool: ConnectionPool[Any]
    tiles: TileCache = field(default_factory=TileCache)
    drafts: DraftCache = field(default_factory=DraftCache)
    coverage: ShownCoverage = field(default_factory=ShownCoverage)
    coverage_live: LiveCoverage = field(default_factory=LiveCoverage)
    visitor_slots: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(4))
    account_slots: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(8))
    search_slots: CapacityLimiter = field(
        default_factory=lambda: CapacityLimiter(max(1, (os.cpu_count() or 1) - 1))
    )
    download_slots: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(4))

    def principal(self, request: Request) -> Principal:
        """On whose behalf a request runs; a visitor's where it brings no credentials."""
        found: Principal | None = request.scope.get("state", {}).get("principal")
        return found or Principal(Role.ANONYMOUS, self.town.id, time_zone=self.town.time_zone)


def services_of(request: Request) -> Services:
    """The services of the app that a request came to."""
    services: Services = request.app.state.services
    return services


def role_of(request: Request) -> Role:
    """The role in which a request is answered."""
    return Role(services_of(request).principal(request).role)


def reader_of(request: Request) -> Reader:
    """For whom and where the parameters of a request are read."""
    services = services_of(request)
    return Reader(
        role_of(request),
        services.town.metric_srid,
        services.town.time_zone,
        gcj02=services.settings.gcj02,
    )


def readable_entry(request: Request) -> Entry:
    """The catalogue entry of the layer in the path.

    Raises:
        NotFoundError: there is none, or the principal may not know of it.
    """
    entry = services_of(request).catalogue.entry(request.path_params["layer_id"])
    if not entry.readable_by(role_of(request)):
        raise NotFoundError(f"there is no layer called {entry.id} / 没有这个图层")
    return entry
