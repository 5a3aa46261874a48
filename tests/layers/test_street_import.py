"""Streets, ground and outline from files into a town; who of it is nearest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pytest
import shapely

from layers.dispatch.asked import RankRequest
from layers.dispatch.current_engine import CurrentEngine
from layers.dispatch.nearest import rank
from layers.streets import StreetSource, import_streets
from layers.towns import TownPlan, make_town
from routing.modes import Mode
from routing.stored.graph_store import graph_version, load_graph
from routing.stored.store import load_streets
from spatial.errors import ConflictError, InputError, NotFoundError
from spatial.town import Town, read_town

OSM = """<osm version="0.6">
<node id="1" version="1" lon="120" lat="29"/><node id="2" version="1" lon="120.01" lat="29"/>
<node id="3" version="1" lon="120.01" lat="29.01"/><node id="4" version="1" lon="120" lat="29.01"/>
<node id="5" version="1" lon="120.005" lat="29.005"><tag k="place" v="village"/>
  <tag k="name" v="桃源新邨"/><tag k="name:en" v="Taoyuan"/></node>
<way id="1" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/>
  <tag k="highway" v="residential"/><tag k="name" v="街"/></way>
<way id="2" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/>
  <tag k="building" v="house"/><tag k="building:levels" v="3"/></way>
<way id="3" version="1"><nd ref="3"/><nd ref="4"/><tag k="waterway" v="river"/></way>
<way id="4" version="1"><nd ref="4"/><nd ref="1"/><tag k="highway" v="service"/></way>
</osm>"""


@pytest.fixture
def town(connection: psycopg.Connection) -> Town:
    return make_town(connection, TownPlan("t", "试验镇", "Trial", "Asia/Shanghai"))


@pytest.fixture
def osm(tmp_path: Path) -> StreetSource:
    path = tmp_path / "town.osm"
    path.write_text(OSM, encoding="utf-8")
    return StreetSource(path)


def _count(connection: psycopg.Connection, table: str) -> Any:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return row[0] if row else None


def _add_responder(connection: psycopg.Connection, town: Town, key: str, *where: Any) -> None:
    lon, lat, mode, on_duty = where
    connection.execute(
        "INSERT INTO layers.responder (town_id, key, label, mode, on_duty, geom, inside, batch_id) "
        "SELECT %s, %s, %s, %s, %s, ST_SetSRID(ST_Point(%s, %s), 4326), true, max(id) "
        "FROM spatial.batch",
        (town.id, key, key, mode, on_duty, lon, lat),
    )


def test_streets_ground_and_outline_come_in_one_batch(
    connection: psycopg.Connection, town: Town, osm: StreetSource
) -> None:
    summary = import_streets(connection, town, osm)
    assert (summary.streets, summary.nodes, summary.outline_made) == (2, 3, True)
    assert summary.ground == {"water": 1, "buildings": 1, "places": 1}
    town = read_town(connection)
    assert town.metric_srid == 4549
    assert town.outline is not None
    assert town.outline.contains(shapely.MultiPoint([(120, 29), (120.01, 29.01), (120, 29.01)]))
    row = connection.execute("SELECT key, use, floors, inside FROM layers.building").fetchone()
    assert row == ("osm:w2", "residential", 3, True)
    row = connection.execute("SELECT name, name_en, kind FROM layers.place").fetchone()
    assert row == ("桃源新邨", "Taoyuan", "village")
    assert _count(connection, "spatial.batch") == 1


def test_importing_again_replaces_and_keeps_what_is_the_same(
    connection: psycopg.Connection, town: Town, osm: StreetSource
) -> None:
    import_streets(connection, town, osm)
    before = load_streets(connection, town.id)
    first_version = graph_version(connection, town.id)
    building = connection.execute("SELECT id FROM layers.building").fetchone()
    import_streets(connection, read_town(connection), osm)
    after = load_streets(connection, town.id)
    pd.testing.assert_frame_equal(before.streets, after.streets)
    pd.testing.assert_frame_equal(before.nodes, after.nodes)
    assert graph_version(connection, town.id) != first_version
    assert connection.execute("SELECT id FROM layers.building").fetchone() == building
    for table in ("layers.water", "layers.place", "layers.building", "routing.graph"):
        assert _count(connection, table) == 1


def test_what_is_stored_is_what_the_engine_starts_from(
    connection: psycopg.Connection, town: Town, osm: StreetSource
) -> None:
    import_streets(connection, town, osm)
    graph, streets = load_graph(connection, town.id), load_streets(connection, town.id)
    assert graph.street_ids.tolist() == streets.streets["id"].tolist()
    assert graph.length_m.tolist() == streets.streets["length_m"].tolist()
    assert streets.streets["ref"].tolist() == [None, None]
    assert shapely.equals(graph.lines, streets.streets.geometry.to_numpy()).all()


def test_a_stated_outline_stays(connection: psycopg.Connection, osm: StreetSource) -> None:
    outline = shapely.MultiPolygon([shapely.box(120, 29, 121, 30)])
    plan = TownPlan("t", "镇", "T", "Asia/Shanghai", outline=outline)
    summary = import_streets(connection, make_town(connection, plan), osm)
    assert not summary.outline_made
    assert read_town(connection).outline == outline


def test_a_bad_file_changes_nothing(
    connection: psycopg.Connection, town: Town, osm: StreetSource, tmp_path: Path
) -> None:
    import_streets(connection, town, osm)
    (tmp_path / "bad.osm").write_text("<osm")
    with pytest.raises(InputError, match=r"bad\.osm"):
        import_streets(connection, town, StreetSource(tmp_path / "bad.osm"))
    assert len(load_streets(connection, town.id).streets) == 2


def test_a_demo_town_takes_no_real_streets(
    connection: psycopg.Connection, town: Town, osm: StreetSource
) -> None:
    connection.execute("UPDATE spatial.town SET synthetic = true")
    with pytest.raises(ConflictError, match="demo"):
        import_streets(connection, read_town(connection), osm)


def test_who_is_on_duty_is_ranked(
    connection: psycopg.Connection, town: Town, osm: StreetSource
) -> None:
    current = CurrentEngine(town)
    with pytest.raises(NotFoundError, match="no streets yet"):
        current.get(connection)
    import_streets(connection, town, osm)
    _add_responder(connection, town, "near", 120.004, 29.0, "car", True)
    _add_responder(connection, town, "far", 120.009, 29.0, "car", True)
    _add_responder(connection, town, "walker", 120.001, 29.0, "foot", True)
    _add_responder(connection, town, "off-duty", 120.0, 29.0, "car", False)
    _add_responder(connection, town, "lost", 121.0, 29.0, "car", True)
    engine = current.get(connection)
    answer = rank(connection, town, engine, RankRequest(120.0, 29.0))
    said = json.loads(json.dumps(answer.as_json()))
    assert [r["key"] for r in said["responders"]] == ["near", "walker", "far"]
    assert [(u["key"], u["reason"]) for u in said["unreachable"]] == [("lost", "off_street")]
    near = said["responders"][0]
    assert near["holds_180_s"]
    assert near["route"]["type"] == "LineString"
    assert set(near["snap"]) == {"u", "v", "key", "fraction", "distance_m", "reverse"}
    cars = rank(connection, town, engine, RankRequest(120.0, 29.0, k=1, mode=Mode.CAR))
    assert [each.known.key for each in cars.candidates] == ["near"]
