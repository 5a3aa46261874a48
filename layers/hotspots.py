"""The heat map: where incidents concentrate, and whether that can be chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from enum import StrEnum

import geopandas as gpd
import numpy as np
import pandas as pd
import psycopg
import shapely
from shapely.geometry import MultiPolygon, Polygon

from grids.cells import (
    Cells,
    cell_boundaries,
    cells_in_outline,
    common_resolution,
    estimated_cells,
)
from grids.hotspots import Universe, find_hotspots
from grids.significance import Counts
from layers.incident_counts import (
    Choice,
    Index,
    Window,
    cells_by_category,
    count_outside,
    incident_cells,
    newest_day,
)
from spatial.errors import InputError
from spatial.town import Town

PUBLISHED_RESOLUTION = 9
PUBLISHED_DAYS = 90
ALL_CATEGORIES = "all"

# Percent done and what is being done; may raise, which ends the work.
Progress = Callable[[int, str], None]

_MAX_PUBLISHED_CELLS = 200_000
_COLUMNS = (
    "town_id, cell, resolution, category, from_date, to_date, count, neighbourhood_count, "
    "z, p, class, geom"
)
_VALUES = "resolution, from_date, to_date, count, neighbourhood_count, z, p, class, geom"
_NEW_VALUES = ", ".join(f"EXCLUDED.{name}" for name in _VALUES.split(", "))
_OLD_VALUES = ", ".join(f"hotspot.{name}" for name in _VALUES.split(", "))
_INCOMING = f"""
CREATE TEMPORARY TABLE incoming_hotspot ON COMMIT DROP AS
SELECT {_COLUMNS} FROM layers.hotspot WITH NO DATA
"""  # noqa: S608 - our own names
_DELETE_GONE = """
DELETE FROM layers.hotspot WHERE town_id = %(town_id)s AND NOT EXISTS (
    SELECT FROM incoming_hotspot AS incoming
    WHERE incoming.category = hotspot.category AND incoming.cell = hotspot.cell
)
"""
_UPSERT = f"""
INSERT INTO layers.hotspot ({_COLUMNS}) SELECT {_COLUMNS} FROM incoming_hotspot
ON CONFLICT (town_id, category, cell) DO UPDATE SET ({_VALUES}) = ({_NEW_VALUES})
WHERE ({_OLD_VALUES}) IS DISTINCT FROM ({_NEW_VALUES})
"""  # noqa: S608 - our own names


class Domain(StrEnum):
    """The cells that are compared, unless a polygon says it."""

    OUTLINE = "outline"
    OCCUPIED = "occupied"


def compute_hotspots(  # noqa: PLR0913 - which incidents, where, and how they are counted
    connection: psycopg.Connection,
    choice: Choice,
    resolution: int,
    *,
    domain: Domain | Polygon | MultiPolygon = Domain.OUTLINE,
    index: Index = Index.DIRECT,
    progress: Progress = lambda _percent, _what: None,
) -> gpd.GeoDataFrame:
    """Counts and significance of every cell of a domain.

    Args:
        connection: the town's database.
        choice: which incidents of which town.
        resolution: 5 to 11.
        domain: the cells whose centre lies in the town's outline or in a polygon (EPSG:4326), zeros
            included, or the cells with an incident.
        index: how a point finds its cell, see `layers.incident_counts`.
        progress: told of each step.

    Returns:
        One row a cell: h3 (hexadecimal), count, neighbourhood_count, z, p, class, geometry
        (EPSG:4326). `attrs` tell how many incidents were `counted`, how many lie in cells that
        are not in the domain (`beside`), and how many outside the outline (`outside`).

    Raises:
        InputError: a resolution, category or domain that can't be.
    """
    progress(0, "reading incidents / 读取事件")
    cells, counts = incident_cells(connection, choice, resolution, index)
    outside = count_outside(connection, choice)
    progress(20, "cells of the ground / 划分单元")
    universe = Universe.of(_domain_cells(choice.town, domain, resolution, cells))
    spread, beside = universe.spread(cells, counts)
    progress(40, "significance / 显著性检验")
    found = find_hotspots(universe, spread)
    progress(70, "hexagons / 生成六边形")
    table = with_boundaries(found)
    table.attrs = {"counted": int(spread.sum()), "beside": beside, "outside": outside}
    return table


def hotspots_of_counts(
    cells: Cells, counts: Counts, domain: Domain | Polygon | MultiPolygon | None = None
) -> gpd.GeoDataFrame:
    """The same for a table of counts, without a town.

    Args:
        cells: of one resolution, at least one.
        counts: one for each.
        domain: the cells that are compared: by default those of the table and no other, else those
            with a count, or those whose centre lies in a polygon (EPSG:4326), zeros included.

    Raises:
        InputError: mixed resolutions, or a domain that needs a town.
    """
    resolution = common_resolution(cells)
    if domain is Domain.OUTLINE:
        raise InputError(
            "a table of counts has no outline", remedy="--domain occupied, or a polygon"
        )
    if domain is None or domain is Domain.OCCUPIED:
        compared = cells if domain is None else cells[counts > 0]
    else:
        compared = cells_in_outline(domain, resolution)
    universe = Universe.of(compared)
    spread, beside = universe.spread(cells, counts)
    table = with_boundaries(find_hotspots(universe, spread))
    table.attrs = {"counted": int(spread.sum()), "beside": beside, "outside": 0}
    return table


def with_boundaries(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """A table of `grids.hotspots.find_hotspots` with the cells' shapes instead of their numbers."""
    shapes = gpd.GeoSeries(cell_boundaries(table["cell"]), index=table.index, crs="EPSG:4326")
    return gpd.GeoDataFrame(table.drop(columns="cell"), geometry=shapes)


