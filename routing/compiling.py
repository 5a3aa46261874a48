"""Functions as machine code, kept on disk.

numba looks whether the file of a function has changed, not those of the functions and types that it
was compiled together with: what it kept of a former version would be called, or fail to load. So
code is kept in a folder named by the contents of all files that it may have been made from.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from numba import config, njit

_ROOM = Path(__file__).parent
_SETTINGS: Any = config
_IMPORTED = re.compile(r"^\s*from (routing[\w.]*) import", re.MULTILINE)
_UNUSED_S = 14 * 24 * 3600.0


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """`function` as machine code that lets other threads run, kept on disk where that may be."""
    with _kept_for(Path(function.__code__.co_filename)):
        try:
            return njit(cache=True, nogil=True, boundscheck=False)(function)
        except RuntimeError:  # numba found no folder that it may write to
            return njit(nogil=True, boundscheck=False)(function)


@contextmanager
def _kept_for(source: Path) -> Iterator[None]:
    """numba takes the folder from its settings at the moment when a function is declared."""
    before = _SETTINGS.CACHE_DIR
    _SETTINGS.CACHE_DIR = str(_folder_of(source))
    try:
        yield
    finally:
        _SETTINGS.CACHE_DIR = before


@cache
def _folder_of(source: Path) -> Path:
    """Where the machine code of a file is kept; others that nobody has used are removed."""
    home = _ROOM / "__pycache__"
    with suppress(OSError):
        home.mkdir(exist_ok=True)
    if not os.access(home, os.W_OK):
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gridwhistle"
    digest = sha256(b"".join(path.read_bytes() for path in sorted(_made_from(source))))
    folder = home / "machine-code" / digest.hexdigest()[:20]
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
        _forget_unused(folder.parent)
    return folder


def _made_from(source: Path) -> set[Path]:
    """A file of this room and all that it imports from it, directly or not."""
    found: set[Path] = set()
    waiting = [source]
    while waiting:
        path = waiting.pop()
        if path not in found and path.exists():
            found.add(path)
            waiting += [
                _ROOM.parent.joinpath(*name.split(".")).with_suffix(".py")
                for name in _IMPORTED.findall(path.read_text(encoding="utf-8"))
            ]
    return found


def _forget_unused(folder: Path) -> None:
    for other in folder.iterdir():
        if other.stat().st_mtime < time.time() - _UNUSED_S:
            shutil.rmtree(other, ignore_errors=True)
