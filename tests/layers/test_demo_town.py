"""The default demo town as it is generated: numbers, coverage, streets, people, repeatability."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from grids.coverage import Level, check_tiling
from grids.storeys import check_micro_grids
from layers.demo.digest import digest_town
from layers.demo.numbers import households_of_grids, numbers_of, share_of_usual_grids
from layers.demo.plan import Plan
from layers.demo.town import DemoTown
from layers.facts import categories, departments, villages_of
from routing.modes import Mode

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def town(generated_town: tuple[DemoTown, str]) -> DemoTown:
    return generated_town[0]


def to_4549(shapes: np.ndarray) -> np.ndarray:
    transformer = Transformer.from_crs(4326, 4549, always_xy=True)
    return shapely.transform(
        shapes, lambda xy: np.column_stack(transformer.transform(xy[:, 0], xy[:, 1]))
    )


def test_the_official_numbers_are_exact(town: DemoTown) -> None:
    assert [len(town.units.rows(level)) for level in (1, 2, 4)] == [1, 61, 1_914]
    assert 180 <= len(town.units.rows(3)) <= 260
    assert town.premises["kind"].value_counts().to_dict() == {
        "firm": 1_154, "workshop": 1_434, "shop": 3_571,
    }  # fmt: skip
    assert len(town.rental_rooms) == 39_718
    assert len(town.sensors) == 2_000
    assert len(town.incidents) >= 60_000
    assert len(town.streets.nodes) >= 8_000


def test_villages_are_the_official_ones(town: DemoTown) -> None:
    rows = town.units.rows(2)
    assert set(zip(rows["code"], rows["name"], rows["name_en"], rows["kind"], strict=True)) == {
        (fact.code, fact.name, fact.name_en, fact.kind) for fact in villages_of("330782100")
    }


def test_codes_grow_by_level_and_are_unique(town: DemoTown) -> None:
    table = town.units.table
    assert table["code"].is_unique
    assert table["code"].str.len().groupby(table["level"]).agg(set).to_dict() == {
        1: {9}, 2: {12}, 3: {15}, 4: {17},
    }  # fmt: skip
    below = table[table["level"] > 1]
    parents = table["code"].to_numpy()[below["parent"]]
    assert all(c.startswith(p) for c, p in zip(below["code"], parents, strict=True))


def test_every_level_tiles_the_one_above(town: DemoTown) -> None:
    """Valid at gap widths 0 and 1 m in EPSG:4549, and each exact union has its parent's rings."""
    table = town.units.table
    shapes = to_4549(table["geom"].to_numpy())
    levels, first_above = [], 0
    for number, name in enumerate(("town", "villages", "grids", "micro-grids"), 1):
        rows = np.flatnonzero(table["level"] == number)
        levels.append(Level(name, shapes[rows], table["parent"].to_numpy()[rows] - first_above))
        first_above = int(rows[0])
    assert check_tiling(levels) == {level.name: [] for level in levels}
    assert all(len(shape.geoms) == 1 for shape in shapes)
    assert shapely.area(shapes[0]) / 1e6 == pytest.approx(134, rel=0.01)


def test_boundaries_are_not_straight(town: DemoTown) -> None:
    """Cells have crooked edges: many vertices, and a perimeter longer than their hull's."""
    cells = to_4549(town.units.rows(4)["geom"].to_numpy())
    assert np.median(shapely.get_num_coordinates(cells)) > 25
    longer = shapely.length(cells) / shapely.length(shapely.convex_hull(cells))
    assert np.median(longer) > 1.02


def test_villages_in_town_are_smaller(town: DemoTown) -> None:
    area = shapely.area(to_4549(town.units.rows(2)["geom"].to_numpy()))
    community = (town.units.rows(2)["kind"] == "community").to_numpy()
    assert np.median(area[community]) < np.median(area[~community])


def test_nine_of_ten_grids_start_with_300_to_500_households(town: DemoTown) -> None:
    assert share_of_usual_grids(town) >= 0.9
    assert households_of_grids(town).sum() == town.buildings["households"].sum()


