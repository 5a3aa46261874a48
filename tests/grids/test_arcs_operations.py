"""Each operation: what it does, to both sides, and what it refuses with which rule and where."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import shapely
from shapely.geometry import Polygon

from grids.arcs.belonging import set_parent
from grids.arcs.border import redraw_border
from grids.arcs.build import topology_from_polygons
from grids.arcs.change import Edit, apply_change
from grids.arcs.joining import merge_faces
from grids.arcs.model import OUTSIDE, Node, Topology, Unit
from grids.arcs.moving import add_vertex, move_node, move_vertex, remove_vertex, reshape_arc
from grids.arcs.outline import move_outline, move_outline_node
from grids.arcs.rules import BrokenRuleError, Ground, Rule, Rules
from grids.arcs.runs import Run
from grids.arcs.splitting import split_face
from grids.arcs.straightening import follow_line, straighten
from grids.arcs.trace import polygon, polygons
from grids.arcs.transfer import transfer_piece
from grids.arcs.whole_check import breaches, tiling_faults_of
from grids.coverage import ring_edges
from spatial.errors import InputError, NotFoundError, StaleError

METRE = 1e-5  # of longitude, about
ZIGZAG = ((0.5, 1.3), (1.7, 1.4), (0.5, 1.6), (1.7, 1.9), (0.5, 1.9))


def place(column: float, row: float) -> Node:
    """Where on the board, in squares."""
    return round(120 + column / 1e3, 7), round(29 + row / 1e3, 7)


def line(*places: tuple[float, float]) -> list[Node]:
    return [place(*each) for each in places]


def between(topology: Topology, one: int, other: int) -> int:
    (arc_id,) = topology.arcs_of[one] & topology.arcs_of[other]
    return arc_id


def outline_arc(topology: Topology, face: int) -> int:
    return next(i for i in sorted(topology.arcs_of[face]) if topology.arcs[i].is_outline)


def vertices(topology: Topology, face: int) -> set[Node]:
    return set(map(tuple, shapely.get_coordinates(polygon(topology, face)).tolist()))


def shape_of(corners: list[tuple[float, float]]) -> Polygon:
    return Polygon([place(*corner) for corner in corners])


def town(*shapes: Polygon, ground: Ground) -> Topology:
    units = {n: Unit(4, 90) for n in range(1, len(shapes) + 1)} | {90: Unit(1, OUTSIDE)}
    return topology_from_polygons(shapes, range(1, len(shapes) + 1), units, ground.plane)


@pytest.fixture(scope="module")
def enclave(ground: Ground) -> Topology:
    """Unit 1 with unit 2 in its middle."""
    hole = [(1, 1), (2, 1), (2, 2), (1, 2)]
    frame = Polygon(shape_of([(0, 0), (3, 0), (3, 3), (0, 3)]).exterior, [line(*hole)])
    return town(frame, shape_of(hole), ground=ground)


@pytest.fixture(scope="module")
def fork(ground: Ground) -> Topology:
    """Unit 1 has two arms, between which is unit 2."""
    arms = [(0, 0), (3, 0), (3, 3), (2, 3), (2, 1), (1, 1), (1, 3), (0, 3)]
    return town(shape_of(arms), shape_of([(1, 1), (2, 1), (2, 3), (1, 3)]), ground=ground)


def test_a_moved_vertex_moves_both_sides_and_nothing_else(board: Topology, ground: Ground) -> None:
    arc_id = between(board, 4, 5)
    edit = move_vertex(board, ground, arc_id, 1, place(1.2, 1.5))
    for face in (4, 5):
        assert place(1.2, 1.5) in vertices(edit.topology, face)
        assert place(1, 1.5) not in vertices(edit.topology, face)
    assert set(edit.change.arcs) == {arc_id}
    assert all(edit.topology.arcs[i] is board.arcs[i] for i in board.arcs if i != arc_id)


def test_a_moved_node_moves_all_that_meet_there(board: Topology, ground: Ground) -> None:
    edit = move_node(board, ground, place(1, 1), place(1.1, 1.2))
    for face in (1, 2, 4, 5):
        assert place(1.1, 1.2) in vertices(edit.topology, face)
    assert place(1.1, 1.2) in edit.topology.arcs_at
    assert place(1, 1) not in edit.topology.arcs_at
    assert edit.change.faces == {1, 2, 4, 5}


def test_a_vertex_added_and_removed_leaves_nothing(board: Topology, ground: Ground) -> None:
    arc_id = between(board, 4, 5)
    added = add_vertex(board, ground, arc_id, 0, place(1.1, 1.2))
    assert len(added.topology.arcs[arc_id].coords) == 4
    removed = remove_vertex(added.topology, ground, arc_id, 1)
    assert removed.topology.is_same(board)
    assert added.change.then(removed.change).arcs == {}


def test_a_reshaped_run_follows_the_drawn_line(board: Topology, ground: Ground) -> None:
    arc_id = between(board, 4, 5)
    arc = board.arcs[arc_id]
    near_start = (arc.start[0] + 0.2 * METRE, arc.start[1])
    drawn = [near_start, place(1.2, 1.3), place(0.9, 1.6), arc.end]
    edit = reshape_arc(board, ground, Run(arc_id, 0, 2), drawn)
    expected = [arc.start, *drawn[1:3], arc.end]
    np.testing.assert_array_equal(edit.topology.arcs[arc_id].coords, expected)


def test_straightening_keeps_what_strays_more_than_the_tolerance(
    board: Topology, ground: Ground
) -> None:
    arc_id = between(board, 4, 5)
    bent = [place(1.3, 1.3), place(1.29, 1.5), place(1.3, 1.7)]
    topology = reshape_arc(board, ground, Run(arc_id, 0, 2), bent).topology
    whole = Run(arc_id, 0, 4)
    kept = straighten(topology, ground, whole, 5.0).topology.arcs[arc_id].coords
    np.testing.assert_array_equal(kept, topology.arcs[arc_id].coords[[0, 1, 3, 4]])
    assert len(straighten(topology, ground, whole).topology.arcs[arc_id].coords) == 2
    part = straighten(topology, ground, Run(arc_id, 1, 3)).topology.arcs[arc_id].coords
    np.testing.assert_array_equal(part, topology.arcs[arc_id].coords[[0, 1, 3, 4]])


@pytest.mark.parametrize("turned", [False, True])
def test_an_arc_laid_along_a_street_takes_its_vertices(
    board: Topology, ground: Ground, *, turned: bool
) -> None:
    arc_id = between(board, 4, 5)
    street = line((1.2, 1.1), (1.2, 1.3), (1.25, 1.5), (1.2, 1.7), (1.2, 1.9))
    edit = follow_line(board, ground, Run(arc_id, 0, 2), street[::-1] if turned else street)
    coords = edit.topology.arcs[arc_id].coords
    assert list(map(tuple, coords[1:-1].tolist())) == street


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
    arc = edit.topology.arcs[between(edit.topology, 4, 5)]
    assert {tuple(xy) for xy in arc.coords[1:-1].tolist()} == set(street[1:-1])
    assert {arc.start, arc.end} & {place(1, 1), place(1, 2)} == set()
    for face in (2, 8):
        old, new = ground.plane.projected([polygon(t, face) for t in (board, edit.topology)])
        assert shapely.hausdorff_distance(old, new) < 1e-6
    assert shapely.covers(polygon(edit.topology, 5), shapely.Point(place(1.9, 1.5)))
    assert not any(tiling_faults_of(edit.topology, ground).values())
    assert apply_change(edit.topology, edit.change.inverse).is_same(board)


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


def test_the_outline_moves_by_its_own_operation(board: Topology, ground: Ground) -> None:
    arc_id = between(board, 1, 2)
    low = outline_arc(board, 2)
    edit = move_outline(board, ground, Run(low, 0, 2), [place(1.5, -0.3)])
    assert place(1.5, -0.3) in vertices(edit.topology, 40)
    assert set(edit.change.arcs) == {low}
    node = place(1, 0)
    edit = move_outline_node(board, ground, node, place(1.1, -0.1))
    assert edit.topology.arcs_at[place(1.1, -0.1)]
    assert arc_id in edit.change.arcs
    with pytest.raises(BrokenRuleError, match="lies inside"):
        move_outline(board, ground, Run(arc_id, 0, 2), [])
    with pytest.raises(BrokenRuleError, match="lies inside"):
        move_outline_node(board, ground, place(1, 1), place(1.1, 1.1))


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


type Try = Callable[[Topology, Ground], Edit]

# On the board: what is tried, the rule that it breaks, and about where (None: nowhere).
REFUSED: dict[str, tuple[Try, Rule, tuple[float, float] | None]] = {
    "an edge over another": (
        lambda t, g: move_vertex(t, g, between(t, 4, 5), 1, place(2.2, 1.5)),
        Rule.CROSSING, (2, 1.5833),
    ),
    "an edge through a node": (
        lambda t, g: move_vertex(t, g, between(t, 4, 5), 1, place(2, 1)),
        Rule.CROSSING, (2, 1),
    ),
    "an edge over itself": (
        lambda t, g: reshape_arc(
            t, g, Run(between(t, 4, 5), 0, 2), line((1.3, 1.6), (1.3, 1.4), (1.1, 1.6), (1.2, 1.7))
        ),
        Rule.CROSSING, (1.2333, 1.4667),
    ),
    "a node onto another": (
        lambda t, g: move_node(t, g, place(1, 1), place(2, 1)),
        Rule.DUPLICATE, (2, 1),
    ),
    "a vertex onto the next one": (
        lambda t, g: add_vertex(t, g, between(t, 4, 5), 0, place(1, 1.5)),
        Rule.COLLAPSED, (1, 1.5),
    ),
    "a vertex of the outline": (
        lambda t, g: move_vertex(t, g, outline_arc(t, 2), 1, place(1.5, 0.1)),
        Rule.OUTLINE, (1.5, 0),
    ),
    "a node of the outline": (
        lambda t, g: move_node(t, g, place(1, 0), place(1.1, 0)),
        Rule.OUTLINE, (1, 0),
    ),
    "an outline made straight": (
        lambda t, g: straighten(t, g, Run(outline_arc(t, 2), 0, 2)),
        Rule.OUTLINE, (1, 0),
    ),
    "an outline over an edge inside": (
        lambda t, g: move_outline(t, g, Run(outline_arc(t, 2), 0, 2), [place(1.5, 1.2)]),
        Rule.CROSSING, (1.5833, 1),
    ),
    "a line that ends inside": (
        lambda t, g: split_face(t, g, 5, line((0.5, 1.5), (1.5, 1.5)), 101),
        Rule.NOT_ACROSS, (0.5, 1.5),
    ),
    "a line elsewhere": (
        lambda t, g: split_face(t, g, 5, line((0.1, 0.1), (0.2, 0.2)), 101),
        Rule.NOT_ACROSS, (0.1, 0.1),
    ),
    "a line that comes back": (
        lambda t, g: split_face(t, g, 5, line(*ZIGZAG), 101),
        Rule.SEVERAL_CROSSINGS, None,
    ),
    "a piece too small": (
        lambda t, g: split_face(t, g, 5, line((1.02, 0.9), (1.02, 1.03), (0.9, 1.03)), 101),
        Rule.AREA, (1.01, 1.015),
    ),
    "a piece too narrow": (
        lambda t, g: split_face(t, g, 5, line((1.007, 0.9), (1.007, 2.1)), 101),
        Rule.WIDTH, (1.0035, 1.75),
    ),
    "a merge over a corner": (
        lambda t, g: merge_faces(t, g, 1, 5),
        Rule.NOT_NEIGHBOURS, None,
    ),
    "a merge that parts a grid": (
        lambda t, g: merge_faces(t, g, 2, 5),
        Rule.PIECES, None,
    ),
    "a piece for somebody who isn't beside it": (
        lambda t, g: transfer_piece(t, g, 5, 9, line((1.3, 0.9), (1.3, 2.1))),
        Rule.NOT_NEIGHBOURS, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_breaks_a_rule_is_refused_with_rule_and_place(
    name: str, board: Topology, ground: Ground
) -> None:
    attempt, rule, where = REFUSED[name]
    wide = Ground(ground.plane, Rules(min_area_m2=50, min_width_m=1, snap_m=0.5))
    with pytest.raises(BrokenRuleError) as caught:
        attempt(board, wide)
    assert caught.value.rule == rule
    assert caught.value.units or rule in {Rule.OUTLINE, Rule.NOT_ACROSS}
    if where:
        assert caught.value.place == pytest.approx(place(*where), abs=3e-5)
        assert "near 120.0" in str(caught.value)
    assert caught.value.remedy


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


def test_an_enclaves_ring_is_reshaped_over_its_end_too(enclave: Topology, ground: Ground) -> None:
    (ring,) = enclave.arcs_of[1] & enclave.arcs_of[2]
    edit = reshape_arc(enclave, ground, Run(ring, 3, 1), [place(0.8, 0.8)])
    assert place(0.8, 0.8) in vertices(edit.topology, 2)
    assert len(vertices(edit.topology, 2)) == 4
    last = edit.topology.arcs[ring].coords.tolist().index(list(place(2, 2)))
    edit = move_vertex(edit.topology, ground, ring, last, place(2.1, 2.1))
    assert not any(tiling_faults_of(edit.topology, ground).values())


def test_a_ring_out_of_its_surroundings_is_refused(enclave: Topology, ground: Ground) -> None:
    (ring,) = enclave.arcs_of[1] & enclave.arcs_of[2]
    with pytest.raises(BrokenRuleError):
        reshape_arc(enclave, ground, Run(ring, 0, 4), line((0.9, 2.1), (3.5, 2.1), (3.5, 0.9)))


@pytest.mark.parametrize(
    ("attempt", "error"),
    [
        (lambda t, g: move_vertex(t, g, 999, 1, place(0, 0)), NotFoundError),
        (lambda t, g: move_vertex(t, g, between(t, 4, 5), 7, place(0, 0)), InputError),
        (lambda t, g: move_vertex(t, g, between(t, 4, 5), 0, place(0, 0)), InputError),
        (lambda t, g: move_vertex(t, g, between(t, 4, 5), 1, (float("nan"), 1.0)), InputError),
        (lambda t, g: move_vertex(t, g, between(t, 4, 5), 1, (500_000.0, 1.0)), InputError),
        (lambda t, g: move_node(t, g, place(0.3, 0.3), place(0, 0)), NotFoundError),
        (lambda t, g: add_vertex(t, g, between(t, 4, 5), 2, place(0, 0)), InputError),
        (lambda t, g: reshape_arc(t, g, Run(between(t, 4, 5), 2, 1), []), InputError),
        (lambda t, g: reshape_arc(t, g, Run(between(t, 4, 5), 0, 1), [(1, 2, 3)]), InputError),
        (lambda t, g: split_face(t, g, 77, line((0, 0), (1, 1)), 101), NotFoundError),
        (lambda t, g: split_face(t, g, 5, line((1.3, 0.9), (1.3, 2.1)), 6), InputError),
        (lambda t, g: merge_faces(t, g, 5, 5), InputError),
        (lambda t, g: merge_faces(t, g, 5, 20), NotFoundError),
        (lambda t, g: set_parent(t, g, 5, 77), NotFoundError),
    ],
)
def test_what_isnt_there_is_said(
    attempt: Try, error: type[Exception], board: Topology, ground: Ground
) -> None:
    with pytest.raises(error) as caught:
        attempt(board, ground)
    assert not isinstance(caught.value, BrokenRuleError)


def test_undo_gives_back_the_same_and_fits_only_once(board: Topology, ground: Ground) -> None:
    edit = split_face(board, ground, 5, line((1.3, 0.9), (1.3, 2.1)), 101)
    assert apply_change(edit.topology, edit.change.inverse).is_same(board)
    with pytest.raises(StaleError, match="changed since"):
        apply_change(board, edit.change.inverse)
    with pytest.raises(StaleError):
        apply_change(edit.topology, edit.change)


def test_what_was_small_already_may_be_moved(board: Topology, ground: Ground) -> None:
    strict = Ground(ground.plane, Rules(min_area_m2=1e9, min_width_m=1e4))
    assert len(breaches(board, strict)) == 18
    along = move_vertex(board, strict, between(board, 4, 5), 1, place(1, 1.6))
    assert along.change.arcs
    with pytest.raises(BrokenRuleError, match="smaller"):
        move_vertex(board, strict, between(board, 4, 5), 1, place(1.1, 1.5))


def test_all_levels_follow(board: Topology, ground: Ground) -> None:
    edit = move_node(board, ground, place(1, 1), place(1.1, 1.2))
    changed = [
        unit
        for level in (1, 2, 3, 4)
        for unit, shape in polygons(edit.topology, level).items()
        if not np.array_equal(ring_edges(shape), ring_edges(polygon(board, unit)))
    ]
    assert changed == [20, 21, 1, 2, 4, 5]
