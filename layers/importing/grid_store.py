"""Units and versions written, each change remembered for `undo`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import psycopg
import shapely
from shapely.geometry.base import BaseGeometry

from layers.importing.grid_rows import GridRow
from layers.importing.grid_units import Unit
from spatial.errors import ConflictError
from spatial.town import Town

# A ten-thousandth of a millimetre: what formats and CRS do to numbers is less.
_SAME_DEG = 1e-9
_REMEMBER = """
INSERT INTO layers.row_before (batch_id, layer, key, row) VALUES (%s, 'grids', %s, %s)
ON CONFLICT DO NOTHING
"""
_INSERT_UNIT = """
INSERT INTO grids.unit (town_id, code, level, parent_id) VALUES (%s, %s, %s, %s) RETURNING id
"""
_INSERT_VERSION = """
INSERT INTO grids.version (town_id, unit_id, name, name_en, kind, geom, valid, batch_id)
VALUES (%s, %s, %s, %s, %s, ST_Multi(ST_GeomFromWKB(%s, 4326)), tstzrange(%s, NULL), %s)
RETURNING id
"""
_BEGINS = "SELECT lower(valid), parent_id FROM grids.version WHERE id = %s"
_LATER = """
SELECT lower(valid) FROM grids.version
WHERE unit_id = %s AND (lower(valid) >= %s OR upper(valid) > %s) ORDER BY 1 DESC LIMIT 1
"""


@dataclass(frozen=True)
class GridBatch:
    """A batch that changes the grids.

    Attributes:
        valid_from: when its versions begin to hold.
    """

    connection: psycopg.Connection
    town: Town
    id: int
    valid_from: datetime

    def remember(self, key: str, before: Mapping[str, object]) -> None:
        """Keep what `undo` puts back; the first memory of a key stands."""
        self.connection.execute(_REMEMBER, (self.id, key, json.dumps(before)))

    def store(self, row: GridRow, unit: Unit | None, code: str, parent: Unit) -> tuple[Unit, bool]:
        """The unit of a row, made or changed, and whether anything was."""
        if unit is None:
            unit = self._new_unit(row.level, code, parent)
        moved = unit.parent_id != parent.id
        self.set_parent(unit, parent)
        unit.name_en = row.name_en or unit.name_en
        unit.kind = row.kind or unit.kind
        if unit.geom is not None and unit.name == row.name and _same(unit.geom, row.geom):
            return unit, moved
        unit.name, unit.geom = row.name, row.geom
        self.new_version(unit)
        return unit, True

    def _new_unit(self, level: int, code: str, parent: Unit) -> Unit:
        try:
            with self.connection.transaction():
                made = self.connection.execute(
                    _INSERT_UNIT, (self.town.id, code, level, parent.id)
                ).fetchone()
        except psycopg.errors.UniqueViolation as error:
            raise ConflictError(f"code {code} is a unit of another level already") from error
        assert made is not None  # INSERT … RETURNING gives one row
        return Unit(made[0], code, level, parent.id, None)

    def set_parent(self, unit: Unit, parent: Unit) -> None:
        """Hang `unit` below another parent."""
        if unit.parent_id == parent.id:
            return
        self.remember(f"unit:{unit.id}", {"parent_id": unit.parent_id})
        self.connection.execute(
            "UPDATE grids.unit SET parent_id = %s WHERE id = %s", (parent.id, unit.id)
        )
        unit.parent_id = parent.id
        self._hang_version(unit, parent)

    def _hang_version(self, unit: Unit, parent: Unit) -> None:
        """The unit's version says below what it hangs: one that begins now, or another one."""
        if unit.version_id is None:
            return
        row = self.connection.execute(_BEGINS, (unit.version_id,)).fetchone()
        if row is None or row[0] < self.valid_from:
            self.new_version(unit)
            return
        self.remember(f"parent:{unit.version_id}", {"parent_id": row[1]})
        self.connection.execute(
            "UPDATE grids.version SET parent_id = %s WHERE id = %s", (parent.id, unit.version_id)
        )

    def new_version(self, unit: Unit) -> None:
        """End the unit's version, if it has one, and begin another with its present shape."""
        assert unit.geom is not None  # the callers give it one
        if unit.version_id is not None and self._is_mine(unit.version_id):
            self.connection.execute(
                "UPDATE grids.version SET geom = ST_Multi(ST_GeomFromWKB(%s, 4326)) WHERE id = %s",
                (unit.geom.wkb, unit.version_id),
            )
            return
        self._end_version(unit)
        values = (self.town.id, unit.id, unit.name, unit.name_en, unit.kind, unit.geom.wkb,
                  self.valid_from, self.id)  # fmt: skip
        made = self.connection.execute(_INSERT_VERSION, values).fetchone()
        unit.version_id = made[0] if made else None

    def _is_mine(self, version_id: int) -> bool:
        row = self.connection.execute(
            "SELECT batch_id FROM grids.version WHERE id = %s", (version_id,)
        ).fetchone()
        return row is not None and row[0] == self.id

    def _end_version(self, unit: Unit) -> None:
        later = self.connection.execute(
            _LATER, (unit.id, self.valid_from, self.valid_from)
        ).fetchone()
        if later and later[0] >= self.valid_from:
            raise ConflictError(
                f"{unit.name} ({unit.code}) has a shape from {later[0]:%F %R} on already",
                remedy="a later --valid-from, or undo the batch that brought it",
            )
        if unit.version_id is None:
            return
        row = self.connection.execute(
            "SELECT valid::text FROM grids.version WHERE id = %s", (unit.version_id,)
        ).fetchone()
        self.remember(f"version:{unit.version_id}", {"valid": row[0] if row else None})
        self.connection.execute(
            "UPDATE grids.version SET valid = tstzrange(lower(valid), %s) WHERE id = %s",
            (self.valid_from, unit.version_id),
        )


def _same(one: BaseGeometry, other: BaseGeometry) -> bool:
    """Whether two shapes have the same vertices, however their rings start and turn."""
    if shapely.get_num_coordinates(one) != shapely.get_num_coordinates(other):
        return False
    if shapely.equals_exact(shapely.normalize(one), shapely.normalize(other), tolerance=_SAME_DEG):
        return True
    # Noise in the last digits can make normalized rings start elsewhere.
    near = shapely.box(*one.bounds).hausdorff_distance(shapely.box(*other.bounds)) <= _SAME_DEG
    return bool(near and shapely.hausdorff_distance(one, other) <= _SAME_DEG)
