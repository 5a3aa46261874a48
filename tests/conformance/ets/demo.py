"""The demo town, started for the suites on a free port with a data folder of its own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).parents[3]
_STOP_WITHIN_S = 60


@contextmanager
def demo_town(data_folder: Path) -> Iterator[str]:
    """The address of its OGC APIs, while it runs.

    Raises:
        RuntimeError: it did not start.
    """
    command = [str(PROJECT / "gridwhistle"), "demo", "--port", "0", "--data", str(data_folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _address(process)
        finally:
            process.terminate()
            process.wait(_STOP_WITHIN_S)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("OGC API"):
            return line.split()[-1]
    raise RuntimeError("the demo did not start; its messages stand above")
