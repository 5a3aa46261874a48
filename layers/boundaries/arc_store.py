"""Arcs of polygons that were imported or generated, and of older towns that have none yet.

An arc whose line is the same as before keeps its id, so that a draft begun before an import can be
compared with it arc by arc.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import numpy as np
import shapely

from grids.arcs.build import topology_from_polygons
from grids.arcs.cuts import canonical_start, rolled
from grids.arcs.model import OUTSIDE, Arc, Edge, Topology, Unit
from grids.arcs.plane import Plane
from grids.coverage import check_tiling
from grids.draft_tables import ARCS_A_BLOCK
from layers.boundaries.coverage import ArcRow, Connection, arcs_of_rows, began_at, speak_for
from layers.coverage_check import read_levels
from spatial.errors import ConflictError
from spatial.town import Town

_SHAPES = """
SELECT unit.id, unit.level, version.parent_id, ST_AsBinary(version.geom)
FROM grids.version JOIN grids.unit ON unit.id = version.unit_id
WHERE version.town_id = %s AND version.valid @> %s::timestamptz ORDER BY unit.level, unit.code
"""
_MOMENTS = """
SELECT DISTINCT moment FROM grids.version, LATERAL (VALUES (lower(valid)), (upper(valid)))
    AS bound (moment)
WHERE town_id = %(town_id)s AND moment > %(since)s ORDER BY moment
"""
_KNOWN = """
SELECT arc_id, ST_AsBinary(geom), left_unit_id, right_unit_id, start_cut, end_cut
FROM grids.arc_version
WHERE town_id = %(town_id)s AND (valid @> %(since)s::timestamptz OR upper(valid) = %(since)s)
ORDER BY arc_id
"""
_CUT_OFF = """
UPDATE grids.arc_version SET valid = tstzrange(lower(valid), %(since)s)
WHERE town_id = %(town_id)s AND lower(valid) < %(since)s AND NOT valid << tstzrange(%(since)s, NULL)
"""
_FORGET = """
DELETE FROM grids.arc_version WHERE town_id = %(town_id)s AND lower(valid) >= %(since)s
"""
_STANDING = """
SELECT id, name FROM grids.draft WHERE town_id = %(town_id)s AND base_at >= %(since)s
  AND state IN ('open', 'submitted', 'approved') ORDER BY id
"""
_COPY = """
COPY grids.arc_version
    (town_id, arc_id, geom, left_unit_id, right_unit_id, start_cut, end_cut, valid)
