"""Arcs of polygons that were imported, generated, or there before there were arcs."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import psycopg
import pytest
import shapely
from psycopg.conninfo import make_conninfo

import layers.migrations
from grids.arcs.trace import polygons
from layers.boundaries.arc_store import store_missing_arcs
from layers.boundaries.coverage import began_at, read_coverage, speak_for
from layers.boundaries.redraw import Coverage
from layers.importing.grids import GridOptions, import_grids
from layers.importing.options import ImportOptions
from layers.importing.undo import undo_batch
from layers.migrations.run import migrate, prepare
from layers.towns import TownPlan, make_town
from spatial.errors import ConflictError
from spatial.town import Town, read_town

WEST, SOUTH, STEP = 120.0, 29.2, 0.01
JANUARY, MAY = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def town(connection: psycopg.Connection) -> Town:
    return make_town(connection, TownPlan("t", "试验镇", "Test", "Asia/Shanghai"))


@pytest.fixture
def bring(connection: psycopg.Connection, town: Town, tmp_path: Path) -> Callable[..., int]:
    def run(shapes: dict[str, shapely.Geometry], since: datetime) -> int:
        path = tmp_path / f"{uuid.uuid4().hex}.gpkg"
        frame = gpd.GeoDataFrame({"名称": list(shapes)}, geometry=list(shapes.values()), crs=4326)
        frame.to_file(path)
        file = ImportOptions(path=path, rejects_path=tmp_path / "none")
        options = GridOptions(file, "villages", valid_from=since.isoformat())
        return import_grids(connection, options).batch_id

    return run


def square(x: float, width: float = 1) -> shapely.Polygon:
    west = WEST + x * STEP
    return shapely.box(west, SOUTH, west + width * STEP, SOUTH + STEP)


def coverage(connection: psycopg.Connection, at: datetime) -> Coverage:
    town = read_town(connection)
    speak_for(connection, town)
    return read_coverage(connection, town, at)


def test_an_import_keeps_the_ids_of_lines_that_stay(connection: psycopg.Connection, bring: Any):
    bring({"东": square(0), "中": square(1), "西": square(2)}, JANUARY)
    before = coverage(connection, JANUARY).topology
    # The middle one is divided; the line between it and the third stays.
    bring({"东": square(0), "中": square(1, 0.5), "新": square(1.5, 0.5), "西": square(2)}, MAY)
    after = coverage(connection, MAY).topology
    stayed = {i for i, arc in before.arcs.items() if i in after.arcs}
    lines = {arc.coords.tobytes() for arc in after.arcs.values()}
    assert stayed == {i for i, arc in before.arcs.items() if arc.coords.tobytes() in lines}
    assert len(stayed) == 4
    assert coverage(connection, MAY - timedelta(days=1)).topology.is_same(before)


def test_arcs_give_back_the_polygons(connection: psycopg.Connection, bring: Any):
    hole = shapely.Polygon([(120.002, 29.202), (120.004, 29.202), (120.003, 29.204)])
    shapes = {"外": square(0).difference(hole), "飞地": hole, "邻": square(1)}
    bring(shapes, JANUARY)
    found = coverage(connection, JANUARY)
    traced = polygons(found.topology, 2)
    for unit, shape in traced.items():
        name = found.attributes[unit].name
        assert shapely.normalize(shape).equals(shapely.normalize(shapes[name]))


def test_undoing_an_import_brings_the_arcs_back(
    connection: psycopg.Connection, town: Town, bring: Any
):
    bring({"东": square(0), "西": square(1)}, JANUARY)
    before = coverage(connection, JANUARY).topology
    batch = bring({"东": square(0, 1.5), "西": square(1.5, 0.5)}, MAY)
    undo_batch(connection, batch)
    assert coverage(connection, MAY).topology.is_same(before)
    assert coverage(connection, JANUARY).topology.is_same(before)


def test_what_drafts_stand_on_is_not_undone(connection: psycopg.Connection, town: Town, bring: Any):
    bring({"东": square(0), "西": square(1)}, JANUARY)
    batch = bring({"东": square(0, 1.5), "西": square(1.5, 0.5)}, MAY)
    connection.execute(
        "INSERT INTO grids.draft (town_id, name, author, base_at, first_arc)"
        " VALUES (%s, '东村调整', 1, %s, 1)", (town.id, MAY),
    )  # fmt: skip
    with pytest.raises(ConflictError, match="东村调整"), connection.transaction():
        undo_batch(connection, batch)
    connection.execute(
        "UPDATE grids.draft SET state = 'effective', approver = 2, effective_from = %s",
        (MAY + timedelta(days=1),),
    )
    with pytest.raises(ConflictError, match="took effect"), connection.transaction():
        undo_batch(connection, batch)


def test_the_newest_change_tells_coverages_apart(
    connection: psycopg.Connection, town: Town, bring: Any
):
    speak_for(connection, town)
    assert began_at(connection, town) is None
    assert not store_missing_arcs(connection, town)
    for since in (JANUARY, MAY):
        bring({"东": square(0, 1.5 if since == MAY else 1), "西": square(1.5, 0.5)
               if since == MAY else square(1)}, since)  # fmt: skip
        assert began_at(connection, read_town(connection)) == since


OLD = """
INSERT INTO spatial.town (code, name, name_en, time_zone, synthetic, metric_srid)
VALUES ('t', '旧镇', 'Old', 'Asia/Shanghai', false, 4549);
INSERT INTO spatial.batch (town_id, synthetic, layer, source_name)
SELECT id, synthetic, 'grids', 'a.gpkg' FROM spatial.town;
INSERT INTO grids.unit (id, town_id, code, level, parent_id)
SELECT n, town.id, unit.code, level, parent FROM spatial.town,
    (VALUES (1, 't', 1, NULL), (2, 'v1', 2, 1), (3, 'v2', 2, 1)) AS unit (n, code, level, parent);
