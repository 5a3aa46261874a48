"""Where road centre lines meet: T, X, bridges, and what only looks like a junction."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pytest
import shapely

from routing.modes import Mode
from routing.sources.from_lines import streets_from_lines
from routing.sources.line_table import LineColumns
from routing.streets import Streets
from spatial.errors import InputError

UNIT_DEG = 0.001
CM_DEG = 1e-7
EAST = [(0, 0), (2, 0)]
NORTH = [(1, -1), (1, 1)]


def _frame(*rows: tuple[Any, dict[str, Any]]) -> gpd.GeoDataFrame:
    shapes = [
        shapely.transform(
            xy if isinstance(xy, shapely.Geometry) else shapely.LineString(xy),
            lambda units: units * UNIT_DEG + (10, 47),
        )
        for xy, _ in rows
    ]
    return gpd.GeoDataFrame([row for _, row in rows], geometry=shapes, crs=4326)


def _read(*rows: tuple[Any, dict[str, Any]]) -> Streets:
    # every line has a class of its own, so that none are joined again
    numbered = [
        (xy, {"class": "residential", "name": f"s{i}"} | row) for i, (xy, row) in enumerate(rows)
    ]
    return streets_from_lines(_frame(*numbered), LineColumns(), "test").streets


def _counts(streets: Streets) -> tuple[int, int]:
    return len(streets.nodes), len(streets.streets)


@pytest.mark.parametrize(
    ("lines", "nodes", "streets"),
    [
        pytest.param([(EAST, {}), (NORTH, {})], 5, 4, id="a crossing cuts both"),
        pytest.param([(EAST, {}), ([(1, 0), (1, 1)], {})], 4, 3, id="a T cuts the one passing"),
        pytest.param(
            [(EAST, {}), ([(1, 0.0003 * 0.1), (1, 1)], {})], 4, 3, id="a T that ends 3 mm short"
        ),
        pytest.param([(EAST, {}), ([(1, 0.01), (1, 1)], {})], 4, 2, id="one that ends 1 m short"),
        pytest.param([(EAST, {}), (NORTH, {"level": 1})], 4, 2, id="a bridge passes over"),
        pytest.param([(EAST, {}), (NORTH, {"bridge": "yes"})], 4, 2, id="by its bridge column"),
        pytest.param(
            [([(0, 0), (1, 0), (2, 0)], {}), ([(1, -1), (1, 0), (1, 1)], {"level": 1})],
            4,
            2,
            id="a bridge passes over a vertex",
        ),
        pytest.param(
            [
                ([(0, 0), (1, 0)], {}),
                ([(1, 0), (2, 0)], {}),
                ([(1, -1), (1, 0)], {"level": 1}),
                ([(1, 0), (1, 1)], {"level": 1}),
            ],
            6,
            4,
            id="a bridge passes over though all are cut",
        ),
        pytest.param(
            [
                ([(0, 0), (1, 0)], {"level": 1}),
                ([(0, 1), (1, 0)], {"level": 1}),
                ([(1, 0), (2, 0)], {}),
                ([(1, 0), (2, 1)], {}),
            ],
            5,
            4,
            id="two bridges end where two streets begin",
        ),
        pytest.param(
            [([(0, 0), (1, 0)], {}), ([(1, 0), (2, 0)], {"level": 1}), ([(2, 0), (3, 0)], {})],
            4,
            3,
            id="a bridge goes on from the ground",
        ),
        pytest.param(
            [(EAST, {}), ([(1, 0), (1, 1)], {"level": 1})], 4, 3, id="a bridge ends on a street"
        ),
        pytest.param([([(0, 0), (2, 0), (1, 1), (1, -1)], {})], 3, 3, id="one that crosses itself"),
        pytest.param([([(0, 0), (1, 0), (1, 1), (0, 0)], {})], 1, 1, id="a ring"),
        pytest.param(
            [(shapely.MultiLineString([EAST, NORTH]), {})], 5, 4, id="parts of one row meet too"
        ),
        pytest.param([(EAST, {}), ([(0, 0), (1, 1), (2, 0)], {})], 2, 2, id="parallel streets"),
        pytest.param([(EAST, {"level": 1}), (NORTH, {"level": 1})], 5, 4, id="both elevated"),
    ],
)
def test_lines_meet(lines: list[Any], nodes: int, streets: int) -> None:
    assert _counts(_read(*lines)) == (nodes, streets)


def test_whats_named_the_same_is_joined_where_it_only_bends() -> None:
    rows = [(EAST, {"class": "primary"}), ([(2, 0), (3, 1)], {"class": "primary"})]
    streets = streets_from_lines(_frame(*rows), LineColumns(), "test").streets
    assert _counts(streets) == (2, 1)


@pytest.mark.parametrize(
    ("value", "forward", "backward"),
    [
        ("yes", True, False),
        (True, True, False),
        (1, True, False),
        ("是", True, False),
        ("FT", True, False),
        ("no", True, True),
        (0, True, True),
        (None, True, True),
        ("否", True, True),
        ("B", True, True),
    ],
)
def test_oneway_values(value: Any, forward: bool, backward: bool) -> None:
    row = _read((EAST, {"oneway": value})).streets.iloc[0]
    assert bool(row["forward_modes"] & Mode.CAR) == forward
    assert bool(row["backward_modes"] & Mode.CAR) == backward


def test_geofabriks_t_runs_against_the_line() -> None:
    streets = _read((EAST, {"oneway": "T"}), (NORTH, {"oneway": "B", "level": 1}),
                    ([(5, 5), (6, 6)], {"oneway": "F"})).streets  # fmt: skip
    first = streets[streets["name"] == "s0"].iloc[0]
    assert first["oneway"]
    assert first["geometry"].coords[0] == pytest.approx((10.002, 47))


def test_columns_are_named_by_options() -> None:
    frame = _frame((EAST, {"DLDJ": "主干路", "LM": "稠江路", "DX": "是", "CJ": 1}))
    columns = LineColumns(klass="dldj", name="LM", oneway="DX", level="CJ")
    row = streets_from_lines(frame, columns, "test").streets.streets.iloc[0]
    assert (row["class"], row["name"], row["oneway"], row["level"]) == (
        "primary",
        "稠江路",
        True,
        1,
    )


def test_a_column_that_is_not_there_is_told_with_those_that_are() -> None:
    frame = _frame((EAST, {"DLDJ": "主干路"}))
    with pytest.raises(InputError, match=r"no column 'x'.*--class-column.*DLDJ"):
        streets_from_lines(frame, LineColumns(klass="x"), "test")


def test_values_that_are_not_understood_are_noted() -> None:
    frame = _frame((EAST, {"class": "weird", "oneway": "maybe", "level": "high"}))
    notes = streets_from_lines(frame, LineColumns(), "test").notes
    assert [note.split(":")[0] for note in notes] == ["class", "oneway", "level"]


def test_rows_without_a_line_are_counted() -> None:
    frame = _frame((EAST, {}), (shapely.Point(1, 1), {}), (NORTH, {}))
    frame.loc[2, "geometry"] = None
    assert streets_from_lines(frame, LineColumns(), "test").rejected == 2


def test_a_file_without_lines_is_refused() -> None:
    with pytest.raises(InputError, match="no lines"):
        streets_from_lines(_frame((shapely.Point(1, 1), {})), LineColumns(), "test")


def test_lines_that_name_their_nodes_are_joined_by_them() -> None:
    """A crossing without a node stays none, as long as no line contradicts its nodes."""
    rows = [(EAST, {"from_node": 1, "to_node": 2}), (NORTH, {"from_node": 3, "to_node": 4})]
    assert _counts(_read(*rows)) == (4, 2)
    contradicting = [
        (EAST, {"from_node": 1, "to_node": 2}),
        (NORTH, {"from_node": 2, "to_node": 4}),
    ]
    assert _counts(_read(*contradicting)) == (5, 4)
