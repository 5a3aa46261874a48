"""`import grids`: a file of villages, grids or micro-grids, all of it or nothing."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import psycopg
import shapely
from shapely.geometry.base import BaseGeometry

from layers.importing.batches import ImportReport, close_batch, open_batch, take_turn
from layers.importing.grid_faults import refuse_bad_coverage
from layers.importing.grid_rows import GridRow, read_grid_rows
from layers.importing.grid_store import GridBatch
from layers.importing.grid_units import Units, find_parents, holders_of, read_units
from layers.importing.load import attribute_incidents
from layers.importing.options import ImportOptions
from layers.importing.source import open_source
from layers.towns import set_outline
from spatial.errors import ConflictError, InputError
from spatial.town import Town, read_town

# A first coverage that lies mostly elsewhere is another town's file.
_LEAST_SHARE_INSIDE = 0.5


@dataclass(frozen=True)
class GridOptions:
    """What a person says about a grids file.

    Attributes:
        level: villages, grids or micro-grids; None reads it from a column.
        valid_from: ISO 8601, the town's local time; None is now.
    """

    file: ImportOptions
    level: str | None = None
    valid_from: str | None = None


def import_grids(connection: psycopg.Connection, options: GridOptions) -> ImportReport:
    """Load a file of polygons that tile their parents; the caller commits.

    The first shapes right below the town make its outline. A row without a code is known again by
    its name; a parent that is not stated is the one that holds the shape.

    Raises:
        InputError: the file is unusable, or with it the levels don't tile each other.
        ConflictError: the town is a demo, or a unit has a later shape already.
    """
    town = read_town(connection)
    take_turn(connection, town)
    valid_from = _moment(options.valid_from, town)
    source = open_source(options.file)
    # A first coverage may lie beside a rough outline, so only the checks below compare the two.
    rows = read_grid_rows(source, options.file, options.level, replace(town, outline_wkb=None))
    batch_id = open_batch(connection, town, "grids", options.file, source.crs_label)
    batch = GridBatch(connection, town, batch_id, valid_from)
    units = read_units(connection, town, valid_from)
    changed = sum(
        _store_level(batch, units, list(group), options.file.path.name)
        for _, group in itertools.groupby(rows, key=lambda row: row.level)
    )
    notes = _give_town_its_shape(batch, units)
    refuse_bad_coverage(connection, valid_from, options.file.path.name)
    attribute_incidents(connection, town)
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
    changed = 0
    for (row, unit, code), parent in zip(matched, parents, strict=True):
        stored, was_changed = batch.store(row, unit, code, parent)
        changed += was_changed
        if unit is None:
            units.units.append(stored)
    _rehang_children(batch, units, level)
    return changed


def _rehang_children(batch: GridBatch, units: Units, level: int) -> None:
    """Units below a new level hang below it, no longer below the one above."""
    below = next((units.shaped(lower) for lower in range(level + 1, 5) if units.shaped(lower)), [])
    ids = {unit.id for unit in units.shaped(level)}
    loose = [unit for unit in below if unit.parent_id not in ids and unit.geom is not None]
    holders = holders_of([unit.geom for unit in loose if unit.geom], units.shaped(level))
    for unit, holder in zip(loose, holders, strict=True):
        if holder is not None:
            batch.set_parent(unit, holder)


def _give_town_its_shape(batch: GridBatch, units: Units) -> tuple[str, ...]:
    """The union of the level below the town, unless the town's unit has a shape."""
    [top] = units.at_level(1)
    below = next((units.shaped(level) for level in (2, 3, 4) if units.shaped(level)), [])
    if top.geom is not None or not below:
        return ()
    shapes = np.asarray([unit.geom for unit in below], dtype=object)
    # An overlap would break the exact union; it is refused with its place by the checks after this.
    union = shapely.coverage_union_all(shapes)
    if not union.is_valid:
        union = shapely.union_all(shapes)
    _refuse_elsewhere(batch.town, union)
    top.geom, top.name, top.name_en = union, batch.town.name, batch.town.name_en
    batch.new_version(top)
    batch.remember(
        "town",
        {
            "outline": batch.town.outline_wkb.hex() if batch.town.outline_wkb else None,
            "metric_srid": batch.town.metric_srid,
        },
    )
    set_outline(batch.connection, batch.town, union)
    return ("the town's outline is now the union of these shapes / 镇域轮廓取自本文件",)


def _refuse_elsewhere(town: Town, union: BaseGeometry) -> None:
    if town.outline is None:
        return
    share = shapely.intersection(union, shapely.make_valid(town.outline)).area / union.area
    if share < _LEAST_SHARE_INSIDE:
        raise ConflictError(
            f"only {share:.0%} of these shapes lie in the outline of {town.name} / 不在本镇范围",
            remedy="is it this town's file, in the CRS that was stated?",
        )