def test_each_building_stands_in_its_micro_grid(town: DemoTown) -> None:
    middle = shapely.centroid(town.buildings["geom"].to_numpy())
    cell = town.units.table["geom"].to_numpy()[town.buildings["unit"]]
    assert shapely.intersects(cell, middle).mean() > 0.9999


def arcs_of(town: DemoTown, mode: Mode) -> np.ndarray:
    table = town.streets.streets
    ends = table[["from_node", "to_node"]].to_numpy() - 1
    forward = (table["forward_modes"].to_numpy() & int(mode)) > 0
    backward = (table["backward_modes"].to_numpy() & int(mode)) > 0
    return np.vstack([ends[forward], ends[backward][:, ::-1]])


def largest_component(town: DemoTown, mode: Mode) -> np.ndarray:
    arcs = arcs_of(town, mode)
    count = len(town.streets.nodes)
    matrix = coo_array((np.ones(len(arcs)), arcs.T), shape=(count, count)).tocsr()
    _, label = connected_components(matrix, connection="strong")
    return label == np.bincount(label).argmax()


def test_cars_and_walkers_get_everywhere_and_back(town: DemoTown) -> None:
    assert largest_component(town, Mode.CAR).mean() >= 0.98
    assert largest_component(town, Mode.FOOT).all()


def test_no_responder_stands_where_cars_are_caught(town: DemoTown) -> None:
    table = town.streets.streets
    tree = shapely.STRtree(table.geometry.to_numpy())
    _, street = tree.query_nearest(town.responders["geom"].to_numpy(), all_matches=False)
    ends = table[["from_node", "to_node"]].to_numpy()[street] - 1
    assert largest_component(town, Mode.CAR)[ends].all()


def test_streets_have_classes_names_oneways_paths_and_bridges(town: DemoTown) -> None:
    table = town.streets.streets
    assert {
        "trunk", "primary", "secondary", "tertiary", "residential", "living_street", "service",
        "footway", "path", "pedestrian",
    } <= set(table["class"])  # fmt: skip
    assert table["name"].dropna().str.fullmatch(r"[一-鿿0-9]+[路街巷弄]").all()
    assert table["name"].notna().mean() > 0.8
    assert 100 < table["oneway"].sum() < 0.1 * len(table)
    assert 3 <= table["bridge"].sum() <= 6
    foot_only = table["class"].isin(["footway", "pedestrian"])
    assert (table.loc[foot_only, "forward_modes"] == int(Mode.FOOT)).all()


def test_streets_cross_the_river_only_on_bridges(town: DemoTown) -> None:
    river = town.water["geom"][0]
    table = town.streets.streets
    wet = shapely.intersects(table.geometry.to_numpy(), river)
    assert set(np.flatnonzero(wet)) <= set(np.flatnonzero(table["bridge"]))


def test_every_bridge_leads_from_road_to_road(town: DemoTown) -> None:
    table = town.streets.streets
    ends = table[["from_node", "to_node"]].to_numpy()
    degree = np.bincount(ends.ravel())
    assert (degree[ends[table["bridge"].to_numpy()]] >= 2).all()
    cars = table[table["bridge"] & ((table["forward_modes"] & int(Mode.CAR)) > 0)]
    assert len(cars) >= 3


def test_streets_meet_only_in_nodes(town: DemoTown) -> None:
    lines = town.streets.streets.geometry.to_numpy()
    crossing = shapely.STRtree(lines).query(lines, predicate="crosses")
    bridges = set(np.flatnonzero(town.streets.streets["bridge"]))
    assert all(set(pair) & bridges for pair in crossing.T.tolist())


def test_buildings_stand_on_free_ground(town: DemoTown) -> None:
    shapes = town.buildings["geom"].to_numpy()
    tree = shapely.STRtree(shapes)
    a, b = tree.query(shapes, predicate="intersects")
    assert (a == b).all()
    assert len(tree.query(town.water["geom"][0], predicate="intersects")) == 0
    _, hit = tree.query(town.streets.streets.geometry.to_numpy(), predicate="intersects")
    assert len(hit) == 0


