"""`import`: a file into a layer, in one transaction of the caller's."""

from __future__ import annotations

import pandas as pd
import psycopg
import shapely

from grids.cells import STORED_RESOLUTION, cells_of_points
from layers.hotspots import refresh_published_hotspots
from layers.importing.batches import ImportReport, close_batch, open_batch, take_turn
from layers.importing.load import attribute_incidents, load_rows
from layers.importing.lookups import codes_of_names
from layers.importing.options import ImportOptions
from layers.importing.prepare import Prepared, prepare
from layers.importing.rejects import write_rejects
from layers.importing.source import open_source
from layers.importing.targets import Target, find_target
from spatial.errors import InputError
from spatial.town import read_town


def import_layer(
    connection: psycopg.Connection, layer: str, options: ImportOptions
) -> ImportReport:
    """Load a file into premises, buildings, sensors, responders or incidents.

    The caller commits; on an error it must roll back. Rejected rows are in `options.rejects_path`.

    Raises:
        InputError: the file is unusable, has no usable row, or has rejects and is to be strict.
        ConflictError: the town is a demo.
    """
    town = read_town(connection)
    take_turn(connection, town)
    target = find_target(layer, town.time_zone, options.time_format)
    source = open_source(options)
    prepared = prepare(source, target, options, town)
    if prepared.rejects:
        write_rejects(options.rejects_path, source, prepared.rejects)
    _refuse_unusable(prepared, options)
    _fill_in(connection, target, prepared.rows)
    batch_id = open_batch(connection, town, layer, options, source.crs_label)
    done = load_rows(connection, town, target, prepared.rows, batch_id)
    if layer == "incidents":
        attribute_incidents(connection, town)
        refresh_published_hotspots(connection, town)
    outside = int((~prepared.rows["inside"]).sum())
    report = ImportReport(batch_id, done.loaded, done.unchanged, len(prepared.rejects), outside)
    close_batch(connection, report)
    return report


def _refuse_unusable(prepared: Prepared, options: ImportOptions) -> None:
    rejects = prepared.rejects
    if rejects and (prepared.rows.empty or options.strict):
        first = f"line {rejects[0].line}: {rejects[0].reason}"
        count = f"{len(rejects)} rejected" if len(prepared.rows) else "no usable row / 没有可用的行"
        raise InputError(
            f"{options.path.name}: nothing loaded, {count}; {first}",
            remedy=f"all are in {options.rejects_path}",
        )


def _fill_in(connection: psycopg.Connection, target: Target, rows: pd.DataFrame) -> None:
    """Columns that follow from others: codes of names, and a point's cell."""
    for field in target.fields:
        if field.lookup:
            rows[field.name] = codes_of_names(connection, field.lookup, rows[field.name])
    if target.geometry == "Point":
        points = rows["geom"].to_numpy()
        lon, lat = shapely.get_x(points), shapely.get_y(points)
        rows["cell"] = cells_of_points(lon, lat, STORED_RESOLUTION)
