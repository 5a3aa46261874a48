"""Writing one feature, as somebody, in one transaction: rights and rules are the database's."""

from __future__ import annotations

from datetime import datetime

from layers.catalogue import Entry
from layers.roles import ROLE_NAMES, Role
from layers.writing.change import Change
from layers.writing.statements import (
    Statement,
    delete_statement,
    insert_statement,
    lock_statement,
    names_nothing,
    update_statement,
)
from layers.writing.versions import Expectation
from spatial.database import AnyConnection, Principal
from spatial.errors import AccessError, NotFoundError


def check_may_write(entry: Entry, role: Role) -> None:
    """Say in words what the database would refuse anyway.

    Raises:
        AccessError: the layer has other editors.
    """
    if role in entry.writers:
        return
    zh, en = ROLE_NAMES[role]
    raise AccessError(f"{en} may not write {entry.id} / {zh}无权编辑{entry.title.zh}")


async def create(
    connection: AnyConnection, entry: Entry, principal: Principal, change: Change
) -> int:
    """Add a feature; its id."""
    feature_id = await _run(connection, insert_statement(entry, principal, change))
    assert feature_id is not None  # an INSERT that adds nothing raises
    return feature_id


async def write(  # noqa: PLR0913, PLR0917 - who writes what, where, and believing what
    connection: AnyConnection,
    entry: Entry,
    principal: Principal,
    feature_id: int,
    change: Change,
    expected: Expectation,
) -> None:
    """Change a feature that is there.

    Raises:
        NotFoundError: the principal sees no such feature; none is made.
        StaleError: it isn't what the client expects.
    """
    expected.check(await _lock(connection, entry, principal, feature_id))
    if not names_nothing(change):
        await _run(connection, update_statement(entry, principal, feature_id, change))


async def remove(
    connection: AnyConnection,
    entry: Entry,
    principal: Principal,
    feature_id: int,
    expected: Expectation,
) -> None:
    """Remove a feature that is there.

    Raises:
        NotFoundError: the principal sees no such feature.
        StaleError: it isn't what the client expects.
    """
    expected.check(await _lock(connection, entry, principal, feature_id))
    await _run(connection, delete_statement(entry, principal, feature_id))


async def _lock(
    connection: AnyConnection, entry: Entry, principal: Principal, feature_id: int
) -> datetime:
    """Nobody else changes the row between this look at it and the write."""
    cursor = await connection.execute(*lock_statement(entry, principal, feature_id))
    row = await cursor.fetchone()
    if row is None:
        raise NotFoundError(f"{entry.id} has no feature {feature_id} / 没有这个要素")
    updated: datetime = row[0]
    return updated


async def _run(connection: AnyConnection, statement: Statement) -> int | None:
    cursor = await connection.execute(*statement)
    row = await cursor.fetchone()
    return row[0] if row else None
