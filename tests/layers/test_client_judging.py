"""What clients send of polygons becomes what the same edit of shared arcs would have made."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely

from grids.arcs.build import topology_from_polygons
from grids.arcs.change import Edit
from grids.arcs.joining import merge_faces
from grids.arcs.model import Topology, Unit
from grids.arcs.moving import move_node
from grids.arcs.plane import Plane
from grids.arcs.rules import BrokenRuleError, Ground
from grids.arcs.splitting import split_face
from grids.arcs.trace import polygon, polygons
from grids.storeys import MicroGrid
from layers.boundaries.cache import DraftState
from layers.boundaries.clients.faces import Face
from layers.boundaries.clients.judging import judge
from layers.boundaries.clients.places import as_multi, is_same_shape, put_back, tolerance_of
from layers.boundaries.clients.repair import offer_repair
from layers.boundaries.clients.view import ClientView
from layers.boundaries.draft_rows import Draft
from layers.boundaries.redraw import Attributes, Coverage

SIDE, CELL_DEG = 5, 0.001
NEW_UNIT = 500
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground(Plane(4549))


@pytest.fixture(scope="module")
def state() -> DraftState:
    """25 cells of 100 m whose corners, and a vertex on each edge, have all their digits."""
    random = np.random.default_rng(7)
    grid = np.stack(np.meshgrid(np.arange(2 * SIDE + 1), np.arange(2 * SIDE + 1)), axis=-1)
    places = np.array([120.0, 29.2]) + CELL_DEG * (
        grid / 2 + 0.12 * (random.random(grid.shape) - 0.5)
    )
    shapes, units = [], {100: Unit(1, 0), 101: Unit(2, 100)}
    for number in range(SIDE * SIDE):
        x, y = 2 * (number // SIDE), 2 * (number % SIDE)
        ring = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)]
        shapes.append(shapely.Polygon([places[y + dy, x + dx] for dx, dy in ring]))
        parent = 110 + number // SIDE
        units |= {number + 1: Unit(4, parent), parent: Unit(3, 101)}
    topology = topology_from_polygons(shapes, range(1, SIDE * SIDE + 1), units, Plane(4549))
    names = {unit: Attributes(f"c{unit}", f"单元{unit}") for unit in units}
    base = Coverage(replace(topology, next_arc=1_000_001), names)
    draft = Draft(
        1, "d", 1, "open", NOW, 1_000_001, 0, None, None, "QGIS", None, NOW, NOW
    )  # fmt: skip
    return DraftState(draft, base, base, ())


def random_edit(topology: Topology, ground: Ground, random: np.random.Generator) -> Edit:
    inner = [node for node, arcs in topology.arcs_at.items() if len(arcs) > 2]
    face = int(random.integers(1, SIDE * SIDE + 1))
    match random.integers(3):
        case 0:
            inside = [
                node
                for node in inner
                if not any(topology.arcs[i].is_outline for i in topology.arcs_at[node])
            ]
            node = inside[random.integers(len(inside))]
            east, north = (random.random(2) - 0.5) * CELL_DEG / 2
            return move_node(topology, ground, node, (node[0] + east, node[1] + north))
        case 1:
            west, south, east, north = polygon(topology, face).bounds
            at = south + (north - south) * random.uniform(0.3, 0.7)
            line = np.array([[west - CELL_DEG, at], [east + CELL_DEG, at + CELL_DEG / 20]])
            return split_face(topology, ground, face, line, NEW_UNIT)
        case _:
            other = int(random.choice(sorted(topology.neighbours(face))))
            return merge_faces(topology, ground, face, other)


def lawful_edit(topology: Topology, ground: Ground, random: np.random.Generator) -> Edit:
    while True:
        with suppress(BrokenRuleError):
            return random_edit(topology, ground, random)


def as_sent(state: DraftState, edit: Edit) -> ClientView:
    """The faces of an edit as QGIS sends them: changed ones first, then the new ones."""
    view = ClientView(state, {})
    before, after = state.now.topology, edit.topology
    concerned = edit.change.faces & (before.arcs_of.keys() | after.arcs_of.keys())
    for unit in sorted(concerned, key=lambda each: (each not in before.arcs_of, each)):
        was = before.units.by_id.get(unit)
        if unit not in after.arcs_of:
            assert was is not None
            face = Face(unit, was, state.now.attributes[unit], None, is_gone=True)
        else:
            names = state.now.attributes.get(unit, Attributes("new", "新"))
            shape = polygon(after, unit)
            sent = shapely.transform(
                shape, (lambda xy: xy.round(6)) if was is None else lambda xy: np.nextafter(xy, 0)
            )
            tolerance = tolerance_of(shapely.get_coordinates(sent).tolist())
            settled = put_back(as_multi(sent), view.vertices_near(sent), tolerance)
            face = Face(unit, after.units.by_id[unit], names, settled, at=NOW)
        view = ClientView(state, {**view.faces, unit: face})
    return view


@pytest.mark.parametrize("seed", range(60))
def test_polygons_become_what_arcs_would_have(state: DraftState, ground: Ground, seed: int):
    edit = lawful_edit(state.now.topology, ground, np.random.default_rng(seed))
    judgement = judge(as_sent(state, edit), ground)
    assert judgement.faults == judgement.outline == []
    assert judgement.redraw is not None
    before, after = state.now.topology, state.now.after(judgement.redraw).topology
    wanted, found = polygons(edit.topology, 4), polygons(after, 4)
    assert wanted.keys() == found.keys()
    for unit, shape in wanted.items():
        # New vertices are those of the changed half, which QGIS sends with all digits.
        noisy = unit in edit.change.faces
        same = shapely.equals_exact(*shapely.normalize([found[unit], shape]), 1e-12)
        assert same if noisy else is_same_shape(found[unit], shape), unit
    untouched = before.arcs.keys() - edit.change.arcs.keys()
    assert all(after.arcs[i] is before.arcs[i] for i in untouched)
    stored = set(map(tuple, np.concatenate([arc.coords for arc in before.arcs.values()]).tolist()))
    kept = set(map(tuple, np.concatenate([a.coords for a in edit.topology.arcs.values()]).tolist()))
    now = set(map(tuple, np.concatenate([arc.coords for arc in after.arcs.values()]).tolist()))
    assert stored & kept <= now, "vertices that the edit left alone are there to the bit"


def test_slivers_are_told_measured_and_repaired(state: DraftState, ground: Ground):
    unit, node = 13, shapely.get_coordinates(polygon(state.now.topology, 13))[0]

    def shift(xy: np.ndarray) -> np.ndarray:
        return np.where((xy == node).all(axis=1)[:, None], xy + 2e-6, xy)

    shape = as_multi(shapely.transform(polygon(state.now.topology, unit), shift))
    face = Face(unit, Unit(4, 112), state.now.attributes[unit], shape, at=NOW)
    view = ClientView(state, {unit: face})
    judgement = judge(view, ground)
    assert judgement.redraw is None
    assert judgement.repair_width_m is not None
    assert 0 < judgement.repair_width_m < 0.5
    rules = {each["properties"]["rule"] for each in judgement.faults}
    assert rules <= {"gap", "overlap", "unmatched"}
    assert offer_repair(view, ground, 0.01).after.faults
    offer = offer_repair(view, ground, 0.5)
    assert offer.after.faults == []
    assert offer.repair.farthest_m <= 0.5
    moved = [
        place["properties"] for place in offer.places if place["properties"]["kind"] == "moved"
    ]
    assert moved[0]["distance_m"] == pytest.approx(offer.repair.farthest_m, abs=0.01)
    assert {place["unit"] for place in moved} == {unit}
    assert offer.after.redraw is not None
    # Where most units meet is where the vertex goes: nothing has changed then.
    assert not offer.after.redraw.shape.arcs


def test_a_unit_above_with_nothing_left_is_a_fault(state: DraftState, ground: Ground):
    faces = {
        unit: Face(unit, Unit(4, 111), state.now.attributes[unit], at=NOW) for unit in range(1, 6)
    }
    view = ClientView(state, faces)
    assert [each["properties"]["rule"] for each in judge(view, ground).faults] == ["empty_parent"]
    gone = Face(110, Unit(3, 101), state.now.attributes[110], is_gone=True)
    redraw = judge(ClientView(state, faces | {110: gone}), ground).redraw
    assert redraw is not None
    assert redraw.lineage == {(110, 111)}
    assert not redraw.shape.arcs
    assert state.now.after(redraw).topology.units.by_id[1] == Unit(4, 111)
    orphans = judge(ClientView(state, {110: gone}), ground).faults
    assert {each["properties"]["rule"] for each in orphans} == {"level"}


def test_who_shared_a_deleted_polygon_shares_the_one_that_took_it(
    state: DraftState, ground: Ground
):
    shared = (MicroGrid("s1", "甲", ()),)
    now = replace(state.now, shares={7: shared})
    there = replace(state, base=now, now=now)
    edit = merge_faces(now.topology, ground, 8, 7)
    redraw = judge(as_sent(there, edit), ground).redraw
    assert redraw is not None
    assert redraw.shares == {7: (shared, None), 8: (None, shared)}
    assert (7, 8) in redraw.lineage
