"""Calls from a table: when each came, where, and how urgent it was; bad rows are listed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.importing.mapping import find_column, listed, stated_column
from layers.importing.source import column_texts
from layers.simulation.call_times import read_moments
from routing.assigning.eligibility import LEAST_URGENT, MOST_URGENT
from spatial.errors import InputError
from spatial.tablefile import cell_text, read_table_file

_TIME = ("time", "timestamp", "datetime", "date_time", "call_time", "calltime", "received",
         "received_at", "time_received", "call_received", "date_received", "reported_at",
         "incident_datetime", "incident_date_time", "incident_time", "call_datetime", "call_date",
         "created_at", "created", "occurred_at", "dispatch_time", "dispatched", "start_time",
         "接警时间", "报警时间", "上报时间", "来电时间", "呼叫时间", "时间")  # fmt: skip
_LON = ("lon", "lng", "long", "longitude", "x", "easting", "x_coord", "point_x", "经度")
_LAT = ("lat", "latitude", "y", "northing", "y_coord", "point_y", "纬度")
_USUAL_SEVERITY = 3
# Fewer can't be halved and told apart.
FEWEST_CALLS = 200


@dataclass(frozen=True)
class CallColumns:
    """How to read the file.

    Attributes:
        time: columns of the moment; several are read as one text, such as date and time of day.
        time_format: strptime format of what isn't usual.
        time_zone: of times without an offset.
        lon, lat: columns of the place, in any system of coordinates.
        severity: column of the urgency, 1 (most urgent) to 4.
        encoding: of a CSV.
        sheet: of a workbook.
    """

    time: tuple[str, ...] = ()
    time_format: str | None = None
    time_zone: str = "UTC"
    lon: str | None = None
    lat: str | None = None
    severity: str | None = None
    encoding: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class CallTable:
    """What was read, in the order of time.

    Attributes:
        local: (C,) datetime64[us], by the clock of the time zone.
        at_s: (C,) seconds since the first call.
        xy: (n, 2) of the calls that have a place; None where the file tells none.
        severity: (C,) 1 to 4.
        columns: which column gave what.
        bad_rows: line of the file and reason, of rows that are no call.
        notes: what a person should know of the reading.
    """

    local: NDArray[np.datetime64]
    at_s: NDArray[np.float64]
    xy: NDArray[np.float64] | None
    severity: NDArray[np.int64]
    columns: dict[str, str]
    bad_rows: list[tuple[int, str]]
    notes: list[str]

    def reasons(self) -> dict[str, int]:
        """How many rows were bad, by reason."""
        return dict(Counter(reason for _, reason in self.bad_rows))


def read_calls(path: Path, columns: CallColumns) -> CallTable:
    """Read a CSV (plain, .gz or in a zip) or a workbook.

    Raises:
        InputError: it can't be read, a column or the time zone isn't there, the times aren't
            understood, or there are too few calls.
    """
    zone = _zone(columns.time_zone)
    file = read_table_file(path, encoding=columns.encoding, sheet=columns.sheet)
    names = [str(name) for name in file.rows.columns]
    time = _time_columns(names, columns.time, path.name)
    texts = file.rows[list(time)].apply(lambda row: _joined(row.tolist()), axis=1)
    moments, understood = read_moments(texts, zone, columns.time_format, path.name)
    bad = [(int(line), reason) for line, reason, _ in file.broken]
    bad += _bad_times(texts, moments)
    good = moments.notna()
    _refuse_too_few(path.name, time, names, moments[good])
    order = moments[good].sort_values(kind="stable").index
    xy, where, notes = _xy(file.rows.loc[order], columns, path.name)
    severity, more = _severity(file.rows.loc[order], columns.severity, path.name)
    sorted_moments = moments.loc[order]
    local = sorted_moments.dt.tz_convert(zone).dt.tz_localize(None)
    return CallTable(
        local=local.to_numpy().astype("datetime64[us]"),
        at_s=(sorted_moments - sorted_moments.iloc[0]).dt.total_seconds().to_numpy(np.float64),
        xy=xy,
        severity=severity,
        columns={"time": " + ".join(time), **where},
        bad_rows=sorted(bad),
        notes=[*understood, *notes, *more],
    )


def _refuse_too_few(file: str, time: tuple[str, ...], names: list[str], moments: pd.Series) -> None:
    """Times that aren't understood, and days without a clock, are asked for anew."""
    said = " + ".join(time)
    remedy = f"--time COLUMN, twice for a date and a clock; --time-format; columns: {listed(names)}"
    if len(moments) < FEWEST_CALLS:
        raise InputError(
            f"{file}: {len(moments)} rows have a time that is understood in {said}; "
            f"{FEWEST_CALLS} are the least / 可用的呼叫太少",
            remedy=remedy,
        )
    if moments.dt.floor("D").nunique() > 1 and (moments == moments.dt.floor("D")).all():
        raise InputError(f"{file}: {said} tells the day alone / 只有日期, 没有时刻", remedy=remedy)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            f"no time zone is called {name} / 没有这个时区", remedy="such as Asia/Shanghai"
        ) from error


