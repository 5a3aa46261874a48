"""`closures`: what is closed or slow on the streets; close more, end it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import click
import psycopg
import shapely
from rich.console import Console
from rich.table import Table
from shapely.geometry import shape

from api.cli.context import connected
from layers.closures.desk import (
    LiveStreets,
    add_closure,
    closures_ahead,
    end_closure,
    enter_town,
)
from layers.closures.plans import ClosurePlan
from layers.dispatch.current_engine import CurrentEngine
from layers.entries.closures import CLOSURE_REASONS
from layers.roles import Role
from routing.closing.drawing import Drawing, DrawnAs
from routing.modes import ALL_MODES, MODES_BY_NAME, Mode
from routing.stored.graph_store import graph_version, no_streets
from spatial.errors import InputError
from spatial.settings import Settings
from spatial.town import Town, read_town

_SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)
_AS = [each.value for each in DrawnAs if each is not DrawnAs.STREETS]


@click.group()
def closures() -> None:
    """Streets that are closed or slow / 封路与缓行: list, add, end."""


@closures.command("list", context_settings={"ignore_unknown_options": True})
@click.option("--json", "as_json", is_flag=True, help="For machines, as GeoJSON.")
@click.pass_obj
def list_closures(settings: Settings, as_json: bool) -> None:
    """What is closed or slow now, or will be."""
    with _in_town(settings) as (connection, _):
        features = closures_ahead(connection)
    if as_json:
        collection = {"type": "FeatureCollection", "features": features}
        click.echo(json.dumps(collection, ensure_ascii=False))
        return
    table = Table(
        "", "类型 kind", "道路 streets", "起 from", "止 until", "原因 reason", "备注 note"
    )
    for feature in features:
        told = feature["properties"]
        share = "" if told["kind"] == "closed" else f" {told['speed_share']:.0%}"
        table.add_row(
            str(feature["id"]), told["kind"] + share,
            f"{told['names'] or '-'} ({told['streets']}, {told['length_m']:.0f} m)",
            _moment(told["starts"]), _moment(told["ends"]), told["reason"], told["note"] or "",
        )  # fmt: skip
    Console().print(table if features else "nothing is closed / 没有封路")


@closures.command("add", context_settings={"ignore_unknown_options": True})
@click.option("--point", nargs=2, type=float, metavar="LON LAT", help="The nearest street.")
@click.option("--radius", type=float, help="Of the point: every street within so many metres.")
@click.option("--geometry", help="GeoJSON instead: a point, a line, an area.")
@click.option("--streets", help="Ids of streets instead, comma separated.")
@click.option("--as", "drawn_as", type=click.Choice(_AS), help="How a geometry is meant.")
@click.option("--slow", type=_SHARE, help="Share of the speed left.")
@click.option(
    "--mode",
    "modes",
    multiple=True,
    type=click.Choice(list(MODES_BY_NAME)),
    help="Whom it binds; else everybody.",
)
@click.option("--minutes", type=click.FloatRange(0, min_open=True), help="Else until ended.")
@click.option(
    "--reason",
    type=click.Choice(list(CLOSURE_REASONS)),
    default="other",
    show_default=True,
    help="Shown to everybody.",
)
@click.option("--note", help="For the staff.")
@click.pass_obj
def add(
    settings: Settings,
    point: tuple[float, float] | None,
    radius: float | None,
    geometry: str | None,
    streets: str | None,
    drawn_as: str | None,
    slow: float | None,
    modes: tuple[str, ...],
    minutes: float | None,
    reason: str,
    note: str | None,
) -> None:
    """Close streets, or slow them; in force at the next answer.

    A line closes the streets that it runs along, or, with `--as barrier`, those that it crosses; an
    area, those of which a part lies inside. A street is closed whole.
    """
    now = datetime.now(UTC)
    plan = ClosurePlan(
        starts=now,
        ends=now + timedelta(minutes=minutes) if minutes else None,
        drawing=_drawing(point, geometry, radius, drawn_as),
        street_ids=_ids(streets),
        speed_share=slow or 0.0,
        modes=_modes(modes),
        reason=reason,
        note=note,
    )
    with _in_town(settings) as (connection, town):
        version = graph_version(connection, town.id)
        if version is None:
            raise no_streets()
        live = LiveStreets(CurrentEngine(town).get(connection), version)
        closed = add_closure(connection, live, plan, Role.ADMINISTRATOR)
    told = closed.effects.as_json()
    click.echo(f"closure {closed.closure_id}: {told['streets']} streets, {told['length_m']:.0f} m")
    for warning in told["warnings"]:
        click.echo(f"{warning['zh']} / {warning['en']}")


@closures.command("end")
@click.argument("closure_id", type=int)
@click.pass_obj
def end(settings: Settings, closure_id: int) -> None:
    """End CLOSURE_ID now."""
    with _in_town(settings) as (connection, _):
        end_closure(connection, closure_id)
    click.echo(f"closure {closure_id} is over / 已解除")


@contextmanager
def _in_town(settings: Settings) -> Iterator[tuple[psycopg.Connection[Any], Town]]:
    with connected(settings) as connection:
        town = read_town(connection)
        enter_town(connection, town)
        yield connection, town


def _drawing(
    point: tuple[float, float] | None,
    geometry: str | None,
    radius: float | None,
    drawn_as: str | None,
) -> Drawing | None:
    meant = DrawnAs(drawn_as) if drawn_as else None
    if point is not None and geometry is None:
        return Drawing(shapely.Point(point), meant, radius)
    if geometry is None:
        return None
    try:
        drawn = shape(json.loads(geometry))
    except (AttributeError, KeyError, TypeError, ValueError, shapely.errors.ShapelyError) as error:
        raise InputError("--geometry is no GeoJSON geometry / 图形无法解析") from error
    return Drawing(shapely.force_2d(drawn), meant, radius)


def _ids(text: str | None) -> tuple[int, ...]:
    try:
        return tuple(int(each) for each in (text or "").split(",") if each.strip())
    except ValueError as error:
        raise InputError("--streets are ids, comma separated / 路段编号无效") from error


def _modes(names: tuple[str, ...]) -> Mode:
    modes = Mode(0)
    for name in names:
        modes |= MODES_BY_NAME[name]
    return modes or ALL_MODES


def _moment(text: str | None) -> str:
    return datetime.fromisoformat(text).astimezone().strftime("%m-%d %H:%M") if text else "—"
