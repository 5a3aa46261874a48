"""The demo town in the database: all of it or nothing, once, and never beside a real town."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest
from psycopg import sql

from layers.catalogue import Entry
from layers.coverage_check import check_coverage
from layers.demo.load import load_town
from layers.demo.plan import DEFAULT_AS_OF, Plan
from layers.demo.start import start_town
from layers.demo.town import DemoTown
from layers.entries import CATALOGUE
from layers.published import view_of
from layers.roles import Role
from liveonly import BEGIN_EMPTY
from spatial.checks import State
from spatial.database import Principal, become
from spatial.errors import ConflictError
from spatial.town import find_town, read_town

REAL_TOWN = """
INSERT INTO spatial.town (code, name, name_en, time_zone, synthetic)
VALUES ('330421111', '姚庄镇', 'Yaozhuang', 'Asia/Shanghai', false)
"""
DEMO_TOWN = """
INSERT INTO spatial.town (code, name, name_en, time_zone, synthetic, as_of, seed, outline)
VALUES ('330782100', '佛堂镇', 'Fotang', 'Asia/Shanghai', true, %s, 2026,
        'SRID=4326;MULTIPOLYGON(((0 0,1 0,1 1,0 0)))')
"""


@pytest.fixture(scope="module")
def demo(demo_database: str) -> psycopg.Connection:
    with psycopg.connect(demo_database) as connection:
        town = read_town(connection)
        become(connection, Principal(connection.info.user, town.id, department="*"))
        yield connection
        connection.rollback()


def count(connection: psycopg.Connection, what: str) -> int:
    return connection.execute(f"SELECT count(*) FROM {what}").fetchone()[0]


def count_layer(connection: psycopg.Connection, entry: Entry) -> int:
    view = view_of(entry, Role.ADMINISTRATOR)
    return connection.execute(sql.SQL("SELECT count(*) FROM {}").format(view)).fetchone()[0]


@pytest.mark.parametrize(
    ("layer", "number"),
    [("town", 1), ("villages", 61), ("micro-grids", 1_914), ("micro-grid-shares", 8),
     ("premises", 6_159), ("sensors", 2_000),
     ("incidents", 65_000), ("fields-of-view", 860), ("places", 61)],
)  # fmt: skip
def test_published_layers_have_the_numbers(
    demo: psycopg.Connection, layer: str, number: int
) -> None:
    assert count_layer(demo, CATALOGUE.entry(layer)) == number


def test_no_published_layer_is_empty(demo: psycopg.Connection) -> None:
    empty = {entry.id for entry in CATALOGUE.entries if not count_layer(demo, entry)}
    assert empty == BEGIN_EMPTY


def test_the_numbers_that_no_layer_shows(demo: psycopg.Connection) -> None:
    assert count(demo, "layers.rental_room") == 39_718
    usual = demo.execute("""
        SELECT avg((households BETWEEN 300 AND 500)::int) FROM (
            SELECT sum(building.households) AS households FROM published.grids
            LEFT JOIN layers.building ON building.geom && grids.geom
                AND ST_Contains(grids.geom, ST_Centroid(building.geom))
            GROUP BY grids.id) AS grid
    """).fetchone()[0]
    assert usual >= 0.9


def test_the_stored_coverage_is_sound(demo: psycopg.Connection) -> None:
    assert check_coverage(demo, read_town(demo)).state is State.OK


def test_somebody_can_what_the_rules_want(demo: psycopg.Connection) -> None:
    """Of the departments that may be sent, somebody on duty has all skills of each rule."""
    wanting, unmet = demo.execute(
        """
        SELECT count(*), array_agg(rule.ordinal) FILTER (WHERE NOT EXISTS (
            SELECT FROM layers.responder
            WHERE on_duty AND department = ANY (rule.department || rule.co_departments)
              AND responder.skills @> rule.skills
        )) FROM layers.dispatch_rule AS rule WHERE rule.skills <> '{}'
        """
    ).fetchone() or (0, None)
    assert (wanting >= 5, unmet) == (True, None)


def test_everything_is_marked_synthetic(demo: psycopg.Connection) -> None:
    town = read_town(demo)
    assert town.synthetic
    assert town.now().isoformat() == "2026-06-30T10:00:00+08:00"
    assert town.digest
    batches = demo.execute("SELECT synthetic, source_name, attribution FROM spatial.batch")
    for synthetic, source, attribution in batches:
        assert synthetic
        assert source == "synthetic / 合成数据"
        assert "synthetic" in attribution


def test_each_incident_knows_the_micro_grid_that_holds_it(demo: psycopg.Connection) -> None:
    wrong = demo.execute("""
        SELECT count(*) FROM layers.incident
        JOIN grids.version ON version.id = grid_version_id
        JOIN grids.unit ON unit.id = version.unit_id
        WHERE level <> 4 OR NOT ST_Intersects(version.geom, incident.geom)
    """).fetchone()
    assert wrong == (0,)


def test_incidents_in_high_rises_know_their_floors_micro_grid(demo: psycopg.Connection) -> None:
    codes = demo.execute("""
        SELECT array_agg(DISTINCT micro_grid) && array_agg(DISTINCT share.code)
        FROM administrator.incidents, published."micro-grid-shares" AS share
    """).fetchone()
    assert codes == (True,)


def test_ids_go_on_after_the_loaded_ones(demo: psycopg.Connection) -> None:
    highest = demo.execute("SELECT max(id) FROM layers.building").fetchone()[0]
    following = demo.execute(
        "SELECT nextval(pg_get_serial_sequence('layers.building', 'id'))"
    ).fetchone()[0]
    assert following > highest


def test_a_second_start_keeps_the_town(demo: psycopg.Connection) -> None:
    before = read_town(demo)
    started = start_town(demo, Plan(), must_match=True)
    assert started.kept
    assert started.town == before


@pytest.mark.parametrize("plan", [Plan(seed=1), Plan(as_of=date(2026, 1, 1))])
def test_another_seed_or_day_is_refused_or_kept(connection: psycopg.Connection, plan: Plan) -> None:
    connection.execute(DEMO_TOWN, (Plan(as_of=DEFAULT_AS_OF).moment,))
    with pytest.raises(ConflictError, match="seed 2026 and 2026-06-30"):
        start_town(connection, plan, must_match=True)
    assert start_town(connection, plan).kept


def test_a_real_town_is_left_alone(connection: psycopg.Connection) -> None:
    connection.execute(REAL_TOWN)
    with pytest.raises(ConflictError, match="姚庄镇"):
        start_town(connection, Plan())
    assert count(connection, "spatial.town") == 1


def test_who_is_killed_in_the_middle_leaves_nothing(
    connection: psycopg.Connection, generated_town: tuple[DemoTown, str]
) -> None:
    def stop_late(_step: str, share: float) -> None:
        if share > 0.9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_town(connection, *generated_town, stop_late)
    assert find_town(connection) is None
    assert count(connection, "grids.version") == 0
    assert count(connection, "layers.incident") == 0
