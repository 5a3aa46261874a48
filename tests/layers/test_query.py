"""What a request's parameters mean, as a table of cases."""

from datetime import UTC, datetime

import pytest

from layers.entries import CATALOGUE
from layers.reading.query import DEFAULT_LIMIT, Reader, parse_items_query
from layers.reading.values import Interval
from layers.roles import Role
from spatial.errors import InputError

INCIDENTS = CATALOGUE.entry("incidents")
STREETS = CATALOGUE.entry("streets")
EPSG = "http://www.opengis.net/def/crs/EPSG/0"


def parse(parameters, entry=INCIDENTS):
    reader = Reader(Role.DISPATCHER, 4549, "Asia/Shanghai")
    return parse_items_query(entry, parameters, reader, default_limit=DEFAULT_LIMIT)


@pytest.mark.parametrize(
    ("text", "crs", "expected"),
    [
        ("1,2,3,4", None, (1, 2, 3, 4)),
        ("1,2,0,3,4,9", None, (1, 2, 3, 4)),
        ("170,-10,-170,10", None, (170, -10, -170, 10)),
        ("2,1,4,3", f"{EPSG}/4326", (1, 2, 3, 4)),
        ("2,1,4,3", f"{EPSG}/4490", (1, 2, 3, 4)),
        ("3200000,500000,3300000,600000", f"{EPSG}/4549", (500000, 3200000, 600000, 3300000)),
        ("1,2,3,4", f"{EPSG}/3857", (1, 2, 3, 4)),
    ],
)
def test_bbox(text, crs, expected):
    assert parse({"bbox": text} | ({"bbox-crs": crs} if crs else {})).bbox == expected


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,x", "1,2,3,nan", "1,5,3,4", "1,2,3,4,5"])
def test_bad_bbox(text):
    with pytest.raises(InputError, match="bbox"):
        parse({"bbox": text})


NOON = datetime(2026, 1, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-01T04:00:00Z/..", Interval(NOON, None)),
        ("2026-01-01T12:00:00+08:00/", Interval(NOON, None)),
        ("../2026-01-01", Interval(None, datetime(2026, 1, 1, 16, tzinfo=UTC))),
        (
            "2026-01-01",
            Interval(datetime(2025, 12, 31, 16, tzinfo=UTC), datetime(2026, 1, 1, 16, tzinfo=UTC)),
        ),
        ("../..", Interval(None, None)),
    ],
)
def test_datetime(text, expected):
    assert parse({"datetime": text}).interval == expected


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-02-01/2026-01-01", "2026"])
def test_bad_datetime(text):
    with pytest.raises(InputError, match="datetime"):
        parse({"datetime": text})


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"nothing": "1"}, "unknown parameter"),
        ({"level": "abc"}, "level has to be a integer"),
        ({"oneway": "perhaps"}, "oneway has to be a boolean"),
        ({"sortby": "-nothing"}, "unknown sortby"),
        ({"properties": "name,nothing"}, "unknown property"),
        ({"limit": "0"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"offset": "-1"}, "offset"),
        ({"crs": f"{EPSG}/2327"}, "not supported"),
    ],
)
def test_refused(parameters, message):
    with pytest.raises(InputError, match=message):
        parse(parameters, STREETS)


def test_typed_filters_sorting_and_paging():
    query = parse(
        {"level": "1", "oneway": "true", "sortby": "-length_m,name", "limit": "99999"}, STREETS
    )
    assert query.equals == {"level": 1, "oneway": True}
    assert query.sort == (("length_m", False), ("name", True))
    assert query.limit == 10_000
