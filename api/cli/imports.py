"""`import`: real files into the town's layers, and batches taken back."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import psycopg

from api.cli import accept_data_folder
from api.cli.context import connected
from layers.importing.batches import ImportReport, list_batches
from layers.importing.grid_draft import import_as_draft
from layers.importing.grid_flaws import FaultyCoverageError, write_flaws
from layers.importing.grids import GridOptions, import_grids
from layers.importing.options import ImportOptions
from layers.importing.run import import_layer
from layers.importing.undo import undo_batch
from spatial.settings import Settings

EXIT_WITH_REJECTS = 3
_MOST_FAULTS = 20
_LAYERS = {
    "premises": "shops, firms, workshops: points / 经营场所",
    "buildings": "building footprints: polygons / 建筑",
    "sensors": "cameras, smoke, water and air sensors: points / 感知设备",
    "responders": "who can be sent, by call sign: points / 处置力量",
    "incidents": "what happened, where and when: points / 事件",
    "lamp-posts": "lamp posts with the numbers on them: points / 灯杆",
    "place-aliases": "what people call places: points / 地名别称",
}


class ImportGroup(click.Group):
    """Streets are read by the streets' own module, imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Ours and `streets`."""
        return ["streets", *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command."""
        if cmd_name != "streets":
            return super().get_command(ctx, cmd_name)
        command: click.Command = importlib.import_module("api.cli.streets").import_streets
        accept_data_folder(command)
        return command


@click.group("import", cls=ImportGroup)
def imports() -> None:
    """Fill the town from files / 导入数据.

    GeoPackage, Shapefile, FileGDB, GeoJSON, KML, CSV and Excel, in UTF-8 or GB18030. One
    transaction a file; rejected rows go to a file with line and reason, and the exit code is then
    3.
    """


def _pairs(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:  # noqa: ARG001 - click calls it so
    pairs = [text.partition("=") for text in value]
    wrong = next((left for left, equals, right in pairs if not (left and equals and right)), None)
    if wrong is not None:
        raise click.BadParameter(f"'{wrong}': FIELD=… is wanted")
    return {left.strip(): right for left, _, right in pairs}


_FILE_OPTIONS = (
    click.argument("file", type=click.Path(path_type=Path)),
    click.option("--crs", help="A code: EPSG:4490, EPSG:4549, …, wgs84, gcj02, bd09; else the file "
                 "says."),
    click.option("--layer", help="The layer or sheet, of several."),
    click.option("--encoding", help="Of the text; else UTF-8 or GB18030 is told by the bytes."),
    click.option("--map", "columns", multiple=True, metavar="FIELD=COLUMN", callback=_pairs,
                 help="Which column fills a field; else it is found by name.  [repeatable]"),
    click.option("--attribution", help="Who made the data, under which licence."),
    click.option("--dry-run", is_flag=True, help="Check and count, store nothing."),
)  # fmt: skip
_ROW_OPTIONS = (
    click.option("--set", "constants", multiple=True, metavar="FIELD=VALUE", callback=_pairs,
                 help="One value for all rows.  [repeatable]"),
    click.option("--key", metavar="COLUMN", help="What identifies a row; else its content does."),
    click.option("--lon", metavar="COLUMN", help="Of longitude or easting."),
    click.option("--lat", metavar="COLUMN", help="Of latitude or northing."),
    click.option("--time-format", help="strptime format of times that are not ISO 8601."),
    click.option("--rejects", "rejects_path", type=click.Path(path_type=Path),
                 help="Where rejected rows go.  [default: rejects/ in the data folder]"),
    click.option("--strict", is_flag=True, help="Any reject loads nothing; exit code 1."),
)  # fmt: skip
_CATEGORY_OPTION = click.option(
    "--category-split", "category_until", metavar="TEXT",
    help="A category is what stands before this, e.g. ':'.",
)  # fmt: skip


def _with_options(command: Callable[..., Any], options: tuple[Any, ...]) -> Callable[..., Any]:
    for option in reversed(options):
        command = option(command)
    return command


def _layer_command(layer: str, description: str) -> click.Command:
    options: tuple[Any, ...] = _FILE_OPTIONS + _ROW_OPTIONS
    if layer == "incidents":
        options += (_CATEGORY_OPTION,)

    def run(settings: Settings, file: Path, dry_run: bool, **said: Any) -> None:
        rejects = said.pop("rejects_path") or _default_rejects(settings, file)
        stated = ImportOptions(path=file, rejects_path=rejects, **said)
        with connected(settings) as connection:
            report = import_layer(connection, layer, stated)
            _finish(connection, report, dry_run=dry_run)
        _tell(report, dry_run=dry_run, rejects=rejects)

    command = _with_options(click.pass_obj(run), options)
    return click.command(layer, help=f"Import {description}.")(command)


def _default_rejects(settings: Settings, file: Path) -> Path:
    return settings.data_folder / "rejects" / f"{file.name}.rejects.csv"


def _finish(connection: psycopg.Connection, report: ImportReport, *, dry_run: bool) -> None:
    if dry_run:
        connection.rollback()
    else:
        connection.commit()
        click.echo(f"batch {report.batch_id}; to take it back: "
                   f"./gridwhistle import undo {report.batch_id}")  # fmt: skip


def _tell(report: ImportReport, *, dry_run: bool, rejects: Path | None) -> None:
    """Say what happened; the last line counts, and rejects set the exit code."""
    for note in report.notes:
        click.echo(note)
    if report.unchanged:
        click.echo(f"{report.unchanged} unchanged / 未变化")
    if report.outside:
        click.echo(f"{report.outside} outside the outline, kept and flagged / 在镇域外, 保留并标记")
    if report.rejected:
        click.echo(f"rejected rows with line and reason: {rejects}")
    if dry_run:
        click.echo("dry run: nothing was stored / 试运行, 未保存")
    click.echo(f"{report.loaded} loaded, {report.rejected} rejected")
    if report.rejected:
        sys.exit(EXIT_WITH_REJECTS)


for _layer, _description in _LAYERS.items():
    imports.add_command(_layer_command(_layer, _description))


def _import_grids(
    settings: Settings, file: Path, dry_run: bool, level: str | None, valid_from: str | None,
    clean_width_m: float | None, faults_path: Path | None, draft: str | None,
    account: str | None, **said: Any,
) -> None:  # fmt: skip
    stated = ImportOptions(path=file, rejects_path=Path(), **said)
    options = GridOptions(stated, level, valid_from, clean_width_m)
    if (draft is None) != (account is None):
        raise click.UsageError("--draft NAME and --as ACCOUNT go together")
    try:
        with connected(settings) as connection:
            if draft and account:
                _draft_grids(connection, options, (draft, account), dry_run=dry_run)
            else:
                report = import_grids(connection, options)
                _finish(connection, report, dry_run=dry_run)
                _tell(report, dry_run=dry_run, rejects=None)
                _tell_no_change(report.loaded)
    except FaultyCoverageError as error:
        default = settings.data_folder / "rejects" / f"{file.name}.faults.gpkg"
        _tell_faults(error, faults_path or default)
        raise


def _draft_grids(
    connection: psycopg.Connection, options: GridOptions, said: tuple[str, str], *, dry_run: bool
) -> None:
    report = import_as_draft(connection, options, *said)
    for note in report.notes:
        click.echo(note)
    if report.draft_id is not None:
        if dry_run:
            connection.rollback()
        else:
            connection.commit()
            click.echo(f"draft {report.draft_id} / 草案: look at it, submit and approve it")
        click.echo(f"{report.changed} changed, {report.new} new, {report.gone} gone")
    _tell_no_change(report.changed + report.new + report.gone)


def _tell_no_change(changed: int) -> None:
    if not changed:
        click.echo("no change / 没有变化")


def _tell_faults(error: FaultyCoverageError, path: Path) -> None:
    """List the first faults; draw all of them."""
    write_flaws(error.flaws, path)
    for flaw in error.flaws[:_MOST_FAULTS]:
        click.echo(str(flaw))
    if len(error.flaws) > _MOST_FAULTS:
        click.echo(f"… and {len(error.flaws) - _MOST_FAULTS} more")
    click.echo(f"all faults, drawn / 全部问题图形: {path}")


_GRID_OPTIONS = (
    click.option("--level", type=click.Choice(["villages", "grids", "micro-grids"]),
                 help="Of all rows; else a column says it."),
    click.option("--valid-from", help="From when the shapes hold; local time.  [default: now]"),
    click.option("--clean", "clean_width_m", type=click.FloatRange(0, 100, min_open=True),
                 metavar="WIDTH_M", help="Repair gaps, overlaps and levels that disagree, where "
                 "they are no wider than this, and say what was moved."),
    click.option("--draft", metavar="NAME", help="Change nothing yet: open a draft of what differs "
                 "from today's grids."),
    click.option("--as", "account", metavar="ACCOUNT", help="Whose draft it is."),
    click.option("--faults", "faults_path", type=click.Path(path_type=Path),
                 help="Where faults are drawn: .gpkg or .geojson.  [default: rejects/ in the data "
                 "folder]"),
)  # fmt: skip
imports.add_command(
    click.command(
        "grids",
        help="Import villages, grids or micro-grids: polygons that tile their parents, or none. "
        "Also DXF: closed or shared lines on layers called as levels, with texts for codes.",
    )(_with_options(click.pass_obj(_import_grids), _FILE_OPTIONS + _GRID_OPTIONS))
)


@imports.command()
@click.argument("batch", type=int)
@click.pass_obj
def undo(settings: Settings, batch: int) -> None:
    """Take back an import: its new rows go, what it changed is put back."""
    with connected(settings) as connection:
        report = undo_batch(connection, batch)
        connection.commit()
    click.echo(f"{report.layer} from {report.source_name}: "
               f"{report.removed} removed, {report.restored} put back")  # fmt: skip


@imports.command("list")
@click.pass_obj
def list_imports(settings: Settings) -> None:
    """The batches that were imported, the newest first."""
    with connected(settings) as connection:
        for line in list_batches(connection):
            click.echo(line)
