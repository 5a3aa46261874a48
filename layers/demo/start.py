"""Which demo town an installation has: the one it has already, or a new one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg

from layers.demo.digest import digest_town
from layers.demo.kept import Started, kept_town
from layers.demo.load import load_town
from layers.demo.plan import Plan
from layers.demo.realsite import site_from_file
from layers.demo.site import Site, make_site
from layers.demo.town import DemoTown, Report, make_town, quiet

type BuildSite = Callable[[Plan], Site]


def site_builder(streets_file: Path | None) -> BuildSite:
    """Real streets of a file as the ground, or Fotang's, invented, without one."""
    return partial(site_from_file, path=streets_file) if streets_file else make_site


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
        there = kept_town(connection, plan, must_match=must_match)
        if there is not None:
            return Started(there, kept=True)
        town, digest = generate(plan, build_site, report)
        return Started(load_town(connection, town, digest, report), kept=False)
