"""`restore`: bring an archive of `backup` back, into a new database that then takes the name.

Nothing that stands is changed until the new database is filled and counted.
"""

from __future__ import annotations

import tarfile
import tempfile
import uuid
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from layers.backup import (
    DUMP,
    FILES,
    MANIFEST,
    Manifest,
    count_rows,
    file_sha256,
    kept_files,
    major_version,
    run_client,
)
from layers.migrations.run import migrate, prepare
from spatial.errors import ConflictError, InputError, SetupError
from spatial.postgresql import client_program
from spatial.town import find_town

SET_ASIDE = "set-aside"
_RESTORE_OPTIONS = ("--clean", "--if-exists", "--no-owner", "--exit-on-error")


def restore(conninfo: str, data_folder: Path, archive: Path, *, replace: bool) -> Manifest:
    """Fill the database at `conninfo` and the data folder from `archive`.

    Args:
        conninfo: the installation's database, migrated or empty; the user may create databases.
        data_folder: its files give way to the archive's and are kept in `set-aside/`.
        archive: made by `backup`.
        replace: give up the town that stands there.

    Raises:
        InputError: the archive is cut, damaged, or no archive of ours.
        ConflictError: a town stands there, or somebody is connected.
        SetupError: the server is older than the archive's, or lacks a right.
    """
    data_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=data_folder) as work:
        manifest = unpack(archive, Path(work))
        with psycopg.connect(conninfo) as connection:
            _refuse_conflicts(connection, manifest, replace=replace)
            version = major_version(connection)
        new = _fill_new_database(conninfo, Path(work) / DUMP, version, manifest)
        _take_the_name(conninfo, new)
        _bring_files(Path(work) / FILES, data_folder)
    return manifest


def unpack(archive: Path, folder: Path) -> Manifest:
    """Unpack `archive` into `folder` and compare every checksum.

    Raises:
        InputError: something is missing or damaged.
    """
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError) as error:
        fault = str(error).splitlines()[0].rstrip(":")
        raise InputError(f"{archive} is cut, or no backup: {fault}") from error
    except OSError as error:
        raise InputError(f"{archive} can't be unpacked: {error.strerror or error}") from error
    if not (folder / MANIFEST).is_file():
        raise InputError(f"{archive} is no backup: it has no {MANIFEST}")
    manifest = Manifest.from_json((folder / MANIFEST).read_bytes())
    for name, sha256 in manifest.sha256.items():
        if not (folder / name).is_file() or file_sha256(folder / name) != sha256:
            raise InputError(f"{archive} is cut or damaged: {name} is not what was backed up")
    return manifest


def _refuse_conflicts(connection: psycopg.Connection, manifest: Manifest, *, replace: bool) -> None:
    version = major_version(connection)
    if manifest.postgresql_version > version:
        raise SetupError(
            f"the backup was made by PostgreSQL {manifest.postgresql_version}, and this server "
            f"is {version}: it can't read it",
            remedy=f"use a server of version {manifest.postgresql_version} or later",
        )
    has_tables = connection.execute("SELECT to_regclass('spatial.town') IS NOT NULL").fetchone()
    town = find_town(connection) if has_tables and has_tables[0] else None
    if town and not replace:
        raise ConflictError(
            f"there is a town here already: {town.name}",
            remedy="another --data DIR, or --replace to give it up",
        )
    others = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    ).fetchone()
    if others and others[0]:
        raise ConflictError("the database is in use", remedy="stop `./gridwhistle serve` first")


def _fill_new_database(conninfo: str, dump: Path, version: int, manifest: Manifest) -> str:
    """The name of a new database, filled, counted and migrated; dropped again if that fails."""
    name = f"restore_{uuid.uuid4().hex[:12]}"
    _on_server(conninfo, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    target = make_conninfo(conninfo, dbname=name)
    try:
        with psycopg.connect(target) as connection:
            prepare(connection)  # the roles that the dump grants to
        run_client(
            client_program("pg_restore", version),
            [
                "--clean",
                "--if-exists",
                "--no-owner",
                "--exit-on-error",
                f"--dbname={target}",
                str(dump),
            ],
        )
        with psycopg.connect(target) as connection:
            _compare(manifest.counts, count_rows(connection))
        migrate(target)
    except BaseException:
        _on_server(conninfo, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        raise
    return name


def _compare(expected: dict[str, int], found: dict[str, int]) -> None:
    for table, count in expected.items():
        if found.get(table) != count:
            raise InputError(
                f"{table} has {found.get(table, 'no')} rows after the restore, not {count}"
            )


def _take_the_name(conninfo: str, new: str) -> None:
    """The new database takes the old one's name; the old one goes last."""
    with psycopg.connect(conninfo) as connection:
        name = connection.info.dbname
    old = f"{new}_old"
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    _on_server(conninfo, rename.format(sql.Identifier(name), sql.Identifier(old)))
    try:
        _on_server(conninfo, rename.format(sql.Identifier(new), sql.Identifier(name)))
    except BaseException:
        _on_server(conninfo, rename.format(sql.Identifier(old), sql.Identifier(name)))
        raise
    _on_server(conninfo, sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))


def _on_server(conninfo: str, statement: sql.Composed) -> None:
    """Run a statement that concerns whole databases, from outside of them."""
    try:
        with psycopg.connect(
            make_conninfo(conninfo, dbname="postgres"), autocommit=True
        ) as connection:
            connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege as error:
        raise SetupError(
            f"restoring needs the right to create databases: {error}".strip(),
            remedy="ALTER ROLE … CREATEDB, as an administrator of the server",
        ) from error


def _bring_files(unpacked: Path, data_folder: Path) -> None:
    """Put the archive's files in place; those that stood there are kept in `set-aside/`."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    for path in kept_files(data_folder).values():
        aside = data_folder / SET_ASIDE / stamp / path.relative_to(data_folder)
        aside.parent.mkdir(parents=True, exist_ok=True)
        path.rename(aside)
    for path in sorted(unpacked.rglob("*")) if unpacked.is_dir() else []:
        if path.is_file():
            target = data_folder / path.relative_to(unpacked)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
