"""`test`: everything that must pass before a change is handed in."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import click

PROJECT = Path(__file__).parents[2]
# pytest comes last, so that its summary is the closing line.
CHECKS = (
    ("ruff check", ("ruff", "check", "--quiet", ".")),
    ("ruff format", ("ruff", "format", "--quiet", "--check", ".")),
    ("mypy", ("mypy",)),
    ("import-linter", ("lint-imports",)),
)
# While one half waits for the database or a browser, the other works. tests/helpers/halves.py says
# who begins where, and what stays together.
IN_TWO_HALVES = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--long", "run_long", is_flag=True, help="Run the long versions of tests as well.")
@click.argument("pytest_arguments", nargs=-1, type=click.UNPROCESSED)
def test(run_long: bool, pytest_arguments: tuple[str, ...]) -> None:
    """Check style, types and arrows, then run the tests.

    PYTEST_ARGUMENTS go to pytest as they are: a folder, -k NAME, -x. With them only pytest runs.
    """
    failed = []
    for name, arguments in () if pytest_arguments else CHECKS:
        if _run(name, *arguments):
            failed.append(name)
    marks = () if run_long else ("-m", "not long")
    halves = IN_TWO_HALVES if _may_be_halved(run_long, pytest_arguments) else ()
    shown = ("--durations=10", "--durations-min=1")
    if _run("pytest", "pytest", *shown, *marks, *halves, *pytest_arguments):
        failed.append("pytest")
    if failed and failed != ["pytest"]:
        click.echo(f"gridwhistle: not passed: {', '.join(failed)}", err=True)
    sys.exit(1 if failed else 0)


def _may_be_halved(run_long: bool, pytest_arguments: tuple[str, ...]) -> bool:
    """Not what is chosen or measured; nor on a server of one's own, whose roles both would make."""
    return not (run_long or pytest_arguments or os.environ.get("DATABASE_URL"))


def _run(name: str, program: str, *arguments: str) -> int:
    """Run one program of this environment in the project's folder; its exit code."""
    click.echo(f"==> {name}", err=True)
    begun = time.monotonic()
    code = subprocess.run(
        [Path(sys.executable).with_name(program), *arguments],
        cwd=PROJECT,
        check=False,
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
    ).returncode
    if program != "pytest":
        click.echo(f"    {name}: {time.monotonic() - begun:.1f} s, exit code {code}", err=True)
    return code
