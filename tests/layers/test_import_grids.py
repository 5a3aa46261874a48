"""Grids files: codes and parents found, all or none, the outline, history and undo."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import psycopg
import pytest
import shapely
from shapely.geometry.base import BaseGeometry

from layers.coverage_check import check_coverage
from layers.importing.batches import ImportReport
from layers.importing.grid_units import short_name
from layers.importing.grids import GridOptions, import_grids
from layers.importing.options import ImportOptions
from layers.importing.run import import_layer
from layers.importing.undo import undo_batch
from layers.towns import TownPlan, make_town, official_plan
from spatial.checks import State
from spatial.errors import ConflictError, GridwhistleError, InputError
from spatial.town import Town, read_town

WEST, SOUTH, STEP = 120.0, 29.2, 0.01
Import = Callable[..., ImportReport]


@pytest.fixture
def town(connection: psycopg.Connection) -> Town:
    return make_town(connection, TownPlan("t", "试验镇", "Test", "Asia/Shanghai"))


def _square(x: float, y: float, width: float = 1, height: float = 1) -> BaseGeometry:
    """In steps from the corner; every whole step on the way is a vertex."""
    west, south = WEST + x * STEP, SOUTH + y * STEP
    return shapely.box(west, south, WEST + (x + width) * STEP, SOUTH + (y + height) * STEP)


def _row(x: int, y: int, count: int) -> BaseGeometry:
    """Squares side by side as one, with all their corners."""
    return shapely.union_all([_square(x + i, y) for i in range(count)])


def _villages(**columns: list[Any]) -> gpd.GeoDataFrame:
    """Two villages, each with the vertex in the middle of its sides that its grids share."""
    shapes = [shapely.union_all([_square(x, 0), _square(x, 1)]) for x in (0, 1)]
    return gpd.GeoDataFrame({"名称": ["东村", "西村"], **columns}, geometry=shapes, crs=4326)


def _grids() -> gpd.GeoDataFrame:
    places = [(0, 0), (0, 1), (1, 0), (1, 1)]
    names = [f"第{number}网格" for number in range(1, 5)]
    return gpd.GeoDataFrame({"网格名称": names}, geometry=[_square(*p) for p in places], crs=4326)


def _units(connection: psycopg.Connection, level: int) -> list[tuple[Any, ...]]:
    return connection.execute(
        "SELECT unit.code, version.name, parent.code FROM grids.unit "
        "JOIN grids.unit AS parent ON parent.id = unit.parent_id "
        "LEFT JOIN grids.version ON version.unit_id = unit.id AND upper_inf(version.valid) "
        "WHERE unit.level = %s ORDER BY unit.code",
        (level,),
    ).fetchall()


def _everything(connection: psycopg.Connection) -> list[tuple[Any, ...]]:
    return connection.execute(
        "SELECT unit.code, unit.parent_id, version.name, version.valid, ST_AsEWKB(version.geom), "
        "ST_AsEWKB(town.outline) FROM grids.unit JOIN spatial.town ON true "
        "LEFT JOIN grids.version ON version.unit_id = unit.id ORDER BY 1, 4"
    ).fetchall()


def test_villages_make_the_town_and_grids_find_their_villages(
    bring: Import, connection: psycopg.Connection
) -> None:
    assert bring(_villages(), "villages").loaded == 2
    assert bring(_grids(), "grids").loaded == 4
    assert _units(connection, 2) == [("t-V0001", "东村", "t"), ("t-V0002", "西村", "t")]
    assert [parent for _, _, parent in _units(connection, 3)] == [
        "t-V0001", "t-V0001", "t-V0002", "t-V0002",
    ]  # fmt: skip
    town = read_town(connection)
    assert town.metric_srid == 4549
    assert town.outline is not None
    assert town.outline.equals(_square(0, 0, 2, 2))
    assert check_coverage(connection, town).state == State.OK


def test_the_same_file_again_changes_nothing(bring: Import, connection: psycopg.Connection) -> None:
    bring(_villages(), "villages")
    before = _everything(connection)
    again = bring(_villages().to_crs(4490), "villages")
    assert (again.loaded, again.unchanged) == (0, 2)
    assert _everything(connection) == before


def test_one_file_of_several_levels(bring: Import, connection: psycopg.Connection) -> None:
    villages = _villages(编码=["a", "b"], 层级=["村社", "村社"], 上级=["t", "试验镇"])
    grids = _grids().rename(columns={"网格名称": "名称"})
    grids[["编码", "层级", "上级"]] = [
        ["a1", "网格", "a"], ["a2", "网格", "东村"], ["b1", "网格", "b"], ["b2", "网格", "西村"],
    ]  # fmt: skip
    both = gpd.GeoDataFrame(pd.concat([grids, villages]), crs=4326)
    assert bring(both).loaded == 6
    assert [row[0] for row in _units(connection, 3)] == ["a1", "a2", "b1", "b2"]


def test_a_name_that_comes_twice_is_known_by_its_turn(
    bring: Import, connection: psycopg.Connection
) -> None:
    twins = _villages(名称=["同名村", "同名村"])
    assert bring(twins, "villages").loaded == 2
    assert bring(twins, "villages").unchanged == 2
    assert [name for _, name, _ in _units(connection, 2)] == ["同名村", "同名村"]


def test_villages_that_come_after_grids_go_between(
    bring: Import, connection: psycopg.Connection
) -> None:
    bring(_grids(), "grids")
    assert {parent for *_, parent in _units(connection, 3)} == {"t"}
    report = bring(_villages(), "villages")
    assert {parent for *_, parent in _units(connection, 3)} == {"t-V0001", "t-V0002"}
    undo_batch(connection, report.batch_id)
    assert {parent for *_, parent in _units(connection, 3)} == {"t"}


def test_official_villages_get_their_shapes_by_name(
    connection: psycopg.Connection, tmp_path: Path
) -> None:
    make_town(connection, official_plan("330782100"))
    assert len(_units(connection, 2)) == 61
    features = _villages(名称=["大成社区", "渡磬社区"])
    names = connection.execute(
        "SELECT name FROM grids.unit WHERE level = 2 ORDER BY code LIMIT 2"
    ).fetchall()
    features["名称"] = [name for (name,) in names]
    features.to_file(tmp_path / "v.gpkg")
    file = ImportOptions(path=tmp_path / "v.gpkg", rejects_path=tmp_path / "none")
    import_grids(connection, GridOptions(file, "villages"))
    shaped = [row for row in _units(connection, 2) if row[1]]
    assert [(name,) for _, name, _ in shaped] == names
    assert all(code.startswith("330782100") for code, *_ in shaped)
    assert len(_units(connection, 2)) == 61


def _bow_tie() -> BaseGeometry:
    corners = [(120.0, 29.2), (120.01, 29.22), (120.01, 29.2), (120.0, 29.22)]
    return shapely.Polygon(corners)


BAD: dict[str, tuple[Callable[[], gpd.GeoDataFrame], str]] = {
    "overlap": (
        lambda: _grids().assign(geometry=[_square(0, 0, 1.1), *_grids().geometry[1:]]),
        "overlap|share their vertices",
    ),
    "gap of half a metre": (
        lambda: _grids().assign(geometry=[_square(0, 0, 0.9995), *_grids().geometry[1:]]),
        "gap|share their vertices",
    ),
    "a piece missing": (lambda: _grids().iloc[:3], "rings are not the parent's"),
    "beyond the village": (
        lambda: _grids().assign(
            geometry=[*_grids().geometry[:3], _row(1, 1, 2)], 上级=["东村", "东村", "西村", "西村"]
        ),
        "rings are not the parent's",
    ),
    "crosses itself": (
        lambda: _grids().assign(geometry=[_bow_tie(), *_grids().geometry[1:]]),
        r"第1网格.*Self-intersection",
    ),
    "a point": (
        lambda: _grids().assign(geometry=[shapely.Point(120, 29.2), *_grids().geometry[1:]]),
        "第1网格.*is wanted",
    ),
    "one code twice": (lambda: _grids().assign(编码=["1", "2", "1", "4"]), "code 1 stands"),
    "no such parent": (lambda: _grids().assign(上级=["东村", "南村", "西村", "西村"]), "南村"),
    "no name": (lambda: _grids().assign(网格名称=[None, "b", "c", "d"]), "neither name nor code"),
    "elsewhere": (
        lambda: _grids().assign(geometry=_grids().geometry.translate(1, 0)), "no parent holds it",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_one_fault_refuses_the_file_and_changes_nothing(
    name: str, bring: Import, connection: psycopg.Connection
) -> None:
    make, said = BAD[name]
    bring(_villages(), "villages")
    before = _everything(connection)
    with pytest.raises(GridwhistleError, match=said) as caught:
        bring(make(), "grids")
    assert "\n" not in str(caught.value)
    assert _everything(connection) == before


def test_parents_take_on_the_vertices_of_their_children(
    bring: Import, connection: psycopg.Connection
) -> None:
    plain = [_square(0, 0, 1, 2), _square(1, 0, 1, 2)]
    bring(_villages().set_geometry(plain, crs=4326), "villages")
    report = bring(_grids(), "grids")
    town = read_town(connection)
    assert check_coverage(connection, town).state == State.OK
    assert shapely.get_num_coordinates(town.outline) == 9
    undo_batch(connection, report.batch_id)
    assert shapely.get_num_coordinates(read_town(connection).outline) == 7


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("大成社区居民委员会", "大成社区"),
        ("新塘西村村民委员会", "新塘西村"),
        ("新塘西村村委会", "新塘西村"),
        ("大成社区居委会", "大成社区"),
        ("云山村委会", "云山村"),
        ("大成社区", "大成社区"),
        ("云山村", "云山村"),
    ],
)
def test_a_village_is_known_without_its_committee(name: str, short: str) -> None:
    assert short_name(name) == short


@pytest.mark.usefixtures("town")
def test_a_level_must_be_known(connection: psycopg.Connection, tmp_path: Path) -> None:
    _villages().to_file(tmp_path / "areas.gpkg")
    file = ImportOptions(path=tmp_path / "areas.gpkg", rejects_path=tmp_path / "none")
    with pytest.raises(InputError, match="--level"):
        import_grids(connection, GridOptions(file))


def test_a_moved_boundary_ends_the_old_versions_and_undo_revives_them(
    bring: Import, connection: psycopg.Connection
) -> None:
    bring(_villages(), "villages", valid_from="2024-01-01")
    before = _everything(connection)
    # New vertices stand on the town's straight edges; the town takes them on.
    moved = [_square(0, 0, 0.5, 2), _square(0.5, 0, 1.5, 2)]
    changed = bring(_villages().set_geometry(moved, crs=4326), "villages", valid_from="2025-01-01")
    assert changed.loaded == 2
    ended = connection.execute(
        "SELECT upper(valid) FROM grids.version WHERE NOT upper_inf(valid)"
    ).fetchall()
    assert ended == [(datetime.fromisoformat("2025-01-01T00:00+08:00"),)] * 3  # and the town's
    with pytest.raises(ConflictError, match="--valid-from"):
        bring(_villages().iloc[::-1].assign(名称=["东村", "西村"]), "villages",
              valid_from="2024-06-01")  # fmt: skip
    undo_batch(connection, changed.batch_id)
    assert _everything(connection) == before


def test_undo_goes_backwards_only_and_leaves_nothing(
    bring: Import, connection: psycopg.Connection
) -> None:
    empty = _everything(connection)
    villages, grids = bring(_villages(), "villages"), bring(_grids(), "grids")
    with pytest.raises(ConflictError, match="first"):
        undo_batch(connection, villages.batch_id)
    undo_batch(connection, grids.batch_id)
    undo_batch(connection, villages.batch_id)
    assert _everything(connection) == empty
    assert read_town(connection).outline is None


def test_incidents_belong_to_the_micro_grid_of_their_day(
    bring: Import, connection: psycopg.Connection, tmp_path: Path
) -> None:
    path = tmp_path / "i.csv"
    path.write_text("time,lon,lat\n2024-06-01,120.005,29.205\n2023-06-01,120.005,29.205\n")
    options = ImportOptions(path=path, rejects_path=tmp_path / "none", crs="wgs84")
    import_layer(connection, "incidents", options)
    report = bring(_villages(), "micro-grids", valid_from="2024-01-01")
    held = connection.execute(
        "SELECT version.name FROM layers.incident LEFT JOIN grids.version "
        "ON version.id = grid_version_id ORDER BY occurred_at"
    ).fetchall()
    assert held == [(None,), ("东村",)]
    undo_batch(connection, report.batch_id)
    left = connection.execute("SELECT count(grid_version_id) FROM layers.incident").fetchone()
    assert left == (0,)
