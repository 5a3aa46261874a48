"""Transactions of an account's owner on the owner's own: password, codes, sessions, keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

from layers.accounts.identity import Account


@contextmanager
def own_transaction(
    pool: ConnectionPool[Any], account: Account
) -> Iterator[psycopg.Connection[Any]]:
    """As the web's own login, which may touch credentials; what changes is noted as the owner's."""
    with pool.connection() as connection, connection.transaction():
        connection.execute(
            "SELECT set_config('gridwhistle.account_id', %s, true),"
            " set_config('gridwhistle.town_id', %s, true)",
            (str(account.id), str(account.town_id)),
        )
        yield connection
