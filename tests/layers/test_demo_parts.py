"""Parts of the demo's generator that hold for any town."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from layers.demo.chains import merge_chains
from layers.demo.chance import Part, stream
from layers.demo.frame import Frame
from layers.demo.households import make_households
from layers.demo.mesh import make_mesh
from layers.demo.names import LanePlace, chinese_number, lane_name, stem_of
from layers.demo.partition import share_out, split_evenly
from layers.demo.plan import Plan
from layers.demo.terrain import make_terrain

SEEDS = st.integers(0, 2**32)


def lattice_graph(columns: int, rows: int) -> csr_array:
    number = np.arange(columns * rows).reshape(rows, columns)
    right = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    down = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    a, b = np.vstack([right, down]).T
    graph = coo_array((np.ones(len(a)), (a, b)), shape=(number.size,) * 2).tocsr()
    return csr_array(graph + graph.T)


@given(SEEDS, st.integers(2, 7), st.integers(2, 7), st.integers(1, 4))
def test_parts_are_connected_and_cover_all(seed: int, columns: int, rows: int, parts: int) -> None:
    graph = lattice_graph(columns, rows)
    weight = np.random.default_rng(seed).exponential(1.0, columns * rows)
    part = split_evenly(graph, weight, parts)
    assert set(part) == set(range(parts))
    for index in range(parts):
        members = np.flatnonzero(part == index)
        assert connected_components(graph[members][:, members])[0] == 1


def test_parts_of_an_even_lattice_are_about_equal() -> None:
    held = np.bincount(split_evenly(lattice_graph(10, 10), np.ones(100), 4))
    assert held.min() >= 20
    assert held.max() <= 30


@given(SEEDS, st.integers(1, 20), st.integers(0, 60))
def test_shares_add_up_as_far_as_there_is_room(seed: int, villages: int, extra: int) -> None:
    chance = np.random.default_rng(seed)
    most = chance.integers(1, 9, villages)
    share = share_out(villages + extra, chance.exponential(1.0, villages), most)
    assert (share >= 1).all()
    assert (share <= most).all()
    assert share.sum() == min(villages + extra, most.sum())


@given(SEEDS, st.integers(2, 30), st.integers(1, 60))
def test_merged_chains_use_every_edge_once(seed: int, nodes: int, edges: int) -> None:
    chance = np.random.default_rng(seed)
    ends = chance.integers(0, nodes, (edges, 2))
    ends = np.unique(np.sort(ends[ends[:, 0] != ends[:, 1]], axis=1), axis=0)
    sort = chance.integers(0, 2, len(ends))
    chains = merge_chains(ends, sort, nodes)
    walked = [tuple(sorted(pair)) for path in chains.paths for pair in pairwise(path)]
    assert sorted(walked) == sorted(map(tuple, ends.tolist()))


def test_a_junction_ends_a_chain_and_a_bend_does_not() -> None:
    # 0 - 1 - 2 - 3, and 4 hangs at 2
    ends = np.array([[0, 1], [1, 2], [2, 3], [2, 4]])
    chains = merge_chains(ends, np.zeros(4, dtype=int), 5)
    assert sorted(sorted(path) for path in chains.paths) == [[0, 1, 2], [2, 3], [2, 4]]


@given(SEEDS, st.integers(1, 12))
def test_households_are_whole_and_add_up_to_their_grids_target(seed: int, grids: int) -> None:
    chance = np.random.default_rng(seed)
    count = grids * 20
    grid = np.concatenate([np.arange(grids), chance.integers(0, grids, count - grids)])
    space = chance.exponential(5.0, count) + 0.01
    households = make_households(chance, space, grid, grids)
    held = np.bincount(grid, households, grids)
    assert (households >= 0).all()
    assert ((held >= 247) & (held <= 572)).all()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_seed_makes_a_coverage_of_as_many_cells_as_asked(seed: int) -> None:
    frame = Frame(4549, 120.02, 29.2)
    terrain = make_terrain(stream(seed, Part.TERRAIN), 30.0)
    chance = stream(seed, Part.MESH)
    west, south, east, north = terrain.outline.bounds
    points = chance.uniform((west, south), (east, north), (8_000, 2))
    mesh = make_mesh(chance, terrain, (points, np.ones(len(points))), 400, frame)
    assert len(mesh.cells) == 400
    metres = shapely.transform(mesh.cells, frame.to_metres)
    assert shapely.coverage_is_valid(metres, gap_width=1.0)
    assert shapely.union_all(mesh.cells).geom_type == "Polygon"


def test_parts_draw_from_streams_of_their_own() -> None:
    first, second = stream(1, Part.ROADS), stream(1, Part.LANES)
    assert (first.random(50) != second.random(50)).all()
    assert stream(1, Part.ROADS).random() == stream(1, Part.ROADS).random()
    assert stream(1, Part.ROADS).random() != stream(2, Part.ROADS).random()


def test_lonlat_is_rounded_once_and_comes_back_within_a_millimetre() -> None:
    frame = Frame(4549, 120.02, 29.2)
    xy = np.random.default_rng(0).uniform(-7_000, 7_000, (500, 2))
    lonlat = frame.to_lonlat(xy)
    assert (lonlat == np.round(lonlat, 8)).all()
    assert np.abs(frame.to_metres(lonlat) - xy).max() < 0.001


@pytest.mark.parametrize(
    ("number", "text"), [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (99, "九十九")]
)
def test_chinese_numbers(number: int, text: str) -> None:
    assert chinese_number(number) == text


def test_lanes_are_streets_in_town_and_lanes_in_villages() -> None:
    stem = stem_of("稽亭村")
    assert lane_name(LanePlace(stem, town=False, along=True, number=1)) == "稽亭二巷"
    assert lane_name(LanePlace(stem_of("大成社区"), town=True, along=True, number=0)) == "大成一街"
    assert stem_of("楼村") == "楼村"


def test_the_clock_stands_at_ten_in_the_town() -> None:
    assert Plan().moment.isoformat() == "2026-06-30T02:00:00+00:00"
    assert Plan(time_zone="Europe/Vaduz").moment.isoformat() == "2026-06-30T08:00:00+00:00"
