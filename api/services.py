"""What the web app holds while it runs, handed to every route; nothing is global."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg_pool import AsyncConnectionPool, ConnectionPool
from starlette.requests import Request

from layers.catalogue import Catalogue, Entry
from layers.nearest import CurrentEngine
from spatial.database import AnyConnection, Principal, RightsClass
from spatial.errors import NotFoundError
from spatial.settings import Settings
from spatial.town import Town


@dataclass(frozen=True)
class Services:
    """The running application.

    Attributes:
        engine: answers who is nearest.
        shows_internal: a demo on this machine alone: whoever opens the page sees internal layers.
    """

    settings: Settings
    conninfo: str
    town: Town
    catalogue: Catalogue
    engine: CurrentEngine
    pool: AsyncConnectionPool[AnyConnection]
    threads_pool: ConnectionPool[Any]
    shows_internal: bool

    def principal(self, _request: Request) -> Principal:
        """On whose behalf a request runs."""
        rights = RightsClass.INTERNAL if self.shows_internal else RightsClass.ANONYMOUS
        return Principal(rights, self.town.id, self.town.time_zone)


def services_of(request: Request) -> Services:
    """The services of the app that a request came to."""
    services: Services = request.app.state.services
    return services


def readable_entry(request: Request) -> Entry:
    """The catalogue entry of the layer in the path.

    Raises:
        NotFoundError: there is none, or the principal may not know of it.
    """
    services = services_of(request)
    entry = services.catalogue.entry(request.path_params["layer_id"])
    if not entry.release.readable_by(services.principal(request).rights):
        raise NotFoundError(f"there is no layer called {entry.id} / 没有这个图层")
    return entry
