"""What a systemd unit of ours says, and where it lies."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from spatial.errors import SetupError

LAUNCHER = Path(__file__).parents[2] / "gridwhistle"
_UNIT = """\
[Unit]
Description=gridwhistle: {data_folder}
After=network.target postgresql.service

[Service]
Type=exec
ExecStart={launcher} --data {data_folder_quoted} serve --host {host} --port {port}
EnvironmentFile=-{environment_file}
{user}Restart=on-failure
RestartSec=5
# PostgreSQL is stopped by its last user, who may be a command in a terminal.
KillMode=process
TimeoutStopSec=90
{hardening}
[Install]
WantedBy={target}
"""
# A user's systemd may not take these away; and root steps down for PostgreSQL by itself.
_HARDENING = """\
ProtectSystem=full
ProtectControlGroups=true
ProtectKernelTunables=true
RestrictSUIDSGID=true
"""


@dataclass(frozen=True)
class Unit:
    """One service.

    Attributes:
        name: without `.service`.
        of_user: it belongs to the user's own systemd, not to the machine's.
        run_as: the account that runs a unit of the machine's; None for root.
    """

    name: str
    data_folder: Path
    host: str
    port: int
    of_user: bool
    run_as: str | None = None

    @property
    def path(self) -> Path:
        """Where the unit file lies."""
        if self.of_user:
            base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
            return base / "systemd/user" / f"{self.name}.service"
        return Path("/etc/systemd/system") / f"{self.name}.service"

    @property
    def environment_file(self) -> Path:
        """Where DATABASE_URL is kept, which may hold a password."""
        return self.data_folder / "service.env"

    def text(self) -> str:
        """The unit file."""
        return _UNIT.format(
            launcher=_quoted(LAUNCHER),
            data_folder=_escaped(self.data_folder),
            data_folder_quoted=_quoted(self.data_folder),
            host=self.host,
            port=self.port,
            environment_file=_escaped(self.environment_file),
            user=f"User={self.run_as}\n" if self.run_as else "",
            hardening="" if self.of_user else _HARDENING,
            target="default.target" if self.of_user else "multi-user.target",
        )


def systemctl(unit: Unit, *arguments: str) -> int:
    """Run systemctl for the machine or the user; its exit code."""
    scope = ["--user"] if unit.of_user else []
    return subprocess.run(["systemctl", *scope, *arguments], check=False).returncode


def refuse_without_systemd() -> None:
    """Say so where systemd does not run: in most containers, in WSL of old.

    Raises:
        SetupError: it does not run here.
    """
    if not Path("/run/systemd/system").is_dir():
        raise SetupError(
            "systemd does not run on this machine / 本机没有运行 systemd",
            remedy="./gridwhistle service install --print shows the unit",
        )


def _escaped(path: Path) -> str:
    """Percent signs are specifiers in a unit file."""
    return str(path).replace("%", "%%")


def _quoted(path: Path) -> str:
    """One word of a command line, as systemd reads it; dollars would be variables."""
    text = _escaped(path).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{text}"' if any(c in text for c in " \t;'\"") else text
