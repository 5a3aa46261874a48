"""`--data` stands before or after the command; errors for people are one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from api.cli import accept_data_folder, cli, data_option, main
from spatial.settings import Settings

PROJECT = Path(__file__).parents[2]


@pytest.fixture
def program() -> click.Group:
    """A small command line that shows where its data are."""
    outer = click.Group("outer", params=[data_option()])
    inner = click.Group("inner")

    @inner.command()
    @click.pass_obj
    def where(settings: Settings) -> None:
        click.echo(settings.data_folder)

    outer.add_command(inner)
    accept_data_folder(inner)
    return outer


@pytest.mark.parametrize(
    "arguments",
    [
        ["--data", "/d", "inner", "where"],
        ["inner", "--data", "/d", "where"],
        ["inner", "where", "--data", "/d"],
        ["--data", "/other", "inner", "where", "--data=/d"],
    ],
)
def test_the_data_folder_named_last_wins(program: click.Group, arguments: list[str]) -> None:
    assert CliRunner().invoke(program, arguments).output == "/d\n"


def test_an_unknown_command_is_said() -> None:
    outcome = CliRunner().invoke(cli, ["whistle"])
    assert outcome.exit_code == 2
    assert "whistle" in outcome.output


def test_an_error_for_people_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    (tmp_path / "data").touch()
    before = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGHUP)]
    with pytest.raises(SystemExit) as ending:
        main(["backup", str(tmp_path / "b.tar"), "--data", str(tmp_path / "data" / "below")])
    for number, handler in before:
        signal.signal(number, handler)
    assert ending.value.code == 1
    said = capsys.readouterr().err
    assert said.startswith("gridwhistle: ")
    assert said.count("\n") == 1


def test_a_folder_of_the_users_is_not_taken_for_ours(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api/__init__.py").write_text("raise SystemExit('the wrong one')")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "api.cli", "--help"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_list_of_commands_loads_none_of_them() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from api.cli import cli\n"
        "print(CliRunner().invoke(cli, ['--help']).output)\n"
        "assert not {'numba', 'pandas', 'pygeoapi', 'sqlalchemy'} & sys.modules.keys()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "demo" in done.stdout
