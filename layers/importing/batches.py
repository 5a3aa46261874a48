"""Import batches: one a file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import psycopg

from layers.importing.options import ImportOptions
from spatial.errors import ConflictError
from spatial.town import Town

_INSERT = """
INSERT INTO spatial.batch (town_id, synthetic, layer, source_name, source_sha256, source_crs,
                           attribution)
VALUES (%s, false, %s, %s, %s, %s, %s) RETURNING id
"""
_LIST = """
SELECT id, created_at, layer, source_name, loaded, rejected, undone_at IS NOT NULL
FROM spatial.batch ORDER BY id DESC
"""
_COUNT = """
UPDATE spatial.batch SET loaded = %s, unchanged = %s, rejected = %s, outside = %s WHERE id = %s
"""


def take_turn(connection: psycopg.Connection, town: Town) -> None:
    """Wait until no other import or undo runs in this town; refuse a demo town.

    Raises:
        ConflictError: the town is synthetic.
    """
    if town.synthetic:
        raise ConflictError(
            f"{town.name} is a demo town; demo and real data can't mix / 演示镇不能导入真实数据",
            remedy="./gridwhistle --data DIR init … makes a real town in another folder",
        )
    connection.execute(
        "SELECT pg_advisory_xact_lock(hashtext('gridwhistle import'), %s)", (town.id,)
    )


@dataclass(frozen=True)
class ImportReport:
    """What became of a file.

    Attributes:
        outside: of the loaded and unchanged rows, how many lie outside the outline.
        notes: what else the person should know, one sentence each.
    """

    batch_id: int
    loaded: int
    unchanged: int
    rejected: int = 0
    outside: int = 0
    notes: tuple[str, ...] = ()


def open_batch(
    connection: psycopg.Connection, town: Town, layer: str, options: ImportOptions, crs_label: str
) -> int:
    """A new batch's number."""
    path = options.path
    values = (town.id, layer, path.name, sha256_of(path), crs_label, options.attribution)
    row = connection.execute(_INSERT, values).fetchone()
    assert row is not None  # INSERT … RETURNING gives one row
    return int(row[0])


def close_batch(connection: psycopg.Connection, report: ImportReport) -> None:
    """Note what became of a batch's rows."""
    connection.execute(
        _COUNT,
        (report.loaded, report.unchanged, report.rejected, report.outside, report.batch_id),
    )


def sha256_of(path: Path) -> str:
    """Of a file's bytes, or of those of all files in a folder in the order of their names."""
    parts = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.read_bytes())
    return digest.hexdigest()


def list_batches(connection: psycopg.Connection) -> list[str]:
    """One line a batch, the newest first."""
    rows = connection.execute(_LIST).fetchall()
    return [
        f"{number}\t{made:%F %R}\t{layer}\t{name}\t{loaded} loaded, {rejected} rejected"
        + ("\tundone" if undone else "")
        for number, made, layer, name, loaded, rejected, undone in rows
    ]
