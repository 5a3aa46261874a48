"""Processes that the benchmark starts: servers on free ports, and what they cost."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from ogc_speed.load import Load, Outcome

_HERE = Path(__file__).parents[1]
_ROOT = Path(__file__).parents[3]
_START_WITHIN_S = 300
_STOP_WITHIN_S = 10
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """One that listens."""

    name: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def environment(**more: str) -> dict[str, str]:
    """With this benchmark and gridwhistle to import from, and no limit to requests."""
    endless = "1000000000/minute"
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(_HERE), str(_ROOT))),
        "GRIDWHISTLE_RATE_ANONYMOUS": endless,
        "GRIDWHISTLE_RATE_ACCOUNT": endless,
        **more,
    }


@contextmanager
def running(
    name: str, command: Sequence[str], port: int, variables: Mapping[str, str], log: Path
) -> Iterator[Server]:
    """A server that has been started and may not answer yet; stopped at the end."""
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env=dict(variables), stdout=output, stderr=output) as process,
    ):
        try:
            yield Server(name, port, process, log)
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_WITHIN_S)
            process.kill()  # it waits for a query that nobody can end


def wait_for(server: Server) -> None:
    """Until it answers.

    Raises:
        RuntimeError: it ended, or doesn't answer.
    """
    deadline = time.monotonic() + _START_WITHIN_S
    while server.process.poll() is None and time.monotonic() < deadline:
        # Any answer is one: the ceiling knows only its own addresses.
        with suppress(OSError):
            with suppress(HTTPError):
                urlopen(f"http://127.0.0.1:{server.port}/", timeout=5).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"{server.name} did not start:\n{server.log.read_text()[-2000:]}")


def our_server(kind: str, conninfo: str, folder: Path) -> tuple[list[str], int]:
    """The command and port of gridwhistle or the ceiling."""
    port = free_port()
    command = [sys.executable, "-m", "ogc_speed.serve", kind, conninfo, str(folder), str(port)]
    return command, port


def press_in_process(load: Load) -> Outcome:
    """The load from a process of its own."""
    command = [sys.executable, "-m", "ogc_speed.load", json.dumps(asdict(load))]
    result = subprocess.run(command, env=environment(), capture_output=True, check=True)
    return Outcome(**json.loads(result.stdout))


def server_cpu_s(server: Server) -> float:
    """Processor time that a server has used."""
    return sum(_times(server.process.pid)[:2]) / _TICKS


def database_cpu_s(postmaster: int) -> float:
    """Processor time that all backends of a PostgreSQL have used."""
    # Of backends that have ended the postmaster keeps the sum.
    ended = _times(postmaster)[2:4]
    backends = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    ticks = sum(ended)
    for pid in backends:
        with suppress(OSError):
            ticks += sum(_times(int(pid))[:2])
    return ticks / _TICKS


def _times(pid: int) -> list[int]:
    """Ticks of a process itself (user, system) and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [int(each) for each in fields[11:15]]
