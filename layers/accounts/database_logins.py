"""PostgreSQL logins by name: for QGIS and others that connect straight to PostGIS.

A login is a member of its account's role and of `gridwhistle_logins`, by which alone
pg_hba.conf lets it in over TCP. Its rows are its account's, whatever it sets
(layers/sql/after/10_identity.sql).
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from layers.accounts.identity import Account
from layers.accounts.passwords import new_password
from spatial.errors import ConflictError, SetupError

GROUP = "gridwhistle_logins"
_PREFIX = "gw_"
_CONNECTIONS = 10
_SETTINGS = {
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "5min",
    "search_path": "published, public",
}


def give_database_login(connection: psycopg.Connection[Any], account: Account) -> tuple[str, str]:
    """A PostgreSQL login for an account, or a new password for the one it has.

    Returns:
        its name, and its password, which is stored nowhere in the clear.

    Raises:
        ConflictError: the account is disabled or holds an office, or another town's account has the
            login of that name.
        SetupError: the database's user may not make roles.
    """
    _refuse(account)
    name = account.database_login or _PREFIX + account.name
    password = new_password()
    # Hashed here: the server's log never sees the password.
    verifier = connection.pgconn.encrypt_password(
        password.encode(), name.encode(), b"scram-sha-256"
    ).decode()
    try:
        _make_role(connection, name, account, known=account.database_login is not None)
        connection.execute(
            sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(
                sql.Identifier(name), sql.Literal(verifier)
            )
        )
    except psycopg.errors.InsufficientPrivilege as error:
        raise SetupError(
            f"the database's user may not make logins: {error.diag.message_primary}",
            remedy="as an administrator: ALTER ROLE … CREATEROLE",
        ) from error
    connection.execute(
        "UPDATE layers.account SET database_login = %s WHERE id = %s", (name, account.id)
    )
    return name, password


def _refuse(account: Account) -> None:
    if account.disabled_at:
        raise ConflictError(f"{account.name} is disabled / 账户已停用")
    if account.holds_office:
        raise ConflictError(
            f"{account.name} is {account.role.short_name}: it enters with a second factor, which a"
            " database login has not / 三员账户不能直连数据库"
        )


def _make_role(
    connection: psycopg.Connection[Any], name: str, account: Account, *, known: bool
) -> None:
    there = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", (name,)).fetchone()
    if there is not None and not known:
        raise ConflictError(
            f"there is a PostgreSQL role {name} already, of another town or of somebody else",
            remedy=f"DROP ROLE, or an account of another name than {account.name}",
        )
    login = sql.Identifier(name)
    if there is None:
        attributes = sql.SQL(
            "LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
            " CONNECTION LIMIT {}"
        ).format(sql.Literal(_CONNECTIONS))
        connection.execute(sql.SQL("CREATE ROLE {} {}").format(login, attributes))
    groups = sql.SQL(", ").join([sql.Identifier(GROUP), sql.Identifier(account.role)])
    connection.execute(sql.SQL("GRANT {} TO {}").format(groups, login))
    for setting, value in _SETTINGS.items():
        statement = sql.SQL("ALTER ROLE {} SET {} = {}")
        # A list of schemas is a list of words, not one text.
        words = sql.SQL(", ").join(map(sql.Literal, value.split(", ")))
        connection.execute(statement.format(login, sql.Identifier(setting), words))
