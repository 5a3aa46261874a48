"""The command line. Each command lives in a module of its own and is imported when it is used."""

from __future__ import annotations

import importlib
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, override

import click

from spatial.errors import GridwhistleError
from spatial.settings import Settings

# name: where its click command or group is, and what the list of commands says of it
COMMANDS = {
    "demo": ("api.cli.demo:demo", "Make the demo town (synthetic) and serve it."),
    "test": ("api.cli.test:test", "Check style, types and arrows, then run the tests."),
    "init": ("api.cli.init:init", "Begin a real town."),
    "import": ("api.cli.imports:imports", "Fill the town from files."),
    "serve": ("api.cli.serve:serve", "Serve this town until Ctrl-C."),
    "worker": ("api.cli.worker:worker", "Run jobs; demo and serve start one."),
    "check": ("api.cli.check:check", "Test this installation piece by piece."),
    "nearest": ("api.cli.nearest:nearest", "Who can be there first."),
    "find": ("api.cli.find:find", "Where a place is, by what people call it."),
    "closures": ("api.cli.closures:closures", "What is closed on the streets; close more."),
    "positions": ("api.cli.positions:positions", "Take in positions from an MQTT broker."),
    "channels": ("api.cli.channels:channels", "How orders reach responders; drills."),
    "hotspots": ("api.cli.hotspots:hotspots", "Where incidents concentrate."),
    "grids": ("api.cli.grids:grids", "Take the grids out again: files and maps."),
    "simulate": ("api.cli.simulate:simulate", "Try rules of dispatch on real calls."),
    "streets": ("api.cli.streets:streets", "Take the streets out again."),
    "account": ("api.cli.account:account", "Let people and systems in, each in one role."),
    "key": ("api.cli.key:key", "Let programs in."),
    "access-log": ("api.cli.access_log:access_log", "Who asked for what; for an auditor."),
    "backup": ("api.cli.backup:backup", "Write this town into one archive."),
    "restore": ("api.cli.restore:restore", "Bring back an archive made by backup."),
    "delta": ("api.cli.delta:delta", "Exchange what changed as signed files."),
    "service": ("api.cli.service:service", "Start this town with the machine (systemd)."),
}


def _use_data_folder(ctx: click.Context, _option: click.Parameter, folder: Path | None) -> None:
    """The folder named last wins: `--data` may stand before and after the command."""
    if folder is not None or ctx.obj is None:
        ctx.obj = Settings.from_environment(folder)


def data_option() -> click.Option:
    """`--data DIR`, which every command takes."""
    return click.Option(
        ["--data"],
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Everything of this town is kept there.  [default: .gridwhistle in the checkout]",
        callback=_use_data_folder,
        expose_value=False,
        is_eager=True,
    )


def accept_data_folder(command: click.Command) -> None:
    """Give `command`, and its subcommands if it is a group, the option --data."""
    if not any("--data" in option.opts for option in command.params):
        command.params.append(data_option())
    if isinstance(command, click.Group):
        for subcommand in command.commands.values():
            accept_data_folder(subcommand)


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is used."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of COMMANDS."""
        return list(COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        accept_data_folder(command)
        return command

    @override
    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=LazyGroup,
    params=[data_option()],
    context_settings={"help_option_names": ["-h", "--help"]},
)
def cli() -> None:
    """gridwhistle: 网格吹哨、部门报到. A spatial platform for a town.

    \b
    ./gridwhistle demo     a synthetic town, served on http://127.0.0.1:8000
    ./gridwhistle test     the tests
    """


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """Leave as by an exception, so that a server of ours is stopped on the way out."""
    sys.exit(128 + number)


def main(arguments: list[str] | None = None) -> Any:
    """Run the command line; an error meant for a person is one line and exit code 1."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGHUP, _leave)  # the terminal was closed
    try:
        return cli.main(arguments, prog_name="./gridwhistle", standalone_mode=True)
    except GridwhistleError as error:
        click.echo(f"gridwhistle: {error}", err=True)
        sys.exit(1)
