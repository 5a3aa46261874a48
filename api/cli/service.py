"""`service install|uninstall|status`: the town starts with the machine."""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path

import click

from api.cli.listening import DEFAULT_HOST, DEFAULT_PORT
from api.cli.systemd import Unit, refuse_without_systemd, systemctl
from spatial.errors import NotFoundError, SetupError
from spatial.settings import DEFAULT_DATA_FOLDER, Settings

_of_user = click.option(
    "--user", "of_user", is_flag=True, help="In your own systemd, without root's rights."
)


@click.group()
def service() -> None:
    """Let systemd start this town with the machine, and again when it fails."""


@service.command()
@click.option("--host", default=DEFAULT_HOST, show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT, show_default=True,
    help="Port to listen on.",
)  # fmt: skip
@_of_user
@click.option("--print", "only_print", is_flag=True, help="Show the unit; install nothing.")
@click.pass_obj
def install(settings: Settings, host: str, port: int, of_user: bool, only_print: bool) -> None:
    """Write the unit, enable and start it.

    DATABASE_URL, where it is set now, is kept in the data folder, readable by its owner only.
    """
    unit = _unit(settings, of_user, host, port)
    if only_print:
        click.echo(unit.text(), nl=False)
        return
    refuse_without_systemd()
    _refuse_without_rights(unit)
    _keep_environment(unit, settings)
    unit.path.parent.mkdir(parents=True, exist_ok=True)
    unit.path.write_text(unit.text())
    systemctl(unit, "daemon-reload")
    if systemctl(unit, "enable", "--now", unit.name):
        raise SetupError(f"{unit.name} did not start", remedy=f"journalctl -u {unit.name}")
    click.echo(f"{unit.name}: http://{host}:{port}/")
    if of_user:
        click.echo("it ends when you log out, unless: loginctl enable-linger")


@service.command()
@_of_user
@click.pass_obj
def uninstall(settings: Settings, of_user: bool) -> None:
    """Stop the service and remove its unit; the data stays."""
    unit = _unit(settings, of_user)
    refuse_without_systemd()
    if not unit.path.exists():
        raise NotFoundError(
            f"there is no service {unit.name}", remedy="./gridwhistle service status"
        )
    _refuse_without_rights(unit)
    systemctl(unit, "disable", "--now", unit.name)
    unit.path.unlink()
    systemctl(unit, "daemon-reload")
    click.echo(f"{unit.name} removed; the data stays in {settings.data_folder}")


@service.command()
@_of_user
@click.pass_obj
def status(settings: Settings, of_user: bool) -> None:
    """Say whether the service runs; the exit code is systemctl's (0 when it does)."""
    refuse_without_systemd()
    unit = _unit(settings, of_user)
    sys.exit(systemctl(unit, "--no-pager", "status", unit.name))


def _unit(
    settings: Settings, of_user: bool, host: str = DEFAULT_HOST, port: int = DEFAULT_PORT
) -> Unit:
    """Two towns on one machine have two names."""
    folder = settings.data_folder
    name = folder.name.strip(".").replace(" ", "-")
    if folder.name != DEFAULT_DATA_FOLDER:
        name = f"gridwhistle-{name}"
    return Unit(name, folder, host, port, of_user, None if of_user else _owner(folder))


def _owner(folder: Path) -> str | None:
    """Whoever made the data runs the service; None for root."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    owner = there.stat().st_uid
    return pwd.getpwuid(owner).pw_name if owner else None


def _refuse_without_rights(unit: Unit) -> None:
    if not unit.of_user and os.geteuid() != 0:
        raise SetupError("a service of the machine needs root", remedy="sudo, or --user")


def _keep_environment(unit: Unit, settings: Settings) -> None:
    if not settings.database_url:
        return
    unit.data_folder.mkdir(parents=True, exist_ok=True)
    file = unit.environment_file
    file.touch(mode=0o600)
    file.write_text(f"DATABASE_URL={settings.database_url}\n")
    if unit.run_as:
        owner = pwd.getpwnam(unit.run_as)
        os.chown(file, owner.pw_uid, owner.pw_gid)
