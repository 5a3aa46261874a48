"""The command line. Each command lives in a module of its own and is imported when it is used."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import click

from spatial.errors import GridwhistleError
from spatial.settings import Settings

# name: where its click command or group is, in the order in which help shows them
COMMANDS = {
    "demo": "api.cli.demo:demo",
    "test": "api.cli.test:test",
    "init": "api.cli.init:init",
    "import": "api.cli.imports:imports",
    "serve": "api.cli.serve:serve",
    "check": "api.cli.check:check",
    "nearest": "api.cli.nearest:nearest",
    "hotspots": "api.cli.hotspots:hotspots",
    "streets": "api.cli.streets:streets",
    "backup": "api.cli.backup:backup",
    "restore": "api.cli.backup:restore",
    "service": "api.cli.service:service",
}


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is used or described."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of COMMANDS."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data",
    "data_folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder that keeps everything of this town.  [default: .gridwhistle]",
)
@click.pass_context
def cli(ctx: click.Context, data_folder: Path | None) -> None:
    """gridwhistle: 网格吹哨、部门报到. A spatial platform for a town."""
    ctx.obj = Settings.from_environment(data_folder)


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; an error meant for a person is one line and exit code 1."""
    try:
        return cli.main(arguments, prog_name="./gridwhistle", standalone_mode=True)
    except GridwhistleError as error:
        click.echo(f"gridwhistle: {error}", err=True)
        sys.exit(1)
