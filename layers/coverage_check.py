"""Whether the town's present grids tile the ground: its stored units through `grids.coverage`."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime

import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray
from psycopg.rows import dict_row
from pyproj import Transformer

from grids.coverage import Fault, Level, check_tiling
from spatial.checks import Check, State
from spatial.town import Town

LEVEL_NAMES = {1: "town", 2: "villages", 3: "grids", 4: "micro-grids"}
_UNITS = """
SELECT unit.level, unit.id, unit.parent_id, ST_AsBinary(version.geom) AS wkb
FROM grids.unit JOIN grids.version ON version.unit_id = unit.id
WHERE unit.town_id = %s AND version.valid @> %s::timestamptz
ORDER BY unit.level, unit.id
"""


def check_coverage(connection: psycopg.Connection, town: Town) -> Check:
    """All levels of the town's division, at gap widths of 0 and 1 m and against their parents."""
    name = ("coverage", "网格覆盖", "grid coverage")
    levels = read_levels(connection, town)
    if not levels:
        return Check(
            *name, State.WARNING, "no grids yet / 还没有网格", "./gridwhistle import grids FILE"
        )
    faults = {level: found for level, found in check_tiling(levels).items() if found}
    if faults:
        return Check(
            *name, State.FAILED, _told(faults), "correct the file, ./gridwhistle import undo "
            "BATCH, then ./gridwhistle import grids FILE",
        )  # fmt: skip
    sizes = ", ".join(f"{len(level.polygons)} {level.name}" for level in levels)
    return Check(*name, State.OK, f"no gap, no overlap, parents' rings kept: {sizes}")


def read_levels(
    connection: psycopg.Connection, town: Town, at: datetime | None = None
) -> list[Level]:
    """The units of a moment (now) by level, in the town's metric CRS, from the top down."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_UNITS, (town.id, at or town.now())).fetchall()
    to_metres = Transformer.from_crs(4326, town.metric_srid, always_xy=True)
    levels: list[Level] = []
    above: dict[int, int] = {}
    for number, group in itertools.groupby(rows, key=lambda row: int(row["level"])):
        units = list(group)
        parents = [above.get(unit["parent_id"], -1) for unit in units]
        polygons = _projected([unit["wkb"] for unit in units], to_metres)
        levels.append(Level(LEVEL_NAMES[number], polygons, parents))
        above = {unit["id"]: position for position, unit in enumerate(units)}
    return levels


def _projected(wkb: Sequence[bytes], to_metres: Transformer) -> NDArray[np.object_]:
    """Polygons in metres; shapes of one part as Polygon, which shared edges need."""
    shapes = np.asarray(shapely.from_wkb(wkb), dtype=object)

    def project(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_metres.transform(lonlat[:, 0], lonlat[:, 1]))

    projected: NDArray[np.object_] = shapely.transform(shapes, project)
    return projected


def _told(faults: dict[str, list[Fault]]) -> str:
    return "; ".join(
        f"{level}: {len(found)} faults, first: {found[0].kind.value}"
        for level, found in faults.items()
    )
