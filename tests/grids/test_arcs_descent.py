"""Arcs told by their lines alone become what the same operations on arcs would have made."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from arc_edits import edits
from board import between, place, shapes_of
from grids.arcs.build import topology_from_polygons
from grids.arcs.change import Change, Edit, apply_change
from grids.arcs.difference import change_to
from grids.arcs.joining import merge_faces
from grids.arcs.model import Topology
from grids.arcs.moving import add_vertex, move_node, move_vertex
from grids.arcs.rules import Ground
from grids.arcs.splitting import split_face
from grids.arcs.three_way import MergeConflictError, Merged, merge_changes
from grids.arcs.trace import polygons

type Make = Callable[[Topology, Ground], Edit]

OPERATIONS: dict[str, Make] = {
    "a vertex moved": lambda b, g: move_vertex(b, g, between(b, 4, 5), 1, place(1.2, 1.5)),
    "a vertex more": lambda b, g: add_vertex(b, g, between(b, 4, 5), 0, place(1.1, 1.2)),
    "a node moved": lambda b, g: move_node(b, g, place(1, 1), place(1.1, 1.2)),
    "divided at edges": lambda b, g: split_face(b, g, 5, [place(1.3, 0.9), place(1.3, 2.1)], 101),
    "divided at vertices": lambda b, g: split_face(
        b, g, 5, [place(1.5, 0.9), place(1.5, 2.1)], 101
    ),
    "divided at the outline": lambda b, g: split_face(
        b, g, 2, [place(1.3, -0.1), place(1.3, 1.1)], 101
    ),
    "an enclave": lambda b, g: split_face(
        b, g, 5, [place(1.3, 1.3), place(1.7, 1.3), place(1.5, 1.7), place(1.3, 1.3)], 101
    ),
    "neighbours merged": lambda b, g: merge_faces(b, g, 5, 6),
    "merged at the outline": lambda b, g: merge_faces(b, g, 1, 2),
}


def as_polygons(base: Topology, edit: Edit, ground: Ground) -> Change:
    """The edit as somebody tells it who knows the polygons alone."""
    shapes = polygons(edit.topology, 4)
    drawn = np.asarray(list(shapes.values()), dtype=object)
    made = topology_from_polygons(drawn, list(shapes), edit.topology.units.by_id, ground.plane)
    return change_to(base, made.arcs.values(), made.units.by_id)


@pytest.mark.parametrize("name", OPERATIONS)
def test_arcs_keep_their_ids(name: str, board: Topology, ground: Ground) -> None:
    edit = OPERATIONS[name](board, ground)
    told = as_polygons(board, edit, ground)
    kept = board.arcs.keys() & edit.change.arcs.keys()
    assert {i: told.arcs.get(i) for i in kept} == {i: edit.change.arcs[i] for i in kept}
    assert sorted(told.cut_from.values()) == sorted(edit.change.cut_from.values())
    assert told.joined_into == edit.change.joined_into
    assert shapes_of(apply_change(board, told)) == shapes_of(edit.topology)


def test_a_piece_cut_by_a_client_that_rounds_heals_again(board: Topology, ground: Ground) -> None:
    """A node four centimetres beside the edge is a cut of it, and no other line."""
    edit = split_face(board, ground, 5, [place(1.3, 0.9), place(1.3, 2.1)], 101)
    nodes = {(lon, lat) for lon, lat in (place(1.3, 1), place(1.3, 2))}

    def aside(xy: np.ndarray) -> np.ndarray:
        is_there = np.array([min(np.hypot(*(p - np.array(n))) for n in nodes) < 1e-9 for p in xy])
        return np.where(is_there[:, None], xy + np.array([0, 4e-7]), xy)

    shapes = {unit: shapely.transform(s, aside) for unit, s in polygons(edit.topology, 4).items()}
    made = topology_from_polygons(
        np.asarray(list(shapes.values()), dtype=object), list(shapes),
        edit.topology.units.by_id, ground.plane,
    )  # fmt: skip
    told = change_to(board, made.arcs.values(), made.units.by_id)
    healed = merge_faces(apply_change(board, told), ground, 5, 101)
    assert shapes_of(healed.topology) == shapes_of(board)


@given(data=st.data())
@settings(max_examples=25, derandomize=True, suppress_health_check=list(HealthCheck))
def test_polygons_are_disputed_where_arcs_are(
    data: st.DataObject, small_town: Topology, ground: Ground
) -> None:
    """Of any two edits, each told by arcs or by polygons: they land or are disputed alike."""
    drawn = [data.draw(edits(small_town, ground, unit)) for unit in (901, 951)]
    assume(all(drawn))
    by_arcs = [edit.change for edit in drawn]
    told = [as_polygons(small_town, edit, ground) for edit in drawn]
    wanted = merged(small_town, *by_arcs, ground)
    event("lands" if wanted else "disputed")
    for one, other in ((told[0], told[1]), (told[0], by_arcs[1]), (by_arcs[0], told[1])):
        found = merged(small_town, one, other, ground)
        assert (found is None) == (wanted is None)
        if found and wanted:
            assert_same_ground(found.topology, wanted.topology)


def merged(base: Topology, first: Change, second: Change, ground: Ground) -> Merged | None:
    try:
        return merge_changes(base, first, second, ground)
    except MergeConflictError:
        return None


def assert_same_ground(one: Topology, other: Topology) -> None:
    """A vertex that only lies on an edge may be there or not: joined polygons keep a cut's."""
    found, wanted = polygons(one, 4), polygons(other, 4)
    assert found.keys() == wanted.keys()
    for unit, shape in found.items():
        assert shapely.symmetric_difference(shape, wanted[unit]).area < 1e-14, unit