INSERT INTO grids.version (town_id, unit_id, name, geom, valid, batch_id)
SELECT town_id, unit.id, unit.code, ST_Multi(ST_GeomFromText(shape, 4326)), '[2024-01-01,)', 1
FROM grids.unit JOIN (VALUES
    (1, 'POLYGON((120 29,120.01 29,120.02 29,120.02 29.01,120.01 29.01,120 29.01,120 29))'),
    (2, 'POLYGON((120 29,120.01 29,120.01 29.01,120 29.01,120 29))'),
    (3, 'POLYGON((120.01 29,120.02 29,120.02 29.01,120.01 29.01,120.01 29))')
) AS given (id, shape) ON given.id = unit.id;
"""


@pytest.fixture
def old_database(server: str) -> Iterator[str]:
    """A town of the revision before there were arcs."""
    name = f"old_{uuid.uuid4().hex[:8]}"
    versions = Path(layers.migrations.__path__[0]) / "versions"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        conninfo = make_conninfo(server, dbname=name)
        with psycopg.connect(conninfo) as connection:
            prepare(connection)
            for revision in ("0001_the_town", "0002_rights_and_feeds"):
                connection.execute((versions / f"{revision}.sql").read_bytes())
            connection.execute("CREATE TABLE layers.alembic_version (version_num text)")
            connection.execute("INSERT INTO layers.alembic_version VALUES ('0002')")
            connection.execute(OLD)
        yield conninfo
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_an_older_town_gets_codes_and_arcs(old_database: str):
    migrate(old_database)
    with psycopg.connect(old_database) as connection:
        rows = connection.execute(
            "SELECT code, parent_id FROM grids.version ORDER BY unit_id"
        ).fetchall()
        assert rows == [("t", None), ("v1", 1), ("v2", 1)]
        assert store_missing_arcs(connection, read_town(connection))
        assert len(coverage(connection, datetime.now(UTC)).topology.arcs) == 3


def test_an_older_town_whose_levels_disagree_is_told_where(old_database: str):
    migrate(old_database)
    with psycopg.connect(old_database) as connection:
        connection.execute(
            "UPDATE grids.version"
            " SET geom = ST_Multi(ST_MakeEnvelope(120, 29, 120.02, 29.011, 4326)) WHERE unit_id = 1"
        )
        with pytest.raises(ConflictError, match=r"(?s)villages.*--clean"):
            store_missing_arcs(connection, read_town(connection))
