"""`nearest`: who can be at a point first."""

from __future__ import annotations

import json

import click
from rich.console import Console
from rich.table import Table

from api.cli.context import connected
from layers.dispatch.answer import Answer
from layers.dispatch.asked import RankRequest
from layers.dispatch.current_engine import CurrentEngine
from layers.dispatch.known_codes import refuse_unknown_codes
from layers.dispatch.nearest import rank
from layers.dispatch.nearest_words import BESIDE_M
from routing.modes import MODES_BY_NAME
from spatial.settings import Settings
from spatial.town import read_town


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("lon", type=click.FloatRange(-180, 180))
@click.argument("lat", type=click.FloatRange(-90, 90))
@click.option("--k", type=click.IntRange(1), default=5, show_default=True, help="How many.")
@click.option("--mode", type=click.Choice(list(MODES_BY_NAME)), help="Only who travels so.")
@click.option("--skill", "skills", multiple=True, help="Only who has it; may be repeated.")
@click.option("--department", "departments", multiple=True, help="Only of these; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="For machines; routes as GeoJSON.")
@click.pass_obj
def nearest(
    settings: Settings,
    lon: float,
    lat: float,
    k: int,
    mode: str | None,
    skills: tuple[str, ...],
    departments: tuple[str, ...],
    as_json: bool,
) -> None:
    """Who on duty can be at LON LAT first, over the streets / 最快到场力量.

    The order is by eta_s: turnout_s, before one sets off, and travel_time_s, on the streets
    (turn_s of it to turn round first, for who is seen to drive the other way).
    eta_low_s and eta_high_s hold four of five arrivals; hold_probability is that of being there
    within hold_s, by the age and the error of the last fix and the spread of speeds;
    holds_180_s looks at travel_time_s alone. `why` says in words why the order is so, `left_out`
    who isn't in it and why, `verdict` whether the promise holds, `neighbours` who of other towns
    could come where it isn't sure.

    The way between a point and its street isn't counted, but its
    length is given as snap.distance_m. A place on a street is told as (u, v, key, fraction): the
    edge as `streets export --graphml` writes it, and the share of its length and time from u.
    `reverse` is the same place on the edge of the other direction, null where there is none.
    Speeds are those of the hour, what is closed now is closed, turn restrictions and turning round
    count: times can be longer than along the exported graph of free streets.
    """
    asked = RankRequest(
        lon, lat, k, MODES_BY_NAME[mode] if mode else None, tuple(skills), tuple(departments)
    )
    with connected(settings) as connection:
        refuse_unknown_codes(connection, asked)
        town = read_town(connection)
        answer = rank(connection, town, CurrentEngine(town).get(connection), asked)
    if as_json:
        click.echo(json.dumps(answer.as_json(), ensure_ascii=False))
    else:
        _print(answer)


def _print(answer: Answer) -> None:
    console = Console()
    console.print(answer.verdict.zh)
    console.print(answer.verdict.en)
    if answer.candidates:
        console.print(_table(answer))
    for rank_, each in enumerate(answer.candidates, start=1):
        console.print(f"{rank_} {each.known.label}: {each.why.zh} / {each.why.en}")
    for mode, snap in answer.ranking.incident_snaps.items() if answer.ranking else ():
        if snap.distance_m > BESIDE_M:
            far = f"{snap.distance_m:.0f} m"
            console.print(f"{mode.label}: 最近的路在 {far} 外 / the nearest street is {far} away")
    for neighbour in answer.neighbours:
        post = neighbour.post
        desk = f" ({post.phone})" if post.phone else ""
        words = f"{neighbour.why.zh} / {neighbour.why.en}"
        console.print(f"{post.neighbour} {post.name}{desk}: {words}")
    _print_left_out(console, answer)


def _print_left_out(console: Console, answer: Answer) -> None:
    """Who is off duty by the dozen is one line; all others have one each."""
    by_words: dict[tuple[str, str], list[str]] = {}
    for told in answer.left_out:
        words = (told.words.zh, told.words.en)
        by_words.setdefault(words, []).append(told.left_out.known.label)
    for (zh, en), labels in by_words.items():
        console.print(f"{'、'.join(labels)}: {zh} / {en}")


def _table(answer: Answer) -> Table:
    headings = (
        "", "力量 who", "部门 department", "方式 mode", "到场 there in", "80 %", "路程 m",
        "把握 sure",
    )  # fmt: skip
    table = Table(*headings)
    for place, each in enumerate(answer.candidates, start=1):
        table.add_row(
            str(place),
            each.known.label,
            each.known.department or "",
            each.known.mode,
            _clock(each.arrival.eta_s),
            f"{_clock(each.eta_low_s)}-{_clock(each.eta_high_s)}",
            f"{each.arrival.distance_m:.0f}",
            f"{100 * each.hold_probability:.0f} %",
        )
    return table


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"
