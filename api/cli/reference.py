"""The reference of all commands, made from their help: `python -m api.cli.reference`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from api.cli import cli

_HEAD = """# Commands

Made from the commands' own help by `python -m api.cli.reference > docs/commands.md`.
Every command takes `--data DIR`, before or after its name.
"""


def all_commands() -> Iterator[tuple[str, click.Command, click.Context]]:
    """Every command and subcommand with its full name, in the order of help."""
    yield from _below("./gridwhistle", cli, None)


def _below(
    name: str, command: click.Command, parent: click.Context | None
) -> Iterator[tuple[str, click.Command, click.Context]]:
    own_name = name.rsplit(maxsplit=1)[-1]
    settings: dict[str, Any] = {**command.context_settings, "terminal_width": 100}
    context = click.Context(command, parent, info_name=own_name, **settings)
    yield name, command, context
    if isinstance(command, click.Group):
        for child_name in command.list_commands(context):
            child = command.get_command(context, child_name)
            if child is not None:
                yield from _below(f"{name} {child_name}", child, context)


def as_markdown() -> str:
    """The page docs/commands.md."""
    sections = [
        f"## `{name}`\n\n```text\n{command.get_help(context)}\n```\n"
        for name, command, context in all_commands()
    ]
    return "\n".join([_HEAD, *sections])


if __name__ == "__main__":
    click.echo(as_markdown(), nl=False)
