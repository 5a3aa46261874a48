"""`grids`: the coverage as files for others, and as maps for the wall."""

from __future__ import annotations

from pathlib import Path

import click

from api.cli.context import connected
from api.cli.grid_member import member
from api.cli.grid_renumber import renumber
from api.cli.grid_rules import rules
from layers.boundaries.coverage import speak_for
from layers.gridfiles.change_table import write_change_table
from layers.gridfiles.changes import changes_of_draft
from layers.gridfiles.export import export_units
from layers.gridfiles.units import moment_of, read_unit_rows
from layers.mapsheets.content import read_content
from layers.mapsheets.paper import PAPERS
from layers.mapsheets.plan import LEVEL_OF_SHEET, Imprint, SheetPlan
from layers.mapsheets.sheets import letters_missing, write_sheets
from layers.roles import Role
from spatial.crs_names import parse_crs
from spatial.settings import Settings
from spatial.town import read_town

_AT = click.option(
    "--at", metavar="DAY", help="As it was at the end of that day, or at that moment; local time.  "
    "[default: now]",
)  # fmt: skip


@click.group()
def grids() -> None:
    """Take the grids out again: files and maps / 网格导出与成图."""


@grids.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--crs",
    "crs_name",
    default="EPSG:4326",
    show_default=True,
    help="EPSG:4490, EPSG:4549, EPSG:4326, another one, or gcj02.",
)
@_AT
@click.pass_obj
def export(settings: Settings, file: Path, crs_name: str, at: str | None) -> None:
    """Write town, villages, grids and micro-grids into a file.

    \b
    FILE.gpkg     a layer for each level, with styles that QGIS takes up
    FILE.zip      a Shapefile for each level, their fields explained; FILE.shp: the same unzipped
    FILE.geojson  all levels in one collection
    FILE.dxf      closed polylines on a layer for each level, codes as texts
    """
    crs = parse_crs(crs_name)
    with connected(settings) as connection:
        town = read_town(connection)
        rows = read_unit_rows(connection, town, moment_of(at, town, "--at"))
    for path in export_units(rows, file, crs):
        click.echo(str(path))
    click.echo(f"{len(rows)} units in {crs.label} / 已导出")


@grids.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--paper", type=click.Choice(PAPERS), default="A3", show_default=True, help="Upright or lying."
)
@click.option(
    "--per",
    type=click.Choice(list(LEVEL_OF_SHEET)),
    default="village",
    show_default=True,
    help="What each sheet is of.",
)
@click.option("--only", multiple=True, metavar="CODE|NAME", help="Only these.  [repeatable]")
@_AT
@click.pass_obj
def maps(
    settings: Settings, folder: Path, paper: str, per: str, only: tuple[str, ...], at: str | None
) -> None:
    """Draw maps for the wall into FOLDER, a PDF for each village, grid or for the town.

    GRIDWHISTLE_MAP_ISSUER (编制单位), GRIDWHISTLE_MAP_SECRECY (密级) and
    GRIDWHISTLE_MAP_APPROVAL_NUMBER (审图号) stand on every sheet.
    """
    with connected(settings) as connection:
        town = read_town(connection)
        moment = moment_of(at, town, "--at")
        content = read_content(connection, town, read_unit_rows(connection, town, moment))
    imprint = Imprint.of(settings, town, moment)
    written = 0
    for path in write_sheets(content, folder, SheetPlan(paper, per, only), imprint):
        click.echo(str(path))
        written += 1
    missing = letters_missing(content, imprint)
    if missing:
        click.echo(f"drawn as 〓, for the font has none / 字体缺字: {' '.join(missing)}")
    click.echo(f"{written} sheets / 幅")


@grids.command()
@click.argument("draft", type=int)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def changes(settings: Settings, draft: int, file: Path) -> None:
    """Write what DRAFT (its number) changes into FILE.xlsx: 变更对照表.

    Codes, premises, households, members and areas of each unit before and after.
    """
    with connected(settings) as connection:
        town = read_town(connection)
        speak_for(connection, town)
        found = changes_of_draft(connection, town, draft, Role.ADMINISTRATOR)
    write_change_table(found, file, town.name, town.now().date())
    click.echo(f"{len(found.rows)} units, {len(found.premises)} premises / 已写入: {file}")


grids.add_command(rules)
grids.add_command(renumber)
grids.add_command(member)
