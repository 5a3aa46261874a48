"""What reading asks of the database: equal to Python's formulas, and answered by an index."""

from __future__ import annotations

import numpy as np
import psycopg
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layers.entries import CATALOGUE
from layers.reading.search import fold
from layers.roles import Role
from spatial.datum import wgs84_to_gcj02

SEEN = [(entry, role) for entry in CATALOGUE.entries for role in Role if entry.readable_by(role)]


@pytest.fixture(scope="module")
def reader(empty_database):
    with psycopg.connect(empty_database) as connection:
        yield connection
        connection.rollback()


@settings(max_examples=80, suppress_health_check=list(HealthCheck))
@given(
    places=st.lists(
        st.tuples(st.floats(-180, 180, width=32), st.floats(-85, 85, width=32)), min_size=4
    )
)
def test_gcj02_is_the_formula_and_nothing_abroad(reader, places):
    points = np.array([*places, (120.0, 29.0), (116.4, 39.9), (9.5, 47.1)])
    rows = reader.execute(
        "SELECT ST_X(moved), ST_Y(moved) FROM unnest(%s::float8[], %s::float8[])"
        " WITH ORDINALITY AS place (lon, lat, number),"
        " LATERAL (SELECT layers.gcj02_point(lon, lat)) AS shifted (moved) ORDER BY number",
        (points[:, 0].tolist(), points[:, 1].tolist()),
    ).fetchall()
    assert np.allclose(np.array(rows), np.array(wgs84_to_gcj02(*points.T)).T, rtol=0, atol=1e-9)
    assert rows[-1] == (9.5, 47.1)


@pytest.mark.parametrize(
    "wkt",
    [
        "POINT (120 29)",
        "MULTIPOINT ((120 29), (121 30))",
        "LINESTRING (120 29, 121 30, 120 29)",
        "MULTILINESTRING ((120 29, 121 30), (9 47, 10 48))",
        "POLYGON ((120 29, 122 29, 122 31, 120 29), (121 29.2, 121.1 29.2, 121 29.3, 121 29.2))",
        "MULTIPOLYGON (((120 29, 121 29, 121 30, 120 29)))",
        "GEOMETRYCOLLECTION (POINT (120 29), LINESTRING (120 29, 121 30))",
        "POLYGON EMPTY",
    ],
)
def test_gcj02_keeps_the_kind_of_a_geometry(reader, wkt):
    before = shapely.from_wkt(wkt)
    text = reader.execute(
        "SELECT ST_AsEWKT(layers.gcj02(ST_GeomFromText(%s, 4326)), 15)", (wkt,)
    ).fetchone()[0]
    srid, _, moved = text.partition(";")
    expected = shapely.transform(before, wgs84_to_gcj02, interleaved=False)
    assert srid == "SRID=4326"
    assert shapely.from_wkt(moved).geom_type == before.geom_type
    assert shapely.equals_exact(shapely.from_wkt(moved), expected, 1e-9)


@settings(max_examples=80, suppress_health_check=list(HealthCheck))
@given(
    text=st.text(
        st.one_of(
            st.sampled_from("aÀéßＡｂ１ｶﾞ網网格 %_\\ÅΩ"),
            st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs", "Cn", "Co", "Cc"]),
        ),
        max_size=8,
    )
)
def test_search_folds_alike_in_both_places(reader, text):
    assert reader.execute("SELECT layers.search_folded(%s)", (text,)).fetchone()[0] == fold(text)
