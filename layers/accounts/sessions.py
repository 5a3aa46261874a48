"""Sessions: made at sign-in, ended by time, by their owner, or by whoever disables the account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from layers.accounts.identity import COLUMNS, OFFICES, Account, Identity, Step, Way
from layers.accounts.tokens import new_token, sha256
from spatial.database import AnyConnection
from spatial.errors import NotFoundError


@dataclass(frozen=True)
class SessionTimes:
    """How long a session lasts: without being used, and at all."""

    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)


# Seen is written at most twice a minute, in the same round trip.
_FIND = f"""
WITH found AS (
    SELECT * FROM layers.account_session
    WHERE token_sha256 = %(token)s AND revoked_at IS NULL AND expires_at > now()
      AND last_seen_at > now() - %(idle)s
), seen AS (
    UPDATE layers.account_session SET last_seen_at = now()
    WHERE id IN (SELECT id FROM found WHERE last_seen_at < now() - interval '30 s')
)
SELECT {COLUMNS}, found.id AS session_id, found.second_factor_at,
       secret.must_change_password, secret.totp_since, town.synthetic
FROM found
JOIN layers.account ON account.id = found.account_id AND account.disabled_at IS NULL
JOIN layers.account_secret AS secret ON secret.account_id = account.id
JOIN spatial.town ON town.id = account.town_id
"""  # noqa: S608 - the columns are ours


async def find_session(
    connection: AnyConnection, token: str, times: SessionTimes
) -> Identity | None:
    """Whose session `token` is; None where it is nobody's any more."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_FIND.encode(), {"token": sha256(token), "idle": times.idle})
        row = await cursor.fetchone()
    if row is None:
        return None
    account = Account.of_row(row)
    return Identity(account, Way.SESSION, str(row["session_id"]), pending=_pending(account, row))


def _pending(account: Account, row: dict[str, Any]) -> Step | None:
    if row["totp_since"] and not row["second_factor_at"]:
        return Step.CODE
    if row["must_change_password"]:
        return Step.NEW_PASSWORD
    # A demo's accounts are everybody's: the second factor is offered there, not forced.
    if account.role in OFFICES and not row["totp_since"] and not row["synthetic"]:
        return Step.ENROLMENT
    return None


def open_session(
    connection: psycopg.Connection[Any],
    account_id: int,
    times: SessionTimes,
    *,
    device: str,
    second_factor: bool = False,
) -> str:
    """A new session of an account.

    Args:
        device: browser and system in a few words.
        second_factor: whether a code was given.

    Returns:
        its token, which is stored nowhere.
    """
    token = new_token()
    connection.execute(
        "DELETE FROM layers.account_session WHERE expires_at < now() - interval '1 day'"
    )
    connection.execute(
        "INSERT INTO layers.account_session"
        " (account_id, token_sha256, device, expires_at, second_factor_at)"
        " VALUES (%s, %s, %s, now() + %s, CASE WHEN %s THEN now() END)",
        (account_id, sha256(token), device[:100], times.longest, second_factor),
    )
    return token


def pass_second_factor(connection: psycopg.Connection[Any], session_id: str) -> None:
    """Note that a session's owner gave a code."""
    connection.execute(
        "UPDATE layers.account_session SET second_factor_at = now() WHERE id = %s", (session_id,)
    )


def list_sessions(
    connection: psycopg.Connection[Any], account_id: int, times: SessionTimes
) -> list[dict[str, Any]]:
    """The sessions of an account that are open, the last used first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT id, device, created_at, last_seen_at, expires_at FROM layers.account_session"
            " WHERE account_id = %s AND revoked_at IS NULL AND expires_at > now()"
            " AND last_seen_at > now() - %s ORDER BY last_seen_at DESC",
            (account_id, times.idle),
        ).fetchall()


def end_session(connection: psycopg.Connection[Any], account_id: int, session_id: str) -> None:
    """End one session of an account.

    Raises:
        NotFoundError: it has none of that number.
    """
    ended = connection.execute(
        "UPDATE layers.account_session SET revoked_at = coalesce(revoked_at, now())"
        " WHERE account_id = %s AND id::text = %s",
        (account_id, session_id),
    ).rowcount
    if not ended:
        raise NotFoundError("没有这个会话 / there is no such session of yours")


def end_sessions(
    connection: psycopg.Connection[Any], account_id: int, *, but: str | None = None
) -> None:
    """End every session of an account, but for the one called `but`."""
    connection.execute(
        "UPDATE layers.account_session SET revoked_at = now()"
        " WHERE account_id = %s AND revoked_at IS NULL AND id::text IS DISTINCT FROM %s",
        (account_id, but),
    )
