"""Which columns of a table of calls tell when, where and which call: by content and by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pandas as pd

from layers.importing.mapping import find_column, listed, stated_column
from layers.simulation.call_times import Form, form_of, read_moments
from spatial.errors import InputError

_LON = ("lon", "lng", "long", "longitude", "x", "easting", "x_coord", "x_coordinate", "xcoord",
        "point_x", "coord_x", "incident_longitude", "start_lon", "rechtswert", "经度")  # fmt: skip
_LAT = ("lat", "latitude", "y", "northing", "y_coord", "y_coordinate", "ycoord", "point_y",
        "coord_y", "incident_latitude", "start_lat", "hochwert", "纬度")  # fmt: skip
_POINT = ("location", "point", "geom", "the_geom", "geometry", "wkt", "shape", "coordinates",
          "georeference", "case_location", "incident_location", "geolocation", "位置",
          "坐标")  # fmt: skip
_CALL = ("call_number", "call_no", "call_id", "incident_number", "incident_num", "incident_no",
         "incident_id", "event_number", "event_no", "event_id", "cad_number", "cad_incident_id",
         "cad_incident_number", "master_incident_number", "case_number", "case_id", "run_number",
         "警情编号", "事件编号", "接警编号", "工单号")  # fmt: skip
# What a column's name says of the moment that it holds, the nearest to the call first.
_WHEN = (
    r"receiv|recd|call|phone|pick_?up|alarm|report|anruf|meldung|appel|llamada|接警|报警|来电|呼叫|上报|受理",
    r"incident|creat|event|occur|open|entry|start|begin|einsatz|发生",
    r"time_?stamp|^date_?time$|^time$|^date$|^timestamp|日期|时间",
    r"dispatch|notif|assign|order|派",
    r"",
)
_NOT_A_CALL = re.compile(
    r"arriv|scene|respond|response|enroute|en_route|transport|hospital|patient|clear|clos|end|avail"
    r"|finish|complet|updat|modif|load|export|birth|travel|duration|elapsed|service|stag|first_act"
    r"|ankunft|ende|到达|结束|完成|更新|出生"
)
_TIMELY = re.compile(
    r"time|date|stamp|epoch|unix|dttm|_dt$|_ts$|_at$|^ts$|received|datum|zeit|日|时"
)
# Digits under such a name are no time of day.
_NO_CLOCK = re.compile(r"date|year|day|number|count|_id$|age|sec")
_SAMPLE = 100
_ENOUGH = 0.5


@dataclass(frozen=True)
class CallColumns:
    """How to read the file; what is None is found.

    Attributes:
        time: columns of the moment; several are read as one text, such as date and time of day.
        time_format: strptime format of what isn't usual.
        time_zone: of times without an offset.
        lon, lat: columns of the place, in any system of coordinates.
        call_id: column of the call's number: rows of one number are one call.
        every_row: each row is a call of its own, whatever it shares with others.
        severity: column of the urgency.
        encoding: of a CSV.
        sheet: of a workbook.
    """

    time: tuple[str, ...] = ()
    time_format: str | None = None
    time_zone: str = "UTC"
    lon: str | None = None
    lat: str | None = None
    call_id: str | None = None
    every_row: bool = False
    severity: str | None = None
    encoding: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class TimeColumns:
    """The columns of the moment.

    Attributes:
        names: one, or a date's and a clock's.
        is_split: whether the first tells the day and the second the clock.
        others: columns of times that were not taken.
    """

    names: tuple[str, ...]
    is_split: bool
    others: tuple[str, ...]


@dataclass(frozen=True)
class PlaceColumns:
    """Columns of two coordinates, or one column with both."""

    lon: str | None
    lat: str | None
    point: str | None

    @property
    def told(self) -> dict[str, str]:
        """Which is what, for the report."""
        found = {"lon": self.lon, "lat": self.lat, "place": self.point}
        return {field: name for field, name in found.items() if name}


def time_columns(
    rows: pd.DataFrame, columns: CallColumns, zone: ZoneInfo, file: str
) -> TimeColumns:
    """The stated columns, else those whose content is a time and whose name is nearest to a call's.

    Raises:
        InputError: a stated one isn't there, or no column holds times.
    """
    names = [str(name) for name in rows.columns]
    if columns.time:
        stated = tuple(stated_column(names, each, "--time", file) for each in columns.time)
        return TimeColumns(stated, _are_day_and_clock(rows, stated, columns, zone), ())
    forms = {name: _form(rows, name, zone, columns.time_format) for name in names}
    moments, days, clocks = (
        sorted((name for name in names if forms[name] is form), key=_rank)
        for form in (Form.MOMENT, Form.DATE, Form.CLOCK)
    )
    split = bool(days and clocks) and (
        not moments or _rank(moments[0]) > max(_rank(days[0]), _rank(clocks[0]))
    )
    chosen = (days[0], clocks[0]) if split else tuple(moments[:1])
    if not chosen:
        raise InputError(
            f"{file}: which column tells when a call came? / 未找到时间列",
            remedy=_remedy(names, days, clocks),
        )
    others = tuple(name for name in (*moments, *days, *clocks) if name not in chosen)
    return TimeColumns(chosen, split, others)


def place_columns(names: Sequence[str], columns: CallColumns, file: str) -> PlaceColumns | None:
    """The stated columns, else those with usual names; None where no column tells a place.

    Raises:
        InputError: a stated one isn't there, or one of the two is missing.
    """
    if bool(columns.lon) != bool(columns.lat):
        raise InputError(f"{file}: --lon and --lat go together / 经度列和纬度列要一起给出")
    if columns.lon and columns.lat:
        lon = stated_column(names, columns.lon, "--lon", file)
        return PlaceColumns(lon, stated_column(names, columns.lat, "--lat", file), None)
    found = find_column(names, _LON), find_column(names, _LAT)
    if all(found):
        return PlaceColumns(*found, None)
    point = find_column(names, _POINT)
    return PlaceColumns(None, None, point) if point else None


def call_id_column(names: Sequence[str], columns: CallColumns, file: str) -> str | None:
    """The stated column of the call's number, else one with a usual name.

    Raises:
        InputError: the stated one isn't there.
    """
    if columns.call_id:
        return stated_column(names, columns.call_id, "--call-id", file)
    return find_column(names, _CALL)


def _form(
    rows: pd.DataFrame, name: str, zone: ZoneInfo, time_format: str | None = None
) -> Form | None:
    cells = rows[name].dropna()
    if cells.empty:
        return None
    sample = cells.sample(min(len(cells), _SAMPLE), random_state=0).astype(str)
    if time_format is not None:
        read, _ = read_moments(sample, zone, time_format, name)
        return Form.MOMENT if read.notna().mean() > _ENOUGH else None
    lower = _lower(name)
    form = form_of(sample, zone, counts_too=bool(_TIMELY.search(lower)))
    digits = sample.str.fullmatch(r"[\d.]+").all()
    return None if form is Form.CLOCK and digits and _NO_CLOCK.search(lower) else form


def _are_day_and_clock(
    rows: pd.DataFrame, names: tuple[str, ...], columns: CallColumns, zone: ZoneInfo
) -> bool:
    """Whether each of two stated columns can be read alone."""
    if len(names) != 2 or columns.time_format is not None:
        return False
    first, second = (_form(rows, name, zone) for name in names)
    return first in {Form.DATE, Form.MOMENT} and second is Form.CLOCK


def _rank(name: str) -> int:
    """How near to a call's moment a column's name is, the nearest being 0."""
    lower = _lower(name)
    if _NOT_A_CALL.search(lower) and not re.search(r"receiv|recd", lower):
        return len(_WHEN)
    return next(rank for rank, pattern in enumerate(_WHEN) if re.search(pattern, lower))


def _lower(name: str) -> str:
    """A name with its words apart: `IncidentTime` as incident_time."""
    return re.sub(r"[\s\-]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)).lower()


def _remedy(names: Iterable[str], days: Sequence[str], clocks: Sequence[str]) -> str:
    if days and not clocks:
        return (
            f"{listed(days)} tells the day alone; --time DAY --time CLOCK; columns: {listed(names)}"
        )
    return f"--time COLUMN, twice for a date and a clock; --time-format; columns: {listed(names)}"
