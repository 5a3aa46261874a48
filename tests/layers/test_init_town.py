"""Making towns: official ones, any on earth, and what is refused."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import psycopg
import pytest
import shapely

from layers.importing.grid_units import short_name
from layers.towns import (
    TownPlan,
    code_of_name,
    make_town,
    official_plan,
    outline_from_bbox,
    outline_from_file,
    set_outline,
)
from spatial.errors import ConflictError, InputError, NotFoundError
from spatial.time_zones import check_time_zone

VADUZ = outline_from_bbox("9.47,47.05,9.64,47.28")


@pytest.mark.parametrize(("code", "villages"), [("330782100", 61), ("330421111", 25)])
def test_an_official_town_knows_its_villages(
    code: str, villages: int, connection: psycopg.Connection
) -> None:
    town = make_town(connection, official_plan(code))
    assert (town.code, town.time_zone, town.metric_srid) == (code, "Asia/Shanghai", 4549)
    assert town.outline is None
    found = connection.execute(
        "SELECT count(*), count(name), count(*) FILTER (WHERE code LIKE %s) FROM grids.unit "
        "WHERE level = 2",
        (f"{code}%",),
    ).fetchone()
    assert found == (villages, villages, villages)


def test_villages_agree_with_the_official_list(
    connection: psycopg.Connection, shared_data: Path
) -> None:
    make_town(connection, official_plan("330782100"))
    lines = (shared_data / "admin/villages_fotang_yaozhuang.csv").read_text().splitlines()[1:]
    listed = {
        (code, short_name(name.strip('"')))
        for code, name, *_ in (line.split(",") for line in lines)
        if code.startswith("330782100")
    }
    stored = connection.execute("SELECT code, name FROM grids.unit WHERE level = 2").fetchall()
    assert set(stored) == listed


def test_an_unknown_code_lists_the_known_ones() -> None:
    with pytest.raises(NotFoundError, match="330782100"):
        official_plan("110101001")


def test_a_town_anywhere_gets_the_zone_of_its_centre(connection: psycopg.Connection) -> None:
    town = make_town(connection, TownPlan("v", "Vaduz", "Vaduz", "Europe/Vaduz", VADUZ))
    assert town.metric_srid == 32632
    assert town.now().tzinfo is not None


def test_a_stated_metric_crs_stays_when_the_outline_comes(connection: psycopg.Connection) -> None:
    town = make_town(connection, TownPlan("v", "Vaduz", "Vaduz", "Europe/Vaduz", metric_srid=2056))
    assert town.outline is None
    assert set_outline(connection, town, VADUZ).metric_srid == 2056


def test_a_second_town_is_refused(connection: psycopg.Connection) -> None:
    make_town(connection, official_plan("330782100"))
    with pytest.raises(ConflictError, match="佛堂镇"):
        make_town(connection, official_plan("330421111"))


def test_a_town_beside_the_demo_is_refused(connection: psycopg.Connection) -> None:
    make_town(connection, official_plan("330782100"))
    connection.execute("UPDATE spatial.town SET synthetic = true")
    with pytest.raises(ConflictError, match="demo"):
        make_town(connection, official_plan("330421111"))


@pytest.mark.parametrize("name", ["Asia/Shanghia", "CST+8", "", "../etc/passwd"])
def test_an_unknown_time_zone_is_refused_with_near_ones(name: str) -> None:
    with pytest.raises(InputError, match="--tz "):
        check_time_zone(name)


@pytest.mark.parametrize(
    "text", ["1,2,3", "a,b,c,d", "10,50,5,60", "9,47,10,95", "47,9,47.1,9.1,0", "200,1,201,2"]
)
def test_what_is_no_bbox_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="--bbox"):
        outline_from_bbox(text)


@pytest.mark.parametrize("srid", [4326, 999_999])
def test_a_metric_crs_must_be_one(srid: int, connection: psycopg.Connection) -> None:
    plan = TownPlan("v", "Vaduz", "Vaduz", "Europe/Vaduz", VADUZ, srid)
    with pytest.raises(InputError, match=str(srid)):
        make_town(connection, plan)


def test_an_outline_from_the_real_file_in_gcj02(shared_data: Path) -> None:
    outline = outline_from_file(shared_data / "admin/datav_gcj02_330782.json", "gcj02")
    assert outline.is_valid
    assert outline.bounds == pytest.approx((119.815, 29.037, 120.278, 29.552), abs=0.001)


def test_an_outline_is_made_of_polygons(tmp_path: Path) -> None:
    path = tmp_path / "line.geojson"
    path.write_text(shapely.to_geojson(shapely.LineString([(9, 47), (9.1, 47)])))
    with pytest.raises(InputError, match="polygons"):
        outline_from_file(path, None)


def test_the_outline_is_one_layer_of_several(tmp_path: Path) -> None:
    path = tmp_path / "grids.gpkg"
    for layer, east in (("town", 120.2), ("villages", 120.1)):
        square = gpd.GeoDataFrame(geometry=[shapely.box(120, 29, east, 29.1)], crs=4326)
        square.to_file(path, layer=layer)
    assert outline_from_file(path, None, "town").bounds == (120, 29, 120.2, 29.1)
    for layer in (None, "grids"):
        with pytest.raises(InputError, match=r"--layer town\|villages"):
            outline_from_file(path, None, layer)


@pytest.mark.parametrize(
    ("name", "code"),
    [("Vaduz", "vaduz"), ("New York City", "new-york-city"), ("佛堂镇", "佛堂镇"), ("!!", "town")],
)
def test_codes_of_names(name: str, code: str) -> None:
    assert code_of_name(name) == code
