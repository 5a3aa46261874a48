"""`init`: an empty real town in this data folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
from shapely.geometry import MultiPolygon

from api.cli.context import connected
from layers.streets import StreetSource, import_streets
from layers.towns import (
    TownPlan,
    code_of_name,
    make_town,
    official_plan,
    outline_from_bbox,
    outline_from_file,
)
from spatial.crs_names import parse_crs
from spatial.errors import InputError
from spatial.settings import Settings
from spatial.town import read_town

_FIRST_STREETS = "first"


@click.command()
@click.option(
    "--town",
    "official",
    metavar="CODE",
    help="An official code, e.g. 330782100 (佛堂镇): name and villages are known.",
)
@click.option("--name", help="Of any town on earth.")
@click.option("--name-en", help="Its English name.  [default: the name]")
@click.option("--code", help="A short code.  [default: made of the name]")
@click.option("--tz", "time_zone", help="IANA time zone, e.g. Europe/Vaduz.")
@click.option("--outline", type=click.Path(path_type=Path), help="A file with its polygon.")
@click.option("--layer", help="Of that file, where it holds several: town, villages, …")
@click.option("--outline-crs", help="Of that file, where it says none: EPSG:4549, gcj02, …")
@click.option("--bbox", metavar="W,S,E,N", help="A rectangle in degrees.")
@click.option(
    "--from-streets",
    is_flag=False,
    flag_value=_FIRST_STREETS,
    metavar="[FILE]",
    help="The outline is around the streets: of FILE, or of the first `import streets`.",
)
@click.option("--crs", help="The town's metric CRS, e.g. EPSG:4549.  [default: of its centre]")
@click.pass_obj
def init(
    settings: Settings,
    official: str | None,
    name: str | None,
    name_en: str | None,
    code: str | None,
    time_zone: str | None,
    outline: Path | None,
    layer: str | None,
    outline_crs: str | None,
    bbox: str | None,
    from_streets: str | None,
    crs: str | None,
) -> None:
    """Make an empty real town / 建立新镇街.

    By --town CODE; or by --name and --tz with one of --outline, --bbox and --from-streets. Then
    `import` fills it.
    """
    metric_srid, outline_crs = _told_apart(crs, outline, outline_crs)
    if sum(where is not None for where in (outline, bbox, from_streets)) > 1:
        raise InputError("--outline, --bbox and --from-streets: one of them is enough")
    plan = official_plan(official) if official else _own(name, name_en, code, time_zone)
    if not official and outline is None and bbox is None and from_streets is None:
        raise InputError(
            "where is the town?", remedy="--outline FILE, --bbox W,S,E,N, or --from-streets [FILE]"
        )
    plan = replace(
        plan,
        metric_srid=metric_srid or plan.metric_srid,
        outline=_outline(outline, layer, outline_crs, bbox),
    )
    with connected(settings) as connection:
        town = make_town(connection, plan)
        if from_streets not in (None, _FIRST_STREETS):
            import_streets(connection, town, StreetSource(path=Path(from_streets)), click.echo)
            town = read_town(connection)
        connection.commit()
    click.echo(f"{town.name} ({town.code}) stands in {settings.data_folder} / 已建立")
    if town.outline is None:
        click.echo("its outline comes with `import streets` or `import grids` / 轮廓待导入")


def _told_apart(
    crs: str | None, outline: Path | None, outline_crs: str | None
) -> tuple[int | None, str | None]:
    """The metric CRS, and the outline file's: `--crs gcj02` can only mean the file's.

    Raises:
        InputError: `crs` is neither projected nor of any use to a file.
    """
    if crs is None:
        return None, outline_crs
    source = parse_crs(crs)
    authority = source.crs.to_authority() if source.crs and source.crs.is_projected else None
    if authority is None or authority[0] != "EPSG":
        if outline is not None and outline_crs is None:
            return None, crs
        raise InputError(
            f"--crs {crs} is not a projected CRS in metres with an EPSG code",
            remedy="leave it out to take the zone of the town's centre",
        )
    return int(authority[1]), outline_crs


def _own(
    name: str | None, name_en: str | None, code: str | None, time_zone: str | None
) -> TownPlan:
    if not name or not time_zone:
        raise InputError(
            "a town needs --town CODE, or --name and --tz / 缺少镇街名称或时区",
            remedy="e.g. --name Vaduz --tz Europe/Vaduz --from-streets",
        )
    return TownPlan(code or code_of_name(name), name, name_en or name, time_zone)


def _outline(
    path: Path | None, layer: str | None, crs: str | None, bbox: str | None
) -> MultiPolygon | None:
    if path is not None:
        return outline_from_file(path, crs, layer)
    if layer is not None:
        raise InputError(
            f"--layer {layer}: of which file? / 哪个文件的图层", remedy="--outline FILE"
        )
    return outline_from_bbox(bbox) if bbox is not None else None
