"""A file of one layer that is called as a level needs no --level; and how much an import asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import psycopg
import pytest
import shapely

from layers.gridfiles.dxf_reading import only_level_of_name
from layers.importing.grid_source import open_grid_source
from layers.importing.grids import GridOptions, import_grids
from layers.importing.options import ImportOptions
from layers.towns import TownPlan, make_town
from spatial.errors import InputError


@pytest.fixture
def small_real_town(connection: psycopg.Connection) -> None:
    make_town(connection, TownPlan("t", "龘镇", "Test", "Asia/Shanghai", metric_srid=4549))


def _squares(count: int, **columns: list[Any]) -> gpd.GeoDataFrame:
    """A row of squares with codes."""
    boxes = [shapely.box(120 + i / 1000, 29, 120 + (i + 1) / 1000, 29.001) for i in range(count)]
    codes = [f"330799102{number:03d}" for number in range(1, count + 1)]
    return gpd.GeoDataFrame({"code": codes} | columns, geometry=boxes, crs=4326)


@pytest.mark.parametrize(
    ("name", "level"),
    [("micro-grids", 4), ("佛堂镇微网格", 4), ("2025_Grids_final", 3), ("村社", 2),
     ("town", None), ("fotang", None), ("villages and grids", None), ("网格_微网格", None)],
)  # fmt: skip
def test_a_name_says_a_level_where_it_says_one_only(name: str, level: int | None) -> None:
    assert only_level_of_name(name) == level


@pytest.mark.parametrize(
    ("file", "layer", "level"),
    [("micro-grids.gpkg", "micro-grids", "micro-grids"), ("网格.shp", None, "grids"),
     ("villages.geojson", None, "villages"), ("a.gpkg", "微网格", "micro-grids"),
     ("grids.gpkg", "villages", "villages"), ("a.gpkg", "b", None)],
)  # fmt: skip
def test_a_single_layer_is_of_the_level_that_it_is_called(
    file: str, layer: str | None, level: str | None, tmp_path: Path
) -> None:
    path = tmp_path / file
    _squares(1).to_file(path, **({"layer": layer} if layer else {}))
    source = open_grid_source(ImportOptions(path=path, rejects_path=path), None)
    assert ("level" in source.rows.columns) == bool(level)
    if level:
        assert set(source.rows["level"]) == {level}
        assert level in source.notes[0]


def test_what_a_person_or_a_column_says_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "grids.gpkg"
    _squares(1, 层级=["villages"]).to_file(path)
    options = ImportOptions(path=path, rejects_path=path)
    assert not open_grid_source(options, None).notes
    _squares(1).to_file(path)
    assert not open_grid_source(options, "villages").notes


@pytest.mark.parametrize(
    ("column", "longest"), [("code", 40), ("name", 200), ("name_en", 200), ("parent", 200)]
)
@pytest.mark.usefixtures("small_real_town")
def test_a_text_that_is_too_long_is_named_by_line_and_column(
    column: str, longest: int, connection: psycopg.Connection, tmp_path: Path
) -> None:
    squares = _squares(2)
    squares[column] = [squares["code"][0], "3" * (longest + 1)]
    squares.to_file(tmp_path / "grids.gpkg")
    file = ImportOptions(path=tmp_path / "grids.gpkg", rejects_path=tmp_path)
    with pytest.raises(InputError, match=rf"line 2: {column} is longer than {longest} "):
        import_grids(connection, GridOptions(file))


class _Counted(psycopg.Connection[Any]):
    """Counts the statements that go through it."""

    statements = 0

    def execute(self, *asked: Any, **said: Any) -> Any:
        self.statements += 1
        return super().execute(*asked, **said)


def _statements_for(conninfo: str, path: Path) -> int:
    """How many an import takes, which is taken back."""
    with _Counted.connect(conninfo) as connection:
        make_town(connection, TownPlan("t", "龘镇", "Test", "Asia/Shanghai", metric_srid=4549))
        connection.statements = 0
        file = ImportOptions(path=path, rejects_path=path)
        report = import_grids(connection, GridOptions(file))
        assert report.loaded == len(gpd.read_file(path))
        connection.rollback()
        return connection.statements


def test_a_large_file_takes_no_more_statements_than_a_small_one(
    empty_database: str, tmp_path: Path
) -> None:
    paths = [tmp_path / name / "grids.gpkg" for name in ("small", "large")]
    for path, count in zip(paths, (2, 200), strict=True):
        path.parent.mkdir()
        _squares(count).to_file(path)
    small, large = (_statements_for(empty_database, path) for path in paths)
    assert large == small
