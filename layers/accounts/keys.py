"""API keys: `gw_<id>_<secret>`, for programs that read or write in an account's name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from layers.accounts.identity import COLUMNS, Account, Identity, Way
from layers.accounts.tokens import ApiKey, sha256
from layers.entries import CATALOGUE
from spatial.database import AnyConnection
from spatial.errors import ConflictError, InputError, NotFoundError

LONGEST = timedelta(days=366)
GRACE = timedelta(days=7)

# Used is written at most once a minute, in the same round trip.
_FIND = f"""
WITH found AS (
    SELECT * FROM layers.api_key
    WHERE id = %(id)s AND secret_sha256 = %(secret)s AND revoked_at IS NULL AND expires_at > now()
), used AS (
    UPDATE layers.api_key SET last_used_at = now()
    WHERE id IN (SELECT id FROM found
                 WHERE coalesce(last_used_at, '-infinity') < now() - interval '1 min')
)
SELECT {COLUMNS}, found.id AS key_id, found.may_write, found.layers AS only_layers
FROM found JOIN layers.account ON account.id = found.account_id AND account.disabled_at IS NULL
"""  # noqa: S608 - the columns are ours


@dataclass(frozen=True)
class KeyPlan:
    """What a new key may do.

    Attributes:
        label: what it is for, in the holder's words.
        layers: these layers only; None for all that the account has.
        lasts: until it expires.
    """

    label: str
    may_write: bool = False
    layers: tuple[str, ...] | None = None
    lasts: timedelta = timedelta(days=90)

    def check(self) -> None:
        """Refuse what no key can be.

        Raises:
            InputError: no label, an unknown layer, or a life that is too long.
        """
        if not self.label.strip() or len(self.label) > 100:
            raise InputError("a key needs a label of at most 100 characters / 密钥要有名称")
        if not timedelta(0) < self.lasts <= LONGEST:
            raise InputError(f"a key lasts 1 to {LONGEST.days} days / 密钥有效期过长")
        known = {entry.id for entry in CATALOGUE.entries}
        unknown = sorted(set(self.layers or ()) - known)
        if unknown or self.layers == ():
            raise InputError(f"there is no layer called {', '.join(unknown) or 'nothing'}")


async def find_key(connection: AnyConnection, key: ApiKey) -> Identity | None:
    """Whose key it is; None where it is nobody's any more."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_FIND.encode(), {"id": key.id, "secret": sha256(key.secret)})
        row = await cursor.fetchone()
    if row is None:
        return None
    only = None if row["only_layers"] is None else tuple(row["only_layers"])
    return Identity(
        Account.of_row(row), Way.KEY, row["key_id"], may_write=row["may_write"], only_layers=only
    )


def add_key(connection: psycopg.Connection[Any], account: Account, plan: KeyPlan) -> ApiKey:
    """A new key of an account; its secret is stored nowhere.

    Raises:
        InputError: the plan is none that a key can have.
        ConflictError: the account holds an office: it enters with a second factor only.
    """
    plan.check()
    if account.holds_office:
        raise ConflictError(
            f"{account.name} is {account.role.short_name}: it signs in with a second factor and"
            " has no keys / 三员账户不能使用密钥"
        )
    key = ApiKey.new()
    store_key(connection, account, plan, key)
    return key


def store_key(
    connection: psycopg.Connection[Any], account: Account, plan: KeyPlan, key: ApiKey
) -> None:
    """Keep what is needed to know `key` again."""
    connection.execute(
        "INSERT INTO layers.api_key (id, account_id, secret_sha256, label, may_write, layers,"
        " expires_at) VALUES (%s, %s, %s, %s, %s, %s, now() + %s)",
        (
            key.id,
            account.id,
            sha256(key.secret),
            plan.label.strip(),
            plan.may_write,
            None if plan.layers is None else list(plan.layers),
            plan.lasts,
        ),
    )


_COLUMNS = """
key.id, account.name AS account, key.label, key.may_write, key.layers, key.created_at,
key.expires_at, key.last_used_at, key.revoked_at
"""


def list_keys(
    connection: psycopg.Connection[Any], town_id: int, account_id: int | None = None
) -> list[dict[str, Any]]:
    """Every key, or those of one account, the newest first; without secrets."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            f"SELECT {_COLUMNS} FROM layers.api_key AS key"  # noqa: S608 - ours
            " JOIN layers.account ON account.id = key.account_id"
            " WHERE account.town_id = %(town)s"
            " AND (%(account)s::bigint IS NULL OR account.id = %(account)s)"
            " ORDER BY key.created_at DESC, key.id",
            {"town": town_id, "account": account_id},
        ).fetchall()


def rotate_key(
    connection: psycopg.Connection[Any],
    key_id: str,
    grace: timedelta = GRACE,
    *,
    account_id: int | None = None,
) -> ApiKey:
    """A new key that may do the same; the old one lives on for `grace`.

    Args:
        account_id: refuse the keys of other accounts.

    Raises:
        NotFoundError: there is no such key, or it is dead.
    """
    key = ApiKey.new()
    made = connection.execute(
        "INSERT INTO layers.api_key"
        " (id, account_id, secret_sha256, label, may_write, layers, expires_at)"
        " SELECT %s, account_id, %s, label, may_write, layers, now() + (expires_at - created_at)"
        " FROM layers.api_key WHERE id = %s AND revoked_at IS NULL AND expires_at > now()"
        " AND account_id = coalesce(%s, account_id)",
        (key.id, sha256(key.secret), key_id, account_id),
    ).rowcount
    if not made:
        raise _no_such_key(key_id)
    connection.execute(
        "UPDATE layers.api_key SET expires_at = least(expires_at, now() + %s) WHERE id = %s",
        (grace, key_id),
    )
    return key


def revoke_key(
    connection: psycopg.Connection[Any], key_id: str, *, account_id: int | None = None
) -> None:
    """End a key; it is refused from the commit on.

    Raises:
        NotFoundError: there is no such key.
    """
    ended = connection.execute(
        "UPDATE layers.api_key SET revoked_at = coalesce(revoked_at, now())"
        " WHERE id = %s AND account_id = coalesce(%s, account_id)",
        (key_id, account_id),
    ).rowcount
    if not ended:
        raise _no_such_key(key_id)


def _no_such_key(key_id: str) -> NotFoundError:
    return NotFoundError(f"there is no key {key_id} / 没有这个密钥", remedy="give its id, not gw_…")
