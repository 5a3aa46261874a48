"""The access log: who asked for what, without personal data, kept for six months at least.

Only an auditor reads and clears it; the database says so (layers/sql/after/12_accounts.sql).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import dict_row

from spatial.database import AnyConnection
from spatial.errors import InputError


class Access(NamedTuple):
    """One request that was answered: the columns of layers.access_log."""

    town_id: int
    at: datetime
    request_id: str
    account_id: int | None
    role: str
    way: str | None
    method: str
    route: str | None
    layer: str | None
    status: int
    duration_ms: int
    bytes: int
    address_hash: str


_COLUMNS = ", ".join(Access._fields)
_TYPES = (
    "int2", "timestamptz", "text", "int8", "text", "text", "text", "text", "text", "int4", "int4",
    "int8", "text",
)  # fmt: skip
_ROWS = ", ".join(f"{name} {type_}" for name, type_ in zip(Access._fields, _TYPES, strict=True))
# Not COPY, which is refused where row policies stand. One JSON text is made in half the time that
# thirteen arrays take, and the process that makes it has requests to answer.
_INSERT = (
    f"INSERT INTO layers.access_log ({_COLUMNS})"  # noqa: S608 - the columns are ours
    f" SELECT {_COLUMNS} FROM json_to_recordset(%s::json) AS line({_ROWS})"
)


async def write_accesses(connection: AnyConnection, accesses: Sequence[Access]) -> None:
    """Add lines to the log, in one statement."""
    lines = [dict(zip(Access._fields, each, strict=True)) for each in accesses]
    await connection.execute(_INSERT.encode(), [json.dumps(lines, default=datetime.isoformat)])


def read_log(
    connection: psycopg.Connection[Any],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    account: str | None = None,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """Lines of the log, the newest first, as the auditor whose transaction it is.

    Args:
        account: of this account only, by name.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT log.at, log.request_id, account.name AS account, log.role, log.way, log.method,"
            " log.route, log.layer, log.status, log.duration_ms, log.bytes, log.address_hash"
            " FROM layers.access_log AS log LEFT JOIN layers.account ON account.id = log.account_id"
            " WHERE log.at >= coalesce(%(since)s, '-infinity'::timestamptz)"
            " AND log.at < coalesce(%(until)s, 'infinity'::timestamptz)"
            " AND (%(account)s::text IS NULL OR account.name = %(account)s)"
            " ORDER BY log.at DESC, log.id DESC LIMIT %(limit)s",
            {"since": since, "until": until, "account": account, "limit": limit},
        ).fetchall()


def clear_log(connection: psycopg.Connection[Any], before: datetime) -> int:
    """Remove the lines from before a moment at least six months ago, as the auditor.

    Returns:
        how many there were.

    Raises:
        InputError: they are younger.
    """
    young = connection.execute("SELECT %s > now() - interval '6 months'", (before,)).fetchone()
    if young == (True,):
        raise InputError(
            "the access log is kept for six months at least / 访问日志至少保存六个月",
            remedy="an earlier --before",
        )
    row = connection.execute("SELECT layers.clear_access_log(%s)", (before,)).fetchone()
    return int(row[0]) if row else 0
