"""The job queue in PostgreSQL: procrastinate, in a schema of its own."""

from __future__ import annotations

from importlib.resources import files

import psycopg
from psycopg import sql

SCHEMA = "procrastinate"
# Its SQL names its tables without a schema; `public` holds the extensions' types.
SEARCH_PATH = f"{SCHEMA},public"
# So its triggers work whoever deletes or cancels a row.
_FIND_ITS_TABLES = """
DO $$
DECLARE
    its regprocedure;
BEGIN
    FOR its IN SELECT oid FROM pg_proc WHERE pronamespace = 'procrastinate'::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = procrastinate, pg_temp', its);
    END LOOP;
END $$
"""


def install_queue(connection: psycopg.Connection) -> None:
    """Make the queue's tables and functions, if they are not there yet; committed.

    A later procrastinate brings SQL migrations of its own: they become migrations of ours when the
    lock file moves to it.
    """
    found = connection.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.procrastinate_jobs",))
    row = found.fetchone()
    if row and row[0] is None:
        with connection.transaction():
            connection.execute(
                sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA))
            )
            connection.execute("SELECT set_config('search_path', %s, true)", (SEARCH_PATH,))
            connection.execute(files("procrastinate").joinpath("sql/schema.sql").read_bytes())
            connection.execute(_FIND_ITS_TABLES)
    connection.commit()
