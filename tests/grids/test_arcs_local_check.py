"""The local check beside a slow plain one, and the index beside a look at all arcs."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grids.arcs.change import Change, Edit, apply_change
from grids.arcs.index import box_of
from grids.arcs.local_check import check_edit
from grids.arcs.model import Arc, Coords, Topology
from grids.arcs.outline import roots
from grids.arcs.rules import BrokenRuleError, Ground, Rules
from grids.arcs.trace import NoPolygonError, polygons
from grids.coverage import GAP_WIDTHS_M
from grids.coverage_edges import is_valid_coverage

part = st.integers(0, 9_999).map(lambda n: n / 10_000)
swing = st.integers(-1_000, 1_000).map(lambda n: n / 1_000)
some_moves = st.lists(st.tuples(part, part, swing, swing), min_size=1, max_size=3)


def moved(topology: Topology, moves: list[tuple[float, float, float, float]]) -> Edit:
    """Vertices pulled about, nodes too, whatever becomes of it."""
    arcs = {}
    for where, which, x, y in moves:
        ids = list(topology.arcs)
        coords = topology.coords(ids[int(where * len(ids))])
        at = tuple(coords[int(which * len(coords))].tolist())
        to = (at[0] + x**3 * 4e-3, at[1] + y**3 * 4e-3)
        arcs |= {
            i: Arc(np.where((arc.coords == at).all(axis=1)[:, None], to, arc.coords), *sides(arc))
            for i, arc in topology.arcs.items()
            if (arc.coords == at).all(axis=1).any()
        }
    change = Change({i: (topology.arcs[i], arc) for i, arc in arcs.items()})
    return Edit(apply_change(topology, change), change)


def sides(arc: Arc) -> tuple[int, int]:
    return arc.left, arc.right


def is_sound(topology: Topology, ground: Ground) -> bool:
    """All units made into polygons and judged by shapely, with the town around them."""
    try:
        shapes = ground.plane.projected(list(polygons(topology, 4).values()))
        town = ground.plane.projected(list(polygons(topology, 1).values()))
    except NoPolygonError:
        return False
    pieces = shapely.get_num_geometries(shapes)
    return bool(
        shapely.is_valid(shapes).all()
        and shapely.is_valid(town).all()
        and (pieces == 1).all()
        and all(is_valid_coverage(shapes, width_m) for width_m in GAP_WIDTHS_M)
        and np.isclose(shapely.area(shapes).sum(), shapely.area(town).sum(), rtol=1e-9)
    )


@given(moves=some_moves)
@settings(max_examples=200, suppress_health_check=list(HealthCheck))
def test_the_local_check_says_what_a_look_at_everything_says(
    moves: list[tuple[float, float, float, float]], small_town: Topology, ground: Ground
) -> None:
    edit = moved(small_town, moves)
    lenient = Ground(ground.plane, Rules(min_area_m2=0, min_width_m=0))
    try:
        check_edit(small_town, edit, lenient, roots(small_town))
        allowed = True
    except BrokenRuleError:
        allowed = False
    assert allowed == is_sound(edit.topology, ground)


@given(moves=some_moves, where=part)
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_the_index_finds_what_a_look_at_all_arcs_finds(
    moves: list[tuple[float, float, float, float]], where: float, small_town: Topology
) -> None:
    topology = moved(moved(small_town, moves).topology, moves[:1]).topology
    coords = topology.coords(list(topology.arcs)[int(where * len(topology.arcs))])
    found = topology.index.near(coords)
    assert found == {i for i, arc in topology.arcs.items() if meet(coords, arc.coords)}


def meet(one: Coords, other: Coords) -> bool:
    return shapely.box(*box_of(one)).intersects(shapely.box(*box_of(other)))
