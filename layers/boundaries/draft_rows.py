"""Drafts and their steps as they are stored; who may read and write which says the database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from layers.boundaries.arc_store import new_arc_block
from layers.boundaries.coverage import Connection, began_at
from layers.boundaries.redraw import Redraw, redraw_from_json, redraw_to_json
from spatial.errors import ConflictError, InputError, NotFoundError, StaleError
from spatial.town import Town

_ONE = sql.SQL("SELECT {columns} FROM grids.draft WHERE id = %s AND town_id = %s {lock}")
_LIST = sql.SQL("""
SELECT {columns} FROM grids.draft WHERE town_id = %s AND state = ANY (%s)
ORDER BY updated DESC, id DESC LIMIT 500
""")
_INSERT = sql.SQL("""
INSERT INTO grids.draft (name, base_at, first_arc, client) VALUES (%s, %s, %s, %s)
RETURNING {columns}
""")
_STEPS = """
SELECT number, kind, parameters, author, at, undone_at IS NOT NULL AS undone, change
FROM grids.draft_step WHERE draft_id = %s ORDER BY number
"""
_LINEAGE = """
SELECT unit_id, became_id, at, draft_id FROM grids.lineage
WHERE town_id = %(town_id)s AND (%(unit)s::bigint IS NULL OR %(unit)s IN (unit_id, became_id))
ORDER BY at, id LIMIT 10000
"""
_COUNTS = """
SELECT draft_id, count(*) FILTER (WHERE undone_at IS NULL), count(undone_at)
FROM grids.draft_step WHERE draft_id = ANY (%s) GROUP BY draft_id
"""
STATES = ("open", "submitted", "approved", "effective", "withdrawn")


@dataclass(frozen=True)
class Draft:
    """A draft as it is stored.

    Attributes:
        author, approver: accounts.
        base_at: when the coverage that it stands on began to hold.
        first_arc: where its own ids for new arcs begin.
        revision: goes up with every edit, undo and redo.
        client: the map client whose own draft it is.
        conflict: what it and the coverage of today dispute; None as long as nobody found any.
    """

    id: int
    name: str
    author: int
    state: str
    base_at: datetime
    first_arc: int
    revision: int
    effective_from: datetime | None
    approver: int | None
    client: str | None
    conflict: dict[str, Any] | None
    created: datetime
    updated: datetime


_COLUMNS = sql.SQL(", ").join(sql.Identifier(each.name) for each in fields(Draft))


@dataclass(frozen=True)
class Step:
    """One edit, done or undone."""

    number: int
    kind: str
    parameters: Mapping[str, Any]
    author: int
    at: datetime
    undone: bool
    redraw: Redraw


def find_draft(connection: Connection, town: Town, draft_id: int, *, lock: bool = False) -> Draft:
    """A draft by its id.

    Args:
        lock: nobody else may change it until the transaction ends.

    Raises:
        NotFoundError: there is none that this principal may see.
    """
    query = _ONE.format(columns=_COLUMNS, lock=sql.SQL("FOR UPDATE" if lock else ""))
    with connection.cursor(row_factory=class_row(Draft)) as cursor:
        found = cursor.execute(query, (draft_id, town.id)).fetchone()
    if found is None:
        raise NotFoundError(f"there is no draft {draft_id} / 没有这个草案")
    return found


def lock_open_draft(
    connection: Connection, town: Town, draft_id: int, revision: int, *, with_faces: bool = False
) -> Draft:
    """A draft that is open and as its editor knows it, locked until the transaction ends.

    Args:
        with_faces: also one that holds what its map client drew and nobody has judged yet.

    Raises:
        NotFoundError: there is none.
        ConflictError: it is no longer open, or holds such.
        StaleError: somebody, or another tab, has edited it since.
    """
    draft = find_draft(connection, town, draft_id, lock=True)
    if draft.state != "open":
        raise ConflictError(
            f"draft {draft.id} is {draft.state} / 草案已不可编辑", remedy="amend it first"
        )
    if draft.revision != revision:
        raise StaleError(
            f"draft {draft.id} has been edited, it is at {draft.revision} / 草案已被他人改动",
            remedy="read it again",
        )
    if draft.client is not None and not with_faces and _holds_faces(connection, draft_id):
        raise ConflictError(
            f"draft {draft.id} holds units as {draft.client} drew them / 草案含客户端未整理的单元",
            remedy="settle, repair or discard them first",
        )
    return draft


def _holds_faces(connection: Connection, draft_id: int) -> bool:
    query = "SELECT FROM grids.draft_face WHERE draft_id = %s LIMIT 1"
    return connection.execute(query, (draft_id,)).fetchone() is not None


def list_drafts(connection: Connection, town: Town, states: Iterable[str]) -> list[Draft]:
    """The drafts in some states, those changed last first.

    Raises:
        InputError: there is no such state.
    """
    wanted = list(states)
    if unknown := set(wanted) - set(STATES):
        raise InputError(f"there is no state {min(unknown)[:50]!r}", remedy=", ".join(STATES))
    with connection.cursor(row_factory=class_row(Draft)) as cursor:
        return cursor.execute(_LIST.format(columns=_COLUMNS), (town.id, wanted)).fetchall()


def open_draft(connection: Connection, town: Town, name: str, client: str | None = None) -> Draft:
    """A new draft on the coverage of today, whose author is the principal.

    Raises:
        ConflictError: there are no grids yet.
    """
    base_at = began_at(connection, town)
    if base_at is None:
        raise ConflictError(
            "there are no grids to redraw / 还没有网格", remedy="./gridwhistle import grids FILE"
        )
    first_arc = new_arc_block(connection)
    statement = _INSERT.format(columns=_COLUMNS)
    with connection.cursor(row_factory=class_row(Draft)) as cursor:
        made = cursor.execute(statement, (name, base_at, first_arc, client)).fetchone()
    assert made is not None  # INSERT … RETURNING gives one row
    return made


def read_steps(connection: Connection, draft_id: int) -> list[Step]:
    """All steps of a draft in their order, the undone ones last."""
    rows = connection.execute(_STEPS, (draft_id,)).fetchall()
    return [
        Step(number, kind, parameters, author, at, undone, redraw_from_json(change))
        for number, kind, parameters, author, at, undone, change in rows
    ]


class Order(NamedTuple):
    """What an editor wants done."""

    kind: str
    parameters: Mapping[str, Any]


def count_steps(connection: Connection, drafts: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Of each draft how many steps hold, and how many could be done again."""
    ids = list(drafts)
    rows = connection.execute(_COUNTS, (ids,)).fetchall()
    return dict.fromkeys(ids, (0, 0)) | {draft: (done, undone) for draft, done, undone in rows}


