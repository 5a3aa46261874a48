"""Firms, workshops and shops in buildings, and the rental rooms of homes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.random import Generator

from layers.demo.buildings import COMMERCIAL, INDUSTRIAL, RESIDENTIAL, Buildings
from layers.demo.frame import Floats, Frame, Geometries, Ints
from layers.demo.names import FIRM_TYPES, SHOP_TYPES, WORKSHOP_TYPES, premises_names
from layers.demo.plan import Plan
from layers.demo.settlements import Kind, Settlements

_INDOORS = 0.16  # of the way from the door to the middle of the building


def make_premises(
    chance: Generator, plan: Plan, buildings: Buildings, settlements: Settlements, frame: Frame
) -> pd.DataFrame:
    """The table of premises; columns as in layers.premises, `building` is a row number."""
    area = shapely.area(buildings.shape)
    kind = settlements.kind[buildings.settlement]
    floor_space = area * buildings.floors
    town = np.exp(-np.hypot(*(buildings.xy - settlements.xy[0]).T) / 2_600.0) + 0.12
    weights = {
        "firm": floor_space * (buildings.use == INDUSTRIAL) * np.where(kind == Kind.INDUSTRY, 3, 1),
        "workshop": area
        * np.isin(buildings.use, (INDUSTRIAL, RESIDENTIAL))
        * np.where(np.isin(kind, (Kind.VILLAGE, Kind.HAMLET)), 1.0, 0.04)
        * np.where(buildings.use == INDUSTRIAL, 5.0, 1.0),
        "shop": area * town * (buildings.use == COMMERCIAL),
    }
    counts = {"firm": plan.firms, "workshop": plan.workshops, "shop": plan.shops}
    parts = [
        pd.DataFrame({"kind": each, "building": _choose(chance, weights[each], counts[each])})
        for each in counts
    ]
    return _describe(chance, pd.concat(parts, ignore_index=True), buildings, frame)


def _choose(chance: Generator, weight: Floats, count: int) -> Ints:
    """Buildings by weight; a building takes several when there are fewer of them than needed."""
    share = weight / weight.sum()
    chosen = chance.choice(len(weight), count, replace=True, p=share)
    return np.sort(chosen)


def _describe(
    chance: Generator, table: pd.DataFrame, buildings: Buildings, frame: Frame
) -> pd.DataFrame:
    at = table["building"].to_numpy()
    beside = chance.uniform(-4.0, 4.0, (len(at), 1))
    inward = buildings.xy[at] - buildings.door[at]
    along = np.column_stack([-inward[:, 1], inward[:, 0]]) / np.hypot(*inward.T)[:, None]
    xy = buildings.door[at] + _INDOORS * inward + beside * along
    table["key"] = [
        f"demo-{kind}-{n:04d}"
        for kind, n in zip(table["kind"], table.groupby("kind").cumcount() + 1, strict=True)
    ]
    table["floor"] = np.where(
        table["kind"] == "shop", "1", chance.integers(1, 4, len(at)).astype(str)
    )
    table["geom"] = shapely.points(frame.to_lonlat(xy))
    return table


def name_premises(chance: Generator, table: pd.DataFrame, stems: Geometries) -> list[str]:
    """A name for each row: `stems` is the short name of the village that it lies in."""
    types = {"firm": FIRM_TYPES, "workshop": WORKSHOP_TYPES, "shop": SHOP_TYPES}
    names = np.empty(len(table), dtype=object)
    for kind, trades in types.items():
        rows = (table["kind"] == kind).to_numpy()
        names[rows] = premises_names(chance, stems[rows], trades)
    return list(names)


def make_rental_rooms(
    chance: Generator, count: int, buildings: Buildings, households: Ints
) -> pd.DataFrame:
    """Exactly `count` rooms, a few to a building, numbered by floor: 301, 302, ..."""
    lettable = np.where(buildings.use == RESIDENTIAL, households, 0) ** 0.8
    lettable *= chance.gamma(1.2, 1.0, len(households))
    rooms = chance.multinomial(count, lettable / lettable.sum())
    building = np.repeat(np.arange(len(rooms)), rooms)
    number = np.arange(count) - np.repeat(np.cumsum(rooms) - rooms, rooms)
    floors = buildings.floors[building]
    floor = number % floors + 1
    door = number // floors + 1
    return pd.DataFrame(
        {
            "key": [f"demo-room-{n:05d}" for n in range(1, count + 1)],
            "building": building,
            "floor": floor,
            "room": [f"{f}{d:02d}" for f, d in zip(floor.tolist(), door.tolist(), strict=True)],
        }
    )
