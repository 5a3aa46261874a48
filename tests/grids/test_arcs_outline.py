"""The outline drawn anew over several units."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from board import METRE, line, outline_arc, place, vertices
from grids.arcs.change import apply_change
from grids.arcs.model import Node, Topology
from grids.arcs.outline_course import redraw_outline
from grids.arcs.rules import BrokenRuleError, Ground, Rule
from grids.arcs.trace import polygon
from grids.arcs.whole_check import tiling_faults_of
from spatial.errors import InputError

TOWN = 40


def drawn_around(board: Topology, course: list[Node]) -> shapely.Geometry:
    """The town with what lies between a course and the southern outline."""
    south = place(0, 0)[1]
    between = shapely.Polygon([*course, (course[-1][0], south), (course[0][0], south)])
    return shapely.union(polygon(board, TOWN), between)


def apart_m2(ground: Ground, *shapes: shapely.Geometry) -> float:
    """Straight in degrees and straight in metres differ by about a millimetre here."""
    one, other = ground.plane.projected(np.array(shapes))
    return float(shapely.symmetric_difference(one, other).area)


@pytest.mark.parametrize("turned", [False, True])
def test_the_outline_is_moved_out_over_two_nodes(
    board: Topology, ground: Ground, turned: bool
) -> None:
    course = line((0.25, 0), (0.3, -0.4), (2.6, -0.5), (2.75, 0))
    edit = redraw_outline(board, ground, course[::-1] if turned else course)
    now = edit.topology
    assert not any(tiling_faults_of(now, ground).values())
    assert apart_m2(ground, polygon(now, TOWN), drawn_around(board, course)) < 0.1
    # The edge between 1 and 2 goes straight on from its old end.
    assert place(1, 0) in vertices(now, 1) & vertices(now, 2)
    assert set(course) <= vertices(now, TOWN)
    untouched = set(board.arcs) - set(edit.change.arcs)
    assert len(edit.change.arcs) == 5
    assert all(now.arcs[i].coords.tobytes() == board.arcs[i].coords.tobytes() for i in untouched)
    assert apply_change(now, edit.change.inverse).is_same(board)


def test_the_outline_is_moved_in_and_cuts_the_edges_that_end_on_it(
    board: Topology, ground: Ground
) -> None:
    course = line((0.25, 0), (0.5, 0.4), (2.5, 0.4), (2.75, 0))
    now = redraw_outline(board, ground, course).topology
    assert not any(tiling_faults_of(now, ground).values())
    meeting = [xy for xy in vertices(now, 1) & vertices(now, 2) if xy[1] < place(0, 0.45)[1]]
    assert meeting == [pytest.approx(place(1, 0.4), abs=1e-8)]
    before, after = (polygon(each, TOWN) for each in (board, now))
    assert shapely.covers(shapely.buffer(before, 1e-9), after)
    back = redraw_outline(now, ground, line((0.25, 0), (2.75, 0))).topology
    assert apart_m2(ground, polygon(back, TOWN), before) < 0.5
    assert not any(tiling_faults_of(back, ground).values())


def test_a_corner_goes_the_shorter_way_round(board: Topology, ground: Ground) -> None:
    course = line((0.4, 0), (0, 0.4))
    now = redraw_outline(board, ground, course).topology
    assert not any(tiling_faults_of(now, ground).values())
    assert place(0, 0) not in vertices(now, 1)
    assert set(course) <= vertices(now, 1)


def test_a_course_from_node_to_node_keeps_both(board: Topology, ground: Ground) -> None:
    edit = redraw_outline(board, ground, line((1, 0), (1.5, -0.5), (2, 0)))
    assert set(edit.change.arcs) == {outline_arc(board, 2)}
    assert {place(1, 0), place(1.5, -0.5), place(2, 0)} <= vertices(edit.topology, 2)


@pytest.mark.parametrize(
    ("course", "rule"),
    [
        (line((0.5, 0.2), (1.5, 0)), Rule.NOT_ACROSS),
        (line((0.5, 0), (1.5, 1.5), (2.5, 0)), None),
        (line((0.5, 0), (0.6, -0.3), (2.5, -0.3), (0.7, -0.6), (2.6, 0)), None),
    ],
)
def test_a_course_that_is_none_is_refused(
    board: Topology, ground: Ground, course: list[Node], rule: Rule | None
) -> None:
    with pytest.raises(BrokenRuleError) as refused:
        redraw_outline(board, ground, course)
    assert rule is None or refused.value.rule is rule


def test_two_places_are_needed_and_they_differ(board: Topology, ground: Ground) -> None:
    with pytest.raises(InputError):
        redraw_outline(board, ground, line((0.5, 0)))
    with pytest.raises(BrokenRuleError):
        redraw_outline(
            board, ground, [place(0.5, 0), place(0.6, -0.2), (120.0005 + METRE / 20, 29)]
        )


BENDS = st.lists(st.tuples(st.floats(-0.4, 3.4), st.floats(-0.8, 0.8)), min_size=0, max_size=4)


@settings(max_examples=60)
@given(ends=st.tuples(st.floats(0, 3), st.floats(0, 3)), bends=BENDS)
def test_whatever_is_drawn_the_coverage_is_whole_or_nothing_happens(
    board: Topology, ground: Ground, ends: tuple[float, float], bends: list[tuple[float, float]]
) -> None:
    course = line((ends[0], 0), *sorted(bends), (ends[1], 0))
    try:
        edit = redraw_outline(board, ground, course)
    except InputError:
        return
    assert not any(tiling_faults_of(edit.topology, ground).values())
    assert apply_change(edit.topology, edit.change.inverse).is_same(board)
    assert np.isfinite(polygon(edit.topology, TOWN).area)
