"""What a process is given to work with, in the web app and in the worker alike."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

from layers.dispatch.current_engine import CurrentEngine
from layers.reach.ground import Grounds
from spatial.database import Principal, transaction
from spatial.town import Town

Connection = psycopg.Connection[Any]
Report = Callable[[int, str | None], None]

_WANTED = "SELECT FROM layers.job WHERE id = %s AND status = 'running' FOR UPDATE"


class Dismissed(Exception):  # noqa: N818  # an order, not an error
    """The work is no longer wanted."""


def _tell_nobody(_percent: int, _message: str | None) -> None:
    """Progress that nobody watches."""


class Context:
    """One execution of a process: as whom, on which town, and whether it is still wanted.

    The process runs in a thread; `stop` is called from another one.

    Args:
        pool: connections of the web's login, which may do nothing but take on roles and read what
            describes the town.
        principal: on whose behalf.
        report: told of progress; may raise Dismissed.

    Attributes:
        job_id: the job that this is; None where its client waits.
        grounds: what coverage is measured on: its own, or those that whoever runs processes keeps
            from one to the next.
    """

    def __init__(
        self,
        pool: ConnectionPool[Any],
        principal: Principal,
        town: Town,
        streets: CurrentEngine,
        report: Report = _tell_nobody,
    ) -> None:
        self.job_id: uuid.UUID | None = None
        self.principal = principal
        self.town = town
        self.streets = streets
        self.grounds = Grounds()
        self._pool = pool
        self._report = report
        self._stopped = Event()
        self._turn = Lock()
        self._busy: set[Connection] = set()

    @property
    def pool(self) -> ConnectionPool[Any]:
        """Connections of the web's login, for what begins transactions by itself."""
        return self._pool

    @property
    def conninfo(self) -> str:
        """How the web's login reaches the database."""
        conninfo = self._pool.conninfo
        assert isinstance(conninfo, str)
        return conninfo

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction as the principal."""
        with transaction(self._pool, self.principal) as connection, self._cancellable(connection):
            yield connection

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection as nobody in particular: for what describes the town, and for counts."""
        with self._pool.connection() as connection, self._cancellable(connection):
            yield connection

    def progress(self, percent: int, message: str | None = None) -> None:
        """Say how far the work is.

        Raises:
            Dismissed: it is no longer wanted.
        """
        self.check()
        self._report(percent, message)

    def check(self) -> None:
        """Go on only while the work is wanted; called often, costs next to nothing.

        Raises:
            Dismissed: it is no longer wanted.
        """
        if self._stopped.is_set():
            raise Dismissed

    def require_wanted(self, connection: Connection) -> None:
        """Let a transaction that writes end only if the job is wanted; asked last in it.

        Until it has ended the job can't be dismissed.

        Args:
            connection: in a transaction as the principal.

        Raises:
            Dismissed: it is no longer wanted.
        """
        self.check()
        if self.job_id is not None:
            row = connection.execute(_WANTED, (self.job_id,)).fetchone()
            if row is None:
                raise Dismissed

    def wait(self, seconds: float) -> None:
        """Do nothing for a while.

        Raises:
            Dismissed: at once when the work is no longer wanted.
        """
        if self._stopped.wait(seconds):
            raise Dismissed

    def stop(self) -> None:
        """End the work: the statements that run are cancelled, the next check raises."""
        self._stopped.set()
        with self._turn:
            for connection in self._busy:
                with suppress(psycopg.Error):
                    connection.cancel_safe(timeout=1.0)

    @contextmanager
    def _cancellable(self, connection: Connection) -> Iterator[None]:
        """A statement that `stop` cancelled is a dismissal, not a time-out."""
        with self._turn:
            self.check()
            self._busy.add(connection)
        try:
            yield
        except psycopg.errors.QueryCanceled:
            self.check()
            raise
        finally:
            with self._turn:
                self._busy.discard(connection)
