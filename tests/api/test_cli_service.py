"""The systemd unit: readable by systemd, holding no secret."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import cli
from api.cli.systemd import Unit
from spatial.errors import SetupError


def unit(folder: Path, *, of_user: bool = False) -> Unit:
    return Unit("gridwhistle", folder, "127.0.0.1", 8000, of_user)


@pytest.mark.parametrize("name", ["town", "a town", 'the "best" 100% of $HOME', "佛堂"])
@pytest.mark.parametrize("of_user", [True, False])
def test_systemd_accepts_the_unit(tmp_path: Path, name: str, of_user: bool) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not here")
    file = tmp_path / "gridwhistle.service"
    file.write_text(unit(tmp_path / name, of_user=of_user).text())
    done = subprocess.run(
        ["systemd-analyze", "verify", file], capture_output=True, text=True, check=False
    )
    complaints = [line for line in done.stderr.splitlines() if file.name in line]
    assert complaints == []


def test_the_unit_holds_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:pAss0rd@server/town")
    arguments = ["service", "install", "--print", "--port", "8123", "--data", str(tmp_path)]
    outcome = CliRunner().invoke(cli, arguments)
    assert outcome.exit_code == 0
    assert "pAss0rd" not in outcome.output
    assert "--port 8123" in outcome.output
    assert str(tmp_path) in outcome.output


def test_where_systemd_does_not_run_it_says_so(tmp_path: Path) -> None:
    if Path("/run/systemd/system").is_dir():
        pytest.skip("systemd runs here")
    outcome = CliRunner().invoke(cli, ["service", "install", "--data", str(tmp_path)])
    assert isinstance(outcome.exception, SetupError)
    assert "systemd" in str(outcome.exception)
