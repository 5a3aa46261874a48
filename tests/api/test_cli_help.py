"""Every command explains itself, and the reference says the same."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from api.cli import COMMANDS
from api.cli.reference import all_commands, as_markdown

REFERENCE = Path(__file__).parents[2] / "docs/commands.md"
EVERYTHING = {name: command for name, command, _ in all_commands()}


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_command_and_its_options_explain_themselves(name: str) -> None:
    command = EVERYTHING[name]
    assert command.help
    assert len(command.help) > 10
    unexplained = [
        option.opts
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert unexplained == []


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_command_takes_the_data_folder(name: str) -> None:
    assert any("--data" in option.opts for option in EVERYTHING[name].params)


def test_all_commands_of_the_table_are_there() -> None:
    assert {name.split()[1] for name in EVERYTHING if " " in name} == set(COMMANDS)


def test_the_reference_is_up_to_date() -> None:
    assert REFERENCE.read_text() == as_markdown(), (
        "run: .venv/bin/python -m api.cli.reference > docs/commands.md"
    )
