"""A border drawn anew between two units: faces, and grids over their junctions."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from board import line, place, vertices
from grids.arcs.border import led_to_border_ends, redraw_border
from grids.arcs.change import apply_change
from grids.arcs.model import Node, Topology
from grids.arcs.rules import BrokenRuleError, Ground, Rule
from grids.arcs.trace import polygon
from grids.arcs.whole_check import tiling_faults_of
from spatial.errors import NotFoundError


def corners(topology: Topology, unit: int) -> set[tuple[float, float]]:
    """The vertices around a unit, in squares, without those in the middle of a square's side."""
    rings = shapely.simplify(polygon(topology, unit), 1e-8)
    squares = (shapely.get_coordinates(rings) - (120, 29)) * 1e3
    return set(map(tuple, squares.round(4).tolist()))


@pytest.mark.parametrize(
    "street",
    [
        line((1.3, 0.2), (1.25, 1.5), (1.3, 2.8)),
        line((1.2, 2.1), (1.1, 1.5), (0.7, 1.2), (0.8, 0.9)),
    ],
    ids=["to one side", "to both sides"],
)
def test_a_border_is_laid_along_a_street_from_edge_to_edge(
    board: Topology, ground: Ground, street: list[Node]
) -> None:
    edit = redraw_border(board, ground, 4, 5, street)
    (border,) = edit.topology.arcs_of[4] & edit.topology.arcs_of[5]
    arc = edit.topology.arcs[border]
    assert {tuple(xy) for xy in arc.coords[1:-1].tolist()} == set(street[1:-1])
    assert {arc.start, arc.end} & {place(1, 1), place(1, 2)} == set()
    for face in (2, 8):
        old, new = ground.plane.projected([polygon(t, face) for t in (board, edit.topology)])
        assert shapely.hausdorff_distance(old, new) < 1e-6
    assert shapely.covers(polygon(edit.topology, 5), shapely.Point(place(1.9, 1.5)))
    assert not any(tiling_faults_of(edit.topology, ground).values())
    assert apply_change(edit.topology, edit.change.inverse).is_same(board)


def test_edges_that_end_on_a_border_between_grids_go_with_it(
    board: Topology, ground: Ground
) -> None:
    """Rows 1 2 3 and 4 5 6 are grids 20 and 21, with two junctions between them."""
    up = redraw_border(board, ground, 20, 21, line((-0.1, 1.3), (3.1, 1.3))).topology
    assert corners(up, 2) == {(1, 0), (2, 0), (1, 1.3), (2, 1.3)}
    assert corners(up, 5) == {(1, 2), (2, 2), (1, 1.3), (2, 1.3)}
    down = redraw_border(up, ground, 21, 20, line((3.1, 0.6), (-0.1, 0.6))).topology
    assert corners(down, 2) == {(1, 0), (2, 0), (1, 0.6), (2, 0.6)}
    assert corners(down, 21) == {(0, 2), (3, 2), (0, 0.6), (3, 0.6)}
    assert down.units.by_id == board.units.by_id
    assert not any(tiling_faults_of(down, ground).values())


def test_a_street_may_lead_to_and_fro_over_the_old_border(board: Topology, ground: Ground) -> None:
    street = line((-0.1, 1), (0.5, 1.2), (1.5, 0.8), (2.5, 1.2), (3.1, 0.9))
    edit = redraw_border(board, ground, 20, 21, street)
    assert set(street[1:-1]) <= vertices(edit.topology, 20)
    assert corners(edit.topology, 5) == {(1, 1), (1.5, 0.8), (2, 1), (2, 2), (1, 2)}
    assert edit.topology.neighbours(2) == board.neighbours(2)
    assert not any(tiling_faults_of(edit.topology, ground).values())


def test_a_unit_beyond_the_line_changes_its_grid(board: Topology, ground: Ground) -> None:
    around = line((-0.1, 1), (0.95, 1), (0.95, 1.9), (2.05, 1.9), (2.05, 1), (3.1, 1))
    edit = redraw_border(board, ground, 20, 21, around)
    assert edit.topology.units.by_id[5].parent == 20
    assert set(edit.change.units) == {5}
    assert not any(tiling_faults_of(edit.topology, ground).values())


@pytest.mark.parametrize(
    ("pair", "drawn", "rule"),
    [
        ((20, 22), line((-0.1, 1), (3.1, 1)), Rule.NOT_NEIGHBOURS),
        ((20, 30), line((-0.1, 1), (3.1, 1)), Rule.LEVEL),
        ((20, 21), line((-0.1, 1.2), (2.5, 1.2)), Rule.NOT_ACROSS),
        ((20, 21), line((-0.1, 3.5), (3.1, 3.5)), Rule.NOT_ACROSS),
        (
            (20, 21),
            line((-0.1, 1), (3.2, 1.2), (3.2, 1.4), (-0.1, 1.6)),
            Rule.SEVERAL_CROSSINGS,
        ),
        ((20, 21), line((-0.1, 0.1), (3.1, 0.1)), Rule.PIECES),
    ],
)
def test_what_is_no_border_between_grids_is_refused(
    board: Topology,
    ground: Ground,
    pair: tuple[int, int],
    drawn: list[Node],
    rule: Rule,
) -> None:
    with pytest.raises(BrokenRuleError) as caught:
        redraw_border(board, ground, *pair, drawn)
    assert caught.value.rule == rule
    with pytest.raises(NotFoundError):
        redraw_border(board, ground, 20, 77, drawn)


def test_a_feature_that_ends_on_the_way_is_led_to_the_border_ends(
    board: Topology, ground: Ground
) -> None:
    street = np.array(line((0.4, 1.1), (1.5, 1.2), (2.5, 1.1)))
    led = led_to_border_ends(board, ground, 20, 21, street)
    assert list(map(tuple, led[[0, -1]].tolist())) == [place(0, 1), place(3, 1)]
    np.testing.assert_array_equal(led[1:-1], street)
    topology = redraw_border(board, ground, 20, 21, led).topology
    assert (1.5, 1.2) in corners(topology, 20)
    across = np.array(line((-0.4, 1.1), (1.5, 1.2), (3.5, 1.1)))
    np.testing.assert_array_equal(led_to_border_ends(board, ground, 20, 21, across), across)
