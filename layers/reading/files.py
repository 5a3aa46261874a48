"""A layer as a file of FlatGeobuf or GeoPackage, written by GDAL in a process of its own.

GDAL keeps Python's lock while it writes, so in the web's own process every other request would
wait; and a process can be ended when the client has gone. Rows come through a cursor in batches,
so memory doesn't grow with the layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pyogrio
from numpy.typing import NDArray
from psycopg import sql

from layers.catalogue import Entry, FieldType
from layers.reading.items import refusing_impossible_values
from layers.reading.query import ItemsQuery
from layers.reading.statements import (
    Statement,
    answered_fields,
    geometry_in,
    rows_statement,
)
from layers.roles import Role
from spatial.database import Principal, become
from spatial.errors import InputError

DRIVERS = {"fgb": "FlatGeobuf", "gpkg": "GPKG"}
_BATCH_ROWS = 5_000
_UTC = 100  # how GDAL writes that zone
_MISSING: dict[FieldType, Any] = {
    FieldType.STRING: None,
    FieldType.INTEGER: 0,
    FieldType.NUMBER: np.nan,
    FieldType.BOOLEAN: False,
    FieldType.DATE: None,
    FieldType.DATE_TIME: None,
}
_DTYPES: dict[FieldType, str] = {
    FieldType.STRING: "object",
    FieldType.INTEGER: "int64",
    FieldType.NUMBER: "float64",
    FieldType.BOOLEAN: "bool",
    FieldType.DATE: "datetime64[D]",
    FieldType.DATE_TIME: "datetime64[ms]",
}


@dataclass(frozen=True)
class FileJob:
    """What a file is written of.

    Attributes:
        conninfo: of the web's own login; the job takes on the principal's role.
        types: property → its type, in the order of the statement's columns.
        geometry: what the geometries are, as GDAL calls it.
        srid: of the coordinates, longitude or easting first as both formats want it.
    """

    conninfo: str
    principal: Principal
    statement: Statement
    layer: str
    types: dict[str, FieldType]
    geometry: str
    srid: int


def file_job(conninfo: str, entry: Entry, query: ItemsQuery, principal: Principal) -> FileJob:
    """The job that writes a query's rows.

    Raises:
        InputError: these formats state a CRS, and GCJ-02 is none.
    """
    if query.crs.is_shifted:
        raise InputError(
            "these files state their CRS, and GCJ-02 is none", remedy="f=json or f=csv"
        )
    role = Role(principal.role)
    names = answered_fields(entry, role, query)
    shape = sql.SQL("ST_AsBinary({})").format(geometry_in(query.crs, sql.Identifier("geom")))
    columns = [*map(sql.Identifier, ("id", *names)), shape]
    types = {each.name: each.type for each in entry.fields_for(role)}
    return FileJob(
        conninfo,
        principal,
        rows_statement(entry, role, query, columns),
        entry.id,
        {"id": FieldType.INTEGER} | {name: types[name] for name in names},
        "Point" if entry.geometry == "Point" else "Unknown",
        query.crs.srid,
    )


def write_file(job: FileJob, path: Path) -> None:
    """Write the file at `path`, whose ending says the format.

    Raises:
        InputError: the filter can't be computed.
    """
    driver = DRIVERS[path.suffix.removeprefix(".")]
    package = path.with_suffix(".gpkg")
    for number, rows in enumerate(_batches(job)):
        _append(job, package, rows, is_first=number == 0)
    if driver != "GPKG":
        # FlatGeobuf can't be appended to: it comes from the package, as a stream.
        with pyogrio.open_arrow(package, layer=job.layer) as (meta, stream):
            pyogrio.write_arrow(
                stream,
                path,
                layer=job.layer,
                driver=driver,
                geometry_name=meta["geometry_name"],
                geometry_type=job.geometry,
                crs=f"EPSG:{job.srid}",
            )
        package.unlink()


def _batches(job: FileJob) -> Iterator[list[tuple[Any, ...]]]:
    """The rows; at least one batch, which is empty where nothing is found."""
    with psycopg.connect(job.conninfo) as connection, refusing_impossible_values():
        # Should this process be killed, the server notices while a statement runs.
        connection.execute("SET client_connection_check_interval = '1s'")
        become(connection, job.principal)
        with connection.cursor("rows") as cursor:
            cursor.execute(job.statement.query, job.statement.values)
            rows = cursor.fetchmany(_BATCH_ROWS)
            yield rows
            while len(rows) == _BATCH_ROWS:
                rows = cursor.fetchmany(_BATCH_ROWS)
                yield rows


def _append(job: FileJob, path: Path, rows: list[tuple[Any, ...]], *, is_first: bool) -> None:
    columns = list(zip(*rows, strict=True)) or [()] * (len(job.types) + 1)
    *values, shapes = columns
    typed = list(zip(values, job.types.values(), strict=True))
    pyogrio.raw.write(
        path,
        _objects(shapes),
        [_array(column, kind) for column, kind in typed],
        list(job.types),
        field_mask=[_mask(column) for column, _ in typed],
        layer=job.layer,
        driver="GPKG",
        geometry_type=job.geometry,
        crs=f"EPSG:{job.srid}",
        append=not is_first,
        gdal_tz_offsets={
            name: np.full(len(rows), _UTC)
            for name, kind in job.types.items()
            if kind is FieldType.DATE_TIME
        },
        # `id` is ours, and text to GDAL's own key as little as the rest.
        layer_options={"FID": "fid"} if is_first else None,
    )


def _objects(values: tuple[Any, ...]) -> NDArray[np.object_]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _mask(values: tuple[Any, ...]) -> NDArray[np.bool_]:
    """Where nothing is."""
    return np.array([each is None for each in values], dtype=bool)


def _array(values: tuple[Any, ...], kind: FieldType) -> NDArray[Any]:
    missing = _MISSING[kind]
    filled = [missing if each is None else _plain(each) for each in values]
    return _objects(tuple(filled)) if kind is FieldType.STRING else np.array(filled, _DTYPES[kind])


def _plain(value: Any) -> Any:
    """Moments as numpy takes them: in UTC and without a zone."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None)
    return value.isoformat() if isinstance(value, date) else value
