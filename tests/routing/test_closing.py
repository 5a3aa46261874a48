"""Which streets a drawing closes, by cases; and what that cuts off."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from routing.closing.drawing import Drawing, DrawnAs
from routing.closing.isolation import cut_off
from routing.closing.laying import lay
from routing.modes import ALL_MODES, Mode
from routing.network.graph import graph_from_streets
from spatial.errors import InputError

UNIT = 0.0009  # about 100 m
ALL = int(ALL_MODES)
CARS = int(Mode.CAR | Mode.EMERGENCY)


@pytest.fixture(scope="module")
def town(straight_streets):
    """A cross of two streets of two blocks each, a second carriageway 12 m off, a footpath.

        4
        |
    1 - 2 - 3      1-2, 2-3 run east; 5-2 and 2-4 run north
    6 ----- 7      12 m south of it; 8-9 a footpath 100 m north
        5
    """
    xy = {
        1: (-1, 0), 2: (0, 0), 3: (1, 0), 4: (0, 1), 5: (0, -1),
        6: (-1, -0.12), 7: (1, -0.12), 8: (-1, 1), 9: (-0.2, 1),
    }  # fmt: skip
    streets = straight_streets(
        xy,
        (1, 2, ALL, ALL, 30.0),
        (2, 3, ALL, ALL, 30.0),
        (2, 4, ALL, ALL, 30.0),
        (5, 2, ALL, ALL, 30.0),
        (6, 7, ALL, 0, 30.0),
        (8, 9, int(Mode.FOOT), int(Mode.FOOT), 5.0),
    )
    graph = graph_from_streets(streets)
    rows = streets.streets
    names = {
        (int(u), int(v)): int(i)
        for u, v, i in zip(rows["from_node"], rows["to_node"], rows["id"], strict=True)
    }
    return graph, names


def line(*xy):
    return shapely.LineString([(10 + x * UNIT, y * UNIT) for x, y in xy])


def point(x, y):
    return shapely.Point(10 + x * UNIT, y * UNIT)


def area(*xy):
    return shapely.Polygon([(10 + x * UNIT, y * UNIT) for x, y in xy])


CASES = {
    "a line along one block": (Drawing(line((-0.9, 0.02), (-0.1, 0.03))), {(1, 2)}),
    "a line along two blocks leaves the crossing street open": (
        Drawing(line((-0.9, 0.03), (0.9, 0.03))),
        {(1, 2), (2, 3)},
    ),
    "a shaking hand": (
        Drawing(line((-0.9, 0.05), (-0.6, -0.02), (-0.3, 0.06), (-0.05, 0.0))),
        {(1, 2)},
    ),
    "a short line on a long street": (Drawing(line((0, 0.3), (0.01, 0.6))), {(2, 4)}),
    "a line between two carriageways": (
        Drawing(line((-0.95, -0.06), (0.95, -0.06))),
        {(1, 2), (2, 3), (6, 7)},
    ),
    "a line on the other carriageway": (Drawing(line((-0.95, -0.13), (0.95, -0.13))), {(6, 7)}),
    "a line round a corner": (
        Drawing(line((-0.9, 0.01), (-0.05, 0.01), (0.01, 0.1), (0.01, 0.9))),
        {(1, 2), (2, 4)},
    ),
    "a line that runs along nothing is a barrier": (
        Drawing(line((-0.5, 0.3), (-0.5, -0.4))),
        {(1, 2), (6, 7)},
    ),
    "a barrier by its name, along a street": (
        Drawing(line((-0.9, 0.05), (-0.5, -0.05)), DrawnAs.BARRIER),
        {(1, 2)},
    ),
    "the nearest street to a point": (Drawing(point(-0.5, 0.1)), {(1, 2)}),
    "all streets within a radius": (
        Drawing(point(0, 0), radius_m=5.0),
        {(1, 2), (2, 3), (2, 4), (5, 2)},
    ),
    "an area about a junction": (
        Drawing(area((-0.3, -0.08), (0.3, -0.08), (0.3, 0.3), (-0.3, 0.3))),
        {(1, 2), (2, 3), (2, 4), (5, 2)},
    ),
    "an area that only touches the end of a street": (
        Drawing(area((-1.2, -0.03), (-0.98, -0.03), (-0.98, 0.03), (-1.2, 0.03))),
        set(),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_which_streets_a_drawing_closes(town, case):
    graph, names = town
    drawing, expected = CASES[case]
    if not expected:
        with pytest.raises(InputError, match="no street lies there"):
            lay(graph, drawing)
        return
    laid = lay(graph, drawing)
    assert set(graph.street_ids[laid.street].tolist()) == {names[pair] for pair in expected}
    # both directions, unless somebody says otherwise
    assert sorted(laid.steps) == sorted(sign * names[pair] for pair in expected for sign in (1, -1))


def test_one_way_closes_the_direction_of_the_hand(town):
    graph, names = town
    there = lay(graph, Drawing(line((-0.9, 0.03), (-0.1, 0.03)), one_way=True))
    back = lay(graph, Drawing(line((-0.1, 0.03), (-0.9, 0.03)), one_way=True))
    assert there.steps == (names[1, 2],)
    assert back.steps == (-names[1, 2],)


def test_modes_leave_out_what_none_of_them_uses(town):
    graph, names = town
    on_path = Drawing(line((-0.9, 1.0), (-0.3, 1.0)))
    assert lay(graph, on_path).steps == (names[8, 9], -names[8, 9])
    with pytest.raises(InputError, match="no street"):
        lay(graph, on_path, Mode.CAR)


BAD = [
    (shapely.Point(), {}, "empty"),
    (shapely.Point(500, 10), {}, "outside"),
    (shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), {}, "not valid"),
    (shapely.Point(10, 0), {"radius_m": -1.0}, "radius"),
    (shapely.Point(10, 0), {"drawn_as": DrawnAs.AREA}, "isn't drawn as"),
    (shapely.Point(10, 0), {"one_way": True}, "direction"),
    (shapely.LineString([(10, 0), (11, 0)]), {"radius_m": 10.0}, "radius"),
    (shapely.LineString([(0, i * 1e-6) for i in range(6000)]), {}, "vertices"),
    (shapely.GeometryCollection([shapely.Point(1, 1)]), {}, "aren't closed by"),
]


@pytest.mark.parametrize(("shape", "options", "words"), BAD)
def test_a_drawing_that_cannot_be_is_refused(shape, options, words):
    with pytest.raises(InputError, match=words):
        Drawing(shape, **options)


def test_what_is_cut_off_is_open_and_out_of_reach(straight_streets):
    nodes = range(1, 6)
    chain = straight_streets(
        {n: (n, 0) for n in nodes}, *((n, n + 1, CARS, CARS, 30.0) for n in range(1, 5))
    )
    graph = graph_from_streets(chain)
    closed = np.zeros((4, 2), np.bool_)
    assert len(cut_off(graph, Mode.CAR, closed).street) == 0
    # nobody comes from the third node to the fourth any more: the last street is lost
    closed[2, 0] = True
    lost = cut_off(graph, Mode.CAR, closed)
    assert lost.street.tolist() == [3]
    assert lost.length_m == pytest.approx(100, rel=0.01)
    assert lost.share_closed == pytest.approx(0.25, rel=0.01)
    closed[:] = True
    everything = cut_off(graph, Mode.CAR, closed)
    assert everything.share_closed == pytest.approx(1)
    assert len(everything.street) == 0
