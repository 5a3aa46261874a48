"""`import streets` and `streets export`: the street network in and out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from api.cli.context import connected
from layers.streets import Report, StreetSource, StreetsSummary
from layers.streets import import_streets as bring_in
from routing.modes import MODES_BY_NAME
from routing.sources.exports import LINE_ENDINGS, write_graphml, write_lines
from routing.sources.line_table import LineColumns
from routing.stored.store import load_streets
from spatial.errors import InputError
from spatial.settings import Settings
from spatial.town import read_town

EXIT_WITH_REJECTS = 3


@click.command("streets")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--place", metavar="NAME", help="Download from OpenStreetMap; wants a network.")
@click.option("--class-column", metavar="COL", help="Of centre lines: OSM or Chinese class.")
@click.option("--name-column", metavar="COL", help="Of centre lines: the street's name.")
@click.option(
    "--oneway-column", metavar="COL", help="Of centre lines: yes, no, -1; F, T, B; 是, 否."
)
@click.option(
    "--level-column", metavar="COL", help="Of centre lines: 0 ground, 1 bridge, -1 tunnel."
)
@click.option("--crs", help="What the file's coordinates are in, if it does not say.")
@click.option("--layer", help="Of a file with several layers.")
@click.option("--attribution", help="Who made the data and under which licence.")
@click.pass_obj
def import_streets(
    settings: Settings,
    file: Path | None,
    place: str | None,
    class_column: str | None,
    name_column: str | None,
    oneway_column: str | None,
    level_column: str | None,
    crs: str | None,
    layer: str | None,
    attribution: str | None,
) -> None:
    """Replace the town's streets by those of FILE / 导入道路.

    FILE is OpenStreetMap (.osm.pbf, .osm), GraphML as osmnx writes it, or a town's own road centre
    lines (GeoPackage, Shapefile, FileGDB, GeoJSON). Centre lines are joined where lines of one
    level meet, also where one ends on another or two cross; bridges are kept apart from what is
    below. An OSM file also brings water, buildings and places. Turn
    restrictions and signals are read from OSM files; barriers are not.
    """
    if (file is None) == (place is None):
        raise InputError("give a FILE or --place NAME / 请给出文件或地名")
    columns = LineColumns(class_column, name_column, oneway_column, level_column)
    source = StreetSource(file, place, columns, crs, layer, attribution)
    with connected(settings) as connection, _progress() as report:
        summary = bring_in(connection, read_town(connection), source, report)
        connection.commit()
    _print_summary(summary)
    if summary.rejected:
        sys.exit(EXIT_WITH_REJECTS)


@contextmanager
def _progress() -> Iterator[Report]:
    """What is being done now, on the screen of a person."""
    with Console(stderr=True).status("starting / 启动") as status:
        yield status.update


def _print_summary(summary: StreetsSummary) -> None:
    for note in summary.notes:
        click.echo(f"note: {note}")
    for kind, count in summary.ground.items():
        click.echo(f"{kind}: {count}")
    if summary.outline_made:
        click.echo("the town's outline is that of its streets now / 镇域取自道路范围")
    click.echo(f"{summary.nodes} nodes, {summary.length_km:.1f} km")
    for mode, (outside, total) in summary.cut_off.items():
        if outside:
            click.echo(
                f"{mode.label}: {outside} of {total} nodes lie outside the largest part in which "
                "everybody gets everywhere; some ways from or to them don't exist"
            )
    click.echo(f"{summary.streets} loaded, {summary.rejected} rejected")


@click.group()
def streets() -> None:
    """The town's street network / 道路网."""


@streets.command()
@click.option(
    "--graphml",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The directed graph of one mode, for osmnx.load_graphml: (u, v, key) as `nearest --json` "
    "prints them, length in m, speed_kph, travel_time in s.",
)
@click.option(
    "--lines",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Plain lines with class, name, oneway, level, speed and modes, which `import streets` "
    f"reads again: {', '.join(LINE_ENDINGS)}.",
)
@click.option(
    "--mode",
    type=click.Choice(list(MODES_BY_NAME)),
    default="car",
    show_default=True,
    help="Whose graph --graphml is.",
)
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M"]),
    metavar="YYYY-MM-DDTHH:MM",
    help="Speeds of --graphml at this hour of the town's time; without it, of free streets.",
)
@click.pass_obj
def export(
    settings: Settings,
    graphml: Path | None,
    lines: Path | None,
    mode: str,
    at: datetime | None,
) -> None:
    """Write the streets to a file: --graphml, --lines, or both."""
    if graphml is None and lines is None:
        raise InputError("give --graphml FILE or --lines FILE / 请给出输出文件")
    with connected(settings) as connection:
        town_streets = load_streets(connection, read_town(connection).id)
    if graphml is not None:
        count = write_graphml(town_streets, MODES_BY_NAME[mode], graphml, at)
        click.echo(f"{graphml}: {count} edges for mode {mode}")
    if lines is not None:
        click.echo(f"{lines}: {write_lines(town_streets, lines)} lines")
