"""`find`: where a place is, by whatever people call it."""

from __future__ import annotations

import json
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from api.cli.context import running_database
from layers.gazetteer.answers import pair_as_json, place_as_json
from layers.gazetteer.building import build_gazetteer
from layers.gazetteer.coordinates import read_pair
from layers.gazetteer.gazetteer import Gazetteer, Query, confirmed, confirming
from layers.roles import Role
from spatial.database import Principal, open_pool, transaction
from spatial.settings import Settings
from spatial.town import read_town


@click.command()
@click.argument("text", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 50), default=8, show_default=True, help="How many.")
@click.option(
    "--near", type=(float, float), metavar="LON LAT", help="Namesakes near here come first."
)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def find(
    settings: Settings,
    text: tuple[str, ...],
    limit: int,
    near: tuple[float, float] | None,
    as_json: bool,
) -> None:
    """Where TEXT is / 查地点.

    Premises, villages, grids, addresses (大成社区12号), crossings (朝阳路与建设路交叉口), lamp
    posts (灯杆1234), entrances (3幢2单元), pinyin and initials (dcsq), with typos; or a pasted pair
    of coordinates with its datum (119.95,29.22 gcj02).
    """
    query = Query(" ".join(text), limit, near)
    places = _find(settings, query)
    if as_json:
        click.echo(json.dumps({"places": places}, ensure_ascii=False))
    elif places:
        Console().print(_table(places))
    else:
        click.echo("nothing is called so / 没有找到")


def _find(settings: Settings, query: Query) -> list[dict[str, Any]]:
    with running_database(settings) as conninfo, open_pool(conninfo, max_size=2) as pool:
        with pool.connection() as connection:
            town = read_town(connection)
        pair = read_pair(query.text)
        if pair:
            return pair_as_json(pair, town)[: query.limit]
        principal = Principal(Role.ADMINISTRATOR, town.id, may_write=False)
        build_gazetteer(conninfo, town.id)
        gazetteer = Gazetteer(town.id)
        gazetteer.load(pool)
        found = gazetteer.propose(pool, town, principal, query)
        statement = confirming(principal, found)
        with transaction(pool, principal) as connection:
            rows = connection.execute(statement).fetchall() if statement else []
        return [place_as_json(each) for each in confirmed(found, rows, query.limit)]


def _table(places: list[dict[str, Any]]) -> Table:
    table = Table("地点 place", "类型 kind", "说明 detail", "lon", "lat")
    for place in places:
        detail = " ".join(filter(None, (place["detail"], place["inner"])))
        table.add_row(
            place["label"], place["kind"], detail, f"{place['lon']:.6f}", f"{place['lat']:.6f}"
        )
    return table
