"""`demo`: make the demo town if there is none yet, and serve it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import psycopg
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from api.cli.context import running_database
from api.cli.listening import (
    DEFAULT_PORT,
    listening_options,
    listening_socket,
    refuse_port_in_use,
)
from api.cli.running import base_url
from api.cli.serve import run_server
from api.cli.worker_process import worker_beside, worker_option
from layers.accounts.demo import demo_key, make_demo_accounts
from layers.demo.kept import Started, kept_town
from layers.demo.plan import DEFAULT_AS_OF, DEFAULT_SEED, FOTANG_CODE, Plan
from layers.roles import ROLE_NAMES
from spatial.errors import ConflictError
from spatial.secrets import installation_secret
from spatial.settings import Settings
from spatial.time_zones import check_time_zone
from spatial.town import Town

if TYPE_CHECKING:
    from layers.demo.town import Report


@click.command()
@click.option("--seed", type=click.IntRange(0), help=f"[default: {DEFAULT_SEED}]")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help=f"Which day it is in the town.  [default: {DEFAULT_AS_OF}]",
)
@click.option(
    "--streets",
    "streets_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Lay the town over real streets: any file that `import streets` reads.",
)
@click.option(
    "--tz",
    "time_zone",
    default=Plan.time_zone,
    show_default=True,
    help="The town's time zone, where it is laid over streets from elsewhere.",
)
@click.option("--digest", is_flag=True, help="Only print the hash of the town; touches nothing.")
@click.option("--still", is_flag=True, help="Responders stay where they are; else they ride about.")
@click.option("--no-serve", is_flag=True, help="Make the town and stop.")
@listening_options
@worker_option
@click.pass_obj
def demo(
    settings: Settings,
    seed: int | None,
    as_of: datetime | None,
    streets_file: Path | None,
    time_zone: str,
    digest: bool,
    still: bool,
    no_serve: bool,
    host: str,
    port: int,
    with_worker: bool,
) -> None:
    """Make the demo town (synthetic / 演示数据) and serve it until Ctrl-C.

    A second start keeps the town that is there. The same seed, day and lock file always make the
    same town.
    """
    plan = Plan(
        seed=DEFAULT_SEED if seed is None else seed,
        as_of=DEFAULT_AS_OF if as_of is None else as_of.date(),
        time_zone=check_time_zone(time_zone),
    )
    if digest:
        click.echo(_digest(plan, streets_file))
        return
    if not no_serve:
        refuse_port_in_use(host, port)
    with running_database(settings) as conninfo:
        with psycopg.connect(conninfo) as connection:
            chosen = seed is not None or as_of is not None
            there = kept_town(connection, plan, must_match=chosen)
            started = Started(there, kept=True) if there else _make(connection, plan, streets_file)
        _refuse_other_ground(started, streets_file)
        click.echo(_describe(started))
        if no_serve:
            _say_who_may_enter(settings, conninfo, started.town, (host, port or DEFAULT_PORT))
            return
        with (
            listening_socket(host, port) as listener,
            worker_beside(settings, wanted=with_worker, patrol=not still),
        ):
            address = (host, listener.getsockname()[1])  # the one that was free, for port 0
            _say_who_may_enter(settings, conninfo, started.town, address)
            run_server(settings, conninfo, listener)


def _make(connection: psycopg.Connection, plan: Plan, streets_file: Path | None) -> Started:
    # Imported when there is a town to make: the generator takes seconds to load.
    from layers.demo import start  # noqa: PLC0415

    with progress_bar() as report:
        return start.start_town(connection, plan, start.site_builder(streets_file), report)


def _digest(plan: Plan, streets_file: Path | None) -> str:
    from layers.demo import start  # noqa: PLC0415

    with progress_bar() as report:
        return start.generate(plan, start.site_builder(streets_file), report)[1]


def _refuse_other_ground(started: Started, streets_file: Path | None) -> None:
    """A town on invented ground isn't the one over real streets that was asked for."""
    if streets_file and started.kept and started.town.code == FOTANG_CODE:
        raise ConflictError(
            f"the demo town {started.town.name} is here already and is not laid over"
            f" {streets_file.name} / 已有另一个演示镇街",
            remedy="give another folder with --data DIR",
        )


def _describe(started: Started) -> str:
    town = started.town
    kept = "已在,保留 / already here, kept" if started.kept else "新生成 / newly made"
    return (
        f"{town.name}(演示数据 / synthetic): {kept}\n"
        f"镇内时间 As of      {town.now():%Y-%m-%d %H:%M} ({town.time_zone})\n"
        f"摘要 Digest         {town.digest}"
    )


def _say_who_may_enter(
    settings: Settings, conninfo: str, town: Town, address: tuple[str, int]
) -> None:
    """One account for each role, and a line to try an API key with."""
    secret = installation_secret(settings.data_folder)
    with psycopg.connect(conninfo) as connection:
        accounts = make_demo_accounts(connection, town, secret)
        key = demo_key(connection, town, secret)
    click.echo("演示账户 Accounts   (/login)")
    for each in accounts:
        zh, en = ROLE_NAMES[each.role]
        click.echo(f"  {each.name:<18}{each.password or '(已改 changed)':<24}{zh} {en}")
    if key is not None:
        url = f"{base_url(*address)}/ogc/collections/responders/items?limit=1"
        click.echo(f"密钥 API key\n  curl -H 'X-API-Key: {key}' '{url}'")


@contextmanager
def progress_bar() -> Iterator[Report]:
    """A progress bar on standard error; yields what moves it."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    console = Console(file=sys.stderr)
    shown = Progress(
        *columns,
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with shown as progress:
        task = progress.add_task("演示镇 demo town", total=1.0)

        def report(step: str, share: float) -> None:
            progress.update(task, description=step, completed=share)

        yield report
