"""`init` and `import` as they are typed: exit codes, last lines, nothing left after an error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from api.cli import cli
from spatial.errors import ConflictError, DatumError, GridwhistleError, InputError

Run = Callable[..., Result]
VADUZ = ("init", "--name", "Vaduz", "--tz", "Europe/Vaduz", "--bbox", "9.4,46.8,9.7,47.5")
GOOD = "name,lon,lat\nA,9.52,47.14\nB,9.53,47.15\n"


@pytest.fixture
def run(database: str, tmp_path: Path) -> Run:
    """Runs a command; an error meant for a person is raised as it is."""

    def invoke(*arguments: str) -> Result:
        said = ["--data", str(tmp_path / "data"), *arguments]
        result = CliRunner().invoke(cli, said, env={"DATABASE_URL": database})
        if isinstance(result.exception, GridwhistleError):
            raise result.exception
        return result

    return invoke


def _file(tmp_path: Path, text: str) -> str:
    path = tmp_path / "shops.csv"
    path.write_text(text)
    return str(path)


def _count(database: str) -> int:
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT count(*) FROM layers.premises").fetchone()
    assert row is not None
    return int(row[0])


def test_a_town_filled_from_a_table(run: Run, database: str, tmp_path: Path) -> None:
    assert run(*VADUZ).exit_code == 0
    done = run("import", "premises", _file(tmp_path, GOOD), "--crs", "wgs84")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, "2 loaded, 0 rejected")
    again = run("import", "premises", _file(tmp_path, GOOD), "--crs", "wgs84")
    assert "2 unchanged" in again.stdout
    assert again.stdout.splitlines()[-1] == "0 loaded, 0 rejected"
    assert "shops.csv" in run("import", "list").stdout
    assert "2 removed" in run("import", "undo", "1").stdout
    assert _count(database) == 0


def test_rejects_are_exit_code_3_and_a_file(run: Run, database: str, tmp_path: Path) -> None:
    run(*VADUZ)
    file = _file(tmp_path, GOOD + "C,abc,47.1\n")
    done = run("import", "premises", file, "--crs", "wgs84")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (3, "2 loaded, 1 rejected")
    assert (tmp_path / "data/rejects/shops.csv.rejects.csv").exists()
    with pytest.raises(InputError, match="nothing loaded"):
        run("import", "premises", file, "--crs", "wgs84", "--strict")
    assert _count(database) == 2


def test_a_dry_run_stores_nothing(run: Run, database: str, tmp_path: Path) -> None:
    run(*VADUZ)
    done = run("import", "premises", _file(tmp_path, GOOD), "--crs", "wgs84", "--dry-run")
    assert done.stdout.splitlines()[-1] == "2 loaded, 0 rejected"
    assert _count(database) == 0


def test_mapping_and_constants(run: Run, database: str, tmp_path: Path) -> None:
    run(*VADUZ)
    file = _file(tmp_path, "a,b,c\nA,9.52,47.14\n")
    run("import", "premises", file, "--crs", "wgs84", "--lon", "b", "--lat", "c",
        "--map", "name=a", "--set", "kind=shop")  # fmt: skip
    with psycopg.connect(database) as connection:
        assert connection.execute("SELECT name, kind FROM layers.premises").fetchall() == [
            ("A", "shop")
        ]
    assert run("import", "premises", file, "--map", "name").exit_code == 2


def test_errors_leave_nothing(run: Run, database: str, tmp_path: Path) -> None:
    run(*VADUZ)
    with pytest.raises(DatumError):
        run("import", "premises", _file(tmp_path, GOOD))
    with pytest.raises(InputError, match="no such file"):
        run("import", "premises", str(tmp_path / "none.csv"))
    assert _count(database) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("--name", "X", "--tz", "Europe/Vaduz"),
        ("--name", "X", "--bbox", "9,47,10,48"),
        ("--name", "X", "--tz", "Mars/Olympus", "--bbox", "9,47,10,48"),
        ("--name", "X", "--tz", "Europe/Vaduz", "--bbox", "9,47,10,48", "--crs", "EPSG:4326"),
        ("--name", "X", "--tz", "Europe/Vaduz", "--bbox", "9,47,10,48", "--from-streets"),
    ],
)
def test_an_init_that_says_too_little_or_too_much(arguments: tuple[str, ...], run: Run) -> None:
    with pytest.raises(InputError):
        run("init", *arguments)


def test_init_from_the_first_streets(run: Run) -> None:
    done = run("init", "--name", "X", "--tz", "Europe/Vaduz", "--from-streets")
    assert "import streets" in done.stdout
    with pytest.raises(ConflictError):
        run(*VADUZ)


def test_init_with_a_bad_street_file_makes_no_town(run: Run, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        run("init", "--name", "X", "--tz", "Europe/Vaduz", "--from-streets",
            _file(tmp_path, "nothing"))  # fmt: skip
    assert run(*VADUZ).exit_code == 0
