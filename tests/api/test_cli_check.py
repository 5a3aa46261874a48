"""`check` on installations that lack something, and on one that stands."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest
import shapely
from click.testing import CliRunner

from api.cli import cli
from api.cli.installation import (
    check_installation,
    check_mirrors,
    check_packages,
    locked_versions,
)
from layers.coverage_check import check_coverage
from layers.health import check_migrations, check_published, count_town, health_report
from spatial.checks import Check, State, check_disk, check_server, is_sound
from spatial.town import read_town

PROJECT = Path(__file__).parents[2]
TOWN = """
INSERT INTO spatial.town (code, name, name_en, time_zone, metric_srid, synthetic, outline)
VALUES ('t', '佛堂镇', 'Fotang', 'Asia/Shanghai', 4549, false,
        ST_Multi(ST_MakeEnvelope(120, 29, 120.02, 29.01, 4326)));
INSERT INTO spatial.batch (town_id, synthetic, layer, source_name)
SELECT id, false, 'grids', 'grids.gpkg' FROM spatial.town;
INSERT INTO grids.unit (id, town_id, code, level, parent_id)
SELECT unit.* FROM spatial.town, LATERAL (VALUES
    (901, town.id, 'town', 1, NULL), (902, town.id, 'west', 2, 901), (903, town.id, 'east', 2, 901)
) AS unit;
"""
VERSION = """
INSERT INTO grids.version (town_id, unit_id, name, geom, valid, batch_id)
SELECT town_id, %s, 'x', ST_Multi(ST_GeomFromText(%s, 4326)), '[2020-01-01,)', id
FROM spatial.batch
"""
# The town carries the vertices at which its villages meet.
WHOLE = "POLYGON((120 29, 120.01 29, 120.02 29, 120.02 29.01, 120.01 29.01, 120 29.01, 120 29))"


def divided(connection: psycopg.Connection, *, east_begins: float) -> Check:
    """A town of two villages, seen by the coverage check."""
    connection.execute(TOWN)
    west = shapely.box(120, 29, 120.01, 29.01).wkt
    east = shapely.box(east_begins, 29, 120.02, 29.01).wkt
    for unit, polygon in ((901, WHOLE), (902, west), (903, east)):
        connection.execute(VERSION, (unit, polygon))
    return check_coverage(connection, read_town(connection))


def test_a_migrated_database_is_healthy(connection: psycopg.Connection, tmp_path: Path) -> None:
    report = health_report(connection, tmp_path)
    assert report["status"] == "ok"
    assert {check["id"] for check in report["checks"]} == {
        "migrations", "published", "town", "disk",
    }  # fmt: skip
    assert str(tmp_path) not in json.dumps(report)


def test_a_missing_view_is_noticed(connection: psycopg.Connection) -> None:
    connection.execute("DROP VIEW published.premises CASCADE")
    found = check_published(connection)
    assert found.state is State.FAILED
    assert "premises" in found.detail
    assert found.remedy


def test_other_tables_are_noticed(connection: psycopg.Connection) -> None:
    connection.execute("UPDATE layers.alembic_version SET version_num = 'older'")
    assert check_migrations(connection).state is State.FAILED
    connection.execute("DROP TABLE layers.alembic_version")
    assert check_migrations(connection).state is State.FAILED


def test_the_test_server_is_sound(connection: psycopg.Connection) -> None:
    assert is_sound(check_server(connection))


def test_counts_name_what_no_layer_shows(connection: psycopg.Connection) -> None:
    assert {"rental rooms", "households", "grids"} <= count_town(connection).keys()


def test_a_sound_division_is_called_sound(connection: psycopg.Connection) -> None:
    found = divided(connection, east_begins=120.01)
    assert found.state is State.OK, found.detail
    assert "2 villages" in found.detail


@pytest.mark.parametrize("east_begins", [120.010004, 120.009996, 120.015])
def test_a_gap_or_an_overlap_is_noticed(connection: psycopg.Connection, east_begins: float) -> None:
    """0.4 m to the east, 0.4 m to the west, and half a village."""
    found = divided(connection, east_begins=east_begins)
    assert found.state is State.FAILED
    assert found.remedy


def test_no_grids_yet_is_no_failure(connection: psycopg.Connection) -> None:
    connection.execute(TOWN)
    assert check_coverage(connection, read_town(connection)).state is State.WARNING


def test_a_package_that_differs_from_the_lock_is_named(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("click==0.0.1 \\\n    --hash=sha256:0\nno-such-package==1.0\n")
    found = check_packages(lock)
    assert found.state is State.FAILED
    assert "click" in found.detail
    assert "no-such-package missing" in found.detail


def test_a_lock_of_several_platforms_is_read_for_this_one(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text(
        "here==1 ; sys_platform != 'win32' \\\n    --hash=sha256:0\n"
        "there==2 ; sys_platform == 'win32' \\\n    --hash=sha256:0\n"
    )
    assert locked_versions(lock) == {"here": "1"}


def test_mirror_settings_are_named_without_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://user:password@mirror/simple")
    monkeypatch.setenv("https_proxy", "http://user:password@proxy:1")
    found = check_mirrors()
    assert "PIP_INDEX_URL" in found.detail
    assert "https_proxy" in found.detail
    assert "password" not in found.detail


def test_a_full_disk_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_disk(tmp_path / "not/made/yet").state is State.OK
    monkeypatch.setattr("spatial.checks.SCARCE_DISK_BYTES", 10**18)
    found = check_disk(tmp_path)
    assert found.state is State.FAILED
    assert found.remedy


def test_every_finding_that_is_not_ok_has_a_remedy() -> None:
    for found in check_installation("127.0.0.1", 1):
        assert found.detail
        assert (found.state is State.OK) == (found.remedy is None), found


def test_the_command_changes_nothing_and_speaks_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    outcome = CliRunner().invoke(cli, ["check", "--json", "--data", str(tmp_path / "none")])
    report = json.loads(outcome.stdout)
    assert outcome.exit_code == (0 if report["status"] == "ok" else 1)
    assert not (tmp_path / "none").exists()


def test_an_unreachable_server_is_a_failure_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"postgresql://somebody:secret@/town?host={tmp_path}"
    monkeypatch.setenv("DATABASE_URL", url)
    outcome = CliRunner().invoke(cli, ["check", "--data", str(tmp_path)])
    assert outcome.exit_code == 1
    assert "DATABASE_URL can't be reached" in outcome.output
    assert "secret" not in outcome.output
