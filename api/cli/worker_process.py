"""The worker beside the web app: a process of its own that starts, stops and comes back with it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import click

from spatial.settings import Settings

_PROJECT = Path(__file__).parents[2]
# Longer than a worker's own grace for its jobs.
_STOPPED_AFTER_S = 15
_LOOK_S = 0.5
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0


def worker_option[**P, R](command: Callable[P, R]) -> Callable[P, R]:
    """The option --no-worker of a command that serves."""
    return click.option(
        "--worker/--no-worker",
        "with_worker",
        default=True,
        help="Start a worker for jobs beside the web app.  [default: worker]",
    )(command)


@contextmanager
def worker_beside(
    settings: Settings, *, wanted: bool = True, patrol: bool = False
) -> Iterator[None]:
    """While this is open a worker runs; one that dies is started again.

    Args:
        wanted: else there is none.
        patrol: it lets the responders of a demo ride about.
    """
    if not wanted:
        yield
        return
    keeper = _Keeper(settings, patrol=patrol)
    keeper.start()
    try:
        yield
    finally:
        keeper.stop()


class _Keeper:
    """Keeps one worker running."""

    def __init__(self, settings: Settings, *, patrol: bool) -> None:
        self._command = [
            sys.executable, "-P", "-m", "api.cli", "--data", str(settings.data_folder),
            "worker", "--with-parent", *(["--patrol"] if patrol else []),
        ]  # fmt: skip
        self._environment = os.environ | {"PYTHONPATH": str(_PROJECT)}
        self._stopping = Event()
        self._thread = Thread(target=self._keep, name="worker keeper", daemon=True)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the worker, and watch over it."""
        self._process = self._begin()
        self._thread.start()

    def stop(self) -> None:
        """End it in good order, or at last by force."""
        self._stopping.set()
        self._thread.join()
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(_STOPPED_AFTER_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _begin(self) -> subprocess.Popen[bytes]:
        # Its standard input ends when this process does, however it ends.
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, env=self._environment)

    def _keep(self) -> None:
        pause = _FIRST_PAUSE_S
        began = time.monotonic()
        while not self._stopping.wait(_LOOK_S):
            assert self._process is not None
            if self._process.poll() is None:
                continue
            # One that never stays is started less and less often.
            lived_s = time.monotonic() - began
            pause = _FIRST_PAUSE_S if lived_s > _LONGEST_PAUSE_S else pause
            code = self._process.returncode
            click.echo(f"worker: ended with {code}, starts again in {pause:.0f} s", err=True)
            if self._stopping.wait(pause):
                return
            pause = min(2 * pause, _LONGEST_PAUSE_S)
            began = time.monotonic()
            self._process = self._begin()
