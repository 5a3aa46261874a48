"""Random operations on five coverages: whatever is done, nothing gapes and nothing overlaps.

After each operation its surroundings are checked by shapely, not by the check under test; after
every hundred, and at the end, the whole with all its levels.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from grids.arcs.belonging import set_parent
from grids.arcs.border import border_nodes, redraw_border
from grids.arcs.change import Edit, apply_change
from grids.arcs.codec import change_from_json, change_to_json
from grids.arcs.grouping import group_units, merge_units
from grids.arcs.joining import merge_faces
from grids.arcs.model import Arc, Node, Topology, node_at
from grids.arcs.moving import add_vertex, move_node, move_vertex, remove_vertex, reshape_arc
from grids.arcs.outline import move_outline, move_outline_node
from grids.arcs.outline_course import redraw_outline
from grids.arcs.rules import BrokenRuleError, Ground
from grids.arcs.runs import Run
from grids.arcs.splitting import split_face
from grids.arcs.straightening import follow_line, straighten
from grids.arcs.trace import polygon
from grids.arcs.transfer import transfer_piece
from grids.arcs.whole_check import tiling_faults_of
from grids.coverage import ring_edges
from grids.coverage_edges import is_valid_coverage
from spatial.errors import InputError

WHOLE_CHECK_EVERY = 100
SAME_AREA = 1e-12
OUTLINE_OPERATIONS = ("move_outline", "move_outline_node", "redraw_outline")

part = st.integers(0, 9_999).map(lambda n: n / 10_000)
swing = st.integers(-1_000, 1_000).map(lambda n: n / 1_000)
ends = st.tuples(part, part)
bends = st.lists(st.tuples(swing, swing), max_size=4)


class Trial:
    """One coverage and what was done to it, over all examples."""

    def __init__(self, start: Topology, ground: Ground) -> None:
        self.start, self.ground = start, ground
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.outline_m2 = self.area_m2(start)
        self.last = start, True  # what an example left, and whether with the outline of the start

    def metric(self, shapes: list[shapely.Geometry]) -> np.ndarray:
        return self.ground.plane.projected(shapes)

    def area_m2(self, topology: Topology) -> float:
        return float(shapely.area(self.metric([polygon(topology, town_of(topology))]))[0])


def town_of(topology: Topology) -> int:
    return next(i for i, unit in topology.units.by_id.items() if unit.level == 1)


def assert_locally_sound(trial: Trial, before: Topology, name: str, edit: Edit) -> None:
    """Around what was touched: valid, one coverage, and on the same ground as before."""
    after = edit.topology
    faces = edit.change.faces
    old = trial.metric([polygon(before, f) for f in faces if f in before.arcs_of])
    new = trial.metric([polygon(after, f) for f in faces if f in after.arcs_of])
    assert shapely.is_valid(new).all(), name
    around = {n for f in faces if f in after.arcs_of for n in after.neighbours(f)} - faces
    beside = trial.metric([polygon(after, f) for f in around])
    assert is_valid_coverage(np.concatenate([new, beside])), name
    if name in OUTLINE_OPERATIONS:
        return
    areas = [shapely.area(shapes).sum() for shapes in (old, new)]
    assert areas[1] == pytest.approx(areas[0], rel=1e-11), name
    if not any(arc and arc.is_outline for pair in edit.change.arcs.values() for arc in pair):
        rings = [ring_edges(shapely.coverage_union_all(shapes)) for shapes in (old, new)]
        np.testing.assert_array_equal(*rings, err_msg=name)


def assert_undone_and_kept(before: Topology, edit: Edit) -> None:
    """Undo gives back the same bytes; a change comes back from storage as it was."""
    back = apply_change(edit.topology, edit.change.inverse)
    assert back.is_same(before)
    assert back.arcs_of == before.arcs_of
    assert back.arcs_at.keys() == before.arcs_at.keys()
    for node, ids in before.arcs_at.items():
        assert back.arcs_at[node] is ids or sorted(back.arcs_at[node]) == sorted(ids)
    stored = change_from_json(json.loads(json.dumps(change_to_json(edit.change))))
    assert stored == edit.change
    untouched = before.arcs.keys() - edit.change.arcs.keys()
    assert all(edit.topology.arcs[i] is before.arcs[i] for i in untouched)


def outline_without_cuts(topology: Topology) -> set[tuple[float, ...]]:
    """The outline's vertices but for those that splits set on its edges."""
    cuts = {
        node
        for arc in topology.arcs.values()
        for node, cut in ((arc.start, arc.start_cut), (arc.end, arc.end_cut))
        if cut is not None
    }
    arcs = (arc for arc in topology.arcs.values() if arc.is_outline)
    return {tuple(xy) for arc in arcs for xy in arc.coords.tolist()} - cuts


