"""All tables and views locked before any of them is remade.

Made anew one by one while the worker goes on, triggers and views of one table would wait for a
transaction that itself waits for a table which was remade before: a deadlock, and PostgreSQL ends
either. So everything is locked first, and whoever can't have all at once lets go of all.
"""

from __future__ import annotations

import time

import psycopg
from psycopg import sql

from layers.published import SCHEMA
from layers.roles import Role

# Shorter than PostgreSQL's deadlock_timeout (1 s), after which it ends somebody.
_WAITS = "100ms"
_PAUSE_S = 0.2
_SCHEMAS = ["spatial", "grids", "routing", "layers", SCHEMA, *(role.short_name for role in Role)]
_OURS = """
SELECT nspname, relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE relkind IN ('r', 'p', 'v') AND pg_has_role(relowner, 'USAGE')
  AND nspname = ANY (%s)
ORDER BY relkind <> 'v', nspname, relname
"""


def lock_everything(connection: psycopg.Connection) -> None:
    """Lock all tables, and the views of every role, until the caller's transaction ends.

    Waits for as long as others hold some of them, and holds nothing meanwhile.

    Args:
        connection: in a transaction, of the owner.
    """
    while not _locks(connection):
        time.sleep(_PAUSE_S)


def _locks(connection: psycopg.Connection) -> bool:
    """Whether all could be had; a savepoint lets go of those that could, if not."""
    try:
        with connection.transaction():
            found = connection.execute(_OURS, (_SCHEMAS,)).fetchall()
            names = [sql.Identifier(*each) for each in found]
            if names:
                connection.execute(f"SET LOCAL lock_timeout = '{_WAITS}'".encode())
                lock = sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE")
                connection.execute(lock.format(sql.SQL(", ").join(names)))
                connection.execute("SET LOCAL lock_timeout = 0")
    except psycopg.errors.LockNotAvailable:
        return False
    return True
