"""The whole town from a plan: pure, no database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.random import Generator

from layers.demo.buildings import (
    COMMERCIAL,
    INDUSTRIAL,
    RESIDENTIAL,
    USES,
    Buildings,
    make_buildings,
)
from layers.demo.chance import Part, stream
from layers.demo.frame import Floats, Geometries, Ints
from layers.demo.highrises import (
    Estate,
    find_estates,
    give_entrances,
    move_shops_in,
    name_towers,
)
from layers.demo.hotplaces import find_hot_places
from layers.demo.households import living_space, make_households
from layers.demo.incidents import Scene, make_incidents
from layers.demo.lampposts import make_lamp_posts
from layers.demo.mesh import make_mesh
from layers.demo.names import stems_of
from layers.demo.partition import gather_grids, gather_villages, neighbour_graph
from layers.demo.plan import Plan
from layers.demo.ponds import make_ponds
from layers.demo.premises import make_premises, make_rental_rooms, name_premises
from layers.demo.responders import make_responders
from layers.demo.sensors import make_sensors
from layers.demo.shapes import points_at
from layers.demo.site import Site
from layers.demo.spots import make_spots
from layers.demo.units import TownName, Units, make_units
from routing.streets import Streets
from spatial.errors import InputError

type Report = Callable[[str, float], None]

_BACKGROUND_POINTS = 40_000
_BUILT_UP_WEIGHT = 0.55  # of a micro-grid's size that follows buildings; the rest is area
_STOREY_M = 3.1
_FEWEST_BUILDINGS = 1_000


@dataclass(frozen=True)
class DemoTown:
    """Everything that the town has, in EPSG:4326.

    Tables have the columns of the database's; a reference to a row of another table is that
    row's number here: `building`, `premises`, and `unit` (a row of `units.table`).
    `estates` have micro-grids that share a polygon.
    """

    plan: Plan
    name: TownName
    metric_srid: int
    units: Units
    estates: tuple[Estate, ...]
    streets: Streets
    streets_attribution: str | None
    water: pd.DataFrame
    places: pd.DataFrame
    buildings: pd.DataFrame
    rental_rooms: pd.DataFrame
    premises: pd.DataFrame
    sensors: pd.DataFrame
    responders: pd.DataFrame
    incidents: pd.DataFrame
    lamp_posts: pd.DataFrame


def quiet(_step: str, _share: float) -> None:
    """Reports nothing."""


def make_town(plan: Plan, site: Site, report: Report = quiet) -> DemoTown:
    """Build the town on its site.

    Args:
        plan: seed, day and sizes.
        site: names, terrain and streets.
        report: told the step that begins and which share of all is done.

    Raises:
        InputError: the site's streets have no room for enough buildings.
    """
    report("建筑 buildings", 0.1)
    buildings = make_buildings(
        stream(plan.seed, Part.BUILDINGS), site.terrain, site.network, site.settlements
    )
    _require_enough(buildings)
    report("网格 grids", 0.3)
    units, cell = _make_coverage(plan, site, buildings)
    report("场所 premises", 0.5)
    households = make_households(
        stream(plan.seed, Part.HOUSEHOLDS),
        living_space(buildings),
        units.grid[cell],
        plan.grids,
    )
    table = _building_table(site, buildings, households, units.village[cell]).assign(
        unit=units.micro_row[cell]
    )
    estates = find_estates(units.table, table)
    premises = move_shops_in(
        _make_premises(plan, site, buildings, units.village[cell]), table, estates
    )
    rooms = make_rental_rooms(
        stream(plan.seed, Part.RENTALS), plan.rental_rooms, buildings, households
    )
    report("事件 incidents", 0.6)
    spots = make_spots(stream(plan.seed, Part.SPOTS), site.streets, site.frame)
    chance = stream(plan.seed, Part.INCIDENTS)
    hot = find_hot_places(chance, site.settlements)
    scene = Scene(spots, premises, site.terrain, hot, site.frame)
    incidents = make_incidents(chance, plan, scene)
    incidents["unit"] = _rows_holding(units, incidents["geom"].to_numpy())
    chance = stream(plan.seed, Part.SENSORS)
    sensors = make_sensors(chance, plan, site, spots, premises)
    return DemoTown(
        plan=plan,
        name=site.name,
        metric_srid=site.frame.srid,
        units=units,
        estates=estates,
        streets=site.streets,
        streets_attribution=site.attribution,
        water=_water_table(plan, site, units, buildings),
        places=_place_table(site),
        buildings=name_towers(table, estates),
        rental_rooms=give_entrances(rooms, estates),
        premises=premises,
        sensors=sensors,
        responders=make_responders(
            stream(plan.seed, Part.RESPONDERS), plan, spots, site.settlements
        ),
        incidents=incidents,
        lamp_posts=make_lamp_posts(site.streets, site.frame),
    )


def _require_enough(buildings: Buildings) -> None:
    """Streets of a file may have room for too few buildings."""
    there = np.bincount(buildings.use, minlength=len(USES))
    needed = there[[RESIDENTIAL, COMMERCIAL, INDUSTRIAL]]
    if len(buildings.use) < _FEWEST_BUILDINGS or not needed.all():
        raise InputError(
            f"these streets have room for {len(buildings.use):,} buildings; a demo town needs"
            f" {_FEWEST_BUILDINGS:,} / 道路太少",
            remedy="give a file of a whole town, or leave --streets out",
        )


def _make_coverage(plan: Plan, site: Site, buildings: Buildings) -> tuple[Units, Ints]:
    """All levels, and for each building the cell of the mesh that it stands in."""
    space = living_space(buildings)
    chance = stream(plan.seed, Part.MESH)
    weights = _mesh_weights(chance, site, buildings, space)
    mesh = make_mesh(chance, site.terrain, weights, plan.micro_grids, site.frame)
    cell = _cells_holding(mesh.cells, points_at(site.frame.to_lonlat(buildings.xy)))
    held = np.bincount(cell, space, len(mesh.cells))
    graph = neighbour_graph(stream(plan.seed, Part.PARTITION), mesh, site.terrain)
    village = gather_villages(graph, mesh, site.settlements.xy[: len(site.villages)])
    grid = gather_grids(graph, village, held, plan.grids)
    return make_units(site.name, site.villages, mesh, village, grid), cell


def _mesh_weights(
    chance: Generator, site: Site, buildings: Buildings, space: Floats
) -> tuple[Floats, Floats]:
    """Points and weights that the micro-grids share out: homes, and the area itself."""
    west, south, east, north = site.terrain.outline.bounds
    ground = chance.uniform((west, south), (east, north), (_BACKGROUND_POINTS, 2))
    ground = ground[shapely.contains_xy(site.terrain.outline, ground)]
    homes = _BUILT_UP_WEIGHT * space / space.sum()
    area = np.full(len(ground), (1 - _BUILT_UP_WEIGHT) / len(ground))
    return np.vstack([buildings.xy, ground]), np.concatenate([homes, area])


def _cells_holding(cells: Geometries, points: Geometries) -> Ints:
    """The cell that holds each point, or the nearest one for a point just outside."""
    _, cell = shapely.STRtree(cells).query_nearest(points, all_matches=False)
    return np.asarray(cell, dtype=np.int64)


def _rows_holding(units: Units, points: Geometries) -> Ints:
    micro = units.rows(4)
    row = micro.index.to_numpy()[_cells_holding(micro["geom"].to_numpy(), points)]
    return np.asarray(row, dtype=np.int64)


def _make_premises(plan: Plan, site: Site, buildings: Buildings, village: Ints) -> pd.DataFrame:
    chance = stream(plan.seed, Part.PREMISES)
    premises = make_premises(chance, plan, buildings, site.settlements, site.frame)
    stems = stems_of([fact.name for fact in site.villages])
    at = premises["building"].to_numpy()
    premises["name"] = name_premises(chance, premises, stems[village[at]])
    premises["address"] = _addresses(site, village)[at]
    return premises


def _addresses(site: Site, village: Ints) -> Geometries:
    """Village and a house number of its own."""
    number = pd.Series(village).groupby(village).cumcount().to_numpy() + 1
    names = [site.villages[v].name for v in village.tolist()]
    return np.array([f"{a}{n}号" for a, n in zip(names, number.tolist(), strict=True)], object)


def _building_table(
    site: Site, buildings: Buildings, households: Ints, village: Ints
) -> pd.DataFrame:
    use = np.array(USES, dtype=object)[buildings.use]
    count = len(use)
    names = np.full(count, None, dtype=object)
    public = np.flatnonzero(use == "public")
    kinds = ("小学", "卫生服务站", "文化礼堂", "便民服务中心", "居家养老中心")
    for ordinal, row in enumerate(public.tolist()):
        names[row] = f"{site.villages[village[row]].name}{kinds[ordinal % len(kinds)]}"
    return pd.DataFrame(
        {
            "key": [f"demo-building-{n:05d}" for n in range(1, count + 1)],
            "name": names,
            "use": use,
            "floors": buildings.floors,
            "height_m": np.round(buildings.floors * _STOREY_M, 1),
            "address": _addresses(site, village),
            "households": households,
            "geom": shapely.multipolygons(
                site.frame.shapes_to_lonlat(buildings.shape), indices=np.arange(count)
            ),
        }
    )


def _water_table(plan: Plan, site: Site, units: Units, buildings: Buildings) -> pd.DataFrame:
    """The river as far as the town reaches, and ponds where nothing else is."""
    if site.terrain.river.is_empty:  # real ground: no water is invented
        return pd.DataFrame({"kind": [], "name": [], "geom": []}, dtype=object)
    network = site.network
    middles = network.xy[network.ends].mean(axis=1)
    taken = np.vstack([network.xy, middles, buildings.xy])
    ponds = make_ponds(stream(plan.seed, Part.PONDS), site.terrain, taken, plan.ponds)
    outline = units.table["geom"][0]
    river = site.frame.shapes_to_lonlat(site.terrain.river).intersection(outline)
    return pd.DataFrame(
        {
            "kind": ["river", *["pond"] * len(ponds)],
            "name": ["演示江", *[None] * len(ponds)],
            "geom": [river, *map(site.frame.shapes_to_lonlat, ponds)],
        }
    )


def _place_table(site: Site) -> pd.DataFrame:
    """The names of communities and villages, where their middles are."""
    lonlat = site.frame.to_lonlat(site.settlements.xy[: len(site.villages)])
    return pd.DataFrame(
        {
            "kind": ["suburb" if f.kind == "community" else "village" for f in site.villages],
            "name": [fact.name for fact in site.villages],
            "name_en": [fact.name_en for fact in site.villages],
            "geom": shapely.points(lonlat),
        }
    )
