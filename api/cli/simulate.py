"""`simulate`: real calls on real streets, under one rule or another."""

from __future__ import annotations

import json
import multiprocessing
import os
import time as _time
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import click

from layers.simulation.call_columns import CallColumns
from layers.simulation.calls_file import read_calls
from layers.simulation.plan import Terms, make_setting
from layers.simulation.report import as_document
from layers.simulation.report_markdown import as_markdown
from layers.simulation.report_text import as_text
from layers.simulation.study import run_study
from routing.modes import MODES_BY_NAME
from routing.network.graph import graph_from_streets
from routing.sources.files import read_street_file
from spatial.errors import InputError

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


def _units(
    _ctx: click.Context, _option: click.Parameter, text: str | None
) -> tuple[int, int, int] | None:
    if text is None:
        return None
    try:
        scarce, middle, ample = sorted(int(part) for part in text.split(","))
    except ValueError as error:
        raise click.BadParameter("three numbers, such as 6,10,20") from error
    if scarce < 1:
        raise click.BadParameter("a fleet has at least one unit")
    return scarce, middle, ample


@click.command()
@click.argument("streets", type=_FILE)
@click.argument("calls", type=_FILE)
@click.option("--time", multiple=True, metavar="COLUMN",
              help="When a call came; give it twice for a date and a time of day.")  # fmt: skip
@click.option("--time-format", metavar="FORMAT", help='Such as "%m/%d/%Y %H:%M".')
@click.option("--time-zone", default="UTC", show_default=True, metavar="ZONE",
              help="Of times without an offset; a day begins by its clock.")  # fmt: skip
@click.option("--lon", metavar="COLUMN", help="Where a call came from, in any coordinates.")
@click.option("--lat", metavar="COLUMN", help="The other coordinate.")
@click.option("--call-id", metavar="COLUMN",
              help="Number of a call: its further rows (other units) are left out.")  # fmt: skip
@click.option("--every-row", is_flag=True, help="Each row is a call of its own.")
@click.option("--severity", metavar="COLUMN",
              help="1, the most urgent, to 4, or such as red, delta, high; else 3.")  # fmt: skip
@click.option("--encoding", help="Of a CSV.")
@click.option("--sheet", help="Of a workbook.")
@click.option(
    "--mode",
    type=click.Choice(list(MODES_BY_NAME)),
    default="car",
    show_default=True,
    help="How the units travel.",
)
@click.option("--units", callback=_units, metavar="N,N,N",
              help="Three sizes of the fleet.  [default: from load and reach]")  # fmt: skip
@click.option("--hold", type=click.FloatRange(1), default=180.0, show_default=True,
              help="Seconds within which somebody shall be there.")  # fmt: skip
@click.option("--turnout", type=click.FloatRange(0), default=30.0, show_default=True,
              help="Seconds until a standing unit rolls.")  # fmt: skip
@click.option("--turn", type=click.FloatRange(0), default=10.0, show_default=True,
              help="Seconds lost by who gets an order, or another one, on the way.")  # fmt: skip
@click.option("--service-mean", type=click.FloatRange(1), default=30.0, show_default=True,
              help="Mean minutes on scene; log-normal.")  # fmt: skip
@click.option("--service-cv", type=click.FloatRange(0, 5), default=0.6, show_default=True,
              help="Its standard deviation, as a share of the mean.")  # fmt: skip
@click.option("--places", type=click.IntRange(20, 5000), default=800, show_default=True,
              help="How many places calls come from.")  # fmt: skip
@click.option("--tune-calls", type=click.IntRange(100), default=6_000, show_default=True,
              help="Tune on at most so many calls, the last of the first half.")  # fmt: skip
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="The same seed, the same report.",
)
@click.option("--workers", type=click.IntRange(1), default=os.cpu_count() or 1,
              help="Runs at once.  [default: one for each processor]")  # fmt: skip
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False),
              metavar="FILE", help="The whole report for machines.")  # fmt: skip
@click.option("--markdown", "markdown_file", type=click.Path(path_type=Path, dir_okay=False),
              metavar="FILE", help="The report with tables.")  # fmt: skip
def simulate(
    streets: Path,
    calls: Path,
    time: tuple[str, ...],
    time_format: str | None,
    time_zone: str,
    lon: str | None,
    lat: str | None,
    call_id: str | None,
    every_row: bool,
    severity: str | None,
    encoding: str | None,
    sheet: str | None,
    mode: str,
    units: tuple[int, int, int] | None,
    hold: float,
    turnout: float,
    turn: float,
    service_mean: float,
    service_cv: float,
    places: int,
    tune_calls: int,
    seed: int,
    workers: int,
    json_file: Path | None,
    markdown_file: Path | None,
) -> None:
    """Serve the CALLS of a table on STREETS: nearest by air, by road, and as the platform does.

    Call times are real, places are drawn by the calls' density and laid over the streets. Every
    policy has the same fleet, calls and draws. Parameters are tuned on the first half of the calls;
    what is reported is the second half, with paired differences and 95 % intervals. No town and no
    database are needed.
    """
    if hold <= turnout:
        raise InputError("--hold must be longer than --turnout / 时限必须大于出动时间")
    columns = CallColumns(
        time, time_format, time_zone, lon, lat, call_id, every_row, severity, encoding, sheet
    )
    terms = Terms(
        mode=MODES_BY_NAME[mode],
        hold_s=hold,
        turnout_s=turnout,
        turn_s=turn,
        service_mean_s=60 * service_mean,
        service_cv=service_cv,
        n_places=places,
        tune_calls=tune_calls,
        units=units,
        seed=seed,
    )
    _say("reading calls / 读取呼叫")
    table = read_calls(calls, columns)
    _say(f"{len(table.at_s):,} calls in {table.rows:,} rows: {table.columns}")
    _say("reading streets / 读取道路")
    graph = graph_from_streets(read_street_file(streets).streets).read_only()
    _say("laying calls over streets / 布置呼叫")
    setting = make_setting(graph, table, terms)
    try:
        with _pool(workers) as pool:
            levels = run_study(setting, terms, pool, _say)
    except BrokenProcessPool as error:
        raise InputError(
            "a process was ended from outside, for want of memory? / 进程被终止, 内存不足?",
            remedy="--workers 1, or fewer --places",
        ) from error
    document = as_document(
        {"streets": streets.name, "calls": calls.name}, table, setting, terms, levels
    )
    if json_file:
        _write(json_file, json.dumps(document, ensure_ascii=False, indent=1))
    if markdown_file:
        _write(markdown_file, as_markdown(document))
    click.echo(as_text(document))


def _pool(workers: int) -> Executor:
    """Processes, for runs hold the interpreter; a single one needs no other."""
    if workers == 1:
        return ThreadPoolExecutor(1)
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file}: can't be written: {error.strerror} / 无法写入") from error


def _say(line: str) -> None:
    click.echo(f"{_time.strftime('%H:%M:%S')}  {line}", err=True)
