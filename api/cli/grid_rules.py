"""`grids rules`: what the town has settled for its units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import click

from api.cli.context import connected
from grids.bands import Band
from grids.town_rules import BAND_LEVELS, TownRules
from layers.boundaries.rules import RuleEvent, read_events, read_rules, store_rules
from layers.coverage_check import LEVEL_NAMES
from spatial.settings import Settings
from spatial.town import read_town

_LEVELS = {LEVEL_NAMES[level]: level for level in BAND_LEVELS}
_LEVELS |= {str(level): level for level in BAND_LEVELS}


@click.group(invoke_without_command=True)
@click.pass_context
def rules(ctx: click.Context) -> None:
    """Show the rules of the town, or change them / 网格规则.

    Bands of households, least area and width, the scheme of codes. Checks, workloads, suggestions
    and numbering go by them.
    """
    if ctx.invoked_subcommand is None:
        with connected(ctx.obj) as connection:
            _show(read_rules(connection, read_town(connection)))


@rules.group("set")
def set_rule() -> None:
    """Settle one rule / 设定规则."""


@set_rule.command()
@click.argument("level", type=click.Choice(list(_LEVELS)))
@click.argument("least", type=int)
@click.argument("most", type=int)
@click.pass_obj
def band(settings: Settings, level: str, least: int, most: int) -> None:
    """How many households a unit of LEVEL should have, e.g.: band grids 300 500."""
    new = {_LEVELS[level]: Band(least, most)}
    _settle(settings, lambda before: replace(before, bands={**before.bands, **new}))


@set_rule.command("min-area")
@click.argument("m2", type=float)
@click.pass_obj
def min_area(settings: Settings, m2: float) -> None:
    """The least area of a micro-grid, in square metres."""
    _settle(settings, lambda before: replace(before, min_area_m2=m2))


@set_rule.command("min-width")
@click.argument("metres", type=float)
@click.pass_obj
def min_width(settings: Settings, metres: float) -> None:
    """The least width of a micro-grid: a disk of this diameter passes through all of it."""
    _settle(settings, lambda before: replace(before, min_width_m=metres))


@set_rule.command("code-scheme")
@click.argument("scheme")
@click.pass_obj
def code_scheme(settings: Settings, scheme: str) -> None:
    """The digits that town, villages, grids and micro-grids have, e.g.: '6+3, 3, 3, 2'."""
    _settle(settings, lambda before: replace(before, code_scheme=scheme))


@rules.command()
@click.pass_obj
def reset(settings: Settings) -> None:
    """Go back to the defaults / 恢复默认."""
    _settle(settings, lambda _: TownRules())


@rules.command()
@click.pass_obj
def log(settings: Settings) -> None:
    """Who changed what, the latest first / 变更记录."""
    with connected(settings) as connection:
        town = read_town(connection)
        for event in read_events(connection, town):
            click.echo(_told(event))


def _settle(settings: Settings, change: Callable[[TownRules], TownRules]) -> None:
    with connected(settings) as connection:
        town = read_town(connection)
        settled = change(read_rules(connection, town))
        store_rules(connection, town, settled)
        connection.commit()
    _show(settled)


def _show(settled: TownRules) -> None:
    for level, each in sorted(settled.bands.items()):
        click.echo(f"band {LEVEL_NAMES[level]:<12} {each.least} {each.most}  户 households")
    click.echo(f"min-area          {settled.min_area_m2:g}  m²")
    click.echo(f"min-width         {settled.min_width_m:g}  m")
    click.echo(f"code-scheme       {settled.code_scheme}")


def _told(event: RuleEvent) -> str:
    who = "operator" if event.by_account is None else f"account {event.by_account}"
    before, after = event.before or "defaults", event.after or "defaults"
    return f"{event.at:%Y-%m-%d %H:%M}  {who}  {before} → {after}"
