"""`account`: who may enter. Who holds an office is settled here, at the machine."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click
import psycopg

from api.cli.context import connected
from layers.accounts import administration, second_factor
from layers.accounts.administration import AccountPlan, find_account, list_accounts
from layers.accounts.database_logins import give_database_login
from layers.accounts.identity import Account
from layers.accounts.passwords import new_password
from layers.roles import ROLE_NAMES, Role
from spatial.errors import InputError
from spatial.settings import Settings
from spatial.town import read_town

_ROLES = [role.short_name.replace("_", "-") for role in Role if role is not Role.ANONYMOUS]


@click.group()
def account() -> None:
    """Let people and systems in, each in one role.

    \b
    grid-member       one grid's incidents
    officer           one department's incidents and responders
    dispatcher        the same, of one department or of all (--department '*')
    gis-editor        writes premises and sensors
    planner           all incidents, nothing of responders
    system            another system: layers by name
    administrator, security-officer, auditor: three offices that keep each other in check (三员分立)
    """


def _role_options[**P, R](command: Callable[P, R]) -> Callable[P, R]:
    """What belongs to a role."""
    for option in (
        click.option("--layer", "layers", multiple=True, help="Of a system; may be repeated."),
        click.option("--grid", help="Code of a grid member's grid."),
        click.option("--department", help="Code of a department; '*' for every one."),
        click.option("--role", type=click.Choice(_ROLES), required=True, help="Exactly one."),
    ):
        command = option(command)
    return command


@account.command()
@click.argument("name")
@_role_options
@click.option("--display-name", default="", help="How it is called on screens.")
@click.option("--without-password", is_flag=True, help="For keys or the office's own login only.")
@click.pass_obj
def add(
    settings: Settings,
    name: str,
    role: str,
    department: str | None,
    grid: str | None,
    layers: tuple[str, ...],
    display_name: str,
    without_password: bool,
) -> None:
    """Add an account; its first password is printed once."""
    password = None if without_password else new_password()
    plan = AccountPlan(name, _role(role), display_name, department, grid, layers, password)
    with connected(settings) as connection:
        administration.add_account(connection, read_town(connection).id, plan)
        connection.commit()
    _say_password(name, password)


@account.command("list")
@click.pass_obj
def list_command(settings: Settings) -> None:
    """List every account."""
    with connected(settings) as connection:
        for each in list_accounts(connection, read_town(connection).id):
            what = ", ".join(
                part
                for part in (
                    "/".join(ROLE_NAMES[each.role]),
                    each.department and f"department {each.department}",
                    each.layers and f"layers {' '.join(each.layers)}",
                    each.database_login and f"PostgreSQL {each.database_login}",
                    each.disabled_at and f"disabled {each.disabled_at:%Y-%m-%d}",
                )
                if part
            )
            click.echo(f"{each.name:<24}{what}")


@account.command()
@click.argument("name")
@_role_options
@click.pass_obj
def role(
    settings: Settings,
    name: str,
    role: str,
    department: str | None,
    grid: str | None,
    layers: tuple[str, ...],
) -> None:
    """Give an account another role; its sessions and keys end."""
    plan = AccountPlan(name, _role(role), "", department, grid, layers)
    _change(
        settings, name, lambda connection, each: administration.set_role(connection, each, plan)
    )
    click.echo(f"{name}: {role}")


@account.command()
@click.argument("name")
@click.pass_obj
def disable(settings: Settings, name: str) -> None:
    """Shut an account out at once: sessions, keys, and its PostgreSQL login."""
    _change(settings, name, administration.disable_account)
    click.echo(f"{name}: disabled / 已停用")


@account.command()
@click.argument("name")
@click.pass_obj
def enable(settings: Settings, name: str) -> None:
    """Let a disabled account in again."""
    _change(settings, name, administration.enable_account)
    click.echo(f"{name}: enabled / 已启用")


@account.command()
@click.argument("name")
@click.option("--from-stdin", is_flag=True, help="Read the new password from standard input.")
@click.option("--keep-second-factor", is_flag=True, help="Its authenticator stays.")
@click.pass_obj
def password(settings: Settings, name: str, from_stdin: bool, keep_second_factor: bool) -> None:
    """Give an account a new first password, printed once; its authenticator is taken away."""
    chosen = sys.stdin.readline().rstrip("\n") if from_stdin else new_password()

    def change(connection: psycopg.Connection, each: Account) -> None:
        administration.set_password(connection, each, chosen, by_owner=from_stdin)
        if not keep_second_factor:
            second_factor.remove_second_factor(connection, each.id)

    _change(settings, name, change)
    _say_password(name, None if from_stdin else chosen)


@account.command()
@click.argument("name")
@click.argument("responder", required=False)
@click.pass_obj
def responder(settings: Settings, name: str, responder: str | None) -> None:
    """Let an officer or a grid member be the RESPONDER of this key; without one, nobody's.

    It then sees its orders at /duty, goes on and off duty, and tells its positions.
    """
    _change(
        settings,
        name,
        lambda connection, each: administration.bind_responder(connection, each, responder),
    )
    click.echo(f"{name}: {responder or '-'}")


@account.command("database-login")
@click.argument("name")
@click.pass_obj
def database_login(settings: Settings, name: str) -> None:
    """Give an account a PostgreSQL login for QGIS; its password is printed once.

    It reads the views that its role reads, and nothing else. docs/accounts.md says how to connect.
    """
    with connected(settings) as connection:
        each = find_account(connection, read_town(connection).id, name)
        login, secret = give_database_login(connection, each)
        connection.commit()
        database = connection.info.dbname
    where = settings.postgresql_listen or "GRIDWHISTLE_POSTGRESQL_LISTEN=host:port"
    click.echo(f"user      {login}\npassword  {secret}\ndatabase  {database}\nserver    {where}")


def _change(
    settings: Settings, name: str, change: Callable[[psycopg.Connection, Account], None]
) -> None:
    with connected(settings) as connection:
        change(connection, find_account(connection, read_town(connection).id, name))
        connection.commit()


def _role(name: str) -> Role:
    found = next((role for role in Role if role.short_name.replace("_", "-") == name), None)
    if found is None:
        raise InputError(f"there is no role {name}", remedy=", ".join(_ROLES))
    return found


def _say_password(name: str, password: str | None) -> None:
    click.echo(f"{name}: {'done' if password is None else f'first password {password}'}")
