"""`demo`: what it says and refuses; making the town itself is tested in layers."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import cli
from spatial.errors import ConflictError


@pytest.fixture
def run(demo_database: str, tmp_path: Path):
    def invoke(*arguments: str) -> Result:
        environment = {"DATABASE_URL": demo_database, "GRIDWHISTLE_DATA": str(tmp_path)}
        return CliRunner().invoke(cli, ["demo", *arguments], env=environment)

    return invoke


def test_a_second_start_keeps_the_town_and_says_that_it_is_synthetic(run) -> None:
    result = run("--no-serve")
    assert result.exit_code == 0, result.output
    assert "佛堂镇(演示数据 / synthetic): 已在,保留 / already here, kept" in result.output
    assert "2026-06-30 10:00 (Asia/Shanghai)" in result.output


@pytest.mark.parametrize("arguments", [("--seed", "5"), ("--as-of", "2025-01-01")])
def test_another_seed_or_day_is_refused_with_what_to_do(run, arguments: tuple[str, str]) -> None:
    result = run("--no-serve", *arguments)
    assert isinstance(result.exception, ConflictError)
    assert "--data DIR" in str(result.exception)


def test_real_streets_under_an_invented_town_are_refused(run, tmp_path: Path) -> None:
    path = tmp_path / "streets.osm"
    path.write_text("<osm/>")
    result = run("--no-serve", "--streets", str(path))
    assert isinstance(result.exception, ConflictError)


@pytest.mark.parametrize("arguments", [("--as-of", "soon"), ("--seed", "-1"), ("--port", "99999")])
def test_nonsense_is_refused(run, arguments: tuple[str, str]) -> None:
    assert run(*arguments).exit_code == 2


def test_the_line_to_try_the_key_with_names_the_port_that_was_free(
    demo_database: str, tmp_path: Path
) -> None:
    environment = os.environ | {"DATABASE_URL": demo_database, "GRIDWHISTLE_DATA": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-m", "api.cli", "demo", "--port", "0", "--no-worker"],
        cwd=Path(__file__).parents[2], env=environment, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        said = "".join(itertools.takewhile(lambda line: "Ctrl-C" not in line, process.stdout))
        process.terminate()
    ports = set(re.findall(r"http://127\.0\.0\.1:(\d+)/", said))
    assert "X-API-Key" in said
    assert len(ports) == 1
    assert ports != {"0"}
