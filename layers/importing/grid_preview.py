"""The town's units as they would be with the rows of a file: nothing is stored yet."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from layers.importing.grid_rows import GridRow
from layers.importing.grid_shapes import refine_parents
from layers.importing.grid_units import Units, find_parents, loose_children


@dataclass(frozen=True)
class Preview:
    """What would be.

    Attributes:
        units: copies; a unit that is new has a negative id.
        row_of: id of a unit → position of the row that it gets its shape from.
    """

    units: Units
    row_of: dict[int, int]


def preview_units(units: Units, rows: Sequence[GridRow], file_name: str) -> Preview:
    """The units after an import.

    Args:
        rows: by level from the top down.

    Raises:
        InputError: names the first row that has no parent.
    """
    preview = Preview(Units(units.town, [replace(unit) for unit in units.units]), {})
    position = {row.line: number for number, row in enumerate(rows)}
    for level, group in itertools.groupby(rows, key=lambda row: row.level):
        _put_level(preview, level, list(group), position, file_name)
    for _ in refine_parents(preview.units):
        pass  # parents that take vertices on are no fault
    return preview


def _put_level(
    preview: Preview, level: int, rows: list[GridRow], position: dict[int, int], file_name: str
) -> None:
    units = preview.units
    parents = find_parents(rows, units.parents_of(level), file_name)
    matched = units.match(rows)
    for (row, known, code), parent in zip(matched, parents, strict=True):
        unit = known or units.add_new(-row.line, code, level)
        unit.parent_id, unit.name, unit.geom = parent.id, row.name, row.geom
        preview.row_of[unit.id] = position[row.line]
    for unit, holder in loose_children(units, level):
        unit.parent_id = holder.id
