"""`backup`: the database, the keys and the files of an installation in one archive.

The archive is a tar file: manifest.json, database.dump (pg_dump's custom format) and files/….
The manifest carries the number of rows of every table and a checksum of every member, so that a
restore can say whether it brought everything back.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql

from spatial.errors import ConflictError, InputError, SetupError
from spatial.postgresql import client_program
from spatial.town import find_town

FORMAT = 1
MANIFEST = "manifest.json"
DUMP = "database.dump"
FILES = "files"
# The cluster is in the dump; the rest is made again.
NOT_KEPT = frozenset({"postgresql", "cache", "set-aside"})


@dataclass(frozen=True)
class Manifest:
    """What an archive holds.

    Attributes:
        postgresql_version: the major version of the server that was dumped.
        counts: number of rows by "schema.table".
        sha256: checksum by member name.
    """

    format: int
    made_at: str
    town: str | None
    postgresql_version: int
    counts: dict[str, int]
    sha256: dict[str, str]

    def to_json(self) -> bytes:
        """As it stands in the archive."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Read it back.

        Raises:
            InputError: it is of another format, or none.
        """
        try:
            fields = json.loads(text)
            if fields["format"] != FORMAT:
                raise InputError(f"the archive has format {fields['format']}, not {FORMAT}")
            return cls(**fields)
        except (ValueError, TypeError, KeyError) as error:
            raise InputError("the archive's manifest can't be read") from error


def back_up(conninfo: str, data_folder: Path, archive: Path) -> Manifest:
    """Write everything into `archive`, which appears only when it is whole.

    Works while the town is being served: rows and counts are of one moment.

    Raises:
        ConflictError: `archive` is there already.
        SetupError: there is no pg_dump for this server, or it failed.
    """
    if archive.exists():
        raise ConflictError(f"{archive} is there already", remedy="another name, or remove it")
    if not archive.parent.is_dir():
        raise InputError(f"there is no folder {archive.parent}")
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=archive.parent) as work:
        dump = Path(work) / DUMP
        with psycopg.connect(conninfo) as connection:
            manifest = _dump(connection, conninfo, dump, kept_files(data_folder))
        whole = Path(work) / "archive"
        _pack(whole, manifest, dump, kept_files(data_folder))
        whole.rename(archive)
    return manifest


def kept_files(data_folder: Path) -> dict[str, Path]:
    """The files of the data folder that a backup carries, by member name."""
    found: dict[str, Path] = {}
    if not data_folder.is_dir():
        return found
    for entry in sorted(data_folder.iterdir()):
        if entry.name in NOT_KEPT or entry.name.startswith("."):
            continue
        for path in [entry] if entry.is_file() else sorted(entry.rglob("*")):
            if path.is_file() and not path.is_symlink():
                found[f"{FILES}/{path.relative_to(data_folder).as_posix()}"] = path
    return found


def count_rows(connection: psycopg.Connection) -> dict[str, int]:
    """The number of rows of every table of ours, by "schema.table"."""
    tables = connection.execute(
        "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT LIKE 'pg\\_%' "
        "AND schemaname NOT IN ('information_schema', 'public') ORDER BY 1, 2"
    ).fetchall()
    counts = {}
    for schema, table in tables:
        count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table))
        row = connection.execute(count).fetchone()
        counts[f"{schema}.{table}"] = row[0] if row else 0
    return counts


def major_version(connection: psycopg.Connection) -> int:
    """PostgreSQL's major version."""
    return connection.info.server_version // 10_000


def file_sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def run_client(program: Path, arguments: Iterable[str]) -> None:
    """Run pg_dump or pg_restore.

    Raises:
        SetupError: it failed, with its last words.
    """
    done = subprocess.run([program, *arguments], capture_output=True, check=False, text=True)
    if done.returncode:
        words = [line for line in done.stderr.splitlines() if line.strip()]
        raise SetupError(f"{program.name} failed: {words[-1] if words else done.returncode}")


def _dump(
    connection: psycopg.Connection, conninfo: str, dump: Path, files: dict[str, Path]
) -> Manifest:
    """Dump and count within one snapshot."""
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    snapshot = row[0] if row else ""
    counts = count_rows(connection)
    version = major_version(connection)
    run_client(
        client_program("pg_dump", version),
        ["--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={dump}", conninfo],
    )
    town = find_town(connection)
    return Manifest(
        FORMAT,
        datetime.now(UTC).isoformat(timespec="seconds"),
        town.name if town else None,
        version,
        counts,
        {DUMP: file_sha256(dump)} | {name: file_sha256(path) for name, path in files.items()},
    )


def _pack(archive: Path, manifest: Manifest, dump: Path, files: dict[str, Path]) -> None:
    # It holds keys and personal data: for its maker's eyes.
    with (
        os.fdopen(os.open(archive, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file,
        tarfile.open(fileobj=file, mode="w") as tar,
    ):
        text = manifest.to_json()
        header = tarfile.TarInfo(MANIFEST)
        header.size = len(text)
        tar.addfile(header, io.BytesIO(text))
        for name, path in {DUMP: dump, **files}.items():
            tar.add(path, arcname=name, recursive=False)
