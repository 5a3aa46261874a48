"""A report as it comes in: checked, and its place brought to WGS 84."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from grids.cells import STORED_RESOLUTION, cells_of_points
from layers.dispatch.incident_tables import DATUMS, SOURCES
from spatial.crs import SHIFTED
from spatial.errors import DatumError, InputError

_LONGEST_ID = 200
LONGEST_TEXT = 4000
_MOST_ACCURACY_M = 100_000.0


@dataclass(frozen=True)
class Report:
    """What somebody or something reports.

    Attributes:
        source: where it comes from, one of SOURCES.
        source_id: its number there; the same report has the same number.
        lon, lat: degrees in `datum`.
        datum: wgs84, cgcs2000 (its equal), gcj02 or bd09.
        accuracy_m: how far off the place may be.
        text, contact: what the caller said, and where to reach them; personal.
        occurred_at: by the source's clock.
    """

    source: str
    source_id: str
    lon: float
    lat: float
    datum: str
    category: str
    accuracy_m: float | None = None
    title: str | None = None
    text: str | None = None
    contact: str | None = None
    occurred_at: datetime | None = None

    def check(self) -> None:
        """Refuse what can't be a report.

        Raises:
            DatumError: the datum isn't said, or isn't known: the place might be 600 m off.
            InputError: anything else, by its name.
        """
        if self.datum not in DATUMS:
            raise DatumError(
                f"datum has to be one of {', '.join(DATUMS)} / 必须说明坐标系",
                remedy="GPS says wgs84, AMap and WeChat gcj02, Baidu bd09",
            )
        if self.source not in SOURCES:
            raise InputError(f"source has to be one of {', '.join(SOURCES)} / 来源不对")
        _check_text("category", self.category, _LONGEST_ID, needed=True)
        _check_text("source_id", self.source_id, _LONGEST_ID, needed=True)
        for name in ("title", "text", "contact"):
            _check_text(name, getattr(self, name) or "", LONGEST_TEXT)
        if not (math.isfinite(self.lon) and abs(self.lon) <= 180):
            raise InputError("lon has to be degrees from -180 to 180 / 经度不对")
        if not (math.isfinite(self.lat) and abs(self.lat) <= 90):
            raise InputError("lat has to be degrees from -90 to 90 / 纬度不对,是否与经度颠倒")
        accuracy = self.accuracy_m
        if accuracy is not None and not 0 <= accuracy <= _MOST_ACCURACY_M:
            raise InputError("accuracy_m has to be metres, 0 or more / 精度不对")

    def place(self) -> tuple[float, float]:
        """Longitude and latitude in WGS 84."""
        if self.datum not in SHIFTED:
            return self.lon, self.lat
        lon, lat = SHIFTED[self.datum][1](self.lon, self.lat)  # type: ignore[arg-type]
        return float(lon), float(lat)


@dataclass(frozen=True)
class TakenDown:
    """What became of a report.

    Attributes:
        is_new: whether it had not come before.
        incident_id: the incident that it is of.
        is_mine: whether who reports may dispatch it.
        lon, lat: where it is, in WGS 84.
        departments: that may be sent, the leading one first.
        skills: that a responder should have.
        doubts: codes of what is odd about it: clock_ahead, clock_behind, outside_town, vague_place.
    """

    is_new: bool
    incident_id: int
    is_mine: bool
    lon: float
    lat: float
    departments: tuple[str, ...]
    skills: tuple[str, ...]
    doubts: tuple[str, ...]


def take_down(connection: psycopg.Connection[Any], report: Report) -> TakenDown:
    """The report's incident: placed and classified, or the one that it has already.

    Args:
        connection: in a transaction of whoever reports.

    Raises:
        InputError: the report can't be understood.
        psycopg.Error: the database refuses (see `layers.dispatch.refusals`).
    """
    report.check()
    lon, lat = report.place()
    said = {
        "source": report.source,
        "source_id": report.source_id,
        "lon": lon,
        "lat": lat,
        "datum": report.datum,
        "category": report.category,
        "accuracy_m": report.accuracy_m,
        "title": report.title,
        "text": report.text,
        "contact": report.contact,
        "occurred_at": report.occurred_at.isoformat() if report.occurred_at else None,
    }
    cell = int(cells_of_points([lon], [lat], STORED_RESOLUTION)[0])
    row = connection.execute(
        "SELECT is_new, incident, is_mine, departments, skills, doubts, known_lon, known_lat"
        " FROM layers.take_down(%s, %s)",
        (json.dumps(said), cell),
    ).fetchone()
    assert row is not None  # a function's one row
    is_new, incident_id, is_mine, departments, skills, doubts, lon, lat = row
    return TakenDown(
        is_new,
        incident_id,
        is_mine,
        lon,
        lat,
        tuple(departments or ()),
        tuple(skills or ()),
        tuple(doubts),
    )


def _check_text(name: str, text: str, longest: int, *, needed: bool = False) -> None:
    if len(text) > longest or "\0" in text or (needed and not text.strip()):
        raise InputError(f"{name} has to be a text of at most {longest} characters / {name} 不对")
