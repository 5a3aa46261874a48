"""The demo town, started for the suites on a free port with a data folder of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[3]
ACCOUNT = "dispatcher"  # sees every layer
_STOP_WITHIN_S = 60


@dataclass(frozen=True)
class Server:
    """What is tested.

    Attributes:
        url: of its OGC APIs.
        account: name and password for the suites that have to be somebody; None: all are nobody.
    """

    url: str
    account: tuple[str, str] | None = None


@contextmanager
def demo_town(data_folder: Path) -> Iterator[Server]:
    """A demo town, while it runs.

    Raises:
        RuntimeError: it did not start.
    """
    command = [str(PROJECT / "gridwhistle"), "demo", "--port", "0", "--data", str(data_folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield read_server(process.stdout)
        finally:
            process.terminate()
            process.wait(_STOP_WITHIN_S)


def read_server(lines: Iterable[str]) -> Server:
    """What `demo` says of itself: its accounts, then where it listens."""
    account = None
    for line in lines:
        words = line.split()
        if words[:1] == [ACCOUNT]:
            account = (ACCOUNT, words[1])
        if line.startswith("OGC API"):
            return Server(words[-1], account)
    raise RuntimeError("the demo did not start; its messages stand above")
