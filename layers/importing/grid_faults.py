"""Where and why levels don't tile each other, said in a line."""

from __future__ import annotations

from datetime import datetime

import psycopg
import shapely
from pyproj import Transformer

from grids.coverage import Fault, FaultKind, Level, check_tiling
from layers.coverage_check import LEVEL_NAMES, read_levels
from spatial.errors import InputError
from spatial.town import Town, read_town

_PARENTS_FAULT = (FaultKind.NOT_ITS_PARENT, FaultKind.CHILDLESS)
_NAMES = """
SELECT version.name || ' ' || unit.code
FROM grids.unit JOIN grids.version ON version.unit_id = unit.id
WHERE unit.town_id = %s AND version.valid @> %s::timestamptz AND unit.level = %s
ORDER BY unit.id
"""


def refuse_bad_coverage(connection: psycopg.Connection, at: datetime, file_name: str) -> None:
    """Refuse levels that don't tile each other at the moment `at`.

    Raises:
        InputError: names the first faulty feature and where it is.
    """
    town = read_town(connection)
    levels = read_levels(connection, town, at)
    for position, (name, faults) in enumerate(check_tiling(levels).items()):
        if faults:
            first = faults[0]
            own = levels[position - (first.kind in _PARENTS_FAULT)]
            unit = _unit_name(connection, town, own, first, at)
            raise InputError(
                f"{file_name}: nothing loaded: {name}: {unit}: {first.kind.value}"
                f"{_place(town, first)}",
                remedy=f"{len(faults)} faults",
            )


def _unit_name(
    connection: psycopg.Connection, town: Town, level: Level, fault: Fault, at: datetime
) -> str:
    number = next(number for number, name in LEVEL_NAMES.items() if name == level.name)
    rows = connection.execute(_NAMES, (town.id, at, number)).fetchall()
    return str(rows[fault.index][0])


def _place(town: Town, fault: Fault) -> str:
    if fault.where.is_empty or town.metric_srid is None:
        return ""
    x, y = shapely.get_coordinates(fault.where)[0]
    lon, lat = Transformer.from_crs(town.metric_srid, 4326, always_xy=True).transform(x, y)
    return f" near {lon:.6f}, {lat:.6f}"