FROM STDIN
"""


def store_missing_arcs(connection: Connection, town: Town) -> bool:
    """Arcs for a town whose grids have none, as owner; whether any were made. The caller commits.

    Raises:
        ConflictError: the levels don't agree; names the first place.
    """
    speak_for(connection, town)
    since = began_at(connection, town)
    held = "SELECT FROM grids.arc_version WHERE town_id = %s AND valid @> %s::timestamptz LIMIT 1"
    if since is None or connection.execute(held, (town.id, since)).fetchone() is not None:
        return False
    _refuse_disagreeing_levels(connection, town, since)
    store_arcs(connection, town, since)
    return True


def store_arcs(connection: Connection, town: Town, since: datetime) -> None:
    """Make the arcs that hold from a moment on anew from the versions' polygons, as owner.

    Raises:
        ConflictError: drafts stand on a coverage that would be another one.
        InputError: the polygons don't share their vertices; says where.
    """
    asked = {"town_id": town.id, "since": since}
    standing = connection.execute(_STANDING, asked).fetchall()
    if standing:
        names = ", ".join(f"{name} ({number})" for number, name in standing[:3])
        raise ConflictError(
            f"drafts stand on the grids of that time: {names} / 有草案基于当时的网格",
            remedy="withdraw them first, or let the change begin later",
        )
    known = _Known(connection, connection.execute(_KNOWN, asked).fetchall())
    connection.execute(_FORGET, asked)
    connection.execute(_CUT_OFF, asked)
    later = [moment for (moment,) in connection.execute(_MOMENTS, asked).fetchall()]
    for begins, ends in zip([since, *later], [*later, None], strict=True):
        topology = _topology_at(connection, town, begins)
        if topology is not None:
            arcs = known.numbered(topology.arcs.values())
            _copy(connection, town, arcs, begins, ends)


def new_arc_block(connection: Connection) -> int:
    """The first of ARCS_A_BLOCK ids for arcs that nobody else gets."""
    row = connection.execute("SELECT nextval('grids.arc_block')").fetchone()
    assert row is not None  # a function gives one row
    return int(row[0])


class _Known:
    """The arcs of before, by their lines."""

    def __init__(self, connection: Connection, rows: Sequence[ArcRow]) -> None:
        self._connection = connection
        arcs = arcs_of_rows(rows) if rows else {}
        self._by_line = {_line_key(arc): (arc_id, arc) for arc_id, arc in arcs.items()}
        self._free: list[int] = []

    def numbered(self, arcs: Iterable[Arc]) -> dict[int, Arc]:
        """New arcs by ids: as before where the line is the same one."""
        found: dict[int, Arc] = {}
        for arc in arcs:
            key = _line_key(arc)
            if key in self._by_line:
                arc_id, old = self._by_line[key]
                found[arc_id] = _as_before(arc, old)
            else:
                arc_id = self._new_id()
                found[arc_id] = arc
            self._by_line[key] = (arc_id, found[arc_id])
        return found

    def _new_id(self) -> int:
        if not self._free:
            first = new_arc_block(self._connection)
            self._free = list(range(first + ARCS_A_BLOCK - 1, first - 1, -1))
        return self._free.pop()


def _line_key(arc: Arc) -> bytes:
    """Equal for the same line whichever way it runs, and wherever a ring begins."""
    coords = arc.coords
    if not arc.is_closed:
        return min(coords.tobytes(), coords[::-1].tobytes())
    ring = rolled(coords, canonical_start(coords))
    return min(ring.tobytes(), ring[::-1].tobytes())


def _as_before(arc: Arc, old: Arc) -> Arc:
    """The arc as it ran before, with its cuts, between the units of now."""
    for same in (arc, arc.turned()):
        if same.coords.tobytes() == old.coords.tobytes():
            return Arc(old.coords, same.left, same.right, old.start_cut, old.end_cut)
    return arc  # a ring that begins elsewhere


def _topology_at(connection: Connection, town: Town, at: datetime) -> Topology | None:
    rows = connection.execute(_SHAPES, (town.id, at)).fetchall()
    if not rows or town.metric_srid is None:
        return None
    units = {row[0]: Unit(row[1], row[2] or OUTSIDE) for row in rows}
    parents = {unit.parent for unit in units.values()}
    leaves = [row for row in rows if row[0] not in parents]
    shapes = np.asarray(shapely.from_wkb([row[3] for row in leaves]), dtype=object)
    return topology_from_polygons(
        shapes, [row[0] for row in leaves], units, Plane(town.metric_srid)
    )


def _copy(
    connection: Connection,
    town: Town,
    arcs: Mapping[int, Arc],
    begins: datetime,
    ends: datetime | None,
) -> None:
    valid = f"[{begins.isoformat()},{ends.isoformat() if ends else ''})"
    lines = shapely.set_srid([shapely.LineString(arc.coords) for arc in arcs.values()], 4326)
    texts = shapely.to_wkb(lines, hex=True, include_srid=True)
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for (arc_id, arc), text in zip(arcs.items(), texts, strict=True):
            copy.write_row(
                (
                    town.id,
                    arc_id,
                    text,
                    arc.left or None,
                    arc.right or None,
                    cut_numbers(arc.start_cut),
                    cut_numbers(arc.end_cut),
                    valid,
                )
            )


def cut_numbers(edge: Edge | None) -> list[float] | None:
    """An edge as the four numbers of a column."""
    return None if edge is None else [number for node in edge for number in node]


def _refuse_disagreeing_levels(connection: Connection, town: Town, at: datetime) -> None:
    for level, faults in check_tiling(read_levels(connection, town, at)).items():
        if faults:
            raise ConflictError(
                f"{level}: {faults[0].kind.value} / 各级网格边界不一致",
                remedy="./gridwhistle check says more; ./gridwhistle import grids FILE --clean M",
            )
