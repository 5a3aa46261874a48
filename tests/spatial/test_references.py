"""A file that names other files or machines: none of them is opened or asked."""

from __future__ import annotations

import json
import sqlite3
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from spatial.errors import InputError
from spatial.vectorfile import read_vector_file

SQUARE = '"type":"Polygon","coordinates":[[[120,29],[121,29],[121,30],[120,29]]]'
TEXT_OF = "CREATE VIRTUAL TABLE x {using}VirtualText('{file}', 'UTF-8', 0, POINT, NONE, ':')"
VIEW = "CREATE VIEW v AS SELECT t.fid AS fid, t.geom AS geom, x.COL001 AS name FROM t, x"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("the key of the house:1\n")
    return path


def package(path: Path, *schema: str) -> Path:
    """A GeoPackage with a layer `t`, its index, and whatever else."""
    layer = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.box(120, 29, 121, 30)], crs=4326)
    layer.to_file(path, layer="t")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA writable_schema = ON")
        for statement in schema:
            kind, name = ("view", "v") if "VIEW" in statement else ("table", "x")
            database.execute(
                "INSERT INTO sqlite_schema VALUES (?, ?, ?, 0, ?)", (kind, name, name, statement)
            )
        if VIEW in schema:
            database.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)"
                " VALUES ('v', 'features', 'v', 4326)"
            )
            database.execute(
                "INSERT INTO gpkg_geometry_columns VALUES ('v', 'geom', 'POLYGON', 4326, 0, 0)"
            )
    return path


@pytest.mark.parametrize("using", ["USING ", "USING/**/", "USING --rtree(\n", "using\t"])
def test_a_package_shows_no_other_file(tmp_path: Path, secret: Path, using: str) -> None:
    table = TEXT_OF.format(using=using, file=secret)
    path = package(tmp_path / "a.gpkg", table, VIEW)
    with pytest.raises(InputError, match="no table of its own"):
        read_vector_file(path, layer="v")
    packed = tmp_path / "a.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(path, "a.gpkg")
    with pytest.raises(InputError, match="no table of its own"):
        read_vector_file(packed, layer="v")


def test_a_view_that_says_it_is_an_index_is_a_view(tmp_path: Path) -> None:
    path = package(tmp_path / "a.gpkg", VIEW.replace(", x", ""))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute("UPDATE sqlite_schema SET type = 'index' WHERE name = 'v'")
    with pytest.raises(InputError):
        read_vector_file(path, layer="t")


def test_a_package_runs_nothing_by_a_view(tmp_path: Path) -> None:
    view = "CREATE VIEW v AS SELECT t.fid, t.geom, SqlProc_Execute(x'00') AS name FROM t"
    with pytest.raises(InputError, match="no table of its own"):
        read_vector_file(package(tmp_path / "a.gpkg", view), layer="t")


def test_what_is_written_beside_a_package_counts(tmp_path: Path) -> None:
    path = package(tmp_path / "a.gpkg")
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE VIEW v AS SELECT 1")
        database.commit()
        with pytest.raises(InputError, match="no table of its own"):
            read_vector_file(path, layer="t")


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_package_with_its_index_and_a_search_is_read(tmp_path: Path, mode: str) -> None:
    path = package(tmp_path / "a.gpkg")
    with closing(sqlite3.connect(path)) as database, database:
        assert database.execute(
            "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%USING rtree%'"
        ).fetchone() > (0,)
        database.execute('CREATE VIRTUAL TABLE "words of t" USING fts5(name)')
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"PRAGMA journal_mode = {mode}")
    packed = tmp_path / "a.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(path, "a.gpkg")
    for each in (path, packed):
        assert read_vector_file(each, layer="t")["name"].tolist() == ["a"]


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """An address, and the paths that were asked for there."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


def collection(*members: str, inside: str = "") -> str:
    within = f"{{{SQUARE}{inside}}}"
    feature = f'{{"type":"Feature","properties":{{"type":"link","name":"a"}},"geometry":{within}}}'
    return "{" + ",".join(['"type":"FeatureCollection"', *members, f'"features":[{feature}]']) + "}"


LINK = '"crs":{"type":"link","properties":{"href":"URL/a","type":"ogcwkt"}}'
LINKED = {
    "link": collection(LINK),
    "url": collection('"crs":{"type":"URL","properties":{"url":"URL/a"}}'),
    "in capitals": collection('"CRS":{"TYPE":"LINK","PROPERTIES":{"HREF":"URL/a"}}'),
    "in numbers": collection(LINK.replace("crs", "c\\u0072s").replace("link", "l\\u0069nk")),
    "and more after a NUL": collection(LINK.replace("crs", "crs\\u0000s")),
    "of a geometry": collection(inside=f",{LINK}"),
    "before another": collection(LINK, '"crs":null'),
    "a line each": f'{{"type":"Feature","properties":{{}},"geometry":{{{SQUARE},{LINK}}}}}\n' * 2,
}


@pytest.mark.parametrize("content", LINKED.values(), ids=LINKED.keys())
def test_no_machine_is_asked_for_a_crs(
    tmp_path: Path, listener: tuple[str, list[str]], content: str
) -> None:
    address, asked = listener
    path = tmp_path / "a.geojson"
    path.write_text(content.replace("URL/", f"{address}/"))
    with pytest.raises(InputError, match=r"a\.geojson: its CRS is behind a link"):
        read_vector_file(path)
    assert asked == []


def test_a_street_of_type_link_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(collection('"crs":{"type":"name","properties":{"name":"EPSG:4490"}}'))
    assert json.loads(path.read_text())["features"][0]["properties"]["type"] == "link"
    assert read_vector_file(path)["name"].tolist() == ["a"]
