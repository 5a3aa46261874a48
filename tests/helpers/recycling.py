"""Databases for tests: clones of a template, which are restored and lent again where possible.

To clone and drop a database takes half a second of a processor, to put a few rows back a few
hundredths of that. Only rows and sequences are put back: a database whose catalogue was changed,
or that has grown, is dropped.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

# To delete much leaves much behind: such a town is seldom, and is made anew.
MOST_GROWTH_BYTES = 8_000_000
# Where the definition of tables, functions, and rights is.
CATALOGUES = (
    "pg_attrdef", "pg_attribute", "pg_class", "pg_constraint", "pg_default_acl", "pg_event_trigger",
    "pg_extension", "pg_index", "pg_namespace", "pg_policy", "pg_proc", "pg_rewrite", "pg_trigger",
    "pg_type",
)  # fmt: skip
# Extensions' own tables stay as they are: nobody writes to them.
TABLES = """
SELECT class.oid::regclass::text,
       (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '')
FROM pg_class AS class
WHERE relkind = 'r' AND relpersistence <> 't'
  AND relnamespace::regnamespace::text !~ '^(pg_|information_schema$)'
  AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE classid = 'pg_class'::regclass
                  AND objid = class.oid AND deptype = 'e')
"""
OTHERS_LEAVE = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
# Schemas of temporary tables stay when their sessions have ended.
NOT_TEMPORARY = {"pg_namespace": r"WHERE nspname !~ '^pg_(toast_)?temp_'"}
SIZE = "SELECT pg_database_size(current_database())"
THIS_TRANSACTION = "SELECT pg_current_xact_id()::xid::text::bigint"
SEQUENCES = """
SELECT format('%I.%I', schemaname, sequencename), coalesce(last_value, start_value),
       last_value IS NOT NULL
FROM pg_sequences
"""


@dataclass
class _Original:
    """How a clone was when it was new.

    Attributes:
        rows: by table that had any, its columns and rows as COPY writes them.
        columns: of every table.
    """

    size_bytes: int
    catalogue: list[int]
    columns: dict[str, str]
    counts: dict[str, int]
    rows: dict[str, bytes]
    sequences: list[tuple[str, int, bool]]


@dataclass
class _Clone:
    """A database, whence it came, and since which transaction it is as it came."""

    conninfo: str
    template: str
    original: _Original | None = None
    unchanged_since: int = 0


@dataclass
class Databases:
    """Clones on one server.

    Args:
        server: conninfo of a superuser.
        template: the database that clones are of, where nothing else is asked for.
    """

    server: str
    template: str
    _free: dict[str, list[_Clone]] = field(default_factory=lambda: defaultdict(list))
    _originals: dict[str, _Original] = field(default_factory=dict)

    @contextmanager
    def lend(self, like: str | None = None) -> Iterator[str]:
        """Conninfo of a clone under a name that nothing had before; taken back afterwards."""
        template = str(conninfo_to_dict(like)["dbname"]) if like else self.template
        clone = self._take(template)
        yield clone.conninfo
        self._take_back(clone)

    def drop_all(self) -> None:
        """Those that nobody has."""
        for clones in self._free.values():
            for clone in clones:
                drop(self.server, _name(clone.conninfo))
        self._free.clear()

    def _take(self, template: str) -> _Clone:
        if not self._free[template]:
            return self._new(template)
        clone = self._free[template].pop()
        name = f"test_{uuid.uuid4().hex[:8]}"
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        with psycopg.connect(self.server, autocommit=True) as connection:
            old = sql.Identifier(_name(clone.conninfo))
            connection.execute(rename.format(old, sql.Identifier(name)))
        clone.conninfo = make_conninfo(self.server, dbname=name)
        return clone

    def _new(self, template: str) -> _Clone:
        clone = _Clone(create(self.server, f"test_{uuid.uuid4().hex[:8]}", template), template)
        with psycopg.connect(clone.conninfo) as connection:
            if template not in self._originals:
                self._originals[template] = _remember(connection)
            clone.original = self._originals[template]
            clone.unchanged_since = _number(connection, THIS_TRANSACTION)
        return clone

    def _take_back(self, clone: _Clone) -> None:
        try:
            with psycopg.connect(clone.conninfo) as connection:
                restored = _restore(connection, clone)
        except psycopg.OperationalError:  # the test itself has dropped it
            restored = False
        if restored:
            self._free[clone.template].append(clone)
        else:
            drop(self.server, _name(clone.conninfo))


def create(server: str, name: str, template: str = "template1") -> str:
    """Conninfo of a new clone of `template`."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return make_conninfo(server, dbname=name)


def drop(server: str, name: str) -> None:
    """With whoever is still connected."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _name(conninfo: str) -> str:
    return str(conninfo_to_dict(conninfo)["dbname"])


def _remember(connection: psycopg.Connection) -> _Original:
    columns = dict(connection.execute(TABLES).fetchall())
    counts = {table: count for table, count, _ in _counted(connection, columns, 0)}
    return _Original(
        _number(connection, SIZE),
        [count for _, count, _ in _counted(connection, CATALOGUES, 0)],
        columns,
        counts,
        {table: _copied(connection, table, columns[table]) for table in counts if counts[table]},
        connection.execute(SEQUENCES).fetchall(),
    )


def _restore(connection: psycopg.Connection, clone: _Clone) -> bool:
    """Whether the clone is again as it was when it was new."""
    original, since = clone.original, clone.unchanged_since
    connection.execute(OTHERS_LEAVE)
    connection.commit()  # a transaction that waited for them would not see what they did last
    catalogue = _counted(connection, CATALOGUES, since)
    if [(count, new) for _, count, new in catalogue] != [(n, 0) for n in original.catalogue]:
        return False
    if _number(connection, SIZE) > original.size_bytes + MOST_GROWTH_BYTES:
        return False
    # No trigger and no foreign key has a say.
    connection.execute("SET LOCAL session_replication_role = replica")
    for table, count, new in _counted(connection, original.columns, since):
        if new or count != original.counts[table]:
            _put_back(connection, table, original)
    wound_back = ", ".join("setval(%s, %s, %s)" for _ in original.sequences)
    connection.execute(f"SELECT {wound_back}", list(chain(*original.sequences)))
    clone.unchanged_since = _number(connection, THIS_TRANSACTION)
    return True


def _put_back(connection: psycopg.Connection, table: str, original: _Original) -> None:
    connection.execute(f"DELETE FROM {table}")
    if table in original.rows:
        into = f"COPY {table} ({original.columns[table]}) FROM STDIN (FORMAT binary)"
        with connection.cursor().copy(into) as copy:
            copy.write(original.rows[table])


def _copied(connection: psycopg.Connection, table: str, columns: str) -> bytes:
    out = f"COPY {table} ({columns}) TO STDOUT (FORMAT binary)"
    with connection.cursor().copy(out) as copy:
        return b"".join(bytes(piece) for piece in copy)


def _counted(
    connection: psycopg.Connection, tables: Iterable[str], since: int
) -> list[tuple[str, int, int]]:
    """Of each table how many rows it has, and how many that are younger than a transaction."""
    asked = (
        f"SELECT '{table}', count(*), count(*) FILTER (WHERE xmin::text::bigint > {since})"
        f" FROM {table} {NOT_TEMPORARY.get(table, '')}"
        for table in tables
    )
    return connection.execute(" UNION ALL ".join(asked)).fetchall()


def _number(connection: psycopg.Connection, query: str) -> int:
    (number,) = connection.execute(query).fetchone()
    return int(number)
