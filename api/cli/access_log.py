"""`access-log`: read and cleared by an auditor only, who signs in for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
import psycopg
from psycopg_pool import ConnectionPool

from api.cli.context import running_database
from layers.accounts.access_log import clear_log, read_log
from layers.accounts.acting import own_transaction
from layers.accounts.identity import Account
from layers.accounts.lockout import Lockout
from layers.accounts.second_factor import check_code
from layers.accounts.sign_in import check_sign_in
from layers.accounts.totp import SecretBox
from layers.roles import Role
from spatial.database import open_pool, transaction
from spatial.errors import AccessError
from spatial.secrets import derive_key, installation_secret
from spatial.settings import Settings
from spatial.town import read_town
from spatial.web_login import web_conninfo

_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])
_auditor = click.option("--as", "auditor", required=True, help="Name of the auditor's account.")
_code = click.option("--code", help="Of the auditor's authenticator, where there is one.")


@click.group("access-log")
def access_log() -> None:
    """Read and clear the access log, as an auditor.

    The password is asked for, or taken from GRIDWHISTLE_PASSWORD. The database refuses everybody
    else, and clears nothing that is younger than six months.
    """


@access_log.command()
@_auditor
@_code
@click.option("--since", type=_MOMENT, help="UTC.")
@click.option("--until", type=_MOMENT, help="UTC.")
@click.option("--account", help="Of this account only.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="Lines.")
@click.pass_obj
def show(
    settings: Settings,
    auditor: str,
    code: str | None,
    since: datetime | None,
    until: datetime | None,
    account: str | None,
    limit: int,
) -> None:
    """Print the log, the newest line first."""
    with _as_auditor(settings, auditor, code) as connection:
        lines = read_log(
            connection, since=_utc(since), until=_utc(until), account=account, limit=limit
        )
    for line in lines:
        click.echo(
            f"{line['at']:%Y-%m-%dT%H:%M:%S} {line['request_id']} {line['account'] or '-'} "
            f"{line['role'].removeprefix('gridwhistle_')} {line['method']} {line['route'] or '-'} "
            f"{line['layer'] or '-'} {line['status']} {line['duration_ms']}ms {line['bytes']}B "
            f"{line['address_hash']}"
        )


@access_log.command()
@_auditor
@_code
@click.option("--before", type=_MOMENT, required=True, help="At least six months ago; UTC.")
@click.pass_obj
def clear(settings: Settings, auditor: str, code: str | None, before: datetime) -> None:
    """Remove the lines from before a day at least six months ago."""
    moment = before.replace(tzinfo=UTC)
    with _as_auditor(settings, auditor, code) as connection:
        cleared = clear_log(connection, moment)
    click.echo(f"{cleared} lines from before {before:%Y-%m-%d} removed / 已清除")


@contextmanager
def _as_auditor(settings: Settings, name: str, code: str | None) -> Iterator[psycopg.Connection]:
    """A transaction of the auditor, once password and code were right."""
    password = os.environ.get("GRIDWHISTLE_PASSWORD") or click.prompt(
        "密码 Password", hide_input=True
    )
    box = SecretBox(derive_key(installation_secret(settings.data_folder), "second factors"))
    with running_database(settings) as conninfo, open_pool(web_conninfo(conninfo)) as pool:
        with pool.connection() as connection:
            town = read_town(connection)
        known = check_sign_in(pool, town.id, name, password, Lockout())
        if known.has_second_factor:
            _give_code(pool, known.account, box, code)
        elif not known.password_is_enough:
            raise AccessError("no authenticator is set up yet", remedy="sign in on the page first")
        if known.account.role is not Role.AUDITOR:
            raise AccessError(f"{name} is no auditor / 不是审计员")
        with transaction(pool, known.account.principal(town.time_zone)) as connection:
            yield connection


def _give_code(pool: ConnectionPool, account: Account, box: SecretBox, code: str | None) -> None:
    given = code or click.prompt("验证码 Code")
    with own_transaction(pool, account) as connection:
        check_code(connection, account, box, given)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
