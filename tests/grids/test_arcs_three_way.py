"""Two editors at once: neighbours land together, disputes are named, and order doesn't matter."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import shapely
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from arc_edits import edits
from board import between, place, shapes_of
from grids.arcs.change import Change, Edit, apply_change
from grids.arcs.joining import merge_faces
from grids.arcs.model import Node, Topology
from grids.arcs.moving import move_vertex
from grids.arcs.rules import Ground, Rule
from grids.arcs.splitting import split_face
from grids.arcs.three_way import MergeConflictError, merge_changes
from grids.arcs.trace import polygons
from grids.arcs.whole_check import tiling_faults_of
from spatial.errors import ConflictError


def moved_side(board: Topology, ground: Ground, faces: tuple[int, int], to: Node) -> Edit:
    return move_vertex(board, ground, between(board, *faces), 1, to)


def across(row: float, first: float, last: float) -> list[Node]:
    return [place(first, row), place(last, row)]


def down(column: float, first: float, last: float) -> list[Node]:
    return [place(column, first), place(column, last)]


type Make = Callable[[Topology, Ground], Edit]

# What both do on the board; face 5 is in the middle, 4 and 6 beside it, 2 below, 8 above.
LANDING: dict[str, tuple[Make, Make]] = {
    "far apart": (
        lambda b, g: moved_side(b, g, (1, 2), place(1.2, 0.5)),
        lambda b, g: moved_side(b, g, (8, 9), place(2.2, 2.5)),
    ),
    "two sides of one face": (
        lambda b, g: moved_side(b, g, (4, 5), place(1.2, 1.5)),
        lambda b, g: moved_side(b, g, (5, 6), place(1.9, 1.5)),
    ),
    "one divides, one moves the new piece's side": (
        lambda b, g: split_face(b, g, 5, down(1.7, 0.9, 2.1), 101),
        lambda b, g: moved_side(b, g, (5, 6), place(2.2, 1.5)),
    ),
    "neighbours divided, both cut the side between": (
        lambda b, g: split_face(b, g, 5, across(1.3, 0.9, 2.1), 101),
        lambda b, g: split_face(b, g, 6, across(1.8, 1.9, 3.1), 102),
    ),
    "neighbours divided on one edge of the side between": (
        lambda b, g: split_face(b, g, 5, across(1.3, 0.9, 2.1), 101),
        lambda b, g: split_face(b, g, 6, across(1.2, 1.9, 3.1), 102),
    ),
    "neighbours divided at one vertex of both": (
        lambda b, g: split_face(b, g, 5, across(1.5, 0.9, 2.1), 101),
        lambda b, g: split_face(b, g, 6, across(1.5, 1.9, 3.1), 102),
    ),
    "one face divided at both ends": (
        lambda b, g: split_face(b, g, 5, down(1.2, 0.9, 2.1), 101),
        lambda b, g: split_face(b, g, 5, down(1.8, 0.9, 2.1), 102),
    ),
    "divided on one side, merged on the other": (
        lambda b, g: split_face(b, g, 5, across(1.3, 0.9, 2.1), 101),
        lambda b, g: merge_faces(b, g, 7, 8),
    ),
    "a neighbour merged with one beyond, the face divided": (
        lambda b, g: split_face(b, g, 5, down(1.3, 0.9, 2.1), 101),
        lambda b, g: merge_faces(b, g, 6, 9),
    ),
    "the same change twice": (
        lambda b, g: moved_side(b, g, (4, 5), place(1.2, 1.5)),
        lambda b, g: moved_side(b, g, (4, 5), place(1.2, 1.5)),
    ),
}


@pytest.mark.parametrize("name", LANDING)
def test_both_land_whichever_comes_first(name: str, board: Topology, ground: Ground) -> None:
    first, second = (make(board, ground).change for make in LANDING[name])
    one, other = (
        merge_changes(board, first, second, ground),
        merge_changes(board, second, first, ground),
    )
    assert not any(tiling_faults_of(one.topology, ground).values())
    assert shapes_of(one.topology) == shapes_of(other.topology)
    assert apply_change(apply_change(board, first), one.second).is_same(one.topology)
    assert {101, 102} & one.topology.arcs_of.keys() == {101, 102} & (first.faces | second.faces)


@pytest.mark.parametrize("name", [name for name in LANDING if "moves" not in name])
def test_a_merge_equals_doing_one_after_the_other(
    name: str, board: Topology, ground: Ground
) -> None:
    make_first, make_second = LANDING[name]
    first = make_first(board, ground)
    merged = merge_changes(board, first.change, make_second(board, ground).change, ground)
    after = polygons(make_second(first.topology, ground).topology, 4)
    both = polygons(merged.topology, 4)
    assert after.keys() == both.keys()
    assert all(
        shapely.hausdorff_distance(shape, both[unit]) < 1e-9 for unit, shape in after.items()
    )


def test_a_merge_joins_arcs_whose_far_side_another_divides(board: Topology, ground: Ground) -> None:
    base = split_face(board, ground, 5, down(1.3, 0.9, 2.1), 101).topology
    first = split_face(base, ground, 8, across(2.4, 0.9, 2.1), 102).change
    second = merge_faces(base, ground, 5, 101).change
    for one, other in ((first, second), (second, first)):
        merged = merge_changes(base, one, other, ground)
        assert merged.topology.neighbours(102) == {5, 7, 8, 9}
        assert not any(tiling_faults_of(merged.topology, ground).values())
        assert apply_change(apply_change(base, one), merged.second).is_same(merged.topology)
    assert shapes_of(merged.topology)[5] == shapes_of(board)[5]


def test_three_editors_cut_one_side_one_after_the_other(board: Topology, ground: Ground) -> None:
    first = split_face(board, ground, 5, across(1.3, 0.9, 2.1), 101).change
    second = split_face(board, ground, 6, across(1.8, 1.9, 3.1), 102).change
    third = split_face(board, ground, 6, across(1.1, 1.9, 3.1), 103).change
    after_first = apply_change(board, first)
    rebased = [merge_changes(board, first, each, ground).second for each in (second, third)]
    merged = merge_changes(after_first, *rebased, ground)
    assert merged.topology.arcs_of.keys() == board.arcs_of.keys() | {101, 102, 103}
    assert not any(tiling_faults_of(merged.topology, ground).values())


def test_one_arc_moved_by_both_is_disputed_with_all_versions(
    board: Topology, ground: Ground
) -> None:
    arc_id = between(board, 4, 5)
    first = moved_side(board, ground, (4, 5), place(1.2, 1.5))
    second = moved_side(board, ground, (4, 5), place(1.1, 1.4))
    with pytest.raises(MergeConflictError, match=f"arc {arc_id}") as caught:
        merge_changes(board, first.change, second.change, ground)
    assert caught.value.arcs == {
        arc_id: (board.arcs[arc_id], first.topology.arcs[arc_id], second.topology.arcs[arc_id])
    }
    assert isinstance(caught.value, ConflictError)


def test_a_side_given_to_two_units_is_disputed(board: Topology, ground: Ground) -> None:
    first = split_face(board, ground, 5, down(1.3, 0.9, 2.1), 101)
    second = split_face(board, ground, 5, down(1.4, 0.9, 2.1), 102)
    with pytest.raises(MergeConflictError) as caught:
        merge_changes(board, first.change, second.change, ground)
    assert between(board, 4, 5) in caught.value.arcs


def test_a_cut_and_a_move_of_one_arc_are_disputed(board: Topology, ground: Ground) -> None:
    first = split_face(board, ground, 5, across(1.3, 0.9, 2.1), 101)
    second = moved_side(board, ground, (4, 5), place(1.2, 1.5))
    with pytest.raises(MergeConflictError) as caught:
        merge_changes(board, first.change, second.change, ground)
    assert set(caught.value.arcs) == {between(board, 4, 5)}


def test_two_legal_moves_that_cross_are_disputed(board: Topology, ground: Ground) -> None:
    first = moved_side(board, ground, (4, 5), place(1.7, 1.5))
    second = moved_side(board, ground, (5, 6), place(1.3, 1.5))
    with pytest.raises(MergeConflictError, match="cross") as caught:
        merge_changes(board, first.change, second.change, ground)
    assert caught.value.broken is not None
    assert caught.value.broken.rule == Rule.CROSSING
    assert set(caught.value.arcs) >= {between(board, 4, 5), between(board, 5, 6)}


def test_a_face_that_one_merges_away_and_one_divides_is_disputed(
    board: Topology, ground: Ground
) -> None:
    first = merge_faces(board, ground, 4, 5)
    second = split_face(board, ground, 5, across(1.3, 0.9, 2.1), 101)
    with pytest.raises(MergeConflictError):
        merge_changes(board, first.change, second.change, ground)
    with pytest.raises(MergeConflictError):
        merge_changes(board, second.change, first.change, ground)


def test_the_same_new_unit_in_both_is_disputed(board: Topology, ground: Ground) -> None:
    first = split_face(board, ground, 1, down(0.3, -0.1, 1.1), 101)
    second = split_face(board, ground, 9, down(2.3, 1.9, 3.1), 101)
    with pytest.raises(MergeConflictError, match="unit 101"):
        merge_changes(board, first.change, second.change, ground)


def test_new_arcs_of_one_number_get_another(board: Topology, ground: Ground) -> None:
    first = split_face(board, ground, 1, down(0.3, -0.1, 1.1), 101).change
    second = split_face(board, ground, 9, down(2.3, 1.9, 3.1), 102).change
    both = {i for i, (before, _) in first.arcs.items() if before is None} & second.arcs.keys()
    merged = merge_changes(board, first, second, ground)
    assert set(merged.renumbered) == both
    assert {101, 102} <= merged.topology.arcs_of.keys()
    assert merged.change.then(merged.change.inverse) == Change()


@given(data=st.data())
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_whatever_lands_is_sound(data: st.DataObject, small_town: Topology, ground: Ground) -> None:
    first, second = (data.draw(edits(small_town, ground, unit)) for unit in (901, 902))
    assume(first is not None and second is not None)
    try:
        merged = merge_changes(small_town, first.change, second.change, ground)
    except MergeConflictError:
        return
    assert not any(tiling_faults_of(merged.topology, ground).values())
    assert apply_change(first.topology, merged.second).is_same(merged.topology)
    other = merge_changes(small_town, second.change, first.change, ground)
    assert shapes_of(other.topology) == shapes_of(merged.topology)
