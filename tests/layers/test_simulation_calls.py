"""Calls from tables that nobody here made: times in many forms, bad rows listed, none guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from api.cli.simulate import simulate
from layers.simulation.calls_file import CallColumns, CallTable, read_calls
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


def test_month_and_day_are_asked_for_where_they_can_not_be_told_apart(tmp_path: Path) -> None:
    rows = [m.strftime("%m/%d/%Y %H:%M") for m in MOMENTS if m.day <= 12][:300]
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
        ("time,x", ["soon,1"] * 300, {}, "least"),
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
    out = tmp_path / "report.json"
    arguments = [str(streets), str(calls), "--units", "2,3,5", "--places",
                 "40", "--tune-calls", "100", "--workers", "1", "--json", str(out)]  # fmt: skip
    result = CliRunner().invoke(simulate, arguments, catch_exceptions=False)
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
    assert "density" in " ".join(document["assumptions"])
    for words in (
        "紧张 scarce",
        "适中 middle",
        "充裕 ample",
        "holds 0",
        "drawn by the calls' density",
    ):
        assert words in result.output
