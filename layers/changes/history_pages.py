"""Reading what became of one feature, page by page."""

from __future__ import annotations

from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from layers.changes.views import history_of
from layers.roles import Role
from spatial.database import AnyConnection, Principal

MAX_LINES = 1_000
_SELECT = sql.SQL("""
SELECT id, at, kind, before, after, by_account, account, batch_id, batch FROM {view}
WHERE layer = %(layer)s AND feature_id = %(feature_id)s
  AND id < coalesce(%(before)s::bigint, 9223372036854775807)
ORDER BY id DESC LIMIT %(limit)s
""")


async def read_history(
    connection: AnyConnection,
    principal: Principal,
    feature: tuple[str, int],
    before: int | None,
    limit: int,
) -> list[dict[str, Any]]:
    """The changes of one feature, the newest first.

    Members: id, at, kind (insert, update, delete), before and after (properties and geometry that
    the principal sees; None where there was nothing), by: what made the change.

    Args:
        connection: in a transaction as the principal.
        feature: layer and id.
        before: only lines older than the one of this id.
    """
    values = {"layer": feature[0], "feature_id": feature[1], "before": before, "limit": limit}
    statement = _SELECT.format(view=history_of(Role(principal.role)))
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement, values)
        return [_line(row) for row in await cursor.fetchall()]


def _line(row: dict[str, Any]) -> dict[str, Any]:
    named = {name: row.pop(name) for name in ("by_account", "account", "batch_id", "batch")}
    return row | {"at": row["at"].isoformat(), "by": _author(named)}


def _author(named: dict[str, Any]) -> dict[str, Any]:
    """An account, by name where the reader may know it; an import; or the operator, in SQL."""
    if named["by_account"]:
        return {"type": "account"} | ({"name": named["account"]} if named["account"] else {})
    if named["batch_id"]:
        return {"type": "import", "batch": named["batch_id"], "source": named["batch"]}
    return {"type": "operator"}