def test_premises_stand_in_their_buildings(town: DemoTown) -> None:
    shapes = town.buildings["geom"].to_numpy()[town.premises["building"]]
    assert shapely.covers(shapes, town.premises["geom"].to_numpy()).all()


def test_estates_share_polygons_soundly(town: DemoTown) -> None:
    floors = town.buildings["floors"].to_dict()
    codes = town.units.table["code"].tolist()
    for estate in town.estates:
        check_micro_grids(estate.micro_grids, floors)
        towers = town.buildings.loc[list(estate.towers)]
        assert set(towers["unit"]) == {estate.unit}
        assert towers["name"].str.startswith(estate.name).all()
        codes += [each.code for each in estate.micro_grids]
        inside = town.premises[town.premises["building"].isin(estate.towers)]
        assert inside["entrance"].notna().all()
        assert inside["floor"].nunique() >= 3
    assert len(codes) == len(set(codes))


def test_rental_rooms_have_a_floor_that_is_there(town: DemoTown) -> None:
    floors = town.buildings["floors"].to_numpy()[town.rental_rooms["building"]]
    assert (town.rental_rooms["floor"].between(1, floors)).all()
    assert not town.rental_rooms.duplicated(["building", "room"]).any()


def test_cameras_see_and_the_others_measure(town: DemoTown) -> None:
    sensors = town.sensors.set_index("kind")
    assert all(
        view.is_valid and view.distance(point) < 1e-7
        for view, point in sensors.loc["camera", ["field_of_view", "geom"]].itertuples(index=False)
    )
    assert sensors.loc[["smoke", "water", "air"], ["value", "unit"]].notna().all(axis=None)
    river = town.water["geom"][0]
    assert all(river.contains(point) for point in sensors.loc["water", "geom"])


def test_responders_have_call_signs_and_departments(town: DemoTown) -> None:
    responders = town.responders
    assert 60 <= len(responders) <= 120
    assert set(responders["department"]) == {fact.code for fact in departments()}
    assert set(responders["mode"]) == {"foot", "ebike", "car"}
    assert responders["label"].str.fullmatch(r"(执法|公安|市监|应急|交通|综治|环卫)\d\d").all()
    assert 0.8 < responders["on_duty"].mean() < 1


def test_everything_lies_in_the_outline(town: DemoTown) -> None:
    outline = town.units.table["geom"][0]
    shapely.prepare(outline)
    for table in (town.buildings, town.premises, town.sensors, town.responders, town.incidents):
        assert shapely.intersects(outline, table["geom"].to_numpy()).all()


def test_keys_are_unique(town: DemoTown) -> None:
    for table in (town.buildings, town.premises, town.sensors, town.responders, town.incidents):
        assert table["key"].is_unique


def test_the_page_of_numbers_is_true(town: DemoTown) -> None:
    page = (ROOT / "docs" / "demo-town.md").read_text()
    for number in numbers_of(town):
        assert f"| {number.zh} | {number.en} | {number.value} |" in page


def test_every_category_has_incidents(town: DemoTown) -> None:
    assert set(town.incidents["category"]) == {fact.code for fact in categories()}


@pytest.mark.long
def test_the_digest_repeats_in_another_process(generated_town: tuple[DemoTown, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "demo", "--digest"],
        cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": "7"}, capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout.decode().strip() == generated_town[1] == digest_town(generated_town[0])


@pytest.mark.parametrize(
    "table", ["premises", "sensors", "responders", "incidents", "buildings", "rental_rooms"]
)
def test_the_digest_sees_every_table(generated_town: tuple[DemoTown, str], table: str) -> None:
    town, digest = generated_town
    shorter = replace(town, **{table: getattr(town, table).iloc[:-1]})
    assert digest_town(shorter) != digest


def test_the_digest_sees_seed_and_day(generated_town: tuple[DemoTown, str]) -> None:
    town, digest = generated_town
    assert digest_town(replace(town, plan=Plan(seed=1))) != digest
    assert digest_town(replace(town, plan=Plan(as_of=date(2026, 7, 1)))) != digest
