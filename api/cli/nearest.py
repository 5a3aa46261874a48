"""`nearest`: who can be at a point first."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.table import Table

from api.cli.context import connected
from layers.nearest import Answer, CurrentEngine, holds, nearest_responders
from routing.modes import MODES_BY_NAME
from spatial.settings import Settings
from spatial.town import read_town

_REASONS = {
    "off_street": "too far from any street / 离道路太远",
    "incident_off_street": "the point is too far from any street of this mode / 地点离道路太远",
    "no_way": "no way over the streets / 无路可达",
}

# A place that lies farther from its street than this isn't on it any more.
TELL_FROM_M = 50.0


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("lon", type=click.FloatRange(-180, 180))
@click.argument("lat", type=click.FloatRange(-90, 90))
@click.option("--k", type=click.IntRange(1), default=5, show_default=True, help="How many.")
@click.option("--mode", type=click.Choice(list(MODES_BY_NAME)), help="Only who travels so.")
@click.option("--json", "as_json", is_flag=True, help="For machines; routes as GeoJSON.")
@click.pass_obj
def nearest(
    settings: Settings, lon: float, lat: float, k: int, mode: str | None, as_json: bool
) -> None:
    """Who on duty can be at LON LAT first, over the streets / 最快到场力量.

    Times are those on the streets; the way between a point and its street isn't counted, but its
    length is given as snap.distance_m. A place on a street is told as (u, v, key, fraction): the
    edge as `streets export --graphml` writes it, and the share of its length and time from u.
    `reverse` is the same place on the edge of the other direction, null where there is none.
    Speeds are those of the hour, what is closed now is closed, turn restrictions and turning round
    count: times can be longer than along the exported graph of free streets.
    """
    with connected(settings) as connection:
        town = read_town(connection)
        answer = nearest_responders(
            connection,
            town,
            CurrentEngine(town).get(connection),
            lon=lon,
            lat=lat,
            k=k,
            mode=MODES_BY_NAME[mode] if mode else None,
        )
    if as_json:
        click.echo(json.dumps(answer.as_json(), ensure_ascii=False))
    else:
        _print(answer)


def _print(answer: Answer) -> None:
    console = Console()
    if not answer.on_duty:
        console.print("nobody is on duty / 没有在岗力量")
    if answer.ranking.arrivals:
        console.print(_table(answer))
    for mode, snap in answer.ranking.incident_snaps.items():
        if snap.distance_m > TELL_FROM_M:
            far = f"{snap.distance_m:.0f} m"
            console.print(f"{mode.label}: 最近的路在 {far} 外 / the nearest street is {far} away")
    for unreachable in answer.ranking.unreachable:
        responder = answer.on_duty[unreachable.origin.key]
        console.print(f"{responder.label}: {_REASONS[unreachable.reason.value]}")


def _table(answer: Answer) -> Table:
    headings = ("", "力量 who", "部门 department", "方式 mode", "时间 time", "路程 m", "180 s")
    table = Table(*headings)
    for rank, arrival in enumerate(answer.ranking.arrivals, start=1):
        responder = answer.on_duty[arrival.origin.key]
        minutes, seconds = divmod(round(arrival.travel_time_s), 60)
        table.add_row(
            str(rank),
            responder.label,
            responder.department or "",
            arrival.origin.mode.label,
            f"{minutes}:{seconds:02}",
            f"{arrival.distance_m:.0f}",
            "✓" if holds(arrival) else "✗",
        )
    return table
