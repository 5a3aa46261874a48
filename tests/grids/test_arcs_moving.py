"""Edges and nodes moved: both sides go along, all levels, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from board import METRE, between, line, outline_arc, place, vertices
from grids.arcs.change import apply_change
from grids.arcs.model import Topology
from grids.arcs.moving import add_vertex, move_node, move_vertex, remove_vertex, reshape_arc
from grids.arcs.outline import move_outline, move_outline_node
from grids.arcs.rules import BrokenRuleError, Ground, Rules
from grids.arcs.runs import Run
from grids.arcs.splitting import split_face
from grids.arcs.straightening import follow_line, straighten
from grids.arcs.trace import polygon, polygons
from grids.arcs.whole_check import breaches, tiling_faults_of
from grids.coverage import ring_edges
from spatial.errors import StaleError


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
