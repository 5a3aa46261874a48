"""Units divided, merged, given pieces and parents: what becomes of both sides."""

from __future__ import annotations

import pytest
import shapely

from board import METRE, between, line, outline_arc, place, vertices
from grids.arcs.belonging import set_parent
from grids.arcs.joining import merge_faces
from grids.arcs.model import Node, Topology
from grids.arcs.moving import move_node
from grids.arcs.outline import move_outline
from grids.arcs.rules import BrokenRuleError, Ground, Rule
from grids.arcs.runs import Run
from grids.arcs.splitting import split_face
from grids.arcs.trace import polygon, polygons
from grids.arcs.transfer import transfer_piece
from grids.arcs.whole_check import tiling_faults_of


@pytest.mark.parametrize(
    "drawn",
    [
        line((1.3, 0.2), (1.3, 2.9)),
        line((1.3, -5), (1.3, 9)),
        [place(1.3, 1.003), place(1.3, 1.997)],
        line((1.3, 2.9), (1.4, 1.5), (1.3, 0.2)),
    ],
    ids=["into neighbours", "beyond the town", "short of both edges", "bent, from above"],
)
def test_a_line_across_divides_a_face(board: Topology, ground: Ground, drawn: list[Node]) -> None:
    edit = split_face(board, ground, 5, drawn, 101)
    shapes = polygons(edit.topology, 4)
    assert shapes[101].area < shapes[5].area
    assert edit.topology.units.by_id[101] == board.units.by_id[5]
    assert edit.topology.neighbours(101) == {2, 4, 5, 8}
    assert not any(tiling_faults_of(edit.topology, ground).values())
    merged = merge_faces(edit.topology, ground, 5, 101)
    assert merged.topology.is_same(board)


def test_a_double_click_is_one_vertex(board: Topology, ground: Ground) -> None:
    drawn = line((1.3, 0.9), (1.4, 1.5), (1.4, 1.5), (1.3, 2.1), (1.3, 2.1))
    divided = split_face(board, ground, 5, drawn, 101).topology
    assert len(divided.arcs[between(divided, 5, 101)].coords) == 3


def test_a_line_through_vertices_sets_none(board: Topology, ground: Ground) -> None:
    edit = split_face(board, ground, 5, line((1.5, 0.9), (1.5, 2.1)), 101)
    assert vertices(edit.topology, 5) | vertices(edit.topology, 101) == vertices(board, 5)
    assert merge_faces(edit.topology, ground, 101, 5).change.units[5][1] is None


def test_neighbours_keep_their_line_where_a_cut_meets_it(board: Topology, ground: Ground) -> None:
    edit = split_face(board, ground, 5, line((0.5, 1.3), (2.5, 1.3)), 101)
    old, new = (ground.plane.projected([polygon(t, 4)])[0] for t in (board, edit.topology))
    assert len(vertices(edit.topology, 4)) == len(vertices(board, 4)) + 1
    assert shapely.hausdorff_distance(old, new) < 1e-6
    assert new.area == pytest.approx(old.area, rel=1e-11)


def test_two_cuts_on_one_edge_go_in_any_order(board: Topology, ground: Ground) -> None:
    first = split_face(board, ground, 5, line((1.2, 0.9), (1.2, 2.1)), 101).topology
    second = split_face(first, ground, 101, line((1.08, 0.9), (1.08, 2.1)), 102).topology
    for order in (((101, 102), (5, 101)), ((5, 101), (5, 102))):
        topology = second
        for survivor, gone in order:
            topology = merge_faces(topology, ground, survivor, gone).topology
        assert topology.is_same(board)


def test_a_cut_that_was_moved_stays(board: Topology, ground: Ground) -> None:
    topology = split_face(board, ground, 5, line((0.5, 1.3), (2.5, 1.3)), 101).topology
    (node,) = {n for n in topology.arcs_at if n not in board.arcs_at and n[0] < place(1.5, 0)[0]}
    moved = (node[0] + 5 * METRE, node[1])
    topology = move_node(topology, ground, node, moved).topology
    merged = merge_faces(topology, ground, 5, 101).topology
    assert vertices(merged, 4) == vertices(board, 4) | {moved}


def test_a_line_passes_through_an_enclave(enclave: Topology, ground: Ground) -> None:
    edit = split_face(enclave, ground, 1, line((-1, 1.4), (4, 1.4)), 101)
    assert edit.topology.neighbours(2) == {1, 101}
    assert edit.topology.neighbours(101) == {1, 2}
    merged = merge_faces(edit.topology, ground, 1, 101)
    assert merged.topology.is_same(enclave)


def test_an_enclave_moves_with_the_piece_around_it(enclave: Topology, ground: Ground) -> None:
    edit = split_face(enclave, ground, 1, line((0.4, -1), (0.4, 4)), 101)
    assert edit.topology.neighbours(2) == {1}
    edit = split_face(enclave, ground, 1, line((2.9, -1), (0.9, 0.8), (0.9, 3.2)), 101)
    assert edit.topology.neighbours(2) in ({1}, {101})