def _domain_cells(
    town: Town, domain: Domain | Polygon | MultiPolygon, resolution: int, occupied: Cells
) -> Cells:
    if domain is Domain.OCCUPIED:
        return occupied
    if domain is not Domain.OUTLINE:
        return cells_in_outline(domain, resolution)
    if town.outline is None:
        raise InputError("the town has no outline yet", remedy="--domain occupied, or a polygon")
    return cells_in_outline(town.outline, resolution)


def refresh_published_hotspots(connection: psycopg.Connection, town: Town) -> int:
    """Make the published layer anew and return its rows; when this fails the old one stays.

    Rows that stay as they are are left untouched: copies elsewhere are told of the others alone.
    It shows PUBLISHED_DAYS whole days, up to yesterday or to the newest incident where that is
    older: for all incidents with every cell of the outline, for each category with the cells that
    have one in their neighbourhood or are significant. A large outline gets coarser cells.
    """
    rows = list(_published_rows(connection, town))
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(_INCOMING)
        with cursor.copy(f"COPY incoming_hotspot ({_COLUMNS}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        for statement in (_DELETE_GONE, _UPSERT, "DROP TABLE incoming_hotspot"):
            cursor.execute(statement, {"town_id": town.id})
    return len(rows)


def move_published_hotspots_on(connection: psycopg.Connection, town: Town) -> bool:
    """Make the published layer anew when a day has passed since; whether it had to be.

    A synthetic town stands still, and so does its heat map.
    """
    last_day = _last_published_day(connection, town)
    shown = connection.execute(
        "SELECT max(to_date) FROM layers.hotspot WHERE town_id = %s", (town.id,)
    ).fetchone()
    wanted = last_day and last_day + timedelta(days=1)
    if wanted is None or (shown and shown[0] == wanted):
        return False
    refresh_published_hotspots(connection, town)
    return True


def _published_rows(connection: psycopg.Connection, town: Town) -> Iterator[tuple[object, ...]]:
    last_day = _last_published_day(connection, town)
    if town.outline is None or last_day is None:
        return
    window = Window(last_day - timedelta(days=PUBLISHED_DAYS - 1), last_day)
    resolution = published_resolution(town.outline)
    universe = Universe.of(cells_in_outline(town.outline, resolution))
    shapes = shapely.set_srid(cell_boundaries(universe.cells), 4326)
    ground = shapely.to_wkb(shapes, hex=True, include_srid=True)
    days = (window.first_day, last_day + timedelta(days=1))
    by_category = dict(cells_by_category(connection, Choice(town, window), resolution))
    everything = np.concatenate([np.empty(0, dtype=np.int64), *by_category.values()])
    for category, cells in {ALL_CATEGORIES: everything, **by_category}.items():
        table = find_hotspots(universe, universe.spread(cells)[0]).assign(geom=ground)
        if category != ALL_CATEGORIES:
            table = table[
                (table["neighbourhood_count"] > 0) | (table["class"] != "not_significant")
            ]
        for cell, *values in table.drop(columns="h3").itertuples(index=False):
            yield (town.id, cell, resolution, category, *days, *values)


def _last_published_day(connection: psycopg.Connection, town: Town) -> date | None:
    newest = newest_day(connection, town)
    return newest and min(newest, town.now().date() - timedelta(days=1))


def published_resolution(outline: MultiPolygon) -> int:
    """PUBLISHED_RESOLUTION, or a coarser one where that gives more cells than a map bears."""
    for resolution in range(PUBLISHED_RESOLUTION, 0, -1):
        if estimated_cells(outline, resolution) <= _MAX_PUBLISHED_CELLS:
            return resolution
    return 0
