"""`grids` and `import grids` as they are typed: files out and in, faults told and drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely
from click.testing import CliRunner, Result

from api.cli import cli
from layers.importing.grid_flaws import FaultyCoverageError
from spatial.errors import GridwhistleError, InputError

Run = Callable[..., Result]
BEGIN = ("init", "--name", "试验镇", "--tz", "Asia/Shanghai", "--bbox", "120,29,120.1,29.1")


@pytest.fixture
def run(database: str, tmp_path: Path) -> Run:
    """Runs a command; an error meant for a person is raised as it is, with what was said."""

    def invoke(*arguments: str) -> Result:
        said = ["--data", str(tmp_path / "data"), *arguments]
        result = CliRunner().invoke(cli, said, env={"DATABASE_URL": database})
        if isinstance(result.exception, GridwhistleError):
            result.exception.add_note(result.stdout)
            raise result.exception
        return result

    return invoke


def _grids(path: Path, *, overlap_deg: float = 0.0) -> str:
    shapes = [
        shapely.box(120, 29, 120.02 + overlap_deg, 29.02),
        shapely.box(120.02, 29, 120.04, 29.02),
    ]
    table = gpd.GeoDataFrame({"编码": ["1", "2"]}, geometry=shapes, crs=4490)
    table.to_file(path)
    return str(path)


def test_grids_go_out_and_come_back_unchanged(run: Run, tmp_path: Path) -> None:
    run(*BEGIN)
    grids = _grids(tmp_path / "grids.gpkg")
    assert "2 loaded" in run("import", "grids", grids, "--level", "grids").stdout
    for name, crs in (("a.gpkg", "EPSG:4549"), ("b.zip", "EPSG:4490"), ("c.geojson", "gcj02")):
        out = str(tmp_path / name)
        assert run("grids", "export", out, "--crs", crs).exit_code == 0
        again = run("import", "grids", out).stdout
        assert "no change" in again, name
        assert "2 unchanged" in again, name
    drawing = str(tmp_path / "d.dxf")
    run("grids", "export", drawing, "--crs", "EPSG:4549")
    assert "no change" in run("import", "grids", drawing, "--crs", "EPSG:4549").stdout
    with pytest.raises(InputError, match="already"):
        run("grids", "export", drawing)


def test_shapefiles_beside_each_other(run: Run, tmp_path: Path) -> None:
    run(*BEGIN)
    run("import", "grids", _grids(tmp_path / "grids.gpkg"), "--level", "grids")
    folder = tmp_path / "shapes"
    folder.mkdir()
    said = run("grids", "export", str(folder / "x.shp"), "--crs", "EPSG:4490").stdout
    assert "x-grids.shp" in said
    assert "no change" in run("import", "grids", str(folder)).stdout


def test_faults_are_listed_and_drawn_and_slivers_cleaned(run: Run, tmp_path: Path) -> None:
    run(*BEGIN)
    grids = _grids(tmp_path / "grids.gpkg", overlap_deg=3e-6)
    drawn = tmp_path / "faults.geojson"
    with pytest.raises(FaultyCoverageError, match=r"overlap .* 0\.(29|30)") as caught:
        run("import", "grids", grids, "--level", "grids", "--faults", str(drawn))
    [said] = caught.value.__notes__
    assert "overlap" in said
    assert str(drawn) in said
    faults = pyogrio.read_dataframe(drawn)
    assert set(faults["kind"]) >= {"overlap"}
    cleaned = run("import", "grids", grids, "--level", "grids", "--clean", "0.5")
    assert "shapes cleaned" in cleaned.stdout
    assert cleaned.stdout.splitlines()[-1] == "2 loaded, 0 rejected"


def test_a_draft_needs_an_author(run: Run, tmp_path: Path) -> None:
    run(*BEGIN)
    grids = _grids(tmp_path / "grids.gpkg")
    refused = run("import", "grids", grids, "--level", "grids", "--draft", "x")
    assert refused.exit_code == 2
    assert "--as" in refused.output


def test_maps_and_tables_of_what_is_not_there_are_errors(run: Run, tmp_path: Path) -> None:
    run(*BEGIN)
    for command in (
        ("grids", "maps", str(tmp_path / "maps")),
        ("grids", "changes", "7", str(tmp_path / "x.xlsx")),
        ("grids", "export", str(tmp_path / "x.gpkg")),
    ):
        with pytest.raises(GridwhistleError) as caught:
            run(*command)
        assert "\n" not in str(caught.value)
