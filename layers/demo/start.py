"""Which demo town an installation has: the one it has already, or a new one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from layers.demo.digest import digest_town
from layers.demo.load import load_town
from layers.demo.plan import Plan
from layers.demo.site import Site, make_site
from layers.demo.town import DemoTown, Report, make_town, quiet
from spatial.errors import ConflictError
from spatial.town import Town, find_town

_REMEDY = "give another folder with --data DIR, or delete this one to make the town anew"


@dataclass(frozen=True)
class Started:
    """The installation's demo town, and whether it was there before."""

    town: Town
    kept: bool


type BuildSite = Callable[[Plan], Site]


def generate(
    plan: Plan, build_site: BuildSite = make_site, report: Report = quiet
) -> tuple[DemoTown, str]:
    """The demo town and its digest, without a database.

    Args:
        plan: seed, day and sizes.
        build_site: makes the ground that it stands on; Fotang's, invented, by default.
        report: told the step that begins and which share of all is done.
    """
    report("地形、道路 terrain and streets", 0.0)
    town = make_town(plan, build_site(plan), report)
    return town, digest_town(town)


def start_town(
    connection: psycopg.Connection,
    plan: Plan,
    build_site: BuildSite = make_site,
    report: Report = quiet,
    *,
    must_match: bool = False,
) -> Started:
    """Keep the demo town that is there, or generate and load one.

    Args:
        connection: to a migrated database.
        plan: what a new town is made of.
        build_site: makes the ground of a new town; Fotang's, invented, by default.
        report: told the step that begins and which share of all is done.
        must_match: refuse to keep a town of another seed or day.

    Raises:
        ConflictError: a real town lives here, or one of another seed or day.
    """
    with connection.transaction():
        # Two that start at once take turns; the second finds the first one's town.
        connection.execute("LOCK TABLE spatial.town IN EXCLUSIVE MODE")
        there = find_town(connection)
        if there is not None:
            _check(connection, there, plan, must_match=must_match)
            return Started(there, kept=True)
        town, digest = generate(plan, build_site, report)
        return Started(load_town(connection, town, digest, report), kept=False)


def _check(connection: psycopg.Connection, there: Town, plan: Plan, *, must_match: bool) -> None:
    if not there.synthetic:
        raise ConflictError(
            f"a real town, {there.name}, lives in this data folder; demo and real data can't mix"
            " / 此处已是真实镇街",
            remedy="give another folder with --data DIR",
        )
    seed = connection.execute("SELECT seed FROM spatial.town WHERE id = %s", (there.id,)).fetchone()
    same = seed == (plan.seed,) and there.as_of == plan.moment
    if must_match and not same:
        raise ConflictError(
            f"a demo town of seed {seed[0] if seed else None} and {there.now():%Y-%m-%d} is here"
            " already and is kept / 已有另一个演示镇街",
            remedy=_REMEDY,
        )
