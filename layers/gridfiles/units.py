"""The units of a moment as rows, with their coordinates in the CRS of a file."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import psycopg
import shapely
from psycopg.rows import dict_row
from shapely.geometry.base import BaseGeometry

from layers.boundaries.coverage import read_shares, speak_for
from layers.coverage_check import LEVEL_NAMES
from layers.gridfiles.share_rows import ShareRow, read_labels, share_rows
from spatial.crs import SourceCrs
from spatial.errors import InputError, NotFoundError
from spatial.town import Town

_SELECT = """
SELECT id, level, code, name, name_en, kind, parent, valid_from, shape FROM grids.shapes_at(%s)
"""


@dataclass(frozen=True)
class UnitRow:
    """A unit as it stands in a file.

    Attributes:
        parent: code of the unit above; None of the town.
        valid_from: None in a draft.
        shape: MultiPolygon.
        shares: micro-grids of high-rises that share it.
    """

    level: int
    code: str
    name: str
    name_en: str | None
    kind: str | None
    parent: str | None
    valid_from: datetime | None
    shape: BaseGeometry
    shares: tuple[ShareRow, ...] = ()

    @property
    def values(self) -> dict[str, str | None]:
        """The values of `fields.FIELDS`."""
        return {
            "code": self.code,
            "name": self.name,
            "name_en": self.name_en,
            "level": LEVEL_NAMES[self.level],
            "parent": self.parent,
            "kind": self.kind,
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
        }


def read_unit_rows(connection: psycopg.Connection[Any], town: Town, at: datetime) -> list[UnitRow]:
    """The same as `unit_rows_at`, for the owner."""
    speak_for(connection, town)
    return unit_rows_at(connection, town, at)


def unit_rows_at(connection: psycopg.Connection[Any], town: Town, at: datetime) -> list[UnitRow]:
    """The units that hold at a moment, from the town down, in EPSG:4326.

    Args:
        connection: in a transaction of somebody who drafts.

    Raises:
        NotFoundError: there are none.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SELECT, (at,)).fetchall()
    if not rows:
        raise NotFoundError(
            f"{town.name} has no grids at {at:%F %R} / 当时还没有网格",
            remedy="./gridwhistle import grids FILE",
        )
    zone = ZoneInfo(town.time_zone)
    shares = read_shares(connection, at)
    labels = read_labels(connection, shares)
    units = []
    for row in rows:
        own = share_rows(row["code"], shares.get(row.pop("id"), ()), labels)
        shape, since = shapely.from_wkb(row["shape"]), row["valid_from"].astimezone(zone)
        units.append(UnitRow(**row | {"shape": shape, "valid_from": since, "shares": own}))
    return units


def in_crs(rows: Sequence[UnitRow], crs: SourceCrs) -> list[UnitRow]:
    """The same units with the coordinates of `crs`; what units share they share afterwards."""
    shapes = crs.from_wgs84(np.asarray([row.shape for row in rows], dtype=object))
    return [replace(row, shape=shape) for row, shape in zip(rows, shapes, strict=True)]


def by_level(rows: Sequence[UnitRow]) -> dict[int, list[UnitRow]]:
    """The units of each level, from the town down."""
    return {level: list(group) for level, group in itertools.groupby(rows, lambda row: row.level)}


def shared(rows: Sequence[UnitRow]) -> list[tuple[ShareRow, BaseGeometry]]:
    """The micro-grids of high-rises, each row with the polygon that it shares."""
    return [(share, row.shape) for row in rows for share in row.shares]


def moment_of(text: str | None, town: Town, option: str) -> datetime:
    """What a person means by a moment: None is now, a day is its end, all in the town's time.

    Raises:
        InputError: it is no time.
    """
    if text is None:
        return town.now()
    zone = ZoneInfo(town.time_zone)
    try:
        if len(text) == len("2025-01-01"):
            return datetime.combine(date.fromisoformat(text), time.max, zone)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{option} {text} is no time", remedy="e.g. 2025-01-01") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
