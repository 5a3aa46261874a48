"""Rows into a layer's table: COPY beside it, then one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import pandas as pd
import psycopg
import shapely
from psycopg import sql

from layers.importing.targets import Target
from spatial.town import Town

_SQL = files(__name__.rpartition(".")[0]) / "sql"


@dataclass(frozen=True)
class Loaded:
    """How many rows came in new or changed, and how many stood there already."""

    loaded: int
    unchanged: int


def statement(name: str, **parts: sql.Composable | int | str) -> sql.Composed:
    """The statement in `sql/{name}.sql`, its {parts} filled; plain values become literals."""
    text = (_SQL / f"{name}.sql").read_text(encoding="utf-8")
    composed = {
        key: part if isinstance(part, sql.Composable) else sql.Literal(part)
        for key, part in parts.items()
    }
    return sql.SQL(text).format(**composed)


def load_rows(
    connection: psycopg.Connection, town: Town, target: Target, rows: pd.DataFrame, batch_id: int
) -> Loaded:
    """Insert what is new and update what differs; what was there before is kept for `undo`.

    Args:
        rows: `key` and the columns of the target's table; `geom` as shapely.
    """
    names = [column for column in rows.columns if column != "key"]
    table = sql.Identifier(target.table)
    connection.execute("DROP TABLE IF EXISTS incoming")
    connection.execute(statement("incoming", table=table, columns=comma_separated(["key", *names])))
    _copy(connection, rows[["key", *names]])
    parts: dict[str, sql.Composable | int | str] = {
        "table": table,
        "town_id": town.id,
        "batch_id": batch_id,
        "stored": comma_separated(names, "stored"),
        "incoming": comma_separated(names, "incoming"),
    }
    connection.execute(
        statement("remember", layer=target.layer, geometries=_geometries(target), **parts)
    )
    changed = connection.execute(
        statement(
            "upsert",
            names=comma_separated(names),
            excluded=comma_separated(names, "excluded"),
            **parts,
        )
    ).rowcount
    return Loaded(changed, len(rows) - changed)


def attribute_incidents(connection: psycopg.Connection, town: Town) -> None:
    """Give incidents without a micro-grid the one that held them when they happened."""
    connection.execute(statement("attribute", town_id=town.id))


def _geometries(target: Target) -> sql.Composable:
    names = ["geom", "field_of_view"] if target.table == "sensor" else ["geom"]
    pairs = [
        sql.SQL("{}, stored.{}::text").format(sql.Literal(name), sql.Identifier(name))
        for name in names
    ]
    return sql.SQL(", ").join(pairs)


def comma_separated(names: Sequence[str], table: str | None = None) -> sql.Composable:
    """Quoted column names, each with its table when one is given."""
    identifiers = [sql.Identifier(table, n) if table else sql.Identifier(n) for n in names]
    return sql.SQL(", ").join(identifiers)


def _copy(connection: psycopg.Connection, rows: pd.DataFrame) -> None:
    wkb = shapely.to_wkb(
        shapely.set_srid(rows["geom"].to_numpy(), 4326), hex=True, include_srid=True
    )
    columns = [rows[c].tolist() if c != "geom" else wkb.tolist() for c in rows.columns]
    copying = sql.SQL("COPY incoming ({}) FROM STDIN").format(comma_separated(list(rows.columns)))
    with connection.cursor() as cursor, cursor.copy(copying) as copy:
        for row in zip(*columns, strict=True):
            copy.write_row(row)