def assert_wholly_sound(trial: Trial, topology: Topology, *, same_outline: bool) -> None:
    assert not any(tiling_faults_of(topology, trial.ground).values())
    fresh = Topology.of(topology.arcs, topology.units.by_id)
    assert fresh.arcs_of == topology.arcs_of
    assert fresh.arcs_at.keys() == topology.arcs_at.keys()
    assert all(len(ids) != 2 or ids[0] == ids[1] for ids in topology.arcs_at.values())
    if same_outline:
        assert trial.area_m2(topology) == pytest.approx(trial.outline_m2, rel=SAME_AREA)
        assert outline_without_cuts(topology) == outline_without_cuts(trial.start)


class Editor(RuleBasedStateMachine):
    """Somebody who tries everything anywhere, and sometimes takes it back."""

    trial: Trial

    def __init__(self) -> None:
        super().__init__()
        self.topology = self.trial.start
        self.undone: list[Edit] = []
        self.next_unit = max(self.topology.units.by_id) + 1
        self.same_outline = True
        self.steps = 0

    def attempt(self, name: str, operation: Callable[..., Edit], *values: Any) -> Edit | None:
        before = self.topology
        try:
            edit = operation(before, self.trial.ground, *values)
        except (BrokenRuleError, InputError) as error:
            rule_broken = isinstance(error, BrokenRuleError)
            self.trial.refused[error.rule.name if rule_broken else "INPUT"] += 1
            return None
        assert_locally_sound(self.trial, before, name, edit)
        assert_undone_and_kept(before, edit)
        self.same_outline &= name not in OUTLINE_OPERATIONS
        self.topology = edit.topology
        self.undone.append(edit)
        self.trial.done[name] += 1
        self.steps += 1
        if self.trial.done.total() % WHOLE_CHECK_EVERY == 0:
            assert_wholly_sound(self.trial, self.topology, same_outline=self.same_outline)
        return edit

    def arc(self, where: float, *, outline: bool = False) -> int:
        ids = [i for i, arc in self.topology.arcs.items() if arc.is_outline == outline]
        return ids[int(where * len(ids))]

    def face(self, where: float) -> int:
        faces = list(self.topology.arcs_of)
        return faces[int(where * len(faces))]

    def near(self, at: Node, reach: float, aside: tuple[float, float]) -> Node:
        return at[0] + aside[0] * reach, at[1] + aside[1] * reach

    def inner_vertex(self, arc_id: int, which: float) -> int:
        """One between the ends, if there is one."""
        return 1 + int(which * (len(self.topology.arcs[arc_id].coords) - 2))

    def reach(self, arc_id: int) -> float:
        """A length in degrees that suits the arc."""
        coords = self.topology.arcs[arc_id].coords
        return float(np.abs(np.diff(coords, axis=0)).max())

    @rule(where=part, which=part, x=swing, y=swing)
    def move_vertex(self, where: float, which: float, x: float, y: float) -> None:
        arc_id = self.arc(where)
        coords = self.topology.arcs[arc_id].coords
        vertex = self.inner_vertex(arc_id, which)
        to = self.near(node_at(coords, vertex), self.reach(arc_id), (x, y))
        self.attempt("move_vertex", move_vertex, arc_id, vertex, to)

    @rule(where=part, x=swing, y=swing)
    def move_node(self, where: float, x: float, y: float) -> None:
        arc_id = self.arc(where)
        node = self.topology.arcs[arc_id].start
        self.attempt("move_node", move_node, node, self.near(node, self.reach(arc_id), (x, y)))

    @rule(where=part, which=part, x=swing, y=swing)
    def add_vertex(self, where: float, which: float, x: float, y: float) -> None:
        arc_id = self.arc(where)
        coords = self.topology.arcs[arc_id].coords
        edge = int(which * (len(coords) - 1))
        middle = node_at((coords[edge] + coords[edge + 1])[None] / 2, 0)
        to = self.near(middle, self.reach(arc_id) / 3, (x, y))
        self.attempt("add_vertex", add_vertex, arc_id, edge, to)

    @rule(where=part, which=part)
    def remove_vertex(self, where: float, which: float) -> None:
        arc_id = self.arc(where)
        vertex = self.inner_vertex(arc_id, which)
        self.attempt("remove_vertex", remove_vertex, arc_id, vertex)

    def run(self, arc_id: int, ends: tuple[float, float]) -> Run:
        edges = len(self.topology.arcs[arc_id].coords) - 1
        first, last = sorted(int(share * edges) for share in ends)
        return Run(arc_id, first, last + 1)

    def bent(self, run: Run, bends: list[tuple[float, float]]) -> list[Node]:
        coords = self.topology.arcs[run.arc_id].coords
        return self.bent_between(coords[run.first], coords[run.last], bends)

    def bent_between(
        self, start: np.ndarray, end: np.ndarray, bends: list[tuple[float, float]]
    ) -> list[Node]:
        along = end - start
        across = np.array([-along[1], along[0]])
        shares = (np.arange(len(bends)) + 1) / (len(bends) + 1)
        return [
            tuple(start + (share + x / 4) * along + y / 2 * across)
            for share, (x, y) in zip(shares, bends, strict=True)
        ]

    @rule(
        where=part, ends=st.tuples(part, part), bends=st.lists(st.tuples(swing, swing), max_size=4)
    )
    def reshape(self, where: float, ends: tuple[float, float], bends: list[Any]) -> None:
        run = self.run(self.arc(where), ends)
        self.attempt("reshape_arc", reshape_arc, run, self.bent(run, bends))

    @rule(where=part, ends=ends, tolerance_m=st.sampled_from([None, 0.5, 5, 50]))
    def straighten(self, where: float, ends: tuple[float, float], tolerance_m: float) -> None:
        self.attempt("straighten", straighten, self.run(self.arc(where), ends), tolerance_m)

    @rule(
        where=part,
        ends=st.tuples(part, part),
        bends=st.lists(st.tuples(swing, swing), min_size=2, max_size=5),
    )
    def follow(self, where: float, ends: tuple[float, float], bends: list[Any]) -> None:
        run = self.run(self.arc(where), ends)
        self.attempt("follow_line", follow_line, run, self.bent(run, bends))

    def line_across(self, face: int, angle: float, aside: tuple[float, float]) -> list[Node]:
        shape = polygon(self.topology, face)
        west, south, east, north = shape.bounds
        reach = max(east - west, north - south)
        x, y = shape.representative_point().coords[0]
        dx, dy = np.cos(angle * np.pi) * reach, np.sin(angle * np.pi) * reach
        middle = (x + aside[0] * reach / 6, y + aside[1] * reach / 6)
        return [(x - dx, y - dy), middle, (x + dx, y + dy)]

    @rule(where=part, angle=swing, x=swing, y=swing)
    def split(self, where: float, angle: float, x: float, y: float) -> None:
        face = self.face(where)
        self.next_unit += 1
        self.attempt(
            "split_face", split_face, face, self.line_across(face, angle, (x, y)), self.next_unit
        )

    @rule(where=part, size=part)
    def split_off_a_ring(self, where: float, size: float) -> None:
        face = self.face(where)
        circle = shapely.maximum_inscribed_circle(polygon(self.topology, face))
        centre, radius = circle.coords[0], circle.length * (0.2 + size)
        ring = shapely.Point(centre).buffer(radius, quad_segs=2).exterior.coords
        self.next_unit += 1
        self.attempt("split_face by a ring", split_face, face, list(ring), self.next_unit)

    @rule(where=part, angle=swing, x=swing, y=swing)
    def split_and_merge(self, where: float, angle: float, x: float, y: float) -> None:
        before, face = self.topology, self.face(where)
        self.split(where, angle, x, y)
        if self.topology is before:
            return
        self.attempt("merge_faces after a split", merge_faces, face, self.next_unit)
        assert self.topology.is_same(before)

    @rule(where=part, which=part)
    def merge(self, where: float, which: float) -> None:
        face = self.face(where)
        beside = sorted(self.topology.neighbours(face))
        if beside and len(self.topology.arcs_of) > 5:
            other = beside[int(which * len(beside))]
            self.attempt("merge_faces", merge_faces, face, other)

    @rule(where=part, which=part, angle=swing, x=swing, y=swing)
    def transfer(self, where: float, which: float, angle: float, x: float, y: float) -> None:
        face = self.face(where)
        beside = sorted(self.topology.neighbours(face))
        if beside:
            line = self.line_across(face, angle, (x, y))
            taker = beside[int(which * len(beside))]
            self.attempt("transfer_piece", transfer_piece, face, taker, line)

    @rule(where=part, angle=swing, x=swing, y=swing)
    def redraw_border(self, where: float, angle: float, x: float, y: float) -> None:
        arc = self.topology.arcs[self.arc(where)]
        line = self.line_across(arc.left, angle, (x, y))
        self.attempt("redraw_border", redraw_border, arc.left, arc.right, line)

    @rule(where=part, which=part)
    def give_to_neighbours_parent(self, where: float, which: float) -> None:
        face = self.face(where)
        beside = sorted(self.topology.neighbours(face))
        if beside:
            parent = self.topology.units.by_id[beside[int(which * len(beside))]].parent
            self.attempt("set_parent", set_parent, face, parent)

    def unit_above(self, arc: Arc, level: int) -> tuple[int, int]:
        """The units of a level on both sides of an arc."""
        left, right = (self.topology.units.at_level(face, level) for face in (arc.left, arc.right))
        return left, right

    @rule(where=part, level=st.sampled_from([2, 3]), bends=bends, longer=part)
    def redraw_upper_border(
        self, where: float, level: int, bends: list[Any], longer: float
    ) -> None:
        one, other = self.unit_above(self.topology.arcs[self.arc(where)], level)
        if one == other:
            return
        nodes = np.array(border_nodes(self.topology, one, other))
        apart = np.hypot(*(nodes[:, None] - nodes[None]).transpose(2, 0, 1))
        start, end = nodes[list(np.unravel_index(int(np.argmax(apart)), apart.shape))]
        along = end - start
        across = np.array([-along[1], along[0]])
        inner = [
            start + ((k + 1) / (len(bends) + 1) + x / 8) * along + y / 6 * across
            for k, (x, y) in enumerate(bends)
        ]
        line = [start - longer * along, *inner, end + longer * along]
        self.attempt("redraw_border above", redraw_border, one, other, line)

    @rule(where=part, level=st.sampled_from([2, 3]))
    def merge_above(self, where: float, level: int) -> None:
        one, other = self.unit_above(self.topology.arcs[self.arc(where)], level)
        units = self.topology.units
        if one != other and sum(unit.level == level for unit in units.by_id.values()) > 2:
            self.attempt("merge_units", merge_units, one, other)

    @rule(where=part, level=st.sampled_from([3, 4]))
    def group(self, where: float, level: int) -> None:
        """A new unit of two neighbours below one parent."""
        self.next_unit += 1
        members = self.unit_above(self.topology.arcs[self.arc(where)], level)
        self.attempt("group_units", group_units, sorted(set(members)), self.next_unit)

    @rule(where=part)
    def give_grid_to_another_village(self, where: float) -> None:
        one, other = self.unit_above(self.topology.arcs[self.arc(where)], 3)
        village = self.topology.units.by_id[other].parent
        self.attempt("set_parent of a grid", set_parent, one, village)

    @rule(
        where=part, ends=st.tuples(part, part), bends=st.lists(st.tuples(swing, swing), max_size=3)
    )
    def move_outline(self, where: float, ends: tuple[float, float], bends: list[Any]) -> None:
        run = self.run(self.arc(where, outline=True), ends)
        self.attempt("move_outline", move_outline, run, self.bent(run, bends))

    @rule(where=part, x=swing, y=swing)
    def move_outline_node(self, where: float, x: float, y: float) -> None:
        arc_id = self.arc(where, outline=True)
        node = self.topology.arcs[arc_id].start
        to = self.near(node, self.reach(arc_id) / 2, (x, y))
        self.attempt("move_outline_node", move_outline_node, node, to)

    @rule(where=part, which=ends, bends=bends)
    def redraw_outline(self, where: float, which: tuple[float, float], bends: list[Any]) -> None:
        """From an arc of the outline to one that goes on from it, over the node between."""
        arcs = self.topology.arcs
        here = arcs[self.arc(where, outline=True)]
        beside = (arcs[i] for i in self.topology.arcs_at[here.end])
        there = next((arc for arc in beside if arc.is_outline and arc is not here), here)
        start, end = (
            arc.coords[int(at * len(arc.coords))]
            for arc, at in zip((here, there), which, strict=True)
        )
        line = [tuple(start), *self.bent_between(start, end, bends), tuple(end)]
        self.attempt("redraw_outline", redraw_outline, line)

    @rule(many=st.integers(1, 5))
    def undo(self, many: int) -> None:
        for _ in range(min(many, len(self.undone))):
            edit = self.undone.pop()
            self.topology = apply_change(self.topology, edit.change.inverse)

    def teardown(self) -> None:
        self.trial.last = self.topology, self.same_outline
        for edit in reversed(self.undone):
            self.topology = apply_change(self.topology, edit.change.inverse)
        assert self.topology.is_same(self.trial.start)


