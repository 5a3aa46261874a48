"""The coverage of a moment, as the database keeps it in arcs and versions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import psycopg
import shapely

from grids.arcs.model import OUTSIDE, Arc, Coords, Edge, Topology, Unit
from grids.storeys import MicroGrids, micro_grids_from_json
from layers.boundaries.redraw import Attributes, Coverage
from spatial.errors import ConflictError
from spatial.town import Town

type Connection = psycopg.Connection[Any]
type ArcRow = tuple[int, bytes, int | None, int | None, list[float] | None, list[float] | None]

_ARCS = """
SELECT arc_id, wkb, left_unit_id, right_unit_id, start_cut, end_cut
FROM grids.arcs_at(%s::smallint, %s)
"""
_UNITS = "SELECT id, level, parent_id, code, name, name_en, kind FROM grids.units_at(%s)"
_SHARES = "SELECT unit_id, shares FROM grids.shares_at(%s)"


def speak_for(connection: Connection, town: Town) -> None:
    """Let the owner's session ask what is asked of a principal's town, in this transaction."""
    connection.execute(
        "SELECT set_config('gridwhistle.town_id', %s, true),"
        " set_config('gridwhistle.only_layers', '*', true)",
        (str(town.id),),
    )


def began_at(connection: Connection, town: Town) -> datetime | None:
    """When the coverage that holds now began to hold; None without any.

    Changes have moments of their own, so that this tells two coverages apart.
    """
    row = connection.execute("SELECT grids.coverage_began(%s)", (town.now(),)).fetchone()
    return row[0] if row else None


def read_coverage(connection: Connection, town: Town, at: datetime, next_arc: int = 1) -> Coverage:
    """The coverage at a moment.

    Args:
        connection: in a transaction that asks for the town, as somebody's or by `speak_for`.
        next_arc: at least the id that the next new arc gets.

    Raises:
        ConflictError: there are no arcs.
    """
    rows = connection.execute(_ARCS, (town.id, at)).fetchall()
    if not rows:
        raise ConflictError(
            "the grids have no shared edges yet / 网格尚未建立公共边",
            remedy="import the grids first, or restart ./gridwhistle serve",
        )
    units, attributes = _read_units(connection, at)
    shares = read_shares(connection, at)
    return Coverage(Topology.of(arcs_of_rows(rows), units, next_arc), attributes, shares)


def _read_units(
    connection: Connection, at: datetime
) -> tuple[dict[int, Unit], dict[int, Attributes]]:
    rows = connection.execute(_UNITS, (at,)).fetchall()
    units = {row[0]: Unit(row[1], row[2] or OUTSIDE) for row in rows}
    return units, {row[0]: Attributes(*row[3:]) for row in rows}


def read_shares(connection: Connection, at: datetime) -> dict[int, MicroGrids]:
    """The micro-grids that share a polygon at a moment, by its unit; asked like `read_coverage`."""
    rows = connection.execute(_SHARES, (at,)).fetchall()
    return {unit: micro_grids_from_json(shares) for unit, shares in rows}


def arcs_of_rows(rows: Sequence[ArcRow]) -> dict[int, Arc]:
    """Arcs by id from columns arc_id, WKB, left, right, start_cut, end_cut."""
    lines = lines_of_wkb([row[1] for row in rows])
    return {
        arc_id: Arc(coords, left or OUTSIDE, right or OUTSIDE, _edge(start), _edge(end))
        for (arc_id, _, left, right, start, end), coords in zip(rows, lines, strict=True)
    }


def lines_of_wkb(wkb: Sequence[bytes]) -> list[Coords]:
    """(n, 2) coordinates of each line, decoded together."""
    coords, line = shapely.get_coordinates(shapely.from_wkb(wkb), return_index=True)
    return np.split(coords, np.flatnonzero(np.diff(line)) + 1)


def _edge(numbers: Sequence[float] | None) -> Edge | None:
    if numbers is None:
        return None
    x0, y0, x1, y1 = numbers
    return (x0, y0), (x1, y1)
