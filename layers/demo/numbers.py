"""How many there are of everything in a demo town."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layers.demo.frame import Ints
from layers.demo.households import USUAL
from layers.demo.town import DemoTown


@dataclass(frozen=True)
class Number:
    """One line of the table of numbers; `value` is written as people write it."""

    zh: str
    en: str
    value: str


def households_of_grids(town: DemoTown) -> Ints:
    """The households of each grid, in the order of the units' table."""
    parent = town.units.table["parent"].to_numpy()
    grid_row = parent[town.buildings["unit"].to_numpy()]
    held = np.bincount(grid_row, town.buildings["households"], len(parent))
    return np.asarray(held[town.units.rows(3).index.to_numpy()], dtype=np.int64)


def share_of_usual_grids(town: DemoTown) -> float:
    """Which share of the grids has 300 to 500 households."""
    households = households_of_grids(town)
    return float(((households >= USUAL[0]) & (households <= USUAL[1])).mean())


def numbers_of(town: DemoTown) -> list[Number]:
    """The numbers of a town, those that no layer shows included."""
    return [*_ground(town), *_people(town), *_things(town), *_incidents(town)]


def _count(zh: str, en: str, count: int) -> Number:
    return Number(zh, en, f"{count:,}")


def _ground(town: DemoTown) -> list[Number]:
    streets = town.streets.streets
    return [
        _count("社区、行政村", "communities and villages", len(town.units.rows(2))),
        _count("网格", "grids", len(town.units.rows(3))),
        _count("微网格", "micro-grids", len(town.units.rows(4))),
        _count(
            "高层微网格(共用多边形)",
            "micro-grids of high-rises, which share polygons",
            sum(len(estate.micro_grids) for estate in town.estates),
        ),
        _count("道路节点", "street nodes", len(town.streets.nodes)),
        _count("道路", "streets", len(streets)),
        Number("道路里程", "length of streets", f"{streets['length_m'].sum() / 1000:,.0f} km"),
        _count("单行道", "one-way streets", int(streets["oneway"].sum())),
        _count("桥梁", "bridges", int(streets["bridge"].sum())),
        _count("水面", "river and ponds", len(town.water)),
        _count("建筑", "buildings", len(town.buildings)),
    ]


def _people(town: DemoTown) -> list[Number]:
    share = share_of_usual_grids(town)
    return [
        _count("户数(不公开)", "households (in no layer)", int(town.buildings["households"].sum())),
        Number("300-500 户的网格", "grids with 300 to 500 households", f"{share:.1%}"),
        _count("居住出租房间(不公开)", "rental rooms (in no layer)", len(town.rental_rooms)),
        _count("处置力量", "responders", len(town.responders)),
        _count("其中在岗", "of these on duty", int(town.responders["on_duty"].sum())),
    ]


def _things(town: DemoTown) -> list[Number]:
    premises = town.premises["kind"].value_counts()
    sensors = town.sensors["kind"].value_counts()
    return [
        _count("场所", "premises", len(town.premises)),
        _count("工业企业", "industrial firms", int(premises["firm"])),
        _count("农村加工业", "rural workshops", int(premises["workshop"])),
        _count("经营店面", "shops", int(premises["shop"])),
        _count("感知设备", "sensors", len(town.sensors)),
        _count("高空摄像头", "cameras", int(sensors["camera"])),
        _count("烟雾传感器", "smoke detectors", int(sensors["smoke"])),
        _count("水质监测站", "water quality stations", int(sensors["water"])),
        _count("空气监测站", "air quality stations", int(sensors["air"])),
    ]


def _incidents(town: DemoTown) -> list[Number]:
    incidents = town.incidents
    return [
        _count("十二个月事件", "incidents in twelve months", len(incidents)),
        _count("其中未办结", "of these open", int((incidents["state"] == "open").sum())),
        _count("事件类别", "categories of incidents", incidents["category"].nunique()),
    ]
