"""PostgreSQL's programs on this machine, and running them as the right user."""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spatial.errors import SetupError

OLDEST_VERSION = 15
_PROGRAMS = Path("/usr/lib/postgresql")
_EXTENSIONS = Path("/usr/share/postgresql")


def installed_versions() -> list[int]:
    """Major versions of the PostgreSQL servers here that have PostGIS, newest first."""
    found = (
        int(pg_ctl.parts[-3])
        for pg_ctl in _PROGRAMS.glob("[0-9]*/bin/pg_ctl")
        if (_EXTENSIONS / pg_ctl.parts[-3] / "extension/postgis.control").exists()
    )
    return sorted((version for version in found if version >= OLDEST_VERSION), reverse=True)


def find_binaries(version: int | None = None) -> Path:
    """The folder of PostgreSQL's programs: those of `version`, or the newest with PostGIS.

    Raises:
        SetupError: they are not there.
    """
    versions = installed_versions()
    if not versions:
        raise SetupError(
            f"no PostgreSQL {OLDEST_VERSION} or later with PostGIS on this machine",
            remedy="sudo apt-get install postgresql postgresql-postgis",
        )
    if version is not None and version not in versions:
        raise SetupError(
            f"the data folder holds a PostgreSQL {version} cluster, but this machine has only "
            f"{', '.join(map(str, versions))}",
            remedy=f"install postgresql-{version}-postgis-3, run ./gridwhistle backup FILE, "
            "then ./gridwhistle --data NEW restore FILE",
        )
    return _PROGRAMS / str(version or versions[0]) / "bin"


@dataclass(frozen=True)
class User:
    """Whoever runs the server: numbers as the kernel wants them."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Binaries:
    """The programs of one version, run as `user` (None: as whoever we are)."""

    folder: Path
    user: User | None = None

    def run(self, program: str, *arguments: str, log: Path | None = None) -> None:
        """Run `program` to its end.

        Raises:
            SetupError: it failed; with its own words, and a look at the disk.
        """
        # Output goes to a file: a server started here would keep a pipe open.
        with tempfile.TemporaryFile() as output:
            if self._start(program, arguments, output).returncode == 0:
                return
            output.seek(0)
            text = output.read().decode(errors="replace")
        words = _telling_line(text) or _telling_line(_tail(log)) or "no reason given"
        raise SetupError(f"{program} failed: {words}", remedy=_remedy(words, log))

    def _start(
        self, program: str, arguments: tuple[str, ...], output: Any
    ) -> subprocess.CompletedProcess[bytes]:
        step_down: dict[str, Any] = (
            {"user": self.user.uid, "group": self.user.gid, "extra_groups": []} if self.user else {}
        )
        return subprocess.run(
            [str(self.folder / program), *arguments],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            cwd="/", check=False, env=os.environ | {"LC_ALL": "C.UTF-8"}, **step_down,
        )  # fmt: skip


def _tail(log: Path | None) -> str:
    """The end of the server's log: pg_ctl only says that it should be looked at."""
    if log is None or not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4000))
        return file.read().decode(errors="replace")


def _telling_line(text: str) -> str | None:
    """The last line that names a fault."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    faults = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "error:"))]
    return faults[-1] if faults else None


def _remedy(words: str, log: Path | None) -> str:
    if "No space left" in words:
        return "free some space on the disk that holds the data folder"
    return f"see {log}" if log and log.exists() else "./gridwhistle check"


def client_program(name: str, server_version: int) -> Path:
    """`pg_dump` or `pg_restore` for a server: its own version's, else the oldest later one.

    Args:
        name: the program.
        server_version: the server's major version; an older pg_dump refuses to read from it.

    Raises:
        SetupError: there is none.
    """
    versions = sorted(int(path.parts[-3]) for path in _PROGRAMS.glob(f"[0-9]*/bin/{name}"))
    for version in versions:
        if version >= server_version:
            return _PROGRAMS / str(version) / "bin" / name
    raise SetupError(
        f"no {name} of version {server_version} or later on this machine",
        remedy=f"sudo apt-get install postgresql-client-{server_version}",
    )
