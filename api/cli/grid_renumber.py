"""`grids renumber`: codes by the scheme of the town, as a draft."""

from __future__ import annotations

import click
from psycopg_pool import ConnectionPool

from api.cli.context import running_database
from layers.boundaries.cache import DraftCache
from layers.boundaries.codes.renumbering import renumber_as_draft
from layers.boundaries.desk import Desk
from layers.coverage_check import LEVEL_NAMES
from spatial.settings import Settings
from spatial.town import read_town

_LEVELS = {name: level for level, name in LEVEL_NAMES.items() if level > 1}


@click.command()
@click.argument("code")
@click.option("--as", "account", metavar="ACCOUNT", required=True, help="Whose draft it is.")
@click.option(
    "--level",
    type=click.Choice(list(_LEVELS)),
    help="From which level down.  [default: grids; below a grid micro-grids]",
)
@click.pass_obj
def renumber(settings: Settings, code: str, account: str, level: str | None) -> None:
    """Number everything below the unit CODE anew, in a draft / 按规则重编.

    From north to south and from west to east by the code scheme of `grids rules`; retired codes are
    not given again. The draft is submitted and approved as any other.
    """
    with (
        running_database(settings) as conninfo,
        ConnectionPool(conninfo, min_size=1, max_size=1) as pool,
    ):
        with pool.connection() as connection:
            town = read_town(connection)
        desk = Desk(pool, DraftCache())
        found = renumber_as_draft(desk, town, account, code, _LEVELS[level] if level else None)
    if found.draft_id is None:
        click.echo("no change: the codes are in order / 编码已合规则")
    else:
        click.echo(f"draft {found.draft_id}: {found.codes} codes / 草案已建立")
