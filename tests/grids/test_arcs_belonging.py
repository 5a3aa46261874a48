"""Several units given to another parent at once."""

from __future__ import annotations

import pytest

from grids.arcs.belonging import set_parent, set_parents
from grids.arcs.model import Topology
from grids.arcs.rules import BrokenRuleError, Ground, Rule


def test_together_where_one_alone_would_cut_another_off(board: Topology, ground: Ground) -> None:
    with pytest.raises(BrokenRuleError) as caught:
        set_parent(board, ground, 2, 21)  # unit 1 or 3 would be left behind it
    assert caught.value.rule == Rule.PIECES
    edit = set_parents(board, ground, (1, 2), 21)
    assert edit.change.arcs == {}
    assert sorted(edit.topology.units.leaves(21)) == [1, 2, 4, 5, 6]
    assert edit.topology.units.leaves(20) == [3]
    undone = edit.change.inverse
    assert {unit: after for unit, (_, after) in undone.units.items()} == {
        unit: board.units.by_id[unit] for unit in (1, 2)
    }


def test_not_all_that_a_parent_has(board: Topology, ground: Ground) -> None:
    with pytest.raises(BrokenRuleError) as caught:
        set_parents(board, ground, (1, 2, 3), 21)
    assert (caught.value.rule, caught.value.units) == (Rule.EMPTY_PARENT, (20,))


def test_units_that_are_there_already_stay(board: Topology, ground: Ground) -> None:
    edit = set_parents(board, ground, (4, 1), 21)
    assert set(edit.change.units) == {1}
