"""What a filter means, and what is refused in words, over a small table with known rows."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql

from layers.catalogue import ID, Field, FieldType, Text
from layers.reading.crs import GCJ02, OutputCrs, find_crs
from layers.reading.filters import Scope, parse_filter, translate
from layers.reading.filters.parsing import MAX_DEPTH, MAX_OPERATORS
from spatial.datum import wgs84_to_gcj02
from spatial.errors import InputError

_TITLE = Text("", "")
FIELDS = [
    ID,
    Field("name", _TITLE),
    Field("class", _TITLE),
    Field("level", _TITLE, FieldType.INTEGER),
    Field("value", _TITLE, FieldType.NUMBER),
    Field("inside", _TITLE, FieldType.BOOLEAN),
    Field("day", _TITLE, FieldType.DATE),
    Field("at", _TITLE, FieldType.DATE_TIME),
    Field("closed", _TITLE, FieldType.DATE_TIME),
]
ROWS = """
    (1, '网格吹哨', 'a', 1, 1.5, true, date '2026-01-01', timestamptz '2026-01-01 00:00+08',
     timestamptz '2026-01-03 00:00+08', 'SRID=4326;POINT(120 29)'::geometry),
    (2, 'Été 50%', 'b', 2, -2.5, false, date '2026-01-31', timestamptz '2026-01-31 23:59:59+08',
     timestamptz '2026-02-01 00:00+08', 'SRID=4326;LINESTRING(120 29, 121 30)'),
    (3, 'été', 'b', -3, 0, true, date '2026-02-01', timestamptz '2026-02-01 00:00+08', NULL,
     'SRID=4326;POLYGON((120 29, 121 29, 121 30, 120 30, 120 29))'),
    (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (5, 'it''s a_b\\c', 'a', 7, 1e9, false, date '2025-12-31', timestamptz '2025-12-31 12:00+08',
     timestamptz '2026-01-01 00:00+08', 'SRID=4326;POINT(-179.5 0)')
"""
EPSG = "http://www.opengis.net/def/crs/EPSG/0"


@pytest.fixture(scope="module")
def rows(empty_database):
    with psycopg.connect(empty_database) as connection:
        connection.execute(
            "CREATE TEMP TABLE rows (id bigint, name text, class text, level int, value float8,"
            " inside boolean, day date, at timestamptz, closed timestamptz, geom geometry)"
        )
        connection.execute(f"INSERT INTO rows VALUES {ROWS}")
        yield connection
        connection.rollback()


def scope_of(crs: OutputCrs | None = None) -> Scope:
    return Scope("rows", FIELDS, crs or find_crs(None, None), "Asia/Shanghai")


def ids(connection, text: str, language: str = "cql2-text", crs: OutputCrs | None = None):
    scope = scope_of(crs)
    condition = translate(scope, parse_filter(text, language))
    query = sql.SQL("SELECT id FROM rows WHERE {} ORDER BY id").format(condition)
    return [row[0] for row in connection.execute(query, scope.values)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id = 2", [2]),
        ("level = 1", [1]),
        ("level <> 1", [2, 3, 5]),
        ("level < 1.5", [1, 3]),
        ("2 <= level", [2, 5]),
        ("level = value", []),
        ("name = '网格吹哨'", [1]),
        ("name = 'it''s a_b\\c'", [5]),
        ('"class" = \'b\' AND NOT level = 2', [3]),
        ("class = 'b' OR level = 1 AND inside = true", [1, 2, 3]),
        ("inside", [1, 3]),
        ("NOT inside", [2, 5]),
        ("inside = false", [2, 5]),
        ("true", [1, 2, 3, 4, 5]),
        ("name IS NULL", [4]),
        ("geometry IS NOT NULL", [1, 2, 3, 5]),
        ("NOT (name = 'x')", [1, 2, 3, 5]),
        ("level BETWEEN 1 AND 2", [1, 2]),
        ("level NOT BETWEEN 1 AND 2", [3, 5]),
        ("class IN ('a', 'c')", [1, 5]),
        ("level NOT IN (1, 2)", [3, 5]),
        ("value IN (0, 1.5)", [1, 3]),
        ("inside IN (true)", [1, 3]),
        ("name LIKE '%吹%'", [1]),
        ("name LIKE 'Été 50\\%'", [2]),
        ("name LIKE '%a\\_b%'", [5]),
        ("name LIKE '%\\\\c'", [5]),
        ("name LIKE '__é'", [3]),
        ("name NOT LIKE '%t%'", [1]),
        ("CASEI(name) = CASEI('ÉTÉ')", [3]),
        ("CASEI(name) LIKE casei('É%')", [2, 3]),
        ("ACCENTI(CASEI(name)) LIKE ACCENTI(CASEI('Éte%'))", [2, 3]),
        ("CASEI(name) IN (CASEI('ÉTÉ'), CASEI('x'))", [3]),
        ("level + 1 = 2", [1]),
        ("level * 2 - 1 > 5", [5]),
        ("10 / level = 5", [2]),
        ("level % 2 = 1", [1, 5]),
        ("level % 2 = -1", [3]),
        ("level div 2 = 3", [5]),
        ("level ^ 2 = 9", [3]),
        ("1 / (level - 1) = 1", [2]),
        ("-level = 3", [3]),
        ("day = DATE('2026-01-31')", [2]),
        ("at > DATE('2026-01-31')", [3]),
        ("at >= DATE('2026-01-31')", [2, 3]),
        ("at = DATE('2026-01-31')", [2]),
        ("at <> DATE('2026-01-31')", [1, 3, 5]),
        ("at < TIMESTAMP('2025-12-31T16:00:00Z')", [5]),
        ("at <= '2026-01-01T00:00:00+08:00'", [1, 5]),
        ("at >= '2026/01/31 00:00:00'", [2, 3]),
        ("day >= '2026-01-31'", [2, 3]),
        ("at BETWEEN DATE('2026-01-01') AND DATE('2026-01-31')", [1, 2]),
        ("T_AFTER(at, DATE('2026-01-31'))", [3]),
        ("T_BEFORE(day, DATE('2026-01-31'))", [1, 5]),
        ("T_DURING(at, INTERVAL('2026-01-01', '2026-01-31'))", [2]),
        ("T_INTERSECTS(at, INTERVAL('2026-01-01', '2026-01-31'))", [1, 2]),
        ("T_INTERSECTS(at, INTERVAL('..', '2026-01-01T00:00:00+08:00'))", [1, 5]),
        ("T_DISJOINT(day, INTERVAL('2026-01-01', '..'))", [5]),
        ("T_EQUALS(day, DATE('2026-01-01'))", [1]),
        ("T_MEETS(INTERVAL(at, closed), INTERVAL('2026-01-01T00:00:00+08:00', '..'))", [5]),
        ("T_CONTAINS(INTERVAL(at, closed), DATE('2026-01-02'))", [1]),
        ("T_STARTEDBY(INTERVAL(at, closed), INTERVAL('2026-01-01', '2026-01-02'))", [1]),
        ("T_OVERLAPS(INTERVAL(at, closed), INTERVAL('2026-01-02', '..'))", [1]),
        ("S_INTERSECTS(geometry, POINT(120 29))", [1, 2, 3]),
        ("S_INTERSECTS(geometry, BBOX(119, 28, 120.1, 29.1))", [1, 2, 3]),
        ("S_INTERSECTS(geometry, BBOX(179, -1, -179, 1))", [5]),
        ("BBOX(geometry, 119, 28, 120.1, 29.1)", [1, 2, 3]),
        ("S_EQUALS(geometry, POINT(120 29))", [1]),
        ("S_DISJOINT(geometry, POINT(120 29))", [5]),
        ("S_TOUCHES(geometry, POINT(120 29))", [2, 3]),
        ("S_WITHIN(geometry, BBOX(119, 28, 122, 31))", [1, 2, 3]),
        ("S_CONTAINS(geometry, POINT(120.5 29.3))", [3]),
        ("S_CROSSES(geometry, LINESTRING(120 30, 121 29))", [2]),
        ("S_OVERLAPS(geometry, BBOX(120.5, 29.5, 122, 31))", [3]),
        ("S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(-179.5 0), LINESTRING(0 0, 1 1)))", [5]),
        ("S_DWITHIN(geometry, POINT(120 28.9), 12000)", [1, 2, 3]),
        ("S_DWITHIN(geometry, POINT(120 28.9), 11, 'km')", []),
        ("S_DWITHIN(POINT(-179.4 0), geometry, 12, 'km')", [5]),
        ("S_INTERSECTS(geometry, geometry)", [1, 2, 3, 5]),
        ("A_CONTAINS(('a', 'b'), ('a'))", [1, 2, 3, 4, 5]),
        ("A_CONTAINEDBY((class, 'x'), ('a', 'x', 'y'))", [1, 5]),
        ("A_EQUALS((1, 2, 2), (2, 1))", [1, 2, 3, 4, 5]),
        ("A_OVERLAPS((level, 99), (1, 2))", [1, 2]),
    ],
)  # fmt: skip
def test_text(rows, text, expected):
    assert ids(rows, text) == expected


POSITION = '{"type": "Point", "coordinates": [120, 29]}'
AT, GEOMETRY, LEVEL = (f'{{"property": "{name}"}}' for name in ("at", "geometry", "level"))


def op(name: str, *arguments: str) -> str:
    return f'{{"op": "{name}", "args": [{", ".join(arguments)}]}}'


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (op("=", LEVEL, "1"), [1]),
        (op("and", op(">", LEVEL, "0"), op("in", '{"property": "class"}', '["a"]')), [1, 5]),
        (op("between", LEVEL, "[1, 2]"), [1, 2]),
        (op("t_after", AT, '{"date": "2026-01-31"}'), [3]),
        (op("t_during", AT, '{"interval": ["2026-01-31T00:00:00Z", ".."]}'), [2, 3]),
        (op("s_dwithin", GEOMETRY, POSITION, "1", '"m"'), [1, 2, 3]),
        (op("s_intersects", GEOMETRY, '{"bbox": [-180, -1, -179, 1]}'), [5]),
        (op("in", LEVEL, "[]"), []),
        (op("a_equals", "[]", "[]"), [1, 2, 3, 4, 5]),
        (op("isNull", '{"property": "day"}'), [4]),
    ],
)
def test_json(rows, document, expected):
    assert ids(rows, document, "cql2-json") == expected


def test_gdal_writes_ilike(rows):
    assert ids(rows, "((name ILIKE 'ÉTÉ%') AND (level > 0))", "cql-text") == [2]


@pytest.mark.parametrize(
    ("crs", "text"),
    [
        (f"{EPSG}/4326", "S_EQUALS(geometry, POINT(29 120))"),
        (
            f"{EPSG}/4326",
            "S_EQUALS(geometry, BBOX(29, 120, 30, 121)) OR S_EQUALS(geometry, POINT(29 120))",
        ),
        (
            f"{EPSG}/4490",
            "S_INTERSECTS(geometry, BBOX(28.9, 119.9, 29.1, 119.99999999)) OR level = 1",
        ),
        (f"{EPSG}/3857", "S_WITHIN(geometry, BBOX(13358338, 3375000, 13358339, 3380000))"),
    ],
)
def test_filter_crs(rows, crs, text):
    assert 1 in ids(rows, text, crs=find_crs(crs, 4549))


def test_filter_in_gcj02(rows):
    lon, lat = (float(each) for each in wgs84_to_gcj02(120, 29))
    near = f"S_DWITHIN(geometry, POINT({lon!r} {lat!r}), 0.01)"
    assert ids(rows, near, crs=GCJ02) == [1, 2, 3]
    assert ids(rows, near) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing = 1", "unknown property 'nothing'"),
        ("town_id = 1", "unknown property 'town_id'"),
        ("level = 'x'", "can't compare level, which is a number, with 'x', which is a text"),
        ("name = 1", "can't compare name"),
        ("name = value", "can't compare name"),
        ("at = 'yesterday'", "'yesterday' is not a date-time"),
        ("day > DATE('2026-02-30')", "'2026-02-30' is not a date"),
        ("at > TIMESTAMP('2026-02-30T00:00:00Z')", "not"),
        ("inside > true", "> doesn't compare true or false"),
        ("geometry = POINT(1 2)", "= doesn't compare a geometry"),
        ("name = NULL", "null can't be compared"),
        ("level", "the whole needs true or false, but level is a number"),
        ("level AND inside", "AND needs true or false"),
        ("name + 1 = 2", r"\+ needs a number"),
        ("level LIKE '1%'", "LIKE needs a text"),
        ("name LIKE class", "pattern of LIKE"),
        ("name LIKE 'x\\'", "middle of an escape"),
        ("CASEI(level) = 'x'", "CASEI needs a text"),
        ("foo(level) = 1", "unknown operator or function 'foo'"),
        ("S_INTERSECTS(level, POINT(1 2))", "S_INTERSECTS needs a geometry"),
        ("S_INTERSECTS(geometry)", "takes 2 arguments, not 1"),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))", "not valid"),
        ("S_INTERSECTS(geometry, BBOX(1, 2, 3))", "BBOX"),
        ("S_DWITHIN(geometry, POINT(1 2), 1, 'parsec')", "unit of S_DWITHIN"),
        ("S_DWITHIN(geometry, POINT(1 2), -1)", "distance of S_DWITHIN"),
        ("T_AFTER(level, DATE('2026-01-01'))", "T_AFTER needs"),
        ("T_AFTER(at, 'soon')", "not a date"),
        ("A_CONTAINS(name, ('a'))", "A_CONTAINS needs an array"),
        ("A_CONTAINS(('a', 1), ('a'))", "can't compare"),
        ("level IN (1, 'a')", "can't compare"),
        ("level =", "not CQL2 text: unexpected at line 1"),
        ("", "not CQL2 text"),
        ("(" * 20_000 + "inside" + ")" * 20_000, f"more than {MAX_DEPTH} deep"),
        ("NOT " * 20_000 + "inside", f"at most {MAX_OPERATORS} operators"),
        ("- " * 20_000 + "1 = 1", f"at most {MAX_OPERATORS} operators"),
        ("+".join(["1"] * 500) + " = 1", f"more than {MAX_DEPTH} deep"),
        ("level = 1 OR " * 20_000 + "inside", "at most"),
        ("name = '\0'", "U\\+0000"),
    ],
)  # fmt: skip
def test_refused_text(text, message):
    with pytest.raises(InputError, match=message):
        translate(scope_of(), parse_filter(text))


@pytest.mark.parametrize(
    "document",
    [
        "", "{", "[]", "1", "null", '"x"', "{}", '{"op": "="}', '{"op": 1, "args": []}',
        '{"op": "=", "args": []}', '{"op": "not", "args": []}', '{"op": "and", "args": [true]}',
        '{"op": "=", "args": [{"property": ["level"]}, 1]}', '{"op": "=", "args": [NaN, 1]}',
        '{"op": "=", "args": [1e400, 1]}', '{"op": "=", "args": [{"date": 5}, 1]}',
        op("s_intersects", GEOMETRY, '{"type": "Point"}'),
        op("s_intersects", GEOMETRY, '{"type": "Point", "coordinates": ["x"]}'),
        op("s_intersects", GEOMETRY, '{"type": "Polygon", "coordinates": [[[1]]]}'),
        op("s_intersects", GEOMETRY, '{"bbox": ["a", 1, 2, 3]}'),
        '{"op": "t_after", "args": [{"property": "at"}, {"interval": ["..", "..", ".."]}]}',
        '{"op": "not", "args": [' * 100_000 + "true" + "]}" * 100_000,
        '{"op": "a_equals", "args": [[[1]], [[1]]]}',
    ],
)  # fmt: skip
def test_refused_json(document):
    with pytest.raises(InputError, match="filter"):
        translate(scope_of(), parse_filter(document, "cql2-json"))


def test_values_are_parameters():
    scope = scope_of()
    hostile = "'; DROP TABLE rows; --"
    condition = translate(scope, parse_filter(f"name = '{hostile.replace(chr(39), chr(39) * 2)}'"))
    assert "DROP" not in condition.as_string()
    assert hostile in scope.values.values()
