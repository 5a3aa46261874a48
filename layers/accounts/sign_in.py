"""Signing in with a name and a password."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from layers.accounts.identity import COLUMNS, OFFICES, Account
from layers.accounts.lockout import Lockout
from layers.accounts.passwords import hash_password, is_outdated, verify_password
from layers.accounts.tokens import sha256
from spatial.database import AnyConnection
from spatial.errors import AccessError, LimitError


class WrongCredentialsError(AccessError):
    """No account, a wrong password, or a disabled account: nobody is told which."""

    def __init__(self) -> None:
        super().__init__("名称或密码不对 / name or password is wrong")


class LockedError(LimitError):
    """Too many failures under this name, be it one or not.

    Args:
        wait: until the next attempt is looked at.
    """

    def __init__(self, wait: timedelta) -> None:
        self.wait_s = max(1, round(wait.total_seconds()))
        super().__init__(f"尝试次数过多,请 {self.wait_s} 秒后再试 / too many attempts: wait")


@dataclass(frozen=True)
class Known:
    """An account whose password was right.

    Attributes:
        password_hash: what it was compared with: as long as it stands, it is right.
        has_second_factor: whether a code is asked for.
    """

    account: Account
    password_hash: str
    has_second_factor: bool
    must_change_password: bool
    synthetic: bool

    @property
    def password_is_enough(self) -> bool:
        """Whether nothing but the password is asked for."""
        office = self.account.role in OFFICES and not self.synthetic
        return not (self.has_second_factor or self.must_change_password or office)


_FIND = f"""
SELECT {COLUMNS}, secret.password_hash, secret.totp_since IS NOT NULL AS has_second_factor,
       secret.must_change_password, town.synthetic
FROM layers.account
JOIN layers.account_secret AS secret ON secret.account_id = account.id
JOIN spatial.town ON town.id = account.town_id
WHERE account.town_id = %s AND account.name = %s AND account.disabled_at IS NULL
"""  # noqa: S608 - the columns are ours


def check_sign_in(
    pool: ConnectionPool[Any], town_id: int, name: str, password: str, rule: Lockout
) -> Known:
    """The account of a name and a password; for a thread, since hashing takes its time.

    The attempt counts as a failure before the password is looked at: many at once are counted
    one by one.

    Raises:
        LockedError: the name has to wait.
        WrongCredentialsError: anything else that is wrong.
    """
    name = name.strip().lower()
    with pool.connection() as connection:
        _reserve_attempt(connection, town_id, name, rule)
        row = _find(connection, town_id, name)
    known = _known(row)
    if not verify_password(password, known.password_hash if known else None) or known is None:
        raise WrongCredentialsError
    with pool.connection() as connection:
        _forget_failures(connection, town_id, name)
        if is_outdated(known.password_hash):
            known = _rehashed(connection, known, password)
    return known


async def find_known(connection: AnyConnection, town_id: int, name: str) -> Known | None:
    """The account called `name` with the hash of its password; None where there is none."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_FIND.encode(), (town_id, name))
        return _known(await cursor.fetchone())


def _known(row: dict[str, Any] | None) -> Known | None:
    if row is None or row["password_hash"] is None:
        return None
    return Known(
        Account.of_row(row),
        row["password_hash"],
        row["has_second_factor"],
        row["must_change_password"],
        row["synthetic"],
    )


def _find(connection: psycopg.Connection[Any], town_id: int, name: str) -> dict[str, Any] | None:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_FIND.encode(), (town_id, name)).fetchone()


def _reserve_attempt(
    connection: psycopg.Connection[Any], town_id: int, name: str, rule: Lockout
) -> None:
    """Count the attempt as failed, unless the name has to wait."""
    key = (town_id, sha256(name))
    with connection.transaction():
        # The first of many at once makes the row, the others wait for it.
        connection.execute(
            "INSERT INTO layers.sign_in_failure (town_id, name_sha256, failures, last_at)"
            " VALUES (%s, %s, 0, now()) ON CONFLICT DO NOTHING",
            key,
        )
        row = connection.execute(
            "SELECT CASE WHEN last_at > now() - %s THEN failures ELSE 0 END,"
            " locked_until - now() FROM layers.sign_in_failure"
            " WHERE town_id = %s AND name_sha256 = %s FOR UPDATE",
            (rule.forgotten_after, *key),
        ).fetchone()
        failures, wait = row or (0, None)
        if wait is not None and wait > timedelta(0):
            raise LockedError(wait)
        connection.execute(
            "UPDATE layers.sign_in_failure SET failures = %s, last_at = now(),"
            " locked_until = now() + %s WHERE town_id = %s AND name_sha256 = %s",
            (failures + 1, rule.wait(failures + 1), *key),
        )


def _forget_failures(connection: psycopg.Connection[Any], town_id: int, name: str) -> None:
    """Of this name; and of names that nobody has tried for long."""
    connection.execute(
        "DELETE FROM layers.sign_in_failure WHERE town_id = %s"
        " AND (name_sha256 = %s OR last_at < now() - interval '2 days')",
        (town_id, sha256(name)),
    )


def _rehashed(connection: psycopg.Connection[Any], known: Known, password: str) -> Known:
    """With today's parameters, unless somebody has changed the password meanwhile."""
    renewed = hash_password(password)
    connection.execute(
        "UPDATE layers.account_secret SET password_hash = %s"
        " WHERE account_id = %s AND password_hash = %s",
        (renewed, known.account.id, known.password_hash),
    )
    return replace(known, password_hash=renewed)
