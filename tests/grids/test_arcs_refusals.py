"""What operations refuse: with which rule, which units, and where."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from board import between, line, outline_arc, place
from grids.arcs.belonging import set_parent
from grids.arcs.change import Edit
from grids.arcs.joining import merge_faces
from grids.arcs.model import Topology
from grids.arcs.moving import add_vertex, move_node, move_vertex, reshape_arc
from grids.arcs.outline import move_outline
from grids.arcs.rules import BrokenRuleError, Ground, Rule, Rules
from grids.arcs.runs import Run
from grids.arcs.splitting import split_face
from grids.arcs.straightening import straighten
from grids.arcs.transfer import transfer_piece
from spatial.errors import InputError, NotFoundError

ZIGZAG = ((0.5, 1.3), (1.7, 1.4), (0.5, 1.6), (1.7, 1.9), (0.5, 1.9))


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