def add_step(
    connection: Connection, draft_id: int, number: int, order: Order, redraw: Redraw
) -> Step:
    """Store a step; what was undone before it is dropped and can't be redone."""
    connection.execute(
        "DELETE FROM grids.draft_step WHERE draft_id = %s AND number >= %s", (draft_id, number)
    )
    change = json.dumps(redraw_to_json(redraw))
    row = connection.execute(
        "INSERT INTO grids.draft_step (draft_id, number, kind, parameters, change)"
        " VALUES (%s, %s, %s, %s, %s) RETURNING author, at",
        (draft_id, number, order.kind, json.dumps(order.parameters), change),
    ).fetchone()
    assert row is not None  # INSERT … RETURNING gives one row
    author, at = row
    return Step(number, order.kind, order.parameters, author, at, undone=False, redraw=redraw)


def mark_step(connection: Connection, draft_id: int, number: int, *, undone: bool) -> None:
    """Undo a step, or do it again."""
    connection.execute(
        "UPDATE grids.draft_step SET undone_at = CASE WHEN %s THEN clock_timestamp() END"
        " WHERE draft_id = %s AND number = %s",
        (undone, draft_id, number),
    )


def count_edit(connection: Connection, draft_id: int) -> int:
    """The draft's next revision."""
    row = connection.execute(
        "UPDATE grids.draft SET revision = revision + 1 WHERE id = %s RETURNING revision",
        (draft_id,),
    ).fetchone()
    assert row is not None  # the draft is locked
    return int(row[0])


def keep_suggestion(
    connection: Connection, draft_id: int, summary: Mapping[str, Any], job_id: UUID | None
) -> None:
    """Keep with a new draft what was said of it, and by which job it was made; once and for all."""
    suggestion = {"job": job_id and str(job_id), "summary": summary}
    connection.execute(
        "UPDATE grids.draft SET suggestion = %s WHERE id = %s", (json.dumps(suggestion), draft_id)
    )


def read_suggestion(connection: Connection, draft: Draft) -> dict[str, Any] | None:
    """What was said of a draft when it was suggested; None where it was drawn by hand."""
    row = connection.execute(
        "SELECT suggestion -> 'summary' FROM grids.draft WHERE id = %s", (draft.id,)
    ).fetchone()
    return row[0] if row else None


def suggested_by(
    connection: Connection, town: Town, job_id: UUID | None
) -> tuple[int, dict[str, Any]] | None:
    """The draft that a job has made, and what was said of it; None where it has made none."""
    row = connection.execute(
        "SELECT id, suggestion -> 'summary' FROM grids.draft"
        " WHERE town_id = %s AND suggestion ->> 'job' = %s",
        (town.id, job_id and str(job_id)),
    ).fetchone()
    return (row[0], row[1]) if row else None


def names_of(connection: Connection, accounts: Iterable[int]) -> dict[int, str]:
    """What those who draft are called."""
    rows = connection.execute(
        "SELECT account_id, display_name FROM grids.names_of_accounts(%s)", (list(set(accounts)),)
    ).fetchall()
    return dict(rows)


def read_lineage(connection: Connection, town: Town, unit: int | None) -> list[dict[str, Any]]:
    """Which unit became which; of one unit, or of all."""
    rows = connection.execute(_LINEAGE, {"town_id": town.id, "unit": unit}).fetchall()
    names = ("unit", "became", "at", "draft")
    return [
        dict(zip(names, (one, other, at.isoformat(), draft), strict=True))
        for one, other, at, draft in rows
    ]
