"""Each of the five packages is this checkout's, whatever else is installed under its name."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
ROOMS = ("spatial", "grids", "routing", "layers", "api")


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_loaded_from_this_checkout(room: str) -> None:
    assert list(importlib.import_module(room).__path__) == [str(PROJECT / room)]


def test_the_launchers_python_finds_them_from_anywhere(tmp_path: Path) -> None:
    code = f"import {', '.join(ROOMS)}; print(api.__file__)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(done.stdout.strip()).is_relative_to(PROJECT)
