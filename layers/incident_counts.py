"""How many incidents each H3 cell holds, for some days and categories.

A cell's count is the number of incidents whose point lies in it: each point is indexed at the
resolution asked for, as the library's `latlng_to_cell` does. Parents of the stored cells, by bit
mask, are the other way (`Index.PARENT`): quicker on millions of rows, since the database groups
them, and a parent's count is the sum of its children's; but 6 to 7 % of the points are then counted
in a neighbour of the hexagon that is drawn around them. One map never mixes the two.

Incidents outside the town's outline are never counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import psycopg

from grids.cells import STORED_RESOLUTION, Cells, cells_of_points, parent_sql
from grids.significance import Counts
from spatial.errors import InputError
from spatial.town import Town

RESOLUTIONS = range(5, STORED_RESOLUTION + 1)


class Index(StrEnum):
    """How a point finds its cell; see the module."""

    DIRECT = "direct"
    PARENT = "parent"


@dataclass(frozen=True)
class Window:
    """Days of the town, the first and the last both counted; None leaves an end open.

    Raises:
        InputError: it ends before it begins.
    """

    first_day: date | None = None
    last_day: date | None = None

    def __post_init__(self) -> None:
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise InputError(f"the window ends before it begins: {self.first_day}, {self.last_day}")

    def moments(self, time_zone: str) -> tuple[datetime | None, datetime | None]:
        """[from, to): midnight before the first day and midnight after the last."""
        zone = ZoneInfo(time_zone)
        return _midnight(self.first_day, 0, zone), _midnight(self.last_day, 1, zone)


def _midnight(day: date | None, days_later: int, zone: ZoneInfo) -> datetime | None:
    # Nothing comes after the calendar's last day.
    if day is None or day > date.max - timedelta(days=days_later):
        return None
    return datetime.combine(day + timedelta(days=days_later), time.min, zone)


EVER = Window()


@dataclass(frozen=True)
class Choice:
    """Which incidents of a town are counted.

    Attributes:
        categories: codes; none means all of them.
    """

    town: Town
    window: Window = EVER
    categories: Sequence[str] = ()

    def parameters(self) -> dict[str, Any]:
        """The values of the parameters in `_CHOSEN`."""
        start, end = self.window.moments(self.town.time_zone)
        categories = list(self.categories) or None
        return {"town_id": self.town.id, "start": start, "end": end, "categories": categories}


_CHOSEN = """
FROM layers.incident
WHERE town_id = %(town_id)s
    AND occurred_at >= coalesce(%(start)s::timestamptz, '-infinity')
    AND occurred_at < coalesce(%(end)s::timestamptz, 'infinity')
    AND (%(categories)s::text[] IS NULL OR category = ANY(%(categories)s))
    AND layers.has_happened(state)
"""
_COUNTED = f"{_CHOSEN} AND inside"


def incident_cells(
    connection: psycopg.Connection, choice: Choice, resolution: int, index: Index = Index.DIRECT
) -> tuple[Cells, Counts]:
    """Cells with incidents, and how many each entry stands for; a cell may come several times.

    Raises:
        InputError: the resolution is not one of RESOLUTIONS, or a category is not known.
    """
    if resolution not in RESOLUTIONS:
        raise InputError(f"resolution {resolution} is not between 5 and 11")
    _check_categories(connection, choice.categories)
    if index is Index.PARENT:
        query = f"SELECT {parent_sql('cell', resolution)}, count(*) {_COUNTED} GROUP BY 1"
        found = _array(connection, query, choice, np.int64)
        return found[:, 0], found[:, 1]
    points = _array(connection, f"SELECT ST_X(geom), ST_Y(geom) {_COUNTED}", choice, float)
    cells = cells_of_points(points[:, 0], points[:, 1], resolution)
    return cells, np.ones(len(cells), dtype=np.int64)


def _array(
    connection: psycopg.Connection, query: str, choice: Choice, dtype: type
) -> np.ndarray[Any, Any]:
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(query, choice.parameters()).fetchall()
    return np.array(rows, dtype=dtype).reshape(-1, 2)


def cells_by_category(
    connection: psycopg.Connection, choice: Choice, resolution: int
) -> Iterator[tuple[str, Cells]]:
    """Each category that has incidents, by code, with the cell of every incident."""
    query = f"SELECT category, ST_X(geom), ST_Y(geom) {_COUNTED} ORDER BY category"
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(query, choice.parameters()).fetchall()
    codes, starts = np.unique(np.array([row[0] for row in rows], dtype=str), return_index=True)
    points = np.array([row[1:] for row in rows], dtype=float).reshape(-1, 2)
    cells = cells_of_points(points[:, 0], points[:, 1], resolution)
    yield from zip(codes.tolist(), np.split(cells, starts[1:]), strict=True)


def count_outside(connection: psycopg.Connection, choice: Choice) -> int:
    """How many of the chosen incidents lie outside the outline, and so are not counted."""
    row = connection.execute(
        f"SELECT count(*) {_CHOSEN} AND NOT inside", choice.parameters()
    ).fetchone()
    return row[0] if row else 0


def newest_day(connection: psycopg.Connection, town: Town) -> date | None:
    """The town's day on which its newest incident inside the outline happened."""
    row = connection.execute(
        "SELECT (max(occurred_at) AT TIME ZONE %s)::date FROM layers.incident"
        " WHERE town_id = %s AND inside AND layers.has_happened(state)",
        (town.time_zone, town.id),
    ).fetchone()
    return row[0] if row else None


def _check_categories(connection: psycopg.Connection, categories: Sequence[str]) -> None:
    known = {code for (code,) in connection.execute("SELECT code FROM layers.category").fetchall()}
    unknown = sorted(set(categories) - known)
    if unknown:
        examples = ", ".join(sorted(known)[:8]) or "none yet"
        raise InputError(f"no category {', '.join(unknown)} here; known: {examples}")