def _time_columns(names: list[str], stated: tuple[str, ...], file: str) -> tuple[str, ...]:
    if stated:
        return tuple(stated_column(names, column, "--time", file) for column in stated)
    found = find_column(names, _TIME)
    if found is None:
        raise InputError(
            f"{file}: which column tells when a call came? / 未找到时间列",
            remedy=f"--time COLUMN; columns: {listed(names)}",
        )
    return (found,)


def _joined(cells: list[object]) -> str:
    return " ".join(filter(None, (cell_text(cell) for cell in cells)))


def _bad_times(texts: pd.Series, moments: pd.Series) -> list[tuple[int, str]]:
    missing = moments.isna()
    return [
        (int(line), "the time is missing" if not texts.loc[line] else "not a time")
        for line in moments.index[missing]
    ]


def _xy(
    rows: pd.DataFrame, columns: CallColumns, file: str
) -> tuple[NDArray[np.float64] | None, dict[str, str], list[str]]:
    names = [str(name) for name in rows.columns]
    lon = stated_column(names, columns.lon, "--lon", file) if columns.lon else None
    lat = stated_column(names, columns.lat, "--lat", file) if columns.lat else None
    lon, lat = lon or find_column(names, _LON), lat or find_column(names, _LAT)
    if lon is None or lat is None:
        return None, {}, ["no columns with places: calls are spread by length of street"]
    xy = np.column_stack(
        [
            pd.to_numeric(column_texts(rows, name), errors="coerce").to_numpy(np.float64)
            for name in (lon, lat)
        ]
    )
    placed = np.isfinite(xy).all(axis=1) & (xy != 0).any(axis=1)
    without = int((~placed).sum())
    notes = [f"{without:,} calls without a place: they count in time alone"] if without else []
    if placed.sum() < FEWEST_CALLS:
        return None, {}, [*notes, "too few places: calls are spread by length of street"]
    return xy[placed], {"lon": lon, "lat": lat}, notes


def _severity(
    rows: pd.DataFrame, column: str | None, file: str
) -> tuple[NDArray[np.int64], list[str]]:
    if column is None:
        return np.full(len(rows), _USUAL_SEVERITY), []
    name = stated_column([str(n) for n in rows.columns], column, "--severity", file)
    numbers = pd.to_numeric(column_texts(rows, name), errors="coerce")
    known = numbers.isin(range(MOST_URGENT, LEAST_URGENT + 1))
    severity = numbers.where(known, _USUAL_SEVERITY).to_numpy(np.int64)
    odd = int((~known).sum())
    return severity, [f"{odd:,} calls whose {name} isn't 1 to 4 count as 3"] if odd else []
