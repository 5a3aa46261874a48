"""`check`: the installation piece by piece."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import click
import psycopg

from api.cli.context import started_database
from api.cli.installation import check_installation
from api.cli.listening import DEFAULT_HOST, DEFAULT_PORT
from layers.coverage_check import check_coverage
from layers.health import (
    as_dict,
    check_events,
    check_migrations,
    check_published,
    check_town,
    count_town,
)
from layers.positions.datum_check import check_position_datums
from layers.rights_check import check_index_use, check_web_login
from spatial.checks import Check, State, check_disk, check_postgresql, check_server, is_sound
from spatial.errors import SetupError
from spatial.settings import Settings
from spatial.town import find_town

_SIGNS = {State.OK: ("ok", "green"), State.WARNING: ("!!", "yellow"), State.FAILED: ("xx", "red")}


@dataclass
class _Findings:
    """What was found so far."""

    checks: list[Check] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


@click.command()
@click.option("--host", default=DEFAULT_HOST, show_default=True, help="Address that serve uses.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT, show_default=True,
    help="Port that serve uses.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of lines.")
@click.pass_obj
def check(settings: Settings, host: str, port: int, as_json: bool) -> None:
    """Test this installation piece by piece.

    Each failure prints the command that repairs it. Exit code 1 when a piece failed; a warning
    (!!) does not count. Changes nothing: an installation without data stays without.
    """
    findings = _Findings()
    for each in _all_checks(settings, host, port, findings.counts):
        findings.checks.append(each)
        if not as_json:
            _print(each)
    if as_json:
        _print_json(findings)
    else:
        for name, count in findings.counts.items():
            click.echo(f"     {name:<14}{count:>10,}")
    sys.exit(0 if is_sound(findings.checks) else 1)


def _all_checks(
    settings: Settings, host: str, port: int, counts: dict[str, int]
) -> Iterator[Check]:
    yield from check_installation(host, port)
    yield check_disk(settings.data_folder)
    if not settings.database_url:
        postgresql = check_postgresql()
        yield postgresql
        if postgresql.state is State.FAILED:
            return
        if not (settings.data_folder / "postgresql").exists():
            yield Check(
                "cluster", "数据库集群", "database cluster", State.WARNING,
                f"none yet in {settings.data_folder}", "./gridwhistle demo",
            )  # fmt: skip
            return
    yield from _database_checks(settings, counts)


def _database_checks(settings: Settings, counts: dict[str, int]) -> Iterator[Check]:
    name = ("cluster", "数据库连接", "database connection")
    try:
        with started_database(settings) as conninfo, psycopg.connect(conninfo) as connection:
            where = "DATABASE_URL" if settings.database_url else "private server"
            yield Check(*name, State.OK, f"{where} answers")
            yield from check_server(connection)
            yield from _town_checks(connection, counts)
    except SetupError as error:
        yield Check(*name, State.FAILED, error.message, error.remedy)


def _town_checks(connection: psycopg.Connection, counts: dict[str, int]) -> Iterator[Check]:
    migrations = check_migrations(connection)
    yield migrations
    if migrations.state is State.FAILED:
        return
    yield check_published(connection)
    yield check_web_login(connection)
    yield check_index_use(connection)
    yield check_town(connection)
    town = find_town(connection)
    if town:
        yield check_coverage(connection, town)
        yield check_events(connection)
        yield check_position_datums(connection, town)
        counts.update(count_town(connection))


def _print(each: Check) -> None:
    sign, colour = _SIGNS[each.state]
    click.echo(f"{click.style(sign, fg=colour)}   {each.name_zh} {each.name_en}: {each.detail}")
    if each.remedy:
        click.echo(f"     -> {each.remedy}")


def _print_json(findings: _Findings) -> None:
    report = {
        "status": "ok" if is_sound(findings.checks) else "failed",
        "checks": [as_dict(each) for each in findings.checks],
        "counts": findings.counts,
    }
    click.echo(json.dumps(report, ensure_ascii=False, indent=2))