def test_a_ring_inside_makes_an_enclave(board: Topology, ground: Ground) -> None:
    ring = line((1.4, 1.4), (1.6, 1.4), (1.5, 1.6), (1.4, 1.4))
    edit = split_face(board, ground, 5, ring, 101)
    assert edit.topology.neighbours(101) == {5}
    assert merge_faces(edit.topology, ground, 5, 101).topology.is_same(board)


@pytest.mark.parametrize(
    ("drawn", "rule"),
    [
        (line((-0.5, 2), (3.5, 2)), Rule.SEVERAL_CROSSINGS),
        (line((-0.5, 2), (1.5, 2)), None),
    ],
    ids=["both arms", "one arm"],
)
def test_one_arm_of_a_fork_can_be_cut_off(
    fork: Topology, ground: Ground, drawn: list[Node], rule: Rule | None
) -> None:
    if rule is None:
        assert split_face(fork, ground, 1, drawn, 101).topology.neighbours(101) == {1, 2}
        return
    with pytest.raises(BrokenRuleError) as caught:
        split_face(fork, ground, 1, drawn, 101)
    assert caught.value.rule == rule


def test_a_line_from_the_edge_to_an_enclave_divides_nothing(
    enclave: Topology, ground: Ground
) -> None:
    with pytest.raises(BrokenRuleError) as caught:
        split_face(enclave, ground, 1, line((-0.5, 1.5), (1.5, 1.5)), 101)
    assert caught.value.rule == Rule.NOT_ACROSS


def test_a_piece_goes_to_the_neighbour_that_it_borders(board: Topology, ground: Ground) -> None:
    edit = transfer_piece(board, ground, 5, 4, line((1.3, 0.9), (1.3, 2.1)))
    shapes = polygons(edit.topology, 4)
    assert shapely.covers(shapes[4], shapely.Point(place(1.1, 1.5)))
    assert shapes[5].bounds[0] == pytest.approx(place(1.3, 0)[0], abs=1e-9)
    assert set(edit.topology.units.by_id) == set(board.units.by_id)
    assert not any(tiling_faults_of(edit.topology, ground).values())


def test_a_ring_over_an_edge_gives_what_lies_inside(board: Topology, ground: Ground) -> None:
    ring = line((0.8, 1.3), (1.3, 1.3), (1.3, 1.7), (0.8, 1.7), (0.8, 1.3))
    edit = transfer_piece(board, ground, 5, 4, ring)
    assert shapely.covers(polygon(edit.topology, 4), shapely.Point(place(1.2, 1.5)))
    assert shapely.covers(polygon(edit.topology, 5), shapely.Point(place(1.2, 1.2)))
    back = transfer_piece(edit.topology, ground, 4, 5, ring)
    assert shapely.covers(polygon(back.topology, 5), shapely.Point(place(0.9, 1.5)))


def test_an_inlet_between_two_units_is_wide_or_not_there(board: Topology, ground: Ground) -> None:
    """A unit may have a narrow inlet; divided along it, its two halves would have a gap."""
    arc_id = outline_arc(board, 2)
    inlet = line((1.497, 0), (1.499, 0.4), (1.501, 0.4), (1.503, 0))
    if board.arcs[arc_id].start != place(1, 0):
        inlet = inlet[::-1]
    topology = move_outline(board, ground, Run(arc_id, 0, 2), inlet).topology
    with pytest.raises(BrokenRuleError) as caught:
        split_face(topology, ground, 2, line((1.5, 0.3), (1.5, 1.1)), 101)
    assert caught.value.rule == Rule.GAP
    assert caught.value.place == pytest.approx(place(1.5, 0.2), abs=2.5e-4)
    assert split_face(topology, ground, 2, line((0.9, 0.7), (2.1, 0.7)), 101).change.arcs


def test_a_unit_is_given_to_another_parent(board: Topology, ground: Ground) -> None:
    edit = set_parent(board, ground, 1, 21)
    assert edit.change.arcs == {}
    assert sorted(edit.topology.units.leaves(21)) == [1, 4, 5, 6]
    assert not any(tiling_faults_of(edit.topology, ground).values())
    for unit, parent, rule in ((2, 21, Rule.PIECES), (7, 20, Rule.PIECES), (1, 30, Rule.LEVEL)):
        with pytest.raises(BrokenRuleError) as caught:
            set_parent(board, ground, unit, parent)
        assert caught.value.rule == rule


def test_a_parent_keeps_at_least_one_unit(board: Topology, ground: Ground) -> None:
    topology = set_parent(set_parent(board, ground, 1, 21).topology, ground, 2, 21).topology
    for operation, units in ((set_parent, (3, 21)), (merge_faces, (6, 3))):
        with pytest.raises(BrokenRuleError) as caught:
            operation(topology, ground, *units)
        assert (caught.value.rule, caught.value.units) == (Rule.EMPTY_PARENT, (20,))
