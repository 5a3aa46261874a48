"""Tables of counts and domains that come in, tables and maps that go out."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.hotspot_files import (
    OUTPUT_ENDINGS,
    read_counts,
    read_domain,
    write_hotspots,
)
from layers.hotspots import Domain, hotspots_of_counts
from spatial.errors import InputError

CENTRE = h3.latlng_to_cell(29.2, 120.05, 9)
CELLS = sorted(h3.grid_disk(CENTRE, 2))
COLUMNS = ["h3", "count", "neighbourhood_count", "z", "p", "class"]


@pytest.mark.parametrize(
    "as_written",
    [str, h3.str_to_int, str.upper, lambda cell: f"0x{cell}"],
    ids=["hexadecimal", "integer", "upper case", "0x"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_counts_are_read_as_tables_write_them(tmp_path: Path, as_written, encoding: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "counts.csv"
    table = pd.DataFrame({" H3 ": map(as_written, CELLS), "说明": "桃源", "Count": range(19)})
    table.to_csv(path, index=False, encoding=encoding)
    read = read_counts(path)
    assert [h3.int_to_str(cell) for cell in read.cells.tolist()] == CELLS
    assert read.counts.tolist() == list(range(19))
    assert read.repeated == 0


def test_counts_are_read_from_excel(tmp_path: Path) -> None:
    path = tmp_path / "counts.xlsx"
    pd.DataFrame({"h3": CELLS, "count": range(19)}).to_excel(path, index=False)
    assert read_counts(path).counts.tolist() == list(range(19))


def test_counts_of_one_cell_are_added_up(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(f"h3,count\n{CENTRE},1\n{CELLS[0]},2\n{CENTRE},4.0\n")
    read = read_counts(path)
    assert dict(zip(read.cells.tolist(), read.counts.tolist(), strict=True)) == {
        h3.str_to_int(CENTRE): 5,
        h3.str_to_int(CELLS[0]): 2,
    }
    assert read.repeated == 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "counts.csv: the file is empty"),
        ("h3,count\n", "counts.csv: no row below the header"),
        ("cell,n\na,1\n", "counts.csv: no column 'h3'; found: cell, n"),
        (f"h3,n\n{CENTRE},1\n", "counts.csv: no column 'count'"),
        (f"h3,count\n{CENTRE},1\nzz,1\n", "counts.csv, line 3: 'zz' is no H3 cell"),
        ("h3,count\n,1\n", "line 2: '' is no H3 cell"),
        *(
            (f"h3,count\n{CENTRE},{count}\n", f"line 2: '{count}' is no count")
            for count in ("-1", "1.5", "many", "nan", "inf", "1e13", "")
        ),
        (
            f"h3,count\n{CENTRE},1\n{h3.cell_to_parent(CENTRE, 8)},1\n",
            "counts.csv: cells of several resolutions can't be compared: 8, 9",
        ),
        (
            f"h3,count\n{CENTRE},1,2,3\n{CENTRE},1\n{CENTRE},1,2,3,4,5\n",
            "counts.csv, line 2: 4 cells under 2 columns",
        ),
    ],
)
def test_a_faulty_table_is_refused_in_one_line(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(text)
    with pytest.raises(InputError) as refusal:
        read_counts(path)
    assert fault in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", ["counts.csv", "counts.xlsx"])
def test_bytes_that_are_no_table_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with pytest.raises(InputError, match="no such file"):
        read_counts(path)
    path.write_bytes(b"\xff\x00\x01\x80" * 50)
    with pytest.raises(InputError, match=name):
        read_counts(path)
    with pytest.raises(InputError):
        read_counts(tmp_path)


@pytest.mark.parametrize("ending", OUTPUT_ENDINGS)
def test_what_is_written_reads_the_same(tmp_path: Path, ending: str) -> None:
    counts = np.random.default_rng(1).poisson(2, len(CELLS))
    table = hotspots_of_counts(np.array(list(map(h3.str_to_int, CELLS))), counts)
    path = tmp_path / f"hot spots{ending}"
    path.write_text("an older file")
    write_hotspots(table, path)
    read = pd.read_csv(path) if ending == ".csv" else gpd.read_file(path)
    read = read.sort_values("h3", ignore_index=True)
    expected = pd.DataFrame(table[COLUMNS])
    pd.testing.assert_frame_equal(
        pd.DataFrame(read[COLUMNS]), expected, check_dtype=False, rtol=0, atol=1e-15
    )
    if ending != ".csv":
        assert read.crs == "EPSG:4326"
        assert shapely.equals_exact(read.geometry, table.geometry, 1e-6).all()
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    table = hotspots_of_counts(np.array([h3.str_to_int(CENTRE)]), np.array([1]))
    with pytest.raises(InputError, match=r"don't know how to write \.shp \(one of \.csv"):
        write_hotspots(table, tmp_path / "a.shp")
    with pytest.raises(InputError, match="there is no such folder"):
        write_hotspots(table, tmp_path / "no" / "a.csv")
    (tmp_path / "taken.csv").mkdir()
    with pytest.raises(InputError, match=r"taken\.csv: can't be written"):
        write_hotspots(table, tmp_path / "taken.csv")


def test_a_table_may_have_any_domain_but_an_outline() -> None:
    cells = np.array(list(map(h3.str_to_int, CELLS)))
    counts = np.arange(len(cells))
    assert len(hotspots_of_counts(cells, counts)) == 19
    assert len(hotspots_of_counts(cells, counts, Domain.OCCUPIED)) == 18
    around = shapely.Point(120.05, 29.2).buffer(0.05)
    found = hotspots_of_counts(cells, counts, around)
    assert len(found) == len(h3.geo_to_cells(around, 9))
    assert found["count"].sum() == counts.sum()
    far = hotspots_of_counts(cells, counts, shapely.box(100, 20, 100.05, 20.05))
    assert far.attrs["beside"] == counts.sum()
    with pytest.raises(InputError, match="has no outline"):
        hotspots_of_counts(cells, counts, Domain.OUTLINE)


def test_a_domain_is_the_ground_of_all_polygons_whatever_the_crs(tmp_path: Path) -> None:
    halves = [shapely.box(120, 29, 120.1, 29.2), shapely.box(120.1, 29, 120.2, 29.2)]
    frame = gpd.GeoDataFrame(geometry=[*halves, shapely.Point(0, 0)], crs="EPSG:4326")
    frame[:2].to_crs("EPSG:4549").to_file(tmp_path / "domain.gpkg")
    ground = read_domain(tmp_path / "domain.gpkg")
    assert ground.symmetric_difference(shapely.union_all(halves)).area < 1e-9


def test_a_domain_may_be_in_gcj02(shared_data: Path) -> None:
    outline = shared_data / "admin" / "datav_gcj02_330782.json"
    shifted, taken_as_said = read_domain(outline, "gcj02"), read_domain(outline)
    assert 0.003 < shifted.centroid.distance(taken_as_said.centroid) < 0.008


def test_a_faulty_domain_is_refused_in_one_line(tmp_path: Path) -> None:
    def refusal(name: str) -> str:
        with pytest.raises(InputError) as refused:
            read_domain(tmp_path / name)
        assert "\n" not in str(refused.value)
        return str(refused.value)

    assert "no such file" in refusal("none.gpkg")
    (tmp_path / "text.geojson").write_text("hello")
    assert "not JSON" in refusal("text.geojson")
    points = gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs="EPSG:4326")
    points.to_file(tmp_path / "points.gpkg")
    assert "there is no polygon in it" in refusal("points.gpkg")
    box = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 1, 1)])
    with pytest.warns(UserWarning, match="'crs' was not provided"):
        box.to_file(tmp_path / "nowhere.shp")
    assert "no CRS or datum is stated" in refusal("nowhere.shp")
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    gpd.GeoDataFrame(geometry=[bow_tie], crs="EPSG:4326").to_file(tmp_path / "tie.gpkg")
    assert "not valid: Self-intersection" in refusal("tie.gpkg")
