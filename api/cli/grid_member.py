"""`grids member`: who answers for a micro-grid of a high-rise."""

from __future__ import annotations

import click

from api.cli.context import connected
from layers.accounts.administration import find_account
from layers.boundaries.coverage import speak_for
from layers.boundaries.highrises.members import set_member
from spatial.settings import Settings
from spatial.town import read_town


@click.command()
@click.argument("code")
@click.argument("account", required=False)
@click.pass_obj
def member(settings: Settings, code: str, account: str | None) -> None:
    """Say who answers for micro-grid CODE of a high-rise / 指定高层微网格责任人.

    ACCOUNT is a member of the grid in which it lies; without one nobody is named.
    """
    with connected(settings) as connection:
        town = read_town(connection)
        speak_for(connection, town)
        number = find_account(connection, town.id, account).id if account else None
        set_member(connection, town, code, number)
    click.echo(f"{code}: {account or '-'} / 已保存")
