"""The private PostgreSQL server of an installation: in its data folder, on a Unix socket.

The server lives as long as somebody holds a lease on it: a shared lock on a file, which the kernel
takes back from a killed process. Whoever gives up the last lease stops the server.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from spatial.errors import SetupError

DATABASE = "gridwhistle"
SUPERUSER = "gridwhistle"
UNPRIVILEGED_USER = "postgres"
MAX_SOCKET_PATH_BYTES = 107
_SOCKET_NAME = ".s.PGSQL.5432"
_OPTIONS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",
    "max_connections": "60",
    "jit": "off",
    "timezone": "UTC",
    "log_min_messages": "warning",
}


def find_binaries() -> Path:
    """The folder of the newest PostgreSQL server that has PostGIS.

    Raises:
        SetupError: there is none.
    """
    versions = sorted(
        (path for path in Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")),
        key=lambda path: int(path.parts[-3]),
        reverse=True,
    )
    for pg_ctl in versions:
        control = Path("/usr/share/postgresql") / pg_ctl.parts[-3] / "extension/postgis.control"
        if control.exists():
            return pg_ctl.parent
    raise SetupError(
        "no PostgreSQL server with PostGIS on this machine",
        remedy="sudo apt-get install postgresql-postgis",
    )


class PrivateServer:
    """One cluster in one folder.

    Args:
        folder: made if it is not there; belongs to the unprivileged user when root starts it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = _reachable(folder)
        self.cluster = self.folder / "cluster"
        self.socket_folder = _short_enough(self.folder / "socket")
        self._binaries = find_binaries()

    def conninfo(self, database: str = DATABASE) -> str:
        """How libpq reaches `database`."""
        return make_conninfo(host=str(self.socket_folder), user=SUPERUSER, dbname=database)

    @contextmanager
    def lease(self) -> Iterator[str]:
        """The conninfo of a running server; it is stopped when the last lease ends."""
        with (self.folder / "lease.lock").open("a") as lock:
            with self._turn():
                fcntl.flock(lock, fcntl.LOCK_SH)
                self._start()
            try:
                yield self.conninfo()
            finally:
                with self._turn():
                    self._stop_if_last(lock.fileno())

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One process at a time starts or stops."""
        with (self.folder / "turn.lock").open("a") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield

    def _stop_if_last(self, lock: int) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        self._pg_ctl("stop", "-m", "fast")

    def _start(self) -> None:
        if self.is_running():
            return
        self._make_cluster()
        options = " ".join(f"-c {name}='{value}'" for name, value in _OPTIONS.items())
        self._pg_ctl(
            "start", "-w", "-t", "60",
            "-l", str(self.folder / "postgresql.log"),
            "-o", f"-k '{self.socket_folder}' {options}",
        )  # fmt: skip
        self._make_database()

    def is_running(self) -> bool:
        """Whether a server answers on the socket."""
        try:
            psycopg.connect(self.conninfo("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _make_cluster(self) -> None:
        if (self.cluster / "PG_VERSION").exists():
            return
        self._run(
            "initdb", "--pgdata", str(self.cluster), "--username", SUPERUSER, "--auth", "trust",
            "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
        )  # fmt: skip

    def _make_database(self) -> None:
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            there = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)
            ).fetchone()
            if not there:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _pg_ctl(self, *arguments: str) -> None:
        self._run("pg_ctl", "--pgdata", str(self.cluster), *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        step_down = {"user": UNPRIVILEGED_USER, "group": UNPRIVILEGED_USER, "extra_groups": []}
        # Output goes to a file: a server started here would keep a pipe open.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                [str(self._binaries / program), *arguments],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                cwd="/", check=False, **(step_down if os.geteuid() == 0 else {}),
            )  # fmt: skip
            if done.returncode:
                output.seek(0)
                text = output.read().decode(errors="replace").strip().splitlines()
                raise SetupError(
                    f"{program} failed: {text[-1] if text else done.returncode}",
                    remedy=f"see {self.folder / 'postgresql.log'}",
                )


def _reachable(folder: Path) -> Path:
    """`folder`, made and owned by whoever will run the server; as root perhaps elsewhere.

    Root's server runs as an unprivileged user, who can't reach a folder below a closed one such
    as /root; the cluster then lies under /var/lib and a pointer file says where.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return folder
    pointer = folder / "moved-to"
    if pointer.exists():
        return Path(pointer.read_text().strip())
    target = folder
    if any(not parent.stat().st_mode & 0o001 for parent in folder.parents):
        base = Path("/var/lib/gridwhistle")
        base.mkdir(mode=0o755, exist_ok=True)
        target = Path(tempfile.mkdtemp(prefix="cluster-", dir=base))
        pointer.write_text(f"{target}\n")
    user = pwd.getpwnam(UNPRIVILEGED_USER)
    os.chown(target, user.pw_uid, user.pw_gid)
    return target


def _short_enough(folder: Path) -> Path:
    """`folder` for the socket, or a short one linked from it: a socket's path is at most 107 bytes."""
    if len(os.fsencode(folder / _SOCKET_NAME)) > MAX_SOCKET_PATH_BYTES:
        pointer = folder.with_name("socket-moved-to")
        if not pointer.exists():
            pointer.write_text(tempfile.mkdtemp(prefix="gridwhistle-"))
        folder = Path(pointer.read_text())
    folder.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(folder, UNPRIVILEGED_USER, UNPRIVILEGED_USER)
    return folder
