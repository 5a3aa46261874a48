"""Random filters, evaluated row by row in plain Python and by PostgreSQL: the same rows."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
import shapely
import shapely.geometry
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from layers.catalogue import Field, FieldType, Text
from layers.reading.crs import find_crs
from layers.reading.filters import Scope, parse_filter, translate

ZONE = ZoneInfo("Asia/Shanghai")
NOTHING = Text("", "")
NUMBERS, TEXTS, BOOLEANS = ("n", "m"), ("s", "t"), ("b",)
DATES, MOMENTS = ("d",), ("at", "until")
FIELDS = [
    *(Field(name, NOTHING, FieldType.NUMBER) for name in NUMBERS),
    *(Field(name, NOTHING) for name in TEXTS),
    *(Field(name, NOTHING, FieldType.BOOLEAN) for name in BOOLEANS),
    *(Field(name, NOTHING, FieldType.DATE) for name in DATES),
    *(Field(name, NOTHING, FieldType.DATE_TIME) for name in MOMENTS),
]

# A small world, so that equal, touching and null values meet often.
number = st.sampled_from([-2.5, -2, -1, 0, 0.5, 1, 2, 3])
text = st.sampled_from(["", "a", "A", "é", "É", "ab", "aB_", "50%", "网格", "x\\y", "it's"])
pattern = st.sampled_from(["%", "a%", "_", "%b%", "50\\%", "%\\_", "网_", "x\\\\y", "é", "A"])
boolean = st.booleans()
day = st.sampled_from([date(2026, 1, each) for each in (1, 2, 3)])
moment = st.sampled_from(
    [
        datetime(2026, 1, 1, tzinfo=ZONE),
        datetime(2026, 1, 1, 23, 59, 59, tzinfo=ZONE),
        datetime(2026, 1, 2, tzinfo=ZONE),
        datetime(2026, 1, 2, 12, tzinfo=ZONE),
        datetime(2026, 1, 3, tzinfo=ZONE),
    ]
)
grid = st.integers(0, 3)
point = st.tuples(grid, grid)
box = st.tuples(grid, grid, st.integers(1, 2), st.integers(1, 2)).map(
    lambda each: shapely.box(each[0], each[1], each[0] + each[2], each[1] + each[3])
)
line = st.tuples(point, point).filter(lambda each: each[0] != each[1]).map(shapely.LineString)
shape = st.one_of(point.map(shapely.Point), line, box)


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(st.none(), strategy)


row = st.fixed_dictionaries(
    {name: maybe(number) for name in NUMBERS}
    | {name: maybe(text) for name in TEXTS}
    | {name: maybe(boolean) for name in BOOLEANS}
    | {name: maybe(day) for name in DATES}
    | {name: maybe(moment) for name in MOMENTS}
    | {"geom": maybe(shape)}
)


def operation(name: str | st.SearchStrategy, *arguments: st.SearchStrategy) -> st.SearchStrategy:
    names = name if isinstance(name, st.SearchStrategy) else st.just(name)
    return st.builds(lambda op, *args: {"op": op, "args": list(args)}, names, *arguments)


def properties(names: tuple[str, ...]) -> st.SearchStrategy:
    return st.sampled_from([{"property": name} for name in names])


# Python rounds -2 % 3 down and PostgreSQL towards zero; powers stay where both can compute them.
numeric = st.recursive(
    st.one_of(number, properties(NUMBERS)),
    lambda inner: st.one_of(
        operation(st.sampled_from(["+", "-", "*", "/", "%", "div"]), inner, inner),
        operation("^", inner, st.just(2)),
    ),
    max_leaves=4,
)
textual = st.recursive(
    st.one_of(text, properties(TEXTS)),
    lambda inner: operation(st.sampled_from(["casei", "accenti"]), inner),
    max_leaves=2,
)
written_day = day.map(lambda each: {"date": each.isoformat()})
written_moment = moment.map(lambda each: {"timestamp": each.isoformat()})
instant = st.one_of(written_day, written_moment, properties(DATES), properties(MOMENTS))
bound = st.one_of(
    st.just(".."), day.map(date.isoformat), moment.map(datetime.isoformat), properties(MOMENTS)
)
interval = st.builds(lambda a, b: {"interval": [a, b]}, bound, bound)
temporal = st.one_of(instant, interval)
spatial = st.one_of(st.just({"property": "geometry"}), shape.map(shapely.geometry.mapping))
COMPARISONS = st.sampled_from(["=", "<>", "<", ">", "<=", ">="])
TEMPORAL = [
    "t_after", "t_before", "t_contains", "t_disjoint", "t_during", "t_equals", "t_finishedBy",
    "t_finishes", "t_intersects", "t_meets", "t_metBy", "t_overlappedBy", "t_overlaps",
    "t_startedBy", "t_starts",
]  # fmt: skip
SPATIAL = {
    "s_intersects": "intersects", "s_equals": "equals", "s_disjoint": "disjoint",
    "s_touches": "touches", "s_within": "within", "s_overlaps": "overlaps",
    "s_crosses": "crosses", "s_contains": "contains",
}  # fmt: skip
array = st.lists(st.one_of(text, properties(TEXTS)), max_size=3)
predicate = st.one_of(
    operation(COMPARISONS, numeric, numeric),
    operation(COMPARISONS, textual, textual),
    operation(st.sampled_from(["=", "<>"]), properties(BOOLEANS), boolean),
    operation(COMPARISONS, instant, instant),
    operation("between", numeric, numeric, numeric),
    operation("in", numeric, st.lists(number, min_size=1, max_size=3)),
    operation("in", textual, st.lists(textual, min_size=1, max_size=3)),
    operation("like", textual, pattern),
    operation("isNull", st.one_of(properties(NUMBERS + TEXTS + MOMENTS), spatial.filter(
        lambda each: "property" in each))),
    operation(st.sampled_from(TEMPORAL), temporal, temporal),
    operation(st.sampled_from(list(SPATIAL)), spatial, spatial),
    operation(
        st.sampled_from(["a_equals", "a_contains", "a_containedBy", "a_overlaps"]), array, array
    ),
)  # fmt: skip
condition = st.recursive(
    predicate,
    lambda inner: st.one_of(
        operation(st.sampled_from(["and", "or"]), inner, inner), operation("not", inner)
    ),
    max_leaves=4,
)


# --- the slow reference: None is SQL's null ---


LITERALS = {
    "type": lambda node, _: shapely.geometry.shape(node),
    "property": lambda node, row: row[node["property"].replace("geometry", "geom")],
    "date": lambda node, _: date.fromisoformat(node["date"]),
    "timestamp": lambda node, _: datetime.fromisoformat(node["timestamp"]),
    "interval": lambda node, row: tuple(end(each, row) for each in node["interval"]),
}


def evaluate(node: Any, row: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [evaluate(each, row) for each in node]
    if not isinstance(node, dict):
        return node
    if "op" in node:
        return operate(node["op"], [evaluate(each, row) for each in node["args"]], node["args"])
    return next(read(node, row) for name, read in LITERALS.items() if name in node)


def end(bound: Any, row: dict[str, Any]) -> Any:
    if bound == "..":
        return ".."
    if isinstance(bound, str):
        return date.fromisoformat(bound) if len(bound) == 10 else datetime.fromisoformat(bound)
    return row[bound["property"]]


def operate(op: str, args: list[Any], nodes: list[Any]) -> Any:
    if op in {"and", "or", "not"}:
        return logic(op, args)
    if op.startswith("a_"):
        return sets(op, set(args[0]), set(args[1]))
    if op.startswith("t_"):
        return relate(op.lower(), *args, days=all(map(is_day, nodes)))
    return of_lists(op, args) if op in {"isNull", "in", "between"} else of_values(op, args)


def of_lists(op: str, args: list[Any]) -> Any:
    if op == "isNull":
        return args[0] is None
    if op == "in":
        return logic("or", [compare("=", args[0], each) for each in args[1]] + [False])
    low, high = compare(">=", args[0], args[1]), compare("<=", args[0], args[2])
    return logic("and", [low, high])


def of_values(op: str, args: list[Any]) -> Any:
    if any(each is None for each in args):
        return None
    if op in SPATIAL:
        return bool(getattr(shapely, SPATIAL[op])(*args))
    return SCALAR[op](*args) if op in SCALAR else compare(op, *args)


def logic(op: str, args: list[Any]) -> Any:
    """Three-valued."""
    if op == "not":
        return None if args[0] is None else not args[0]
    decisive = op == "or"
    if decisive in args:
        return decisive
    return None if None in args else not decisive


def sets(op: str, left: set, right: set) -> bool:
    """A null equals nothing, not even itself."""
    known_left, known_right = left - {None}, right - {None}
    contains = None not in right and known_left >= known_right
    contained = None not in left and known_left <= known_right
    return {
        "a_contains": contains,
        "a_containedBy": contained,
        "a_equals": contains and contained,
        "a_overlaps": bool(known_left & known_right),
    }[op]


def like(value: str, pattern: str) -> bool:
    parts, escaped = [], False
    for character in pattern:
        if escaped or character not in "%_\\":
            parts.append(re.escape(character))
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            parts.append(".*" if character == "%" else ".")
    return re.fullmatch("".join(parts), value, re.DOTALL) is not None


def without_accents(value: str) -> str:
    decomposed = unicodedata.normalize("NFD", value)
    return "".join(each for each in decomposed if not "\u0300" <= each <= "\u036f")


SCALAR = {
    "like": like,
    "casei": str.lower,
    "accenti": without_accents,
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else None,
    "div": lambda a, b: math.trunc(a / b) if b else None,
    "%": lambda a, b: a - b * math.trunc(a / b) if b else None,
    "^": lambda a, b: float(a) ** b,
}
TESTS = {
    "=": lambda a, b: a == b, "<>": lambda a, b: a != b, "<": lambda a, b: a < b,
    ">": lambda a, b: a > b, "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b,
}  # fmt: skip


def compare(op: str, left: Any, right: Any) -> Any:
    if left is None or right is None:
        return None
    if isinstance(left, date) and isinstance(left, datetime) != isinstance(right, datetime):
        (a, z), (b, y) = span(left), span(right)
        inside = a <= y and z >= b
        return {
            "=": inside, "<>": not inside, "<": z < b, ">": a > y, "<=": a <= y, ">=": z >= b,
        }[op]  # fmt: skip
    return TESTS[op](left, right)


def span(value: Any) -> tuple[Any, Any]:
    """First and last moment."""
    if isinstance(value, datetime):
        return value, value
    start = datetime.combine(value, time(), ZONE)
    return start, start + timedelta(days=1) - timedelta(microseconds=1)


def is_day(node: Any) -> bool:
    """Whether dates alone are written or named."""
    if "interval" in node:
        ends = [each for each in node["interval"] if each != ".."]
        return all(isinstance(each, str) and len(each) == 10 for each in ends)
    return "date" in node or node.get("property") in DATES


def relate(op: str, left: Any, right: Any, *, days: bool) -> Any:
    a, z, b, y = *ends(left, days=days), *ends(right, days=days)

    def test(name: str, first: Any, second: Any) -> Any:
        return None if first is None or second is None else TESTS[name](first, second)

    both = {
        "t_after": ["and", (">", a, y)],
        "t_before": ["and", ("<", z, b)],
        "t_contains": ["and", ("<", a, b), (">", z, y)],
        "t_disjoint": ["or", ("<", z, b), (">", a, y)],
        "t_during": ["and", (">", a, b), ("<", z, y)],
        "t_equals": ["and", ("=", a, b), ("=", z, y)],
        "t_finishedby": ["and", ("<", a, b), ("=", z, y)],
        "t_finishes": ["and", (">", a, b), ("=", z, y)],
        "t_intersects": ["and", ("<=", a, y), (">=", z, b)],
        "t_meets": ["and", ("=", z, b)],
        "t_metby": ["and", ("=", a, y)],
        "t_overlappedby": ["and", (">", a, b), ("<", a, y), (">", z, y)],
        "t_overlaps": ["and", ("<", a, b), (">", z, b), ("<", z, y)],
        "t_startedby": ["and", ("=", a, b), (">", z, y)],
        "t_starts": ["and", ("=", a, b), ("<", z, y)],
    }[op]
    return logic(both[0], [test(*each) for each in both[1:]])


def ends(value: Any, *, days: bool) -> tuple[Any, Any]:
    first, last = value if isinstance(value, tuple) else (value, value)
    kind = date if days else datetime
    lowest, highest = kind.min, kind.max
    if isinstance(lowest, datetime):
        lowest, highest = lowest.replace(tzinfo=UTC), highest.replace(tzinfo=UTC)
    return edge(first, lowest, 0, days=days), edge(last, highest, 1, days=days)


def edge(value: Any, open_end: Any, side: int, *, days: bool) -> Any:
    if value == "..":
        return open_end
    return value if days or value is None else span(value)[side]


@pytest.fixture(scope="module")
def table(empty_database):
    with psycopg.connect(empty_database) as connection:
        connection.execute(
            "CREATE TEMP TABLE world (id bigint, n float8, m float8, s text, t text, b boolean,"
            " d date, at timestamptz, until timestamptz, geom geometry)"
        )
        yield connection
        connection.rollback()


def store(connection: psycopg.Connection, rows: list[dict[str, Any]]) -> None:
    connection.execute("TRUNCATE world")
    connection.cursor().executemany(
        "INSERT INTO world VALUES (%(id)s, %(n)s, %(m)s, %(s)s, %(t)s, %(b)s, %(d)s, %(at)s,"
        " %(until)s, ST_SetSRID(%(wkb)s::geometry, 4326))",
        [
            each | {"id": number, "wkb": each["geom"] and shapely.to_wkb(each["geom"], hex=True)}
            for number, each in enumerate(rows)
        ],
    )


def selected(connection: psycopg.Connection, filter_: Any) -> list[int]:
    scope = Scope("world", FIELDS, find_crs(None, None), "Asia/Shanghai")
    where = translate(scope, parse_filter(json.dumps(filter_), "cql2-json"))
    query = sql.SQL("SELECT id FROM world WHERE {} ORDER BY id").format(where)
    return [found[0] for found in connection.execute(query, scope.values)]


@settings(max_examples=60, suppress_health_check=list(HealthCheck), derandomize=False)
@given(
    rows=st.lists(row, min_size=4, max_size=12), filters=st.lists(condition, min_size=4, max_size=8)
)
def test_sql_selects_what_the_reference_does(table, rows, filters):
    store(table, rows)
    for each in filters:
        expected = [number for number, row in enumerate(rows) if evaluate(each, row) is True]
        assert selected(table, each) == expected, json.dumps(each, ensure_ascii=False)
