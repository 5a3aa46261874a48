"""`hotspots`: where incidents, or the counts of a table, concentrate."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
import geopandas as gpd
from shapely.geometry import MultiPolygon, Polygon

from api.cli.context import connected
from grids.significance import CLASSES
from layers.hotspot_files import (
    OUTPUT_ENDINGS,
    check_output,
    read_counts,
    read_domain,
    write_hotspots,
)
from layers.hotspots import Domain, compute_hotspots, hotspots_of_counts
from layers.incident_counts import Choice, Index, Window
from spatial.errors import InputError
from spatial.settings import Settings
from spatial.town import read_town

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command(epilog=f"FILE of --out ends in {', '.join(OUTPUT_ENDINGS)} (a CSV has no shapes).")
@click.option(
    "--res",
    "resolution",
    type=click.IntRange(5, 11),
    help="H3 resolution of the cells.  [default: 9]",
)
@click.option("--from", "first_day", type=_DAY, metavar="DATE", help="The first day counted.")
@click.option(
    "--to",
    "last_day",
    type=_DAY,
    metavar="DATE",
    help="The last day counted: all of it, by the town's clock. Without dates all incidents count.",
)
@click.option("--category", "categories", multiple=True, metavar="CODE", help="May be repeated.")
@click.option(
    "--index",
    type=click.Choice([choice.value for choice in Index]),
    help="direct: a point counts in the cell it lies in, as h3.latlng_to_cell(lat, lng, RES) says. "
    "parent: in the parent of its cell at resolution 11, as h3.cell_to_parent says; 6 to 7 % of "
    "points then count in a neighbour of the hexagon drawn around them.  [default: direct]",
)
@click.option(
    "--counts",
    "counts_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take the counts of a table (CSV or Excel; columns h3, hexadecimal or integer, and count) "
    "instead of a town's incidents; no town is needed. Rows of the same cell are added up.",
)
@click.option(
    "--domain",
    metavar="outline|occupied|FILE",
    help="The cells that are compared: those whose centre lies in the town's outline (the "
    "default) or in a file's polygons, zeros included; or only those with a count. With --counts "
    "by default exactly those in the table.",
)
@click.option(
    "--crs", help="Of the domain's file, over what it says itself: EPSG:4490, gcj02, bd09, …"
)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Where to write.")
@click.pass_obj
def hotspots(
    settings: Settings,
    resolution: int | None,
    first_day: datetime | None,
    last_day: datetime | None,
    categories: tuple[str, ...],
    index: str | None,
    counts_file: Path | None,
    domain: str | None,
    crs: str | None,
    out: Path | None,
) -> None:
    """Count incidents per H3 cell and tell concentration from chance.

    \b
    Columns: h3, count, neighbourhood_count (the cell and its ring), z (Gi* with binary
    weights), p (two-sided, exact under the null that the counts lie at random) and class:
    hot_99, hot_95, hot_90, not_significant, cold_90, cold_95, cold_99, by the false
    discovery rate. A single extreme cell among ordinary ones is no concentration.

    Incidents outside the town's outline are not counted.
    """
    if out:
        check_output(out)
    if counts_file:
        asked = {"--res": resolution, "--from": first_day, "--to": last_day, "--index": index}
        _refuse_with_counts({**asked, "--category": categories or None})
        table = _from_table(counts_file, _domain(domain, crs))
    else:
        window = Window(first_day and first_day.date(), last_day and last_day.date())
        ground = _domain(domain, crs) or Domain.OUTLINE
        with connected(settings) as connection:
            choice = Choice(read_town(connection), window, categories)
            table = compute_hotspots(
                connection, choice, resolution or 9, domain=ground, index=Index(index or "direct")
            )
    if out:
        write_hotspots(table, out)
    _say(table, out)


def _refuse_with_counts(options: dict[str, object]) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise InputError(f"{', '.join(given)} can't go with --counts: the table says which counts")


def _domain(text: str | None, crs: str | None) -> Domain | Polygon | MultiPolygon | None:
    if text is None:
        return None
    return Domain(text) if text in list(Domain) else read_domain(Path(text), crs)


def _from_table(path: Path, domain: Domain | Polygon | MultiPolygon | None) -> gpd.GeoDataFrame:
    read = read_counts(path)
    if read.repeated:
        click.echo(f"rows that name a cell again, added up: {read.repeated:,}")
    return hotspots_of_counts(read.cells, read.counts, domain)


def _say(table: gpd.GeoDataFrame, out: Path | None) -> None:
    told = table.attrs
    click.echo(f"{told['counted']:,} counted in {len(table):,} cells")
    if told["outside"]:
        click.echo(f"{told['outside']:,} not counted: outside the town's outline")
    if told["beside"]:
        click.echo(f"{told['beside']:,} not counted: in cells that are not in the domain")
    sizes = table["class"].value_counts()
    for name in CLASSES:
        click.echo(f"  {name:<15} {sizes.get(name, 0):>9,}")
    if out:
        click.echo(f"written: {out}")
