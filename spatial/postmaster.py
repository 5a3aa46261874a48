"""Whether a cluster's server process lives, and clearing away what a dead one left.

PostgreSQL clears away stale lock files by itself, unless the number in them is in use: by another
program after a power cut, or by a zombie that nobody reaps, as in containers without an init.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

from spatial.errors import SetupError

ENDING_TIMEOUT_S = 30


def is_up(cluster: Path) -> bool:
    """Whether the server that `cluster` records is alive, be it still starting."""
    command_line = _recorded_command_line(cluster)
    return command_line is not None and os.fsencode(cluster) in command_line


def clear_away_dead_server(cluster: Path, socket_locks: Iterable[Path]) -> None:
    """Remove lock files that name a process which is not the server.

    Raises:
        SetupError: processes of the dead server still work on the cluster.
    """
    if not is_up(cluster) and _recorded_command_line(cluster) is not None:
        _await_end_of_backends(cluster)
        (cluster / "postmaster.pid").unlink(missing_ok=True)
        for lock in socket_locks:
            lock.unlink(missing_ok=True)


def recorded_port(cluster: Path) -> int | None:
    """The port of the server that `cluster` records, by which its socket is named."""
    try:
        return int((cluster / "postmaster.pid").read_text().splitlines()[3])
    except (OSError, ValueError, IndexError):
        return None


def _recorded_command_line(cluster: Path) -> bytes | None:
    """Of the process that postmaster.pid names (empty for a zombie); None when there is none."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().splitlines()[0])
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError, IndexError):
        return None


def _await_end_of_backends(cluster: Path) -> None:
    """Sessions soon notice that their server is gone; two servers would spoil the data."""
    deadline = time.monotonic() + ENDING_TIMEOUT_S
    while any(_works_in(process, cluster) for process in Path("/proc").glob("[0-9]*")):
        if time.monotonic() > deadline:
            raise SetupError(
                f"processes of a killed PostgreSQL server still work in {cluster}",
                remedy="wait a moment, then try again",
            )
        time.sleep(0.1)


def _works_in(process: Path, folder: Path) -> bool:
    try:
        return (process / "cwd").readlink() == folder
    except OSError:
        return False
