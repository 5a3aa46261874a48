"""Calls from tables that nobody here made: times in many forms, bad rows listed, none guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from api.cli import cli
from layers.simulation.call_columns import CallColumns
from layers.simulation.calls_file import CallTable, read_calls
from spatial.errors import InputError

START = datetime.fromisoformat("2021-03-01T00:05:00")
MOMENTS = [START + timedelta(minutes=97 * n) for n in range(400)]


def _write(path: Path, header: str, rows: list[str]) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def _read(path: Path, **columns: object) -> CallTable:
    return read_calls(path, CallColumns(**columns))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("write", "time_format"),
    [
        (lambda m: m.isoformat(), None),
        (lambda m: m.strftime("%Y-%m-%d %H:%M:%S+00:00"), None),
        (lambda m: m.strftime("%Y/%m/%d %H:%M:%S"), None),
        (lambda m: m.strftime("%m/%d/%Y %I:%M:%S %p"), None),
        (lambda m: m.strftime("%d.%m.%Y %H:%M"), None),
        (lambda m: m.strftime("%d-%b-%Y %H:%M:%S"), None),
        (lambda m: m.strftime("%Y %b %d %I:%M:%S %p"), None),
        (lambda m: m.strftime("%m/%d/%y @ %H:%M"), None),
        (lambda m: m.strftime("%a %Y-%m-%d %I:%M %p").lower(), None),
        (lambda m: m.strftime("%Y-%m-%d %H:%M:%S GMT"), None),
        (lambda m: str(int(m.replace(tzinfo=UTC).timestamp())), None),
        (lambda m: str(int(m.replace(tzinfo=UTC).timestamp() * 1000)), None),
        (lambda m: m.strftime("%Hh%M on %d %m %y"), "%Hh%M on %d %m %y"),
    ],
)
def test_times_are_read_as_they_are_written(
    tmp_path: Path, write: Callable[[datetime], str], time_format: str | None
) -> None:
    path = _write(tmp_path / "c.csv", "call_time,x", [f"{write(m)},1" for m in MOMENTS])
    table = _read(path, time_format=time_format)
    assert table.local.astype("datetime64[s]").tolist() == MOMENTS
    assert np.diff(table.at_s) == pytest.approx(97 * 60)
    assert table.bad_rows == []


def test_a_date_and_a_clock_of_their_own_are_one_time(tmp_path: Path) -> None:
    rows = [m.strftime("%m/%d/%Y,%H:%M") for m in MOMENTS]
    table = _read(_write(tmp_path / "c.csv", "day,clock", rows), time=("day", "clock"))
    assert table.local.astype("datetime64[s]").tolist() == MOMENTS
    assert table.columns["time"] == "day + clock"


@pytest.mark.parametrize(
    ("header", "write", "taken"),
    [
        ("incident_date,dispatch_time,arrive_time",
         lambda m: m.strftime("%Y-%m-%d,%H:%M:%S,") + f"{(m.hour + 1) % 24:02d}:{m:%M:%S}",
         "incident_date + dispatch_time"),
        ("Datum,Uhrzeit", lambda m: m.strftime("%d.%m.%Y,%H:%M Uhr"), "Datum + Uhrzeit"),
        ("callDate,callTime", lambda m: f"{m:%Y%m%d},{int(f'{m:%H%M}')}", "callDate + callTime"),
        ("Call Date,Entry DtTm,Received DtTm,Available DtTm",
         lambda m: ",".join([f"{m:%m/%d/%Y}", *[f"{m + timedelta(minutes=d):%m/%d/%Y %I:%M:%S %p}"
                                               for d in (2, 0, 50)]]), "Received DtTm"),
        ("year,Response_Date,Time_First_Unit_Arrived",
         lambda m: f"{m.year},{m},{m + timedelta(hours=1)}", "Response_Date"),
        ("接警时间,到达时间",
         lambda m: f"{m:%Y年%m月%d日 %H:%M},{m + timedelta(hours=1)}", "接警时间"),
    ],
)  # fmt: skip
def test_of_several_times_the_call_is_taken(
    tmp_path: Path, header: str, write: Callable[[datetime], str], taken: str
) -> None:
    table = _read(_write(tmp_path / "c.csv", header, [write(m) for m in MOMENTS]))
    assert table.columns["time"] == taken
    minutes = [m.replace(second=0) for m in MOMENTS]
    assert table.local.astype("datetime64[m]").astype("datetime64[s]").tolist() == minutes


@pytest.mark.parametrize(
    ("header", "write"),
    [
        ("time,Rechtswert,Hochwert", lambda n: f'"{n},5","{2 * n},25"'),
        ("time,case_location", lambda n: f"POINT ({n}.5 {2 * n}.25)"),
        ("time,Location", lambda n: f'"({n}.5, {2 * n}.25)"'),
        ("time,X_COORD,Y_COORD", lambda n: f"{n}.5,{2 * n}.25"),
    ],
)
def test_places_are_read_in_any_coordinates(
    tmp_path: Path, header: str, write: Callable[[int], str]
) -> None:
    rows = [f"{m},{write(n)}" for n, m in enumerate(MOMENTS)]
    table = _read(_write(tmp_path / "c.csv", header, rows))
    assert table.xy is not None
    assert table.xy.tolist() == [[n + 0.5, 2 * n + 0.25] for n in range(len(MOMENTS))]


def test_places_far_from_all_others_do_not_stretch_the_density(tmp_path: Path) -> None:
    rows = [f"{m},{120 + n % 9 / 10},{30 + n % 7 / 10}" for n, m in enumerate(MOMENTS)]
    rows[5], rows[6] = f"{MOMENTS[5]},0,0", f"{MOMENTS[6]},12.1,30.2"
    table = _read(_write(tmp_path / "c.csv", "time,lon,lat", rows))
    assert table.xy is not None
    assert len(table.xy) == len(MOMENTS) - 2
    assert len(table.at_s) == len(MOMENTS)
    assert len(table.notes) == 2


@pytest.mark.parametrize(
    ("header", "tail", "again"),
    [
        ("received,call_number,unit", lambda n, unit: f"{n},{unit}", "call_number"),
        ("received,lon,lat,unit", lambda n, unit: f"{n % 7},{n % 5},{unit}", "moment and place"),
        ("received,zone,unit", lambda n, unit: f"{n % 7},{unit}", "the second"),
    ],
)
def test_the_units_of_a_call_are_one_call(
    tmp_path: Path, header: str, tail: Callable[[int, int], str], again: str
) -> None:
    moments = [m + timedelta(seconds=n % 59 + 1) for n, m in enumerate(MOMENTS)]
    rows = [f"{m},{tail(n, unit)}" for n, m in enumerate(moments) for unit in range(1 + n % 2)]
    path = _write(tmp_path / "c.csv", header, [*rows, rows[0]])
    table = _read(path)
    assert len(table.at_s) == len(moments)
    assert table.rows == len(rows) + 1
    assert {"the same row again"} < set(table.reasons())
    assert any(again in reason for reason in table.reasons())
    assert len(_read(path, every_row=True).at_s) == table.rows


def test_a_time_far_from_all_others_is_left_out(tmp_path: Path) -> None:
    rows = [f"{m},1" for m in MOMENTS]
    rows[7] = "1900-01-01 00:00,1"
    table = _read(_write(tmp_path / "c.csv", "time,x", rows))
    assert table.reasons() == {"a time far from all others": 1}


def test_a_week_tells_month_and_day_apart(tmp_path: Path) -> None:
    rows = [f"{datetime(2022, 4, 4) + timedelta(minutes=20 * n):%d/%m/%Y %H:%M}"  # noqa: DTZ001
            for n in range(480)]  # fmt: skip
    table = _read(_write(tmp_path / "c.csv", "time", rows))
    assert table.local[-1] < np.datetime64("2022-04-11")


def test_other_texts_and_urgencies_are_understood(tmp_path: Path) -> None:
    levels = ["RED", "Priority 2", "green", "Alpha", "?"]
    rows = [f"{m},Montréal,{levels[n % 5]}" for n, m in enumerate(MOMENTS)]
    path = tmp_path / "c.csv"
    path.write_text("\n".join(["time,town,code", *rows]), encoding="latin-1")
    table = _read(path, severity="code")
    assert table.severity[:5].tolist() == [1, 2, 3, 4, 3]
    with pytest.raises(InputError, match="isn't read"):
        _read(_write(tmp_path / "c.parquet", "PAR1", []))


def test_month_and_day_are_asked_for_where_they_can_not_be_told_apart(tmp_path: Path) -> None:
    days = [START + timedelta(days=30 * month + day, seconds=n)
            for month in range(12) for day in range(6) for n in range(5)]  # fmt: skip
    rows = [m.strftime("%m/%d/%Y %H:%M:%S") for m in days if m.day <= 12]
    rows = (rows * 3)[:300]
    with pytest.raises(InputError, match="told apart"):
        _read(_write(tmp_path / "c.csv", "time", rows))


def test_a_day_begins_by_the_clock_of_the_place(tmp_path: Path) -> None:
    rows = [m.strftime("%Y-%m-%dT%H:%M:%SZ") for m in MOMENTS]
    table = _read(_write(tmp_path / "c.csv", "time", rows), time_zone="America/New_York")
    assert table.local[0] == np.datetime64("2021-02-28T19:05:00")


def test_bad_rows_are_listed_with_their_line(tmp_path: Path) -> None:
    rows = [f"{m.isoformat()},{10 + n % 7},{20 + n % 5},2" for n, m in enumerate(MOMENTS)]
    rows[3] = "yesterday,10,20,1"
    rows[9] = ",10,20,1"
    rows[20] = f"{MOMENTS[20].isoformat()},,20,9"
    table = _read(_write(tmp_path / "c.csv", "time,lon,lat,level", rows), severity="level")
    assert table.bad_rows == [(5, "not a time"), (11, "the time is missing")]
    assert len(table.at_s) == 398
    assert table.xy is not None
    assert table.xy.shape == (397, 2)
    assert sorted(set(table.severity.tolist())) == [2, 3]
    assert len(table.notes) == 2


@pytest.mark.parametrize(
    ("header", "rows", "columns", "says"),
    [
        ("when_it_was,x", ["2021-01-01,1"] * 300, {}, "--time"),
        ("time,x", ["2021-01-01,1"] * 300, {"time": ("no",)}, "--time"),
        ("time,x", ["soon,1"] * 300, {"time": ("time",)}, "least"),
        ("time,x", ["soon,1"] * 300, {}, "which column"),
        ("time,x", ["2021-01-01 10:00,1"] * 300, {"time_zone": "Mars/One"}, "time zone"),
    ],
)
def test_what_can_not_be_read_is_said(
    tmp_path: Path, header: str, rows: list[str], columns: dict[str, object], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        _read(_write(tmp_path / "c.csv", header, rows), **columns)


def test_the_command_reports_every_level_as_text_and_json(
    tmp_path: Path, shared_data: Path
) -> None:
    streets = shared_data / "roads" / "shenzhen_osmnx.graphml"
    chance = np.random.default_rng(4)
    moments = np.cumsum(chance.exponential(1200, 300))
    rows = [
        f"{(START + timedelta(seconds=s)).isoformat()},{x:.4f},{y:.4f}"
        for s, (x, y) in zip(moments.tolist(), chance.normal(0, 1, (300, 2)).tolist(), strict=True)
    ]
    calls = _write(tmp_path / "calls.csv", "time,lon,lat", rows)
    out, page = tmp_path / "report.json", tmp_path / "report.md"
    arguments = ["simulate", str(streets), str(calls), "--units", "2,3,5", "--places", "40",
                 "--tune-calls", "100", "--workers", "1", "--json", str(out),
                 "--markdown", str(page)]  # fmt: skip
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    document = json.loads(out.read_text(encoding="utf-8"))
    assert [level["units"] for level in document["levels"]] == [2, 3, 5]
    for level in document["levels"]:
        assert level["itself_holds_zero"]
        itself = level["differences_in_share"][-1]
        assert (itself["estimate"], itself["low"], itself["high"]) == (0, 0, 0)
        for other, outcome in level["verdict"]["against"].items():
            found = next(d for d in level["differences_in_share"]
                         if (d["of"], d["less"]) == ("platform", other))  # fmt: skip
            better = found["low"] > 0
            assert (outcome == "better") == better
            if not better:
                assert level["verdict"]["why_not_better"]
        parts = level["verdict"]["where_it_comes_from"].values()
        assert sum(parts) == pytest.approx(level["differences_in_share"][0]["estimate"])
    assert "density" in " ".join(document["assumptions"])
    assert "| nearest-by-road" in page.read_text(encoding="utf-8").replace("− nearest", "| nearest")
    for words in (
        "紧张 scarce",
        "适中 middle",
        "充裕 ample",
        "holds 0",
        "drawn by the calls' density",
    ):
        assert words in result.output
