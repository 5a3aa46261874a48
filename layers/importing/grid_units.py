"""The town's units as they stand at a moment, and which of them a file's rows are."""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np
import psycopg
import shapely
from shapely.geometry.base import BaseGeometry

from layers.importing.grid_rows import GridRow
from spatial.errors import InputError
from spatial.town import Town

_SELECT = """
SELECT unit.id, unit.code, unit.level, unit.parent_id, coalesce(version.name, unit.name),
       coalesce(version.name_en, unit.name_en), coalesce(version.kind, unit.kind),
       version.id, ST_AsBinary(version.geom)
FROM grids.unit
LEFT JOIN grids.version ON version.unit_id = unit.id AND version.valid @> %s::timestamptz
WHERE unit.town_id = %s ORDER BY unit.level, unit.code
"""
_OF_TODAY = """
SELECT id, code, level, parent_id, name, name_en, kind, NULL, shape FROM grids.shapes_at(%s)
"""
_MADE_UP = {2: "V", 3: "G", 4: "M"}


@dataclass
class Unit:
    """A unit, and its version at the moment, if it has one."""

    id: int
    code: str
    level: int
    parent_id: int | None
    name: str | None
    name_en: str | None = None
    kind: str | None = None
    version_id: int | None = None
    geom: BaseGeometry | None = None


@dataclass
class Units:
    """All units of the town."""

    town: Town
    units: list[Unit] = field(default_factory=list)

    def at_level(self, level: int) -> list[Unit]:
        """Those of a level, by code."""
        return [unit for unit in self.units if unit.level == level]

    def shaped(self, level: int) -> list[Unit]:
        """Those of a level that have a shape."""
        return [unit for unit in self.at_level(level) if unit.geom is not None]

    def parents_of(self, level: int) -> list[Unit]:
        """The nearest level above that has shapes; else the town alone."""
        for above in range(level - 1, 1, -1):
            if self.shaped(above):
                return self.shaped(above)
        return self.at_level(1)

    def match(self, rows: Iterable[GridRow]) -> list[tuple[GridRow, Unit | None, str]]:
        """Each row of one level with the unit that it is, if any, and its code.

        By code; a row without one by its name, the second of a name being the second unit of it.
        """
        seen: Counter[str] = Counter()
        matched: list[tuple[GridRow, Unit | None, str]] = []
        taken = {unit.code for unit in self.units}
        known = {(unit.level, unit.code): unit for unit in self.units}
        called = self._by_name()
        made_up = {level: self._made_up_codes(level, taken) for level in _MADE_UP}
        for row in rows:
            if row.code is not None:
                matched.append((row, known.get((row.level, row.code)), row.code))
                continue
            name = short_name(row.name)
            named = called.get((row.level, name), ())
            unit = named[seen[name]] if seen[name] < len(named) else None
            seen[name] += 1
            code = unit.code if unit else next(made_up[row.level])
            taken.add(code)
            matched.append((row, unit, code))
        return matched

    def _by_name(self) -> dict[tuple[int, str], list[Unit]]:
        """The units of each level and short name, by code."""
        called: dict[tuple[int, str], list[Unit]] = defaultdict(list)
        for unit in self.units:
            if unit.name:
                called[unit.level, short_name(unit.name)].append(unit)
        return called

    def add_new(self, unit_id: int, code: str, level: int) -> Unit:
        """One more unit."""
        unit = Unit(unit_id, code, level, None, None)
        self.units.append(unit)
        return unit

    def _made_up_codes(self, level: int, taken: set[str]) -> Iterator[str]:
        """Codes that nobody has, nor gets while they are asked for."""
        for number in itertools.count(1):
            code = f"{self.town.code}-{_MADE_UP[level]}{number:04d}"
            if code not in taken:
                yield code


def short_name(name: str) -> str:
    """A village's name without its committee: 大成社区居民委员会 is 大成社区, 云山村委会 云山村."""
    village = re.sub(r"(村民委员会|村委会)$", "", name)
    if village != name:
        return village if village.endswith("村") else f"{village}村"
    return re.sub(r"(居民委员会|居委会)$", "", name)


def read_units(connection: psycopg.Connection, town: Town, at: datetime) -> Units:
    """The units, with the versions that hold at the moment `at`; read by the owner."""
    rows = connection.execute(_SELECT, (at, town.id)).fetchall()
    return Units(town, [_unit(*row) for row in rows])


def read_units_of_today(connection: psycopg.Connection, town: Town) -> Units:
    """The units that hold now; read in a transaction of somebody who drafts."""
    rows = connection.execute(_OF_TODAY, (town.now(),)).fetchall()
    return Units(town, [_unit(*row) for row in rows])


def _unit(*row: Any) -> Unit:
    *columns, wkb = row
    return replace(Unit(*columns), geom=shapely.from_wkb(wkb))


def find_parents(rows: list[GridRow], parents: list[Unit], file_name: str) -> list[Unit]:
    """The parent of each row: as stated by code or name, else the one that holds its inside.

    Raises:
        InputError: names the first row that has none.
    """
    if len(parents) == 1 and parents[0].level == 1:
        return [parents[0]] * len(rows)
    named = {short_name(unit.name or ""): unit for unit in parents}
    named |= {unit.code: unit for unit in parents}
    holders = holders_of([row.geom for row in rows], parents)
    found = []
    for row, holder in zip(rows, holders, strict=True):
        parent = _named(row.parent, named) if row.parent else holder
        if parent is None:
            said = f"no parent is called {row.parent}" if row.parent else "no parent holds it"
            raise InputError(
                f"{file_name}: nothing loaded: feature {row.line} ({row.name}): {said}"
                " / 找不到上级",
                remedy="a code or name of the level above; empty: the unit that holds the shape"
                if row.parent
                else "is it this town's file, in the CRS that was stated?",
            )
        found.append(parent)
    return found


def _named(text: str, named: dict[str, Unit]) -> Unit | None:
    return named.get(text) or named.get(short_name(text))


def holders_of(shapes: list[BaseGeometry], parents: list[Unit]) -> list[Unit | None]:
    """For each shape the parent that holds a point inside it."""
    tree = shapely.STRtree(np.asarray([parent.geom for parent in parents], dtype=object))
    points = shapely.point_on_surface(np.asarray(shapes, dtype=object))
    holders: list[Unit | None] = [None] * len(shapes)
    for child, parent in tree.query(points, predicate="intersects").T:
        holders[child] = parents[parent]
    return holders


def loose_children(units: Units, level: int) -> Iterator[tuple[Unit, Unit]]:
    """Units below a level that hang above it still, each with the unit that holds it."""
    below = next((units.shaped(lower) for lower in range(level + 1, 5) if units.shaped(lower)), [])
    ids = {unit.id for unit in units.shaped(level)}
    loose = [unit for unit in below if unit.parent_id not in ids and unit.geom is not None]
    holders = holders_of([unit.geom for unit in loose if unit.geom], units.shaped(level))
    for unit, holder in zip(loose, holders, strict=True):
        if holder is not None:
            yield unit, holder