def try_everything(trial: Trial, *, examples: int, steps: int) -> None:
    class ThisEditor(Editor):
        pass

    ThisEditor.trial = trial
    run_state_machine_as_test(
        ThisEditor,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    topology, same_outline = trial.last
    assert_wholly_sound(trial, topology, same_outline=same_outline)


# Of each: examples, steps, and how many operations have to be carried out: 1,000 together, most
# of them where they cost least.
SIZES = {
    "small_town": (38, 35, 750),
    "demo_town": (5, 35, 75),
    "beijing": (4, 30, 50),
    "strange_town": (8, 30, 100),
    "seven_thousand": (2, 20, 25),
}
LONG_SIZES = {
    "small_town": (125, 70, 5_000),
    "demo_town": (45, 70, 1_500),
    "beijing": (50, 60, 1_500),
    "strange_town": (40, 60, 1_000),
    "seven_thousand": (40, 40, 1_000),
}


@pytest.mark.parametrize("name", SIZES)
def test_random_operations(
    name: str, coverage_named: Callable[[str], Topology], ground_of: Callable[[str], Ground]
) -> None:
    trial = Trial(coverage_named(name), ground_of(name))
    examples, steps, least = SIZES[name]
    try_everything(trial, examples=examples, steps=steps)
    print(name, dict(trial.done), dict(trial.refused))
    assert trial.done.total() >= least


@pytest.mark.long
@pytest.mark.parametrize("name", LONG_SIZES)
def test_ten_times_as_many_random_operations(
    name: str, coverage_named: Callable[[str], Topology], ground_of: Callable[[str], Ground]
) -> None:
    trial = Trial(coverage_named(name), ground_of(name))
    examples, steps, least = LONG_SIZES[name]
    try_everything(trial, examples=examples, steps=steps)
    print(name, dict(trial.done), dict(trial.refused))
    assert trial.done.total() >= least
