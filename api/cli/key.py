"""`key`: API keys for programs that read or write in an account's name."""

from __future__ import annotations

from datetime import timedelta

import click

from api.cli.context import connected
from layers.accounts import keys
from layers.accounts.administration import find_account
from layers.accounts.keys import GRACE, KeyPlan
from spatial.settings import Settings
from spatial.town import read_town


@click.group()
def key() -> None:
    """Let programs in, with an API key instead of a password."""


@key.command()
@click.argument("account")
@click.option("--label", required=True, help="What it is for.")
@click.option("--write", "may_write", is_flag=True, help="It may change what its account may.")
@click.option("--layer", "layers", multiple=True, help="This layer only; may be repeated.")
@click.option(
    "--days", type=click.IntRange(1, 366), default=90, show_default=True, help="How long it lasts."
)
@click.pass_obj
def add(
    settings: Settings,
    account: str,
    label: str,
    may_write: bool,
    layers: tuple[str, ...],
    days: int,
) -> None:
    """Make a key for ACCOUNT; it is printed once."""
    plan = KeyPlan(label, may_write, layers or None, timedelta(days=days))
    with connected(settings) as connection:
        holder = find_account(connection, read_town(connection).id, account)
        made = keys.add_key(connection, holder, plan)
        connection.commit()
    click.echo(str(made))


@key.command("list")
@click.option("--account", help="Of this account only.")
@click.pass_obj
def list_command(settings: Settings, account: str | None) -> None:
    """List keys, without their secrets."""
    with connected(settings) as connection:
        town_id = read_town(connection).id
        holder = find_account(connection, town_id, account).id if account else None
        for each in keys.list_keys(connection, town_id, holder):
            until = "revoked" if each["revoked_at"] else f"until {each['expires_at']:%Y-%m-%d}"
            may = "write" if each["may_write"] else "read"
            layers = " ".join(each["layers"] or ["every layer"])
            click.echo(f"{each['id']}  {each['account']:<20} {may:<6} {until:<17} "
                       f"{each['label']} ({layers})")  # fmt: skip


@key.command()
@click.argument("key_id")
@click.option(
    "--grace-hours",
    type=click.IntRange(0, 744),
    default=round(GRACE.total_seconds() / 3600),
    show_default=True,
    help="So long the old one lives on.",
)
@click.pass_obj
def rotate(settings: Settings, key_id: str, grace_hours: int) -> None:
    """Make a key that may do the same as KEY_ID; it is printed once."""
    with connected(settings) as connection:
        made = keys.rotate_key(connection, key_id, timedelta(hours=grace_hours))
        connection.commit()
    click.echo(str(made))


@key.command()
@click.argument("key_id")
@click.pass_obj
def revoke(settings: Settings, key_id: str) -> None:
    """End a key; every server refuses it within a second."""
    with connected(settings) as connection:
        keys.revoke_key(connection, key_id)
        connection.commit()
    click.echo(f"{key_id}: revoked / 已撤销")
