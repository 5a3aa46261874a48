"""Arrays in a machine's shared memory: written by the first process, mapped by all.

The folder belongs to the user who runs the processes and nobody else may look in. Where there is no
shared memory, or too little, a process keeps arrays of its own.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np
from numpy.typing import NDArray

_MEMORY = Path("/dev/shm")  # noqa: S108 - the kernel's shared memory, in a folder of our own
_KEPT_S = 7 * 24 * 3600.0
_Arrays = dict[str, NDArray[Any]]


def map_arrays(key: UUID, names: Iterable[str], read: Callable[[], _Arrays]) -> _Arrays:
    """The arrays known by `key`, all of them read-only.

    Args:
        key: of this set of arrays; another content has another key.
        names: of the arrays.
        read: where they come from if no process of this machine has read them yet.
    """
    names = tuple(names)
    folder = _own_folder()
    if folder is None:
        return _read_only(read())
    there = folder / str(key)
    mapped = _mapped(there, names)
    if mapped is None:
        arrays = read()
        mapped = _mapped(there, names) if _write(arrays, folder, there) else arrays
    _forget_old(folder, there)
    return _read_only(mapped if mapped is not None else read())


def _own_folder() -> Path | None:
    """A folder that nobody else may write to; None where there can't be one."""
    folder = _MEMORY / f"gridwhistle-{os.geteuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
    except OSError:
        return None
    is_ours = status.st_uid == os.geteuid() and status.st_mode & 0o077 == 0
    return folder if is_ours and not folder.is_symlink() else None


def _mapped(there: Path, names: Iterable[str]) -> _Arrays | None:
    try:
        return {name: _map(there / f"{name}.npy") for name in names}
    except (OSError, ValueError):
        return None


def _map(path: Path) -> NDArray[Any]:
    # An empty file can't be mapped.
    array = np.load(path, mmap_mode="r") if path.stat().st_size > _HEADER else np.load(path)
    return np.asarray(array)


_HEADER = 128


def _write(arrays: _Arrays, folder: Path, there: Path) -> bool:
    """Write all, then give them their name at once; whether they are there now."""
    making = folder / f"{uuid4()}.tmp"
    try:
        making.mkdir()
        for name, array in arrays.items():
            np.save(making / f"{name}.npy", array)
        making.rename(there)
    except OSError:  # no room, or another process was faster
        shutil.rmtree(making, ignore_errors=True)
    return there.exists()


def _forget_old(folder: Path, used: Path) -> None:
    """Remove what no process has started from for a week; who has it mapped keeps it."""
    try:
        os.utime(used)
        for other in folder.iterdir():
            if other != used and other.stat().st_mtime < time.time() - _KEPT_S:
                shutil.rmtree(other, ignore_errors=True)
    except OSError:
        return


def _read_only(arrays: _Arrays) -> _Arrays:
    for array in arrays.values():
        array.flags.writeable = False
    return arrays
