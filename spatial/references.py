"""What a file names that GDAL would open or fetch while it reads the file: refused.

Whoever sends a file must not read this machine's other files through it, nor make this machine
ask others.
"""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from spatial.errors import InputError

# What a schema may be made of. Of virtual tables, whose module says what they show: the spatial
# index (OGC 12-128r18, F.3) and SQLite's own search by text, which show what is in the file. GDAL
# brings others, such as VirtualText, that show files of this machine; and a view can call whatever
# GDAL knows. Triggers wait for writing.
_HARMLESS = re.compile(
    r"""CREATE\s+(TABLE|INDEX|UNIQUE\s+INDEX|TRIGGER)\s
      | CREATE\s+VIRTUAL\s+TABLE\s+("[^"]*"|'[^']*'|\[[^]]*\]|`[^`]*`|\w+)
        \s+USING\s+"?(rtree|rtree_i32|fts[345])"?\s*\(""",
    re.IGNORECASE | re.VERBOSE,
)
# A link needs one of these words, or letters that are written as numbers.
_MAY_LINK = re.compile(r"link|url|\\u00", re.IGNORECASE)


def refuse_live_tables(database: Path | bytes, name: str) -> None:
    """Refuse a GeoPackage with views, or tables that come from elsewhere.

    Args:
        database: a path, or the content.

    Raises:
        InputError: it has some, or is no whole database.
    """
    try:
        with closing(_opened(database)) as connection:
            rows = connection.execute("SELECT name, sql FROM sqlite_schema").fetchall()
    except sqlite3.Error as error:
        raise InputError(f"{name}: can't be read: {error} / 数据库损坏") from error
    for table, statement in rows:
        # SQLite goes by the statement, whatever the row says that it is.
        if statement and not _HARMLESS.match(str(statement)):
            raise InputError(
                f"{name}: {str(table)[:50]} is no table of its own / 含视图或虚拟表",
                remedy="save its layers as tables of a new GeoPackage",
            )


def _opened(database: Path | bytes) -> sqlite3.Connection:
    if isinstance(database, Path):
        # What a program that has it open has written so far is beside it.
        has_log = database.with_name(f"{database.name}-wal").exists()
        more = "" if has_log else "&immutable=1"
        return sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro{more}", uri=True)
    connection = sqlite3.connect(":memory:")
    # In memory there is no log: https://www.sqlite.org/fileformat.html, versions at 18 and 19.
    connection.deserialize(database[:18] + b"\x01\x01" + database[20:])
    return connection


def parse_json(text: str, name: str) -> Any:
    """JSON as Python has it, unless a CRS in it is behind a link, which GDAL would fetch.

    Raises:
        InputError: it is (GeoJSON of 2008, section 3.2).
        ValueError, RecursionError: it can't be read.
    """
    try:
        hook = _unlinked if _MAY_LINK.search(text) else None
        return json.loads(text, object_pairs_hook=hook)
    except _LinkedCrsError:
        raise InputError(
            f"{name}: its CRS is behind a link, which is not followed / 不支持以链接说明坐标系",
            remedy='name it: "crs": {"type": "name", "properties": {"name": "EPSG:4490"}}',
        ) from None


class _LinkedCrsError(Exception):
    """Some object has such a CRS."""


def _unlinked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    for name, value in pairs:
        if _as_in_c(name) == "crs" and isinstance(value, dict):
            kinds = {_as_in_c(kind) for key, kind in value.items() if _as_in_c(key) == "type"}
            if {"link", "url"} & kinds:
                raise _LinkedCrsError
    return dict(pairs)


def _as_in_c(word: Any) -> str:
    """As GDAL compares it: in any case, up to the first NUL."""
    return str(word).partition("\0")[0].lower()
