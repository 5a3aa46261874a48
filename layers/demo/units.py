"""The four levels of the coverage as rows: codes, names and shapes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from layers.demo.frame import Floats, Geometries, Ints
from layers.demo.mesh import Mesh
from layers.facts import VillageFact

_BAND_M = 450.0  # units are numbered in bands from north to south, each from west to east


@dataclass(frozen=True)
class TownName:
    """What the town is called."""

    code: str
    name: str
    name_en: str


@dataclass(frozen=True)
class Units:
    """All levels.

    Attributes:
        table: columns level, code, name, name_en, kind, parent (row number, -1 for the town) and
            geom (EPSG:4326); the town first, then villages, grids, micro-grids.
        village, grid: (n,) of each micro-grid the number of its village and of its grid.
        micro_row: (n,) the row of `table` that each cell of the mesh became.
    """

    table: pd.DataFrame
    village: Ints
    grid: Ints
    micro_row: Ints

    def rows(self, level: int) -> pd.DataFrame:
        """The rows of one level."""
        return self.table[self.table["level"] == level]


def make_units(
    town: TownName, facts: tuple[VillageFact, ...], mesh: Mesh, village: Ints, grid: Ints
) -> Units:
    """Rows of all levels; every parent's shape is the union of its children's, arc by arc."""
    town_row = {"level": 1, "code": town.code, "name": town.name, "name_en": town.name_en}
    levels = [pd.DataFrame([town_row | {"kind": None, "parent": -1}])]
    levels.append(
        pd.DataFrame(
            [(2, fact.code, fact.name, fact.name_en, fact.kind, 0) for fact in facts],
            columns=["level", "code", "name", "name_en", "kind", "parent"],
        )
    )
    grid_village = _first_of(grid, village)
    grids, grid_row = _grid_level(levels[1], mesh.seeds, grid, grid_village)
    grid_row = grid_row + 1 + len(facts)
    levels.append(grids)
    micro, micro_row = _micro_level(levels[2], mesh.seeds, grid, grid_row - 1 - len(facts))
    micro["parent"] += 1 + len(facts)
    levels.append(micro)
    table = pd.concat(levels, ignore_index=True)
    micro_row = micro_row + len(table) - len(micro)
    table["geom"] = _shapes(mesh.cells, (village + 1, grid_row[grid], micro_row), len(table))
    return Units(table, village, grid, micro_row)


def _first_of(group: Ints, value: Ints) -> Ints:
    """The value of each group, which is the same for all its members."""
    known, first = np.unique(group, return_index=True)
    result: Ints = value[first]
    return result[np.argsort(known)]


def _middles(xy: Floats, group: Ints) -> Floats:
    size = np.bincount(group)
    return np.column_stack([np.bincount(group, xy[:, axis]) / size for axis in (0, 1)])


def _reading_order(xy: Floats, parent: Ints) -> tuple[Ints, Ints]:
    """The order by parent, then north to south, then west to east; and the number in the parent."""
    band = np.floor(-xy[:, 1] / _BAND_M)
    order = np.lexsort((xy[:, 0], band, parent))
    sorted_parent = parent[order]
    start = np.searchsorted(sorted_parent, sorted_parent, side="left")
    return order, np.arange(len(order)) - start + 1


def _grid_level(
    villages: pd.DataFrame, seeds: Floats, grid: Ints, grid_village: Ints
) -> tuple[pd.DataFrame, Ints]:
    """The rows of the grids, and for each grid its place among them."""
    order, number = _reading_order(_middles(seeds, grid), grid_village)
    above = villages.iloc[grid_village[order]]
    rows = pd.DataFrame(
        {
            "level": 3,
            "code": [f"{c}{n:03d}" for c, n in zip(above["code"], number, strict=True)],
            "name": [f"{a}第{n}网格" for a, n in zip(above["name"], number, strict=True)],
            "name_en": [f"{a} Grid {n}" for a, n in zip(above["name_en"], number, strict=True)],
            "kind": None,
            "parent": grid_village[order] + 1,
        }
    )
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return rows, place


def _micro_level(
    grids: pd.DataFrame, seeds: Floats, grid: Ints, grid_place: Ints
) -> tuple[pd.DataFrame, Ints]:
    """The rows of the micro-grids, and for each cell its place among them."""
    order, number = _reading_order(seeds, grid_place[grid])
    parent = grid_place[grid][order]
    above = grids.iloc[parent]
    stem = above["name"].str.removesuffix("网格")
    rows = pd.DataFrame(
        {
            "level": 4,
            "code": [f"{c}{n:02d}" for c, n in zip(above["code"], number, strict=True)],
            "name": [f"{a}-{n:02d}微网格" for a, n in zip(stem, number, strict=True)],
            "name_en": [f"{a}-{n:02d}" for a, n in zip(above["name_en"], number, strict=True)],
            "kind": None,
            "parent": parent,
        }
    )
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return rows, place


def _shapes(cells: Geometries, rows: tuple[Ints, ...], count: int) -> Geometries:
    """For each row the union of its cells: inner edges drop out, the others stay as they are."""
    shapes = np.empty(count, dtype=object)
    shapes[0] = _as_multi(shapely.coverage_union_all(cells))
    for row_of_cell in rows:
        order = np.argsort(row_of_cell, kind="stable")
        numbers, starts = np.unique(row_of_cell[order], return_index=True)
        for row, members in zip(numbers, np.split(order, starts[1:]), strict=True):
            shapes[row] = _as_multi(shapely.coverage_union_all(cells[members]))
    return shapes


def _as_multi(shape: shapely.Geometry) -> shapely.MultiPolygon:
    parts = shapely.orient_polygons(shapely.get_parts(shape))
    return shapely.MultiPolygon(list(parts))
