"""Dirty coverages: faults told and drawn, slivers repaired up to a width and no farther."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import psycopg
import pyogrio
import pytest
import shapely
from pyproj import Transformer

from layers.coverage_check import check_coverage
from layers.importing.batches import ImportReport
from layers.importing.grid_flaws import FaultyCoverageError, write_flaws
from layers.towns import TownPlan, make_town
from spatial.checks import State
from spatial.town import Town, read_town

EAST, NORTH, SIDE = 500_000.0, 3_230_000.0, 1_000.0  # EPSG:4549
TO_LONLAT = Transformer.from_crs(4549, 4326, always_xy=True)
Import = Callable[..., ImportReport]


@pytest.fixture
def town(connection: psycopg.Connection) -> Town:
    return make_town(connection, TownPlan("t", "试验镇", "Test", "Asia/Shanghai", metric_srid=4549))


def _square(x: float, y: float, width: float = 1, height: float = 1) -> shapely.Polygon:
    return shapely.box(
        EAST + x * SIDE, NORTH + y * SIDE, EAST + (x + width) * SIDE, NORTH + (y + height) * SIDE
    )


def _table(shapes: list[Any], **columns: list[Any]) -> gpd.GeoDataFrame:
    names = [f"第{number}网格" for number in range(1, len(shapes) + 1)]
    return gpd.GeoDataFrame({"名称": names, **columns}, geometry=shapes, crs=4549)


def _four(**moved: Any) -> list[Any]:
    shapes = {"a": _square(0, 0), "b": _square(1, 0), "c": _square(0, 1), "d": _square(1, 1)}
    return list((shapes | moved).values())


DIRTY: dict[str, tuple[list[Any], str]] = {
    "gap of 0.4 m": (_four(a=_square(0, 0, 0.9996)), "share their vertices"),
    "gap inside": (
        _four(a=shapely.Polygon([(EAST, NORTH), (EAST + 1000, NORTH), (EAST + 999.6, NORTH + 500),
                                 (EAST + 1000, NORTH + 1000), (EAST, NORTH + 1000)])),
        r"gap .* 0\.(39|40)",
    ),
    "overlap of 0.3 m": (_four(a=_square(0, 0, 1.0003)), r"overlap .* 0\.(29|30)"),
    "a corner 0.4 m off": (
        _four(a=shapely.box(EAST, NORTH, EAST + 1000.3, NORTH + 1000.3)), "overlap",
    ),
    "vertex of one on the edge of the other": (
        _four(a=shapely.Polygon([(EAST, NORTH), (EAST + 1000, NORTH), (EAST + 1000, NORTH + 500.1),
                                 (EAST + 1000, NORTH + 1000), (EAST, NORTH + 1000)])),
        "share their vertices",
    ),
    "a spike across itself": (
        _four(a=shapely.Polygon([(EAST, NORTH), (EAST + 1000, NORTH), (EAST + 1000, NORTH + 1000),
                                 (EAST + 500, NORTH + 1000), (EAST + 500.2, NORTH + 1000.3),
                                 (EAST + 500.1, NORTH + 999.9), (EAST, NORTH + 1000)])),
        "crosses itself",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DIRTY)
def test_a_dirty_level_is_told_and_cleaned(
    name: str, bring: Import, connection: psycopg.Connection, tmp_path: Path
) -> None:
    shapes, said = DIRTY[name]
    with pytest.raises(FaultyCoverageError, match=said) as caught:
        bring(_table(shapes), "grids")
    for flaw in caught.value.flaws:
        assert flaw.width_m < 1
        assert 119 < flaw.place[0] < 121
    for file in ("faults.gpkg", "faults.geojson"):
        write_flaws(caught.value.flaws, tmp_path / file)
    assert len(pyogrio.read_dataframe(tmp_path / "faults.geojson")) == len(caught.value.flaws)
    assert len(pyogrio.list_layers(tmp_path / "faults.gpkg")) == 2

    report = bring(_table(shapes), "grids", clean_width_m=0.6)
    assert any("shapes cleaned" in note for note in report.notes)
    assert check_coverage(connection, read_town(connection)).state == State.OK
    stored = _stored(connection, 3)
    for shape, original in zip(stored, shapes, strict=True):
        away = shapely.symmetric_difference(shape, shapely.make_valid(original))
        assert away.buffer(-0.61).is_empty
    assert bring(_table(shapes), "grids", clean_width_m=0.6).loaded == 0


@pytest.mark.parametrize("name", ["gap inside", "overlap of 0.3 m", "a corner 0.4 m off"])
def test_what_is_wider_than_the_width_stays_refused(name: str, bring: Import) -> None:
    with pytest.raises(FaultyCoverageError, match=r"wider than --clean 0\.1"):
        bring(_table(DIRTY[name][0]), "grids", clean_width_m=0.1)


def _stored(connection: psycopg.Connection, level: int) -> list[Any]:
    rows = connection.execute(
        "SELECT ST_AsBinary(ST_Transform(version.geom, 4549)) FROM grids.version "
        "JOIN grids.unit ON unit.id = unit_id WHERE level = %s AND upper_inf(valid) "
        "ORDER BY version.name",
        (level,),
    ).fetchall()
    return [shapely.from_wkb(row[0]) for row in rows]


def test_what_no_fault_touches_keeps_its_coordinates(
    bring: Import, connection: psycopg.Connection
) -> None:
    shapes = [*_four(a=_square(0, 0, 0.9996)), _square(2, 0), _square(2, 1)]
    table = _table(shapes).to_crs(4326)
    bring(table, "grids", clean_width_m=0.6)
    rows = connection.execute(
        "SELECT ST_AsBinary(geom) FROM grids.version JOIN grids.unit ON unit.id = unit_id "
        "WHERE level = 3 ORDER BY version.name"
    ).fetchall()
    for number in (3, 4, 5):
        stored = shapely.normalize(shapely.get_geometry(shapely.from_wkb(rows[number][0]), 0))
        assert stored == shapely.normalize(table.geometry[number])


def test_levels_that_disagree_by_slivers_become_one_arc_set(
    bring: Import, connection: psycopg.Connection
) -> None:
    villages = [_square(0, 0, 1, 2), _square(1, 0, 1, 2)]
    bring(_table(villages, 层级=["村社"] * 2).assign(名称=["东村", "西村"]))
    grids = _four(a=_square(0, 0, 1.0003), b=_square(1.0003, 0, 0.9997))
    with pytest.raises(FaultyCoverageError) as caught:
        bring(_table(grids), "grids")
    assert max(flaw.width_m for flaw in caught.value.flaws) == pytest.approx(0.3, rel=0.2)
    report = bring(_table(grids), "grids", clean_width_m=0.5)
    assert sum("shapes cleaned" in note for note in report.notes) >= 1
    town = read_town(connection)
    assert check_coverage(connection, town).state == State.OK
    for village, before in zip(_stored(connection, 2), villages, strict=True):
        assert shapely.symmetric_difference(village, before).buffer(-0.26).is_empty


def test_hundreds_of_dirty_polygons_are_cleaned(
    bring: Import, connection: psycopg.Connection
) -> None:
    chance = np.random.default_rng(7)
    shapes = []
    for x in range(20):
        for y in range(20):
            ring = shapely.get_coordinates(
                shapely.segmentize(_square(x / 4, y / 4, 0.25, 0.25), 60)
            )
            moved = np.flatnonzero(chance.random(len(ring) - 1) < 0.3)
            ring[moved] += chance.uniform(-0.2, 0.2, (len(moved), 2))
            ring[-1] = ring[0]
            shapes.append(shapely.Polygon(ring))
    report = bring(_table(shapes), "grids", clean_width_m=0.8)
    assert report.loaded == 400
    assert check_coverage(connection, read_town(connection)).state == State.OK
