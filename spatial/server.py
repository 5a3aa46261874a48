"""The private PostgreSQL server of an installation: in its data folder, on a Unix socket.

The server lives as long as somebody holds a lease on it: a shared lock on a file, which the kernel
takes back from a killed process. Whoever gives up the last lease stops the server. Should it die
before that, a holder starts it again.
"""

from __future__ import annotations

import fcntl
import logging
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from spatial import postmaster
from spatial.errors import SetupError
from spatial.logs import kind_of
from spatial.postgresql import Binaries, find_binaries
from spatial.server_folders import ServerFolders
from spatial.settings import Address
from spatial.tcp_access import write_access_rules

LOGGER = logging.getLogger(__name__)

DATABASE = "gridwhistle"
SUPERUSER = "gridwhistle"
START_TIMEOUT_S = 60
_DEFAULT_PORT = 5432
_LOOK_EVERY_S = 1.0
_OPTIONS = {
    "shared_buffers": "256MB",
    # Web app, worker, commands, and those who enter by QGIS.
    "max_connections": "150",
    "jit": "off",
    # Many ask at once: a query has one processor, and leaves the others to the others.
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
    "log_min_messages": "warning",
    # Details of errors quote rows, statements may hold values.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


class PrivateServer:
    """One cluster in one folder.

    Args:
        folder: made if it is not there; belongs to the unprivileged user when root starts it.
        listen: where named logins enter over TCP; None: nobody does.

    Raises:
        SetupError: no PostgreSQL with PostGIS, or a folder that this user may not use.
    """

    def __init__(self, folder: Path, listen: Address | None = None) -> None:
        self._listen = listen
        self._folders = ServerFolders.of(folder)
        self.cluster = self._folders.home / "cluster"
        self.log = self._folders.home / "postgresql.log"

    def conninfo(self, database: str = DATABASE) -> str:
        """How libpq reaches `database`."""
        port = postmaster.recorded_port(self.cluster)
        return make_conninfo(
            host=str(self._folders.socket),
            user=SUPERUSER,
            dbname=database,
            **({"port": str(port)} if port not in (None, _DEFAULT_PORT) else {}),
        )

    @contextmanager
    def lease(self) -> Iterator[str]:
        """The conninfo of a running server; it is stopped when the last lease ends."""
        with (self._folders.home / "lease.lock").open("a") as lock:
            with self._turn():
                fcntl.flock(lock, fcntl.LOCK_SH)
                try:
                    self._start()
                except BaseException:
                    self._stop_if_last(lock.fileno())
                    raise
            try:
                with self._kept_up():
                    yield self.conninfo()
            finally:
                with self._turn():
                    self._stop_if_last(lock.fileno())

    @contextmanager
    def _kept_up(self) -> Iterator[None]:
        """A server that dies while it is needed is started again."""
        over = threading.Event()
        keeper = threading.Thread(target=self._keep_up, args=(over,), daemon=True)
        keeper.start()
        try:
            yield
        finally:
            over.set()
            keeper.join()

    def _keep_up(self, over: threading.Event) -> None:
        while not over.wait(_LOOK_EVERY_S):
            if self.is_up():
                continue
            with self._turn():
                try:
                    self._start()
                except (SetupError, psycopg.Error) as error:
                    LOGGER.warning("PostgreSQL died and can't be started: %s", kind_of(error))
                else:
                    LOGGER.warning("PostgreSQL died and was started again")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One process at a time starts or stops."""
        with (self._folders.home / "turn.lock").open("a") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield

    def _stop_if_last(self, lock: int) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if self.is_up():
            self._pg_ctl("stop", "-m", "fast")

    def _start(self) -> None:
        if not self.is_up():
            self._make_cluster()
            postmaster.clear_away_dead_server(self.cluster, self._folders.socket_locks())
            settings = {**_OPTIONS, **write_access_rules(self.cluster, self._listen)}
            options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
            self._pg_ctl(
                "start", "-w", "-t", str(START_TIMEOUT_S),
                "-l", str(self.log), "-o", f"-k '{self._folders.socket}' {options}",
            )  # fmt: skip
        self._await_answer()
        self._make_database()

    def is_up(self) -> bool:
        """Whether the server's process lives, be it still starting."""
        return postmaster.is_up(self.cluster)

    def _await_answer(self) -> None:
        """A server that somebody killed left may still be recovering."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(self.conninfo("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    raise SetupError(
                        f"the private PostgreSQL server does not answer: {error}".splitlines()[0],
                        remedy=f"see {self.log}",
                    ) from error
                time.sleep(0.1)
            else:
                return

    def _make_cluster(self) -> None:
        """Made aside and renamed, so that a killed initdb leaves nothing that looks whole.

        Unsynced: the kernel has written it out before anything in it is worth keeping.
        """
        if self.cluster.exists():
            return
        unfinished = self.cluster.with_name("cluster-unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        self._binaries().run(
            "initdb", "--pgdata", str(unfinished), "--username", SUPERUSER, "--auth", "trust",
            "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync",
        )  # fmt: skip
        unfinished.rename(self.cluster)

    def _make_database(self) -> None:
        with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
            there = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)
            ).fetchone()
            if not there:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _pg_ctl(self, *arguments: str) -> None:
        self._binaries().run("pg_ctl", "--pgdata", str(self.cluster), *arguments, log=self.log)

    def _binaries(self) -> Binaries:
        version_file = self.cluster / "PG_VERSION"
        wanted = int(version_file.read_text()) if version_file.exists() else None
        return Binaries(find_binaries(wanted), self._folders.user)
