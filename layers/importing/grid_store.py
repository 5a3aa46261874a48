"""What an import makes of units and versions: decided unit by unit, written all at once.

Each change of what was there is remembered for `undo`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Self

import numpy as np
import psycopg
import shapely
from shapely.geometry.base import BaseGeometry

from layers.importing.grid_rows import GridRow
from layers.importing.grid_units import Unit
from spatial.errors import ConflictError
from spatial.town import Town

# A ten-thousandth of a millimetre: what formats and CRS do to numbers is less.
_SAME_DEG = 1e-9
_HOLDING = """
SELECT id, lower(valid), valid::text, parent_id FROM grids.version
WHERE town_id = %s AND valid @> %s::timestamptz
"""
_BEGIN_LATER = """
SELECT unit_id, max(lower(valid)) FROM grids.version
WHERE town_id = %s AND lower(valid) >= %s GROUP BY unit_id
"""
_NEW_IDS = "SELECT nextval('grids.unit_id_seq') FROM generate_series(1, %s)"
_REMEMBER = """
INSERT INTO layers.row_before (batch_id, layer, key, row)
SELECT %s, 'grids', key, row FROM unnest(%s::text[], %s::text[]) AS before (key, row)
ON CONFLICT DO NOTHING
"""
_HANG = """
UPDATE grids.{table} SET parent_id = hung.parent_id
FROM unnest(%s::bigint[], %s::bigint[]) AS hung (id, parent_id) WHERE {table}.id = hung.id
"""
_HANG_UNITS, _HANG_VERSIONS = _HANG.format(table="unit"), _HANG.format(table="version")
_END = "UPDATE grids.version SET valid = tstzrange(lower(valid), %s) WHERE id = ANY (%s)"
_COPY_UNITS = "COPY grids.unit (id, town_id, code, level, parent_id) FROM STDIN"
_COPY_VERSIONS = """
COPY grids.version (town_id, unit_id, name, name_en, kind, geom, valid, batch_id) FROM STDIN
"""


class _Version(NamedTuple):
    """A stored version that holds when the batch's begin."""

    begins: datetime
    valid: str
    parent_id: int | None


