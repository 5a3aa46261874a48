"""What the question who can be there first is answered of, as it stands in the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from layers.dispatch.asked import Inputs, Known, NeighbourPost, RankRequest, Supposed
from layers.dispatch.settings import ask_settings, settings_of
from layers.entries import CATALOGUE
from layers.published import view_of
from layers.roles import Role
from routing.nearest.engine import Engine
from spatial.town import Town

Connection = psycopg.Connection[Any]

_KNOWN = sql.SQL("""
SELECT seen.key, seen.label, seen.department, seen.mode, work.team,
       coalesce(work.skills, '{{}}') AS skills, ST_X(seen.geom) AS lon, ST_Y(seen.geom) AS lat,
       seen.on_duty, coalesce(work.state, 'free') AS state, work.age_s AS fix_age_s,
       seen.accuracy_m, work.speed_mps, work.incident, work.street_id, work.fraction, work.forward
FROM {responders} AS seen
LEFT JOIN layers.responder_work(%(town)s, %(departments)s) AS work ON work.key = seen.key
WHERE seen.town_id = %(town)s
  AND (%(departments)s::text[] IS NULL OR seen.department = ANY (%(departments)s))
ORDER BY seen.key
""")
_POSTS = sql.SQL("""
SELECT id::text AS key, neighbour, name, desk_phone AS phone, mode,
       ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM {posts} WHERE town_id = %(town)s ORDER BY id
""")
_SKILL_NAMES = "SELECT code, name, name_en FROM layers.skill_names(%s)"


@dataclass(frozen=True)
class Sources:
    """Where responders and neighbours' posts are found: the tables, or the views of a role.

    Attributes:
        posts: None for who sees none.
        departments: only responders of these are read and told of; None for all.
    """

    responders: sql.Identifier
    posts: sql.Identifier | None
    departments: tuple[str, ...] | None = None

    def of_departments(self, departments: Sequence[str]) -> Sources:
        """The same, of some departments."""
        return replace(self, departments=tuple(departments))


OWN_TABLES: Final = Sources(
    sql.Identifier("layers", "responder"), sql.Identifier("layers", "neighbour_post")
)


def sources_for(role: Role) -> Sources:
    """What a role sees of them, in a transaction of that role."""
    posts = CATALOGUE.entry("neighbour-posts")
    return Sources(
        view_of(CATALOGUE.entry("responders"), role),
        view_of(posts, role) if posts.readable_by(role) else None,
    )


def read_inputs(
    connection: Connection,
    town: Town,
    engine: Engine,
    request: RankRequest,
    sources: Sources = OWN_TABLES,
) -> Inputs:
    """Everything that the answer to `request` is made of, what it supposes included."""
    at = request.at or datetime.now(ZoneInfo(town.time_zone))
    supposed = request.supposed or Supposed()
    with connection.pipeline():  # asked together, answered in one round trip
        known = _ask_known(connection, town, sources)
        posts = _ask_posts(connection, town, sources) if sources.posts else None
        skills = connection.execute(_SKILL_NAMES, ([*request.skills],)) if request.skills else ()
        settings = ask_settings(connection, town.id)
    return Inputs(
        request=request,
        at=at,
        known=_as_supposed(_known(known.fetchall()), supposed),
        posts=tuple(posts) if posts else (),
        skill_names={code: (zh, en) for code, zh, en in skills},
        settings=settings_of(settings),
        measures=_lasting(engine, at) | dict(supposed.measures),
        graph_version=engine.version,
        measure_revision=engine.measures.revision,
        speed_revision=engine.speeds.revision,
        what_if=request.supposed is not None,
    )


def _ask_known(connection: Connection, town: Town, sources: Sources) -> psycopg.Cursor[Any]:
    statement = _KNOWN.format(responders=sources.responders)
    departments = None if sources.departments is None else [*sources.departments]
    values = {"town": town.id, "departments": departments}
    return connection.execute(statement, values)


def _known(rows: Iterable[tuple[Any, ...]]) -> list[Known]:
    # In the order of the fields: a town has hundreds of them, and they are read at each report.
    return [Known._make((*row[:5], tuple(row[5]), *row[6:])) for row in rows]


def _ask_posts(
    connection: Connection, town: Town, sources: Sources
) -> psycopg.Cursor[NeighbourPost]:
    statement = _POSTS.format(posts=sources.posts)
    cursor = connection.cursor(row_factory=class_row(NeighbourPost))
    return cursor.execute(statement, {"town": town.id})


def _lasting(engine: Engine, at: datetime) -> dict[str, Any]:
    """What is in force at a moment, without its ends: that moment is all that is asked."""
    return {
        name: replace(each, starts=None, ends=None) for name, each in engine.measures.at(at).items()
    }


def _as_supposed(known: list[Known], supposed: Supposed) -> tuple[Known, ...]:
    """Who is moved is seen there now, and free to go."""
    by_key = {each.key: each for each in known if each.key not in supposed.without}
    for key, (lon, lat) in supposed.moved.items():
        if key in by_key:
            by_key[key] = by_key[key]._replace(
                lon=lon, lat=lat, fix_age_s=0.0, accuracy_m=0.0, speed_mps=0.0,
                street_id=None, fraction=None, forward=None,
            )  # fmt: skip
    by_key.update({each.key: each for each in supposed.added})
    return tuple(by_key[key] for key in sorted(by_key))
