"""Whether credentials that opened something long ago are still good, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import batched

from psycopg.rows import dict_row

from layers.accounts.identity import COLUMNS, Account, Identity, Way
from spatial.database import AnyConnection

# Requests wait no longer than reading so many takes.
_AT_A_TIME = 50
_ACCOUNTS = f"SELECT {COLUMNS} FROM layers.account WHERE id = ANY (%s)"  # noqa: S608 - the columns are ours
# Not seen by this: a stream that is left open does not keep a session alive.
_SESSIONS = """
SELECT id::text AS id FROM layers.account_session
WHERE id = ANY (%s::bigint[]) AND revoked_at IS NULL AND expires_at > now()
  AND last_seen_at > now() - %s
"""
_KEYS = """
SELECT id FROM layers.api_key
WHERE id = ANY (%s) AND revoked_at IS NULL AND expires_at > now()
"""


async def ended_identities(
    connection: AnyConnection, identities: Iterable[Identity], idle: timedelta
) -> set[Identity]:
    """Those that are over: revoked, expired, or of an account that has changed.

    Args:
        connection: of the web's own login.
        idle: a session that was not used for so long is over.
    """
    ended: set[Identity] = set()
    for some in batched(set(identities), _AT_A_TIME):
        ended |= await _ended_of(connection, some, idle)
    return ended


async def _ended_of(
    connection: AnyConnection, watched: Sequence[Identity], idle: timedelta
) -> set[Identity]:
    by_way = {way: [each.credential_id for each in watched if each.way is way] for way in Way}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_ACCOUNTS.encode(), ([each.account.id for each in watched],))
        accounts = {row["id"]: Account.of_row(row) for row in await cursor.fetchall()}
        good: set[tuple[Way, str]] = {(Way.PASSWORD, "")}
        if by_way[Way.SESSION]:
            await cursor.execute(_SESSIONS, (by_way[Way.SESSION], idle))
            good |= {(Way.SESSION, row["id"]) for row in await cursor.fetchall()}
        if by_way[Way.KEY]:
            await cursor.execute(_KEYS, (by_way[Way.KEY],))
            good |= {(Way.KEY, row["id"]) for row in await cursor.fetchall()}
    return {
        each
        for each in watched
        if (each.way, each.credential_id) not in good
        or accounts.get(each.account.id) != each.account
    }