@dataclass
class GridBatch:
    """A batch that changes the grids; `write` stores what the other methods have decided.

    Attributes:
        valid_from: when its versions begin to hold.
        holding: stored versions by id.
        begin_later: when a unit's last version begins, of those that begin later than these.
    """

    connection: psycopg.Connection
    town: Town
    id: int
    valid_from: datetime
    holding: Mapping[int, _Version]
    begin_later: Mapping[int, datetime]
    _before: dict[str, str] = field(default_factory=dict)
    _new: list[Unit] = field(default_factory=list)
    _hung: dict[int, int] = field(default_factory=dict)
    _hung_versions: dict[int, int] = field(default_factory=dict)
    _ended: list[int] = field(default_factory=list)
    _begun: dict[int, Unit] = field(default_factory=dict)

    @classmethod
    def begin(
        cls, connection: psycopg.Connection, town: Town, batch_id: int, valid_from: datetime
    ) -> Self:
        """A batch upon what is stored; no other import runs meanwhile."""
        at = (town.id, valid_from)
        holding = connection.execute(_HOLDING, at).fetchall()
        return cls(
            connection,
            town,
            batch_id,
            valid_from,
            {row[0]: _Version(*row[1:]) for row in holding},
            dict(connection.execute(_BEGIN_LATER, at).fetchall()),
        )

    def remember(self, key: str, before: Mapping[str, object]) -> None:
        """Keep what `undo` puts back; the first memory of a key stands."""
        self._before.setdefault(key, json.dumps(before))

    def new_units(self, level: int, codes: Sequence[str], parents: Sequence[Unit]) -> list[Unit]:
        """Units that there weren't, each below its parent."""
        ids = self.connection.execute(_NEW_IDS, (len(codes),)).fetchall()
        made = [
            Unit(unit_id, code, level, parent.id, None)
            for (unit_id,), code, parent in zip(ids, codes, parents, strict=True)
        ]
        self._new += made
        return made

    def store(self, row: GridRow, unit: Unit, parent: Unit) -> bool:
        """Give a unit the row's parent, name and shape; whether anything is new."""
        moved = unit.parent_id != parent.id
        self.set_parent(unit, parent)
        unit.name_en = row.name_en or unit.name_en
        unit.kind = row.kind or unit.kind
        if unit.geom is not None and unit.name == row.name and _same(unit.geom, row.geom):
            return moved
        unit.name, unit.geom = row.name, row.geom
        self.new_version(unit)
        return True

    def set_parent(self, unit: Unit, parent: Unit) -> None:
        """Hang `unit` below another parent."""
        if unit.parent_id == parent.id:
            return
        self.remember(f"unit:{unit.id}", {"parent_id": unit.parent_id})
        self._hung[unit.id] = unit.parent_id = parent.id
        if unit.version_id is not None and unit.id not in self._begun:
            self._hang_version(unit, unit.version_id, parent)

    def _hang_version(self, unit: Unit, version_id: int, parent: Unit) -> None:
        """The unit's version says below what it hangs: one that begins now, or another one."""
        version = self.holding[version_id]
        if version.begins < self.valid_from:
            self.new_version(unit)
            return
        self.remember(f"parent:{version_id}", {"parent_id": version.parent_id})
        self._hung_versions[version_id] = parent.id

    def new_version(self, unit: Unit) -> None:
        """End the unit's version, if it has one; another begins with the shape it has at last."""
        if unit.id in self._begun:
            return
        if unit.id in self.begin_later:
            raise ConflictError(
                f"{unit.name} ({unit.code}) has a shape from "
                f"{self.begin_later[unit.id]:%F %R} on already",
                remedy="a later --valid-from, or undo the batch that brought it",
            )
        self._begun[unit.id] = unit
        if unit.version_id is not None:
            version = self.holding[unit.version_id]
            self.remember(f"version:{unit.version_id}", {"valid": version.valid})
            self._ended.append(unit.version_id)

    def write(self) -> None:
        """Store all of it.

        Raises:
            ConflictError: a code was given to another unit meanwhile.
        """
        run = self.connection.execute
        run(_REMEMBER, (self.id, list(self._before), list(self._before.values())))
        self._copy_units()
        run(_HANG_UNITS, (list(self._hung), list(self._hung.values())))
        run(_HANG_VERSIONS, (list(self._hung_versions), list(self._hung_versions.values())))
        run(_END, (self.valid_from, self._ended))
        self._copy_versions(list(self._begun.values()))

    def _copy_units(self) -> None:
        try:
            _copy(
                self.connection,
                _COPY_UNITS,
                ((u.id, self.town.id, u.code, u.level, u.parent_id) for u in self._new),
            )
        except psycopg.errors.UniqueViolation as error:
            raise ConflictError(
                f"a code is another unit's already: {error.diag.message_detail} / 编码已被占用",
                remedy="import the file again",
            ) from error

    def _copy_versions(self, units: Sequence[Unit]) -> None:
        shapes = [shapely.MultiPolygon(shapely.get_parts(u.geom).tolist()) for u in units]
        texts = shapely.to_wkb(
            shapely.set_srid(np.asarray(shapes, dtype=object), 4326), hex=True, include_srid=True
        )
        valid = f"[{self.valid_from.isoformat()},)"
        rows = (
            (self.town.id, u.id, u.name, u.name_en, u.kind, text, valid, self.id)
            for u, text in zip(units, texts, strict=True)
        )
        _copy(self.connection, _COPY_VERSIONS, rows)


def _copy(connection: psycopg.Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _same(one: BaseGeometry, other: BaseGeometry) -> bool:
    """Whether two shapes have the same vertices, however their rings start and turn."""
    if shapely.get_num_coordinates(one) != shapely.get_num_coordinates(other):
        return False
    if shapely.equals_exact(shapely.normalize(one), shapely.normalize(other), tolerance=_SAME_DEG):
        return True
    # Noise in the last digits can make normalized rings start elsewhere.
    near = shapely.box(*one.bounds).hausdorff_distance(shapely.box(*other.bounds)) <= _SAME_DEG
    return bool(near and shapely.hausdorff_distance(one, other) <= _SAME_DEG)
