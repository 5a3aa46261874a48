"""What a legend needs to know: the code lists that are tables, and how much each layer holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from layers.catalogue import Entry
from layers.published import view_of
from layers.roles import Role
from spatial.database import AnyConnection, Principal


async def read_departments(connection: AnyConnection) -> list[dict[str, Any]]:
    """Code and names of every department."""
    return await _read(
        connection, "SELECT code, name, name_en FROM layers.department ORDER BY code"
    )


async def read_categories(connection: AnyConnection) -> list[dict[str, Any]]:
    """Code, names and department of every category of incidents."""
    return await _read(
        connection, "SELECT code, name, name_en, department FROM layers.category ORDER BY code"
    )


async def _read(connection: AnyConnection, query: str) -> list[dict[str, Any]]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query.encode())).fetchall()


async def count_features(
    connection: AnyConnection, entries: Iterable[Entry], principal: Principal
) -> dict[str, int]:
    """Layer id → how many features it has, in one statement."""
    role = Role(principal.role)
    counts = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {}, count(*) FROM {} WHERE town_id = {}").format(
            sql.Literal(entry.id),
            view_of(entry, role),
            sql.Literal(principal.town_id),
        )
        for entry in entries
    )
    return dict(await (await connection.execute(counts)).fetchall())


async def read_attributions(
    connection: AnyConnection, entries: Iterable[Entry], town_id: int
) -> dict[str, str]:
    """Layer id → who made its data and under which licence; empty where no import said it."""
    queries = sql.SQL(" UNION ALL ").join(
        _ATTRIBUTION.format(layer=sql.Literal(entry.id), source=_table(entry), town=town_id)
        for entry in entries
    )
    return dict(await (await connection.execute(queries)).fetchall())


_ATTRIBUTION = sql.SQL("""
SELECT {layer}, coalesce(string_agg(DISTINCT attribution, '; '), '') FROM spatial.batch
WHERE town_id = {town} AND undone_at IS NULL
  AND EXISTS (SELECT FROM {source} AS made WHERE made.batch_id = batch.id)
""")


def _table(entry: Entry) -> sql.Identifier:
    return sql.Identifier(*(entry.made_from or entry.source).split("."))
