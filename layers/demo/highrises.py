"""Estates of high-rises: micro-grids that share a polygon, by building, entrance and floor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from grids.highrise import Floors
from grids.storeys import MicroGrid, MicroGrids, Part

_NAMES = ("演示花苑", "演示公寓")
_LEAST_FLOORS = 11
_LEAST_TOWERS = 2
_ENTRANCES = ("1单元", "2单元")
_SHOPS = 6
_INDOORS = 0.5  # of the way from a tower's middle to its first corner


@dataclass(frozen=True)
class Estate:
    """Towers on the polygon of one micro-grid.

    Attributes:
        unit: row of the micro-grid whose polygon is shared.
        towers: rows of its high-rises in the table of buildings.
        micro_grids: those that share it; their buildings are rows too.
    """

    name: str
    unit: int
    towers: tuple[int, ...]
    micro_grids: MicroGrids


def find_estates(units: pd.DataFrame, buildings: pd.DataFrame) -> tuple[Estate, ...]:
    """Where most households live in several towers on one polygon; none where there are none.

    Args:
        units: columns level, code, parent (row).
        buildings: columns use, floors, households, unit (row).
    """
    is_tall = (buildings["use"] == "residential") & (buildings["floors"] >= _LEAST_FLOORS)
    towers = buildings[is_tall].groupby("unit")["households"].agg(["size", "sum"])
    several = towers[towers["size"] >= _LEAST_TOWERS].reset_index()
    chosen = several.sort_values(["sum", "unit"], ascending=[False, True])["unit"]
    taken: set[str] = set(units["code"])
    estates = []
    for name, unit in zip(_NAMES, chosen.tolist(), strict=False):
        rows = buildings.index[is_tall & (buildings["unit"] == unit)].tolist()
        codes = _codes(units, unit, taken)
        floors = buildings["floors"].loc[rows].tolist()
        micro_grids = _share_out(name, list(zip(rows, floors, strict=True)), codes)
        taken.update(each.code for each in micro_grids)
        estates.append(Estate(name, unit, tuple(rows), micro_grids))
    return tuple(estates)


def _codes(units: pd.DataFrame, unit: int, taken: set[str]) -> Iterator[str]:
    """Codes below the micro-grid's grid that nobody has, after the last one."""
    above = units["code"].iloc[int(units["parent"].iloc[unit])]
    last = max(int(code[-2:]) for code in taken if code[:-2] == above)
    return (f"{above}{number:02d}" for number in range(last + 1, 100))


def _share_out(name: str, towers: list[tuple[int, int]], codes: Iterator[str]) -> MicroGrids:
    """The first tower by floors, the second by entrances, each further one as a whole."""
    (first, floors), (second, _), *others = towers
    half = floors // 2
    low, high = Floors(1, half), Floors(half + 1, floors)
    stated = [
        (f"{name}1幢低区", Part(first, None, low)),
        (f"{name}1幢高区", Part(first, None, high)),
        *((f"{name}2幢{each}", Part(second, (each,))) for each in _ENTRANCES),
        *((f"{name}{n}幢", Part(row)) for n, (row, _) in enumerate(others, start=3)),
    ]
    return tuple(MicroGrid(next(codes), title, (part,)) for title, part in stated)


def name_towers(buildings: pd.DataFrame, estates: tuple[Estate, ...]) -> pd.DataFrame:
    """The buildings with the towers' names."""
    named = buildings.copy()
    for estate in estates:
        for number, row in enumerate(estate.towers, start=1):
            named.loc[row, "name"] = f"{estate.name}{number}幢"
    return named


def give_entrances(rooms: pd.DataFrame, estates: tuple[Estate, ...]) -> pd.DataFrame:
    """The rental rooms with their entrances, where they are in a tower: the doors take turns."""
    towers = [row for estate in estates for row in estate.towers]
    door = rooms["room"].str[-2:].astype(int).to_numpy()
    entrance = np.array(_ENTRANCES, dtype=object)[(door - 1) % len(_ENTRANCES)]
    entrance[~rooms["building"].isin(towers).to_numpy()] = None
    return rooms.assign(entrance=entrance)


def move_shops_in(
    premises: pd.DataFrame, buildings: pd.DataFrame, estates: tuple[Estate, ...]
) -> pd.DataFrame:
    """The premises, of which the nearest shops are in the towers: low, high, by each entrance."""
    moved = premises.assign(entrance=None)
    shops = moved["kind"] == "shop"
    for estate in estates:
        middle = shapely.centroid(buildings["geom"].iloc[estate.towers[0]])
        distance = shapely.distance(moved["geom"].to_numpy(), middle)
        nearest = np.lexsort((moved.index, np.where(shops, distance, np.inf)))[:_SHOPS]
        for place, row in enumerate(nearest.tolist()):
            _move_in(moved, row, buildings, estate, place)
            shops.iloc[row] = False
    return moved


def _move_in(
    premises: pd.DataFrame, row: int, buildings: pd.DataFrame, estate: Estate, place: int
) -> None:
    tower = estate.towers[place % 2]
    floors = int(buildings["floors"].iloc[tower])
    shape = buildings["geom"].iloc[tower]
    corners = shapely.get_coordinates(shape)
    middle = shapely.get_coordinates(shapely.centroid(shape))[0]
    spot = middle + _INDOORS * (corners[place // 2] - middle)
    premises.loc[row, "building"] = tower
    premises.loc[row, "address"] = buildings["address"].iloc[tower]
    premises.loc[row, "entrance"] = _ENTRANCES[place // 2 % 2]
    premises.loc[row, "floor"] = str((1, 2, floors)[place // 2])
    premises.at[row, "geom"] = shapely.Point(np.round(spot, 8))
