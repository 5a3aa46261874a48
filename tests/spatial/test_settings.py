"""Where an installation is read from."""

from __future__ import annotations

from pathlib import Path

import pytest

from spatial.errors import SetupError
from spatial.settings import Settings

VARIABLES = (
    "GRIDWHISTLE_DATA", "DATABASE_URL", "DATABASE_URL_FILE", "GRIDWHISTLE_MAP_APPROVAL_NUMBER",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)


def test_the_default_is_a_folder_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings.from_environment() == Settings(tmp_path / ".gridwhistle")


def test_an_argument_wins_over_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDWHISTLE_DATA", str(tmp_path / "environment"))
    assert Settings.from_environment().data_folder == tmp_path / "environment"
    assert Settings.from_environment(tmp_path / "mine").data_folder == tmp_path / "mine"


def test_a_secret_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "url").write_text("postgresql://somewhere/town\n")
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))
    assert Settings.from_environment().database_url == "postgresql://somewhere/town"
    monkeypatch.setenv("DATABASE_URL", "postgresql://nearer/town")
    assert Settings.from_environment().database_url == "postgresql://nearer/town"


def test_a_missing_secret_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(SetupError, match="DATABASE_URL_FILE"):
        Settings.from_environment()


def test_the_tile_cache_is_measured_in_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDWHISTLE_TILE_CACHE_MB", "3")
    assert Settings.from_environment().tile_cache_bytes == 3 * 2**20
    monkeypatch.setenv("GRIDWHISTLE_TILE_CACHE_MB", "much")
    with pytest.raises(SetupError, match="GRIDWHISTLE_TILE_CACHE_MB"):
        Settings.from_environment()
