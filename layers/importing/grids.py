"""`import grids`: a file of villages, grids or micro-grids, all of it or nothing."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import psycopg

from layers.boundaries.arc_store import store_arcs
from layers.boundaries.effect.attribution import attribute_incidents_anew
from layers.importing.batches import ImportReport, close_batch, open_batch, take_turn
from layers.importing.grid_clean import sound_coverage
from layers.importing.grid_faults import refuse_bad_coverage
from layers.importing.grid_rows import GridRow, read_grid_rows
from layers.importing.grid_settle import settle_rows
from layers.importing.grid_shapes import give_town_its_shape, put_cleaned, share_vertices
from layers.importing.grid_shares import note_of, split_shares
from layers.importing.grid_source import open_grid_source
from layers.importing.grid_store import GridBatch
from layers.importing.grid_units import Unit, Units, find_parents, loose_children, read_units
from layers.importing.load import attribute_incidents
from layers.importing.options import ImportOptions
from spatial.errors import ConflictError, InputError
from spatial.town import Town, read_town


@dataclass(frozen=True)
class GridOptions:
    """What a person says about a grids file.

    Attributes:
        level: villages, grids or micro-grids; None reads it from a column.
        valid_from: ISO 8601, the town's local time; None is now.
        clean_width_m: slivers up to this width are repaired; None repairs none.
    """

    file: ImportOptions
    level: str | None = None
    valid_from: str | None = None
    clean_width_m: float | None = None


def import_grids(connection: psycopg.Connection, options: GridOptions) -> ImportReport:
    """Load a file of polygons that tile their parents; the caller commits.

    The first shapes right below the town make its outline. A row without a code is known again by
    its name; a parent that is not stated is the one that holds the shape. Where children have
    vertices on a parent's straight edge, the parent takes them on.

    Raises:
        InputError: the file is unusable.
        FaultyCoverageError: with it the levels don't tile each other; tells every fault.
        ConflictError: the town is a demo, or a unit has a later shape already.
    """
    town = read_town(connection)
    take_turn(connection, town)
    valid_from = _moment(options.valid_from, town)
    whole = open_grid_source(options.file, options.level)
    source, shares = split_shares(whole, options.file.path.name)
    # A first coverage may lie beside a rough outline, so only the checks below compare the two.
    rows = read_grid_rows(source, options.file, options.level, replace(town, outline_wkb=None))
    units = read_units(connection, town, valid_from)
    sound = sound_coverage(units, settle_rows(rows, units), options.file, options.clean_width_m)
    batch_id = open_batch(connection, town, "grids", options.file, source.crs_label)
    batch = GridBatch.begin(connection, town, batch_id, valid_from)
    changed = sum(
        _store_level(batch, units, list(group), options.file.path.name)
        for _, group in itertools.groupby(sound.rows, key=lambda row: row.level)
    )
    put_cleaned(batch, units, sound.stored)
    notes = source.notes + sound.notes + note_of(shares) + give_town_its_shape(batch, units)
    share_vertices(batch, units)
    batch.write()
    refuse_bad_coverage(connection, valid_from, options.file.path.name)
    attribute_incidents(connection, town)
    moved = attribute_incidents_anew(connection, town, valid_from, town.now())
    if moved:
        notes += (f"{moved} incidents went over to the new micro-grids / 起事件改归新微网格",)
    store_arcs(connection, read_town(connection), valid_from)
    report = ImportReport(batch_id, changed, len(rows) - changed, notes=notes)
    close_batch(connection, report)
    return report


def _moment(text: str | None, town: Town) -> datetime:
    if text is None:
        return town.now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"--valid-from {text} is no time", remedy="e.g. 2025-01-01") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(town.time_zone))


def _store_level(batch: GridBatch, units: Units, rows: list[GridRow], file_name: str) -> int:
    """Store the rows of one level; how many were new or changed."""
    level = rows[0].level
    parents = find_parents(rows, units.parents_of(level), file_name)
    matched = units.match(rows)
    added = iter(_new_units(batch, units, level, matched, parents))
    changed = 0
    for (row, known, _), parent in zip(matched, parents, strict=True):
        changed += batch.store(row, known or next(added), parent)
    # Units below a new level hang below it, no longer below the one above.
    for unit, holder in loose_children(units, level):
        batch.set_parent(unit, holder)
    return changed


def _new_units(
    batch: GridBatch,
    units: Units,
    level: int,
    matched: list[tuple[GridRow, Unit | None, str]],
    parents: list[Unit],
) -> list[Unit]:
    """The units that a level of the file brings, in the order of its rows.

    Raises:
        ConflictError: one has the code of a unit of another level.
    """
    taken = {unit.code for unit in units.units}
    pairs = zip(matched, parents, strict=True)
    new = [(code, parent) for (_, known, code), parent in pairs if known is None]
    for code, _ in new:
        if code in taken:
            raise ConflictError(f"code {code} is a unit of another level already / 编码已被占用")
    made = batch.new_units(level, [code for code, _ in new], [parent for _, parent in new])
    units.units += made
    return made
