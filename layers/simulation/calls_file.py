"""Calls from a table: when each came, where, and how urgent it was; what is left out is listed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.importing.mapping import listed, stated_column
from layers.importing.source import column_texts
from layers.simulation.call_columns import (
    CallColumns,
    PlaceColumns,
    TimeColumns,
    call_id_column,
    place_columns,
    time_columns,
)
from layers.simulation.call_places import places_of
from layers.simulation.call_times import of_dates_and_clocks, read_clocks, read_moments
from layers.simulation.call_urgency import severities_of
from spatial.errors import InputError
from spatial.tablefile import TableFile, cell_text, read_table_file

_UNREAD = (".parquet", ".feather", ".json", ".geojson", ".ndjson", ".rds", ".rdata", ".pkl", ".h5",
           ".db", ".sqlite", ".gpkg", ".shp", ".pdf", ".7z", ".tar", ".tgz")  # fmt: skip
_USUAL_SEVERITY = 3
# Fewer can't be halved and told apart.
FEWEST_CALLS = 200
# A number of a call that would leave fewer rows than this share isn't one.
_LEAST_DISTINCT = 1 / 8
_MIDDLE = (0.005, 0.995)


@dataclass(frozen=True)
class CallTable:
    """What was read, in the order of time.

    Attributes:
        local: (C,) datetime64[us], by the clock of the time zone.
        at_s: (C,) seconds since the first call.
        xy: (n, 2) of the calls that have a place; None where the file tells none.
        severity: (C,) 1 to 4.
        rows: how many the file has below its header.
        columns: which column gave what.
        bad_rows: line of the file and reason, of rows that are no call, or the same call again.
        notes: what a person should know of the reading.
    """

    local: NDArray[np.datetime64]
    at_s: NDArray[np.float64]
    xy: NDArray[np.float64] | None
    severity: NDArray[np.int64]
    rows: int
    columns: dict[str, str]
    bad_rows: list[tuple[int, str]]
    notes: list[str]

    def reasons(self) -> dict[str, int]:
        """How many rows were left out, by reason."""
        return dict(Counter(reason for _, reason in self.bad_rows))


def read_calls(path: Path, columns: CallColumns) -> CallTable:
    """Read a CSV (plain, .gz or in a zip) or a workbook.

    Raises:
        InputError: it can't be read, a column or the time zone isn't there, the times aren't
            understood, or there are too few calls.
    """
    zone = _zone(columns.time_zone)
    file, notes = _table(path, columns)
    n_rows = len(file.rows) + len(file.broken)
    bad = [(int(line), reason) for line, reason, _ in file.broken]
    time = time_columns(file.rows, columns, zone, path.name)
    moments, understood = _moments(file.rows, time, columns, zone, path.name)
    bad += _bad_times(file.rows, time, moments)
    moments = moments[moments.notna()]
    _refuse_no_clock(path.name, time, file.rows, moments, zone)
    names = [str(name) for name in file.rows.columns]
    place = place_columns(names, columns, path.name)
    call_id = None if columns.every_row else call_id_column(names, columns, path.name)
    far = _far_in_time(moments)
    moments = moments.drop(list(far))
    again = {} if columns.every_row else _again(file.rows, moments, call_id, place)
    moments = moments.drop(list(again))
    bad += [*far.items(), *again.items()]
    _refuse_too_few(path.name, time, file.rows, len(moments))
    moments = moments.sort_values(kind="stable")
    rows = file.rows.loc[moments.index]
    placed = places_of(rows, place, FEWEST_CALLS)
    severity, more = _severity(rows, columns.severity, path.name)
    told = {"time": " + ".join(time.names), **placed.columns}
    if call_id:
        told["call_id"] = call_id
    local = moments.dt.tz_convert(zone).dt.tz_localize(None)
    return CallTable(
        local=local.to_numpy().astype("datetime64[us]"),
        at_s=(moments - moments.iloc[0]).dt.total_seconds().to_numpy(np.float64),
        xy=placed.xy,
        severity=severity,
        rows=n_rows,
        columns=told,
        bad_rows=sorted(bad),
        notes=[*notes, *understood, *_about_others(time), *placed.notes, *more],
    )


def _table(path: Path, columns: CallColumns) -> tuple[TableFile, list[str]]:
    if path.suffix.lower() in _UNREAD:
        raise InputError(
            f"{path.name}: {path.suffix} isn't read / 不支持的格式",
            remedy="write it as CSV (also .gz or .zip) or .xlsx",
        )
    try:
        return read_table_file(path, encoding=columns.encoding, sheet=columns.sheet), []
    except InputError as error:
        if columns.encoding or "the text is not" not in str(error):
            raise
    # neither UTF-8 nor GB18030: times and numbers are ASCII in every other
    found = read_table_file(path, encoding="latin-1", sheet=columns.sheet)
    return found, ["the text is neither UTF-8 nor GB18030: read as Latin-1 (--encoding)"]


def _moments(
    rows: pd.DataFrame, time: TimeColumns, columns: CallColumns, zone: ZoneInfo, file: str
) -> tuple[pd.Series, list[str]]:
    if not time.is_split:
        texts = rows[list(time.names)].apply(lambda row: _joined(row.tolist()), axis=1)
        return read_moments(texts, zone, columns.time_format, file)
    day, clock = (column_texts(rows, name) for name in time.names)
    days, notes = read_moments(day, zone, None, file)
    return of_dates_and_clocks(days, read_clocks(clock), zone), notes


def _refuse_no_clock(
    file: str, time: TimeColumns, rows: pd.DataFrame, moments: pd.Series, zone: ZoneInfo
) -> None:
    """Days without a clock are asked for anew."""
    local = moments.dt.tz_convert(zone)
    days = local.dt.normalize()
    if days.nunique() > 1 and ((local == days).all() or (moments == moments.dt.floor("D")).all()):
        raise InputError(
            f"{file}: {' + '.join(time.names)} tells the day alone / 只有日期, 没有时刻",
            remedy=_asked(rows),
        )


def _refuse_too_few(file: str, time: TimeColumns, rows: pd.DataFrame, n_calls: int) -> None:
    if n_calls < FEWEST_CALLS:
        raise InputError(
            f"{file}: {n_calls} rows have a time that is understood in {' + '.join(time.names)}; "
            f"{FEWEST_CALLS} are the least / 可用的呼叫太少",
            remedy=_asked(rows),
        )


def _asked(rows: pd.DataFrame) -> str:
    names = listed(str(name) for name in rows.columns)
    return f"--time COLUMN, twice for a date and a clock; --time-format; columns: {names}"


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            f"no time zone is called {name} / 没有这个时区", remedy="such as Asia/Shanghai"
        ) from error


def _joined(cells: list[object]) -> str:
    return " ".join(filter(None, (cell_text(cell) for cell in cells)))


def _bad_times(rows: pd.DataFrame, time: TimeColumns, moments: pd.Series) -> list[tuple[int, str]]:
    missing = moments.index[moments.isna()]
    cells = rows.loc[missing, list(time.names)]
    empty = cells.isna().all(axis=1)
    return [
        (int(line), "the time is missing" if empty.loc[line] else "not a time") for line in missing
    ]


def _far_in_time(moments: pd.Series) -> dict[int, str]:
    """Lines whose time lies farther from the middle 99 % of all than those are long."""
    if moments.empty:
        return {}
    low, high = moments.quantile(list(_MIDDLE))
    far = (moments < low - (high - low)) | (moments > high + (high - low))
    return dict.fromkeys(map(int, moments.index[far]), "a time far from all others")


def _again(
    rows: pd.DataFrame, moments: pd.Series, call_id: str | None, place: PlaceColumns | None
) -> dict[int, str]:
    """Lines of a call that an earlier one has told of: rows are often units, or were copied.

    Told by the call's number; else by the same moment at the same place; else, where there are no
    places, by the same second.
    """
    ordered = moments.sort_values(kind="stable")
    same = rows.loc[ordered.index].duplicated()
    why, key = _told_by(rows.loc[ordered.index], ordered, call_id, place)
    again = key.duplicated() & key.notna().all(axis=1)
    if (~again).sum() < _LEAST_DISTINCT * len(again):
        again = again & False
    found = dict.fromkeys(map(int, ordered.index[again]), why)
    return found | dict.fromkeys(map(int, ordered.index[same]), "the same row again")


def _told_by(
    rows: pd.DataFrame, moments: pd.Series, call_id: str | None, place: PlaceColumns | None
) -> tuple[str, pd.DataFrame]:
    """In words and as columns: what rows of one call share. Nothing but missing values: unknown."""
    if call_id:
        return f"another row of a call ({call_id})", rows[[call_id]]
    if place:
        same = "the moment and place of an earlier row: another unit of that call"
        return same, rows[list(place.told.values())].assign(_at=moments)
    to_the_second = bool((moments.dt.second != 0).mean() > 0.5)
    same = "the second of an earlier row: another unit of that call"
    return same, (moments if to_the_second else moments.where(moments.isna())).to_frame()


def _about_others(time: TimeColumns) -> list[str]:
    return [f"other columns of times, not taken: {listed(time.others)}"] if time.others else []


def _severity(
    rows: pd.DataFrame, column: str | None, file: str
) -> tuple[NDArray[np.int64], list[str]]:
    if column is None:
        return np.full(len(rows), _USUAL_SEVERITY), []
    name = stated_column([str(n) for n in rows.columns], column, "--severity", file)
    found = severities_of(column_texts(rows, name))
    odd = int(found.isna().sum())
    notes = [f"{odd:,} calls whose {name} isn't a level of urgency count as {_USUAL_SEVERITY}"]
    return found.fillna(_USUAL_SEVERITY).to_numpy(np.int64), notes if odd else []
