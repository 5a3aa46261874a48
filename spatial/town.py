"""The town: its outline, its time and its metric CRS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import psycopg
import shapely
from psycopg.rows import class_row
from shapely.geometry import MultiPolygon

from spatial.errors import NotFoundError


@dataclass(frozen=True)
class Town:
    """One town as it is stored.

    Attributes:
        outline_wkb: MULTIPOLYGON in EPSG:4326; None until the town knows where it is.
        time_zone: IANA name.
        metric_srid: EPSG code of the CRS in which the town's metres are metres; None likewise.
        as_of: the moment at which a synthetic town stands still; None in a real one.
    """

    id: int
    code: str
    name: str
    name_en: str
    outline_wkb: bytes | None
    time_zone: str
    metric_srid: int | None
    synthetic: bool
    as_of: datetime | None
    digest: str | None

    @cached_property
    def outline(self) -> MultiPolygon | None:
        """The outline in EPSG:4326, or None until the town knows where it is."""
        if self.outline_wkb is None:
            return None
        outline = shapely.from_wkb(self.outline_wkb)
        assert isinstance(outline, MultiPolygon)
        return outline

    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of the outline; the world while there is none."""
        west, south, east, north = self.outline.bounds if self.outline else (-180, -90, 180, 90)
        return west, south, east, north

    def now(self) -> datetime:
        """The present moment in the town, with the town's time zone."""
        return (self.as_of or datetime.now(UTC)).astimezone(ZoneInfo(self.time_zone))

    def real_now(self) -> datetime:
        """The moment by the real clock, by which streets are closed in a synthetic town, too."""
        return datetime.now(ZoneInfo(self.time_zone))


_SELECT = """
SELECT id, code, name, name_en, ST_AsBinary(outline) AS outline_wkb, time_zone, metric_srid,
       synthetic, as_of, digest
FROM spatial.town
"""


def find_town(connection: psycopg.Connection) -> Town | None:
    """The installation's town, or None while there is none."""
    with connection.cursor(row_factory=class_row(Town)) as cursor:
        return cursor.execute(f"{_SELECT} ORDER BY id LIMIT 1").fetchone()


def read_town(connection: psycopg.Connection) -> Town:
    """The installation's town.

    Raises:
        NotFoundError: there is none yet.
    """
    town = find_town(connection)
    if town is None:
        raise NotFoundError(
            "there is no town here yet / 这里还没有镇街",
            remedy="./gridwhistle demo, or ./gridwhistle init --help",
        )
    return town
