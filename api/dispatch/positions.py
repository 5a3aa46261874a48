"""What takes positions in, for as long as the app runs."""

from __future__ import annotations

from starlette.applications import Starlette

from api.services import Services
from layers.positions.intake import Intake
from layers.positions.streets import StreetMatchers
from routing.nearest.engine import Engine


def make_intake(app: Starlette) -> Intake:
    """Over the services that the app has at each moment."""

    def services() -> Services:
        found: Services = app.state.services
        return found

    def engine() -> Engine:
        with services().threads_pool.connection() as connection:
            return services().engine.get(connection)

    return Intake(services().pool, lambda: services().town, StreetMatchers(engine))
