"""The real files beside the project, each into an empty town."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from layers.coverage_check import check_coverage
from layers.importing.batches import ImportReport
from layers.importing.grids import GridOptions, import_grids
from layers.importing.options import ImportOptions
from layers.importing.run import import_layer
from layers.towns import TownPlan, make_town, outline_from_bbox
from spatial.checks import State
from spatial.town import read_town

Bring = Callable[..., ImportReport]


@pytest.fixture
def bring(connection: psycopg.Connection, tmp_path: Path) -> Bring:
    def run(layer: str, path: Path, **said: Any) -> ImportReport:
        options = ImportOptions(path=path, rejects_path=tmp_path / "rejects.csv", **said)
        return import_layer(connection, layer, options)

    return run


def _town(connection: psycopg.Connection, zone: str, bbox: str | None = None) -> None:
    outline = outline_from_bbox(bbox) if bbox else None
    make_town(connection, TownPlan("t", "Town", "Town", zone, outline))


def _one(connection: psycopg.Connection, query: str) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row


@pytest.mark.long
def test_911_calls(connection: psycopg.Connection, bring: Bring, shared_data: Path) -> None:
    _town(connection, "America/New_York", "-75.694,39.980,-75.031,40.426")
    path = shared_data / "incidents/montgomery_911_99k.zip"
    report = bring("incidents", path, crs="wgs84", category_until=":")
    assert (report.loaded, report.rejected) == (99_492, 0)
    assert (
        report.outside
        == _one(connection, "SELECT count(*) FROM layers.incident WHERE NOT inside")[0]
    )
    assert connection.execute(
        "SELECT category FROM layers.incident GROUP BY 1 ORDER BY 1"
    ).fetchall() == [("ems",), ("fire",), ("traffic",)]
    first = "SELECT min(occurred_at AT TIME ZONE 'America/New_York')::text FROM layers.incident"
    assert _one(connection, first) == ("2015-12-10 17:40:00",)
    # A street of the first call's `addr`; neither it nor `desc` is ever stored.
    text = "SELECT count(*) FROM layers.incident WHERE incident::text ILIKE '%REINDEER%'"
    assert _one(connection, text) == (0,)


def test_vehicle_thefts(connection: psycopg.Connection, bring: Bring, shared_data: Path) -> None:
    _town(connection, "America/New_York")
    path = shared_data / "incidents/nyc_vehicle_thefts.csv.gz"
    report = bring(
        "incidents", path, crs="wgs84", key="uid", constants={"category": "vehicle theft"}
    )
    assert (report.loaded, report.rejected, report.outside) == (35_746, 0, 0)
    assert _one(connection, "SELECT DISTINCT category FROM layers.incident") == ("vehicle_theft",)


def test_air_stations(connection: psycopg.Connection, bring: Bring, shared_data: Path) -> None:
    _town(connection, "Asia/Shanghai", "115.4,39.4,117.5,41.1")
    report = bring(
        "sensors", shared_data / "sensors/china_air_quality_stations_20180220T07.geojson",
        key="stationcode", columns={"value": "pm2_5"}, constants={"kind": "air", "unit": "ug/m3"},
    )  # fmt: skip
    assert (report.loaded, report.rejected, report.outside) == (1495, 0, 1479)
    assert _one(
        connection,
        "SELECT name, kind, value, unit, last_seen = '2018-02-20 07:00+08' FROM layers.sensor "
        "WHERE key = '1001A'",
    ) == ("万寿西宫", "air", 38.0, "ug/m3", True)
    assert _one(connection, "SELECT count(*) > 0 FROM layers.sensor WHERE value IS NULL") == (True,)


def test_beijing_townships(
    connection: psycopg.Connection, shared_data: Path, tmp_path: Path
) -> None:
    _town(connection, "Asia/Shanghai")
    path = shared_data / "admin/beijing_townships.shp"
    file = ImportOptions(path=path, rejects_path=tmp_path / "none")
    report = import_grids(connection, GridOptions(file, "villages"))
    assert (report.loaded, report.rejected) == (331, 0)
    assert check_coverage(connection, read_town(connection)).state == State.OK
    again = import_grids(connection, GridOptions(file, "villages"))
    assert (again.loaded, again.unchanged) == (0, 331)
    twins = (
        "SELECT count(*) - count(DISTINCT version.name) FROM grids.version "
        "JOIN grids.unit ON unit.id = unit_id WHERE level = 2"
    )
    assert _one(connection, twins) == (1,)
