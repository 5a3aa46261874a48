"""What a check of the installation says, and the checks of the ground: disk, PostgreSQL, locale."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psycopg

from spatial.errors import SetupError
from spatial.postgresql import OLDEST_VERSION, find_binaries, installed_versions

SCARCE_DISK_BYTES = 2_000_000_000
OLDEST_POSTGIS = (3, 3)


class State(StrEnum):
    """How a check ended; only FAILED makes the whole fail."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """One piece of the installation, looked at.

    Attributes:
        id: for machines.
        name_zh: for people; `name_en` the same in English.
        detail: what was found.
        remedy: the command that repairs it; set unless the state is OK.
    """

    id: str
    name_zh: str
    name_en: str
    state: State
    detail: str
    remedy: str | None = None


def is_sound(checks: Iterable[Check]) -> bool:
    """Whether none failed."""
    return all(check.state is not State.FAILED for check in checks)


def check_postgresql() -> Check:
    """PostgreSQL and PostGIS on this machine."""
    name = ("postgresql", "数据库软件", "PostgreSQL with PostGIS")
    try:
        find_binaries()
    except SetupError as error:
        return Check(*name, State.FAILED, error.message, error.remedy)
    return Check(*name, State.OK, ", ".join(map(str, installed_versions())))


def check_disk(folder: Path) -> Check:
    """Room for the data folder to grow."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    scarce = free < SCARCE_DISK_BYTES
    return Check(
        "disk", "磁盘空间", "disk space",
        State.FAILED if scarce else State.OK,
        f"{free / 1e9:.1f} GB free",
        "free some space (df -h; apt-get clean), or another disk: --data DIR" if scarce else None,
    )  # fmt: skip


def check_server(connection: psycopg.Connection) -> list[Check]:
    """The server behind `connection`: versions, encoding, locale, time zone."""
    return [_versions(connection), _encoding(connection), _locale(connection), _zone(connection)]


def _ask(connection: psycopg.Connection, question: str) -> str:
    row = connection.execute(question.encode()).fetchone()
    return str(row[0]) if row and row[0] is not None else ""


def _versions(connection: psycopg.Connection) -> Check:
    postgresql = connection.info.server_version // 10_000
    postgis = _ask(connection, "SELECT extversion FROM pg_extension WHERE extname = 'postgis'")
    numbers = tuple(int(part) for part in postgis.split(".")[:2]) if postgis else (0, 0)
    good = postgresql >= OLDEST_VERSION and numbers >= OLDEST_POSTGIS
    return Check(
        "server", "数据库服务", "database server",
        State.OK if good else State.FAILED,
        f"PostgreSQL {postgresql}, PostGIS {postgis or 'missing'}",
        None if good else f"a server of version {OLDEST_VERSION} or later with PostGIS 3.3",
    )  # fmt: skip


def _encoding(connection: psycopg.Connection) -> Check:
    encoding = _ask(connection, "SHOW server_encoding")
    good = encoding == "UTF8"
    database = connection.info.dbname
    return Check(
        "encoding", "数据库编码", "database encoding",
        State.OK if good else State.FAILED,
        encoding,
        None if good else f"createdb --encoding UTF8 --template template0 NEW; {database} can't "
        "hold Chinese",
    )  # fmt: skip


def _locale(connection: psycopg.Connection) -> Check:
    locale = _ask(connection, "SELECT datctype FROM pg_database WHERE datname = current_database()")
    plain = locale in {"C", "POSIX"}
    return Check(
        "locale", "数据库区域", "database locale",
        State.WARNING if plain else State.OK,
        f"{locale}: upper and lower case of letters outside ASCII are unknown" if plain else locale,
        "createdb --template template0 --lc-ctype C.UTF-8 NEW, then restore a backup into it"
        if plain else None,
    )  # fmt: skip


def _zone(connection: psycopg.Connection) -> Check:
    """Times are stored with their zone, and the town's zone is the town's own."""
    zone = _ask(connection, "SHOW timezone")
    return Check(
        "server-time-zone", "数据库时区", "database time zone", State.OK,
        f"{zone}; times are shown in the town's own zone",
    )  # fmt: skip
