"""What units have to look after, as weighted places: an editor counts them while an edge is drawn.

Households, rooms and premises stand where they are; incidents in the middle of their H3 cell, since
who draws sees no single one; streets as one place each few metres, half on either side, so that
grids share a street along their border. Who doesn't draw gets of it what layers show to the role.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from psycopg import sql

from grids.arcs.plane import Plane
from grids.cells import cell_centres
from layers.boundaries.coverage import Connection
from layers.entries import CATALOGUE
from layers.published import view_of
from layers.roles import Role
from spatial.errors import ConflictError
from spatial.town import Town

INCIDENT_DAYS = 90
_LAYERS = ("premises", "streets")
_PIECE_M = 25.0
_ASIDE_M = 0.5

type Weighted = NDArray[np.float64]  # (n, 3): longitude, latitude, amount

_HOUSEHOLDS = """
SELECT ST_X(place), ST_Y(place), households
FROM (SELECT ST_PointOnSurface(geom) AS place, households FROM {buildings}
      WHERE inside AND households > 0) AS building
"""
_ROOMS = "SELECT ST_X(place), ST_Y(place), rooms FROM layers.rooms_of_buildings()"
_PREMISES = "SELECT kind, ST_X(geom), ST_Y(geom), 1 FROM {premises} WHERE inside"
_INCIDENTS = "SELECT cell, incidents FROM layers.incidents_of_cells(%s)"
_STREETS = "SELECT ST_AsBinary(geom) FROM {streets}"


def read_burdens(connection: Connection, town: Town, role: Role) -> Mapping[str, Weighted]:
    """By what is counted (households, rooms, premises.<kind>, incidents, patrol_m) its places.

    Args:
        connection: in a transaction as somebody who drafts.

    Raises:
        ConflictError: the town doesn't know where it is.
    """
    cells = _rows(connection, sql.SQL(_INCIDENTS), (town.now() - timedelta(days=INCIDENT_DAYS),))
    return {
        **read_visible_burdens(connection, town, role),
        "rooms": _weighted(_rows(connection, sql.SQL(_ROOMS))),
        "incidents": _at_centres(cells),
    }


def read_visible_burdens(connection: Connection, town: Town, role: Role) -> dict[str, Weighted]:
    """Of the same what a role sees in the layers: households only where it sees them.

    Args:
        connection: in a transaction as somebody of this role.

    Raises:
        ConflictError: the town doesn't know where it is.
    """
    if town.metric_srid is None:
        raise ConflictError("the town has no outline yet / 镇域轮廓未定")
    views = {layer: view_of(CATALOGUE.entry(layer), role) for layer in _LAYERS}
    lines = _rows(connection, sql.SQL(_STREETS).format(**views))
    return {
        **({"households": read_households(connection, role)} if _sees_households(role) else {}),
        **_by_kind(_rows(connection, sql.SQL(_PREMISES).format(**views))),
        "patrol_m": along(shapely.from_wkb([row[0] for row in lines]), Plane(town.metric_srid)),
    }


def _sees_households(role: Role) -> bool:
    fields = CATALOGUE.entry("buildings").fields_for(role)
    return any(field.name == "households" for field in fields)


def read_households(connection: Connection, role: Role) -> Weighted:
    """The inhabited buildings inside the town, as far as the role sees them, and their households.

    Args:
        connection: in a transaction as somebody of this role.
    """
    buildings = view_of(CATALOGUE.entry("buildings"), role)
    return _weighted(_rows(connection, sql.SQL(_HOUSEHOLDS).format(buildings=buildings)))


def along(lines: NDArray[np.object_], plane: Plane) -> Weighted:
    """Streets as places: each stands for a piece of at most some metres, half on either side."""
    if not len(lines):
        return np.empty((0, 3))
    flat = plane.projected(lines)
    length_m = shapely.length(flat)
    pieces = np.maximum(1, np.ceil(length_m / _PIECE_M)).astype(np.int64)
    line = np.repeat(np.arange(len(flat)), pieces)
    nth = np.arange(len(line)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    piece_m = (length_m / pieces)[line]
    at_m = (nth + 0.5) * piece_m
    middle = _places(flat[line], at_m)
    ahead = _places(flat[line], np.minimum(at_m + _ASIDE_M, length_m[line])) - middle
    aside = np.column_stack([-ahead[:, 1], ahead[:, 0]])
    both = plane.to_lonlat(np.concatenate([middle + aside, middle - aside]))
    return np.column_stack([both, np.tile(piece_m / 2, 2)])


def _places(lines: NDArray[np.object_], at_m: NDArray[np.float64]) -> NDArray[np.float64]:
    places: NDArray[np.float64] = shapely.get_coordinates(
        shapely.line_interpolate_point(lines, at_m)
    )
    return places


def _rows(
    connection: Connection, query: sql.SQL | sql.Composed, parameters: tuple[Any, ...] = ()
) -> list[Any]:
    return connection.execute(query, parameters).fetchall()


def _weighted(rows: list[Any]) -> Weighted:
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def _by_kind(rows: list[Any]) -> dict[str, Weighted]:
    found: dict[str, list[Any]] = {}
    for kind, *place in rows:
        found.setdefault(f"premises.{kind}", []).append(place)
    return {kind: _weighted(places) for kind, places in sorted(found.items())}


def _at_centres(rows: list[Any]) -> Weighted:
    lat, lon = cell_centres([cell for cell, _ in rows])
    return np.column_stack([lon, lat, np.array([number for _, number in rows], dtype=np.float64)])
