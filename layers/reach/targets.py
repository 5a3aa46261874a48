"""What is to be reached, read as far as who asks may see it, and kept while it is the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import psycopg
from psycopg import sql

from grids.cells import cell_centres
from layers.entries import CATALOGUE
from layers.published import view_of
from layers.reach.demand import expected_incidents
from layers.reach.ground import Floats, Ground, Targets
from layers.roles import Role
from routing.reach.coverage import Places
from spatial.town import Town

Connection = psycopg.Connection[Any]
# Who is told how many rooms lie outside; never which.
TOLD_OF_ROOMS = frozenset({Role.DISPATCHER, Role.PLANNER, Role.GIS_EDITOR, Role.ADMINISTRATOR})

_PREMISES_VERSION = "SELECT count(*), max(updated) FROM {premises} WHERE inside"
_PREMISES = "SELECT name, ST_X(geom), ST_Y(geom) FROM {premises} WHERE inside ORDER BY id"
_ROOMS = "SELECT rooms, ST_X(place), ST_Y(place) FROM layers.rooms_of_buildings()"


def premises(ground: Ground, connection: Connection, role: Role) -> Targets:
    """Every premises inside the town, each of weight 1; in a transaction of the role."""
    view = view_of(CATALOGUE.entry("premises"), role)
    version = connection.execute(sql.SQL(_PREMISES_VERSION).format(premises=view)).fetchone()

    def read() -> Targets:
        rows = connection.execute(sql.SQL(_PREMISES).format(premises=view)).fetchall()
        lonlat = np.array([row[1:] for row in rows], np.float64).reshape(-1, 2)
        names = tuple(row[0] for row in rows)
        return Targets(Places(ground.engine, lonlat), np.ones(len(rows)), names)

    return ground.keep("premises", version, read)


def rooms(ground: Ground, connection: Connection, role: Role, hour: datetime) -> Targets | None:
    """Rented rooms, as many as each building has; None for a role that isn't told."""
    if role not in TOLD_OF_ROOMS:
        return None

    def read() -> Targets:
        rows = np.array(connection.execute(_ROOMS).fetchall(), np.float64).reshape(-1, 3)
        return _weighted(ground, rows[:, 1:], rows[:, 0])

    return ground.keep("rooms", hour, read)


def expected(ground: Ground, connect: Callable[[], Any], town: Town, moment: datetime) -> Targets:
    """Expected incidents an hour, in the middles of their cells; read anew each hour.

    Args:
        ground: of the streets.
        connect: gives a connection as nobody in particular, in a `with`.
        town: whose.
        moment: with a time zone.
    """
    hour = hour_of(moment)

    def read() -> Targets:
        with connect() as connection:
            found = expected_incidents(connection, town, hour)
        lat, lon = cell_centres(found.cells)
        return _weighted(ground, np.column_stack([lon, lat]), found.per_hour)

    return ground.keep("expected", hour, read)


def hour_of(moment: datetime) -> datetime:
    """The beginning of a moment's hour."""
    return moment.replace(minute=0, second=0, microsecond=0)


def _weighted(ground: Ground, lonlat: Floats, weight: Floats) -> Targets:
    return Targets(Places(ground.engine, lonlat), weight)
