"""Use case: close streets or slow them, change that, end it. It acts on the next answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray
from psycopg import sql
from psycopg.types.json import Jsonb

from layers.closures.effects import Effects, effects_of
from layers.closures.plans import ClosurePlan
from layers.entries import CATALOGUE
from layers.published import view_of
from layers.roles import Role
from routing.closing.drawing import Drawing, DrawnAs
from routing.closing.laying import Laid, lay, lines_of
from routing.modes import Mode
from routing.nearest.engine import Engine
from routing.network.graph import Graph
from spatial.errors import AccessError, InputError, NotFoundError
from spatial.town import Town

Connection = psycopg.Connection[Any]
# The longest streets' names say where it is.
_MOST_NAMES = 5
_MOST_STREETS = 10_000


class LiveStreets(NamedTuple):
    """An engine, and the version of the streets that it has."""

    engine: Engine
    version: int


@dataclass(frozen=True)
class Closed:
    """A closure that was put in force, and what it does to the town."""

    closure_id: int
    effects: Effects


def enter_town(connection: Connection, town: Town) -> None:
    """Say for which town the owner of the database acts, until the transaction ends."""
    connection.execute(
        "SELECT set_config('gridwhistle.town_id', %s, true),"
        " set_config('gridwhistle.only_layers', '*', true)",
        (str(town.id),),
    )


def add_closure(
    connection: Connection, streets: LiveStreets, plan: ClosurePlan, role: Role
) -> Closed:
    """Draw a closure and put it in force, in the caller's transaction.

    Args:
        connection: in a transaction as somebody who may, or of the owner who has entered the town.
        streets: the town's, as they are now.
        plan: what is closed.
        role: whose views are read.

    Raises:
        InputError: no street lies there.
        NotFoundError: a street isn't there.
        AccessError: who asks may not.
    """
    graph = streets.engine.graph
    drawing, laid = place(graph, plan)
    row = _call(
        connection,
        "SELECT routing.add_closure(%s, ST_GeomFromWKB(%s, 4326), ST_GeomFromWKB(%s, 4326), %s)",
        (
            Jsonb(
                {
                    **_said(plan),
                    "drawn_as": laid.drawn_as.value,
                    "radius_m": drawing.radius_m,
                    "one_way": drawing.one_way,
                    "version": streets.version,
                    **described(connection, graph, laid, role),
                }
            ),
            shapely.to_wkb(drawing.shape),
            shapely.to_wkb(lines_of(graph, laid.street)),
            list(laid.steps),
        ),
    )
    return Closed(int(row[0]), effects_of(streets.engine, laid, plan, datetime.now(UTC)))


def preview_closure(streets: LiveStreets, plan: ClosurePlan) -> dict[str, Any]:
    """What a plan would close and do, for who is still drawing: {"geometry", "effects"}.

    Raises:
        InputError: no street lies there.
        NotFoundError: a street isn't there.
    """
    graph = streets.engine.graph
    _, laid = place(graph, plan)
    effects = effects_of(streets.engine, laid, plan, datetime.now(UTC))
    geometry = shapely.geometry.mapping(lines_of(graph, laid.street))
    return {
        "geometry": geometry,
        "streets": graph.street_ids[laid.street].tolist(),
        "effects": effects.as_json(),
    }


def place(graph: Graph, plan: ClosurePlan) -> tuple[Drawing, Laid]:
    """Where a plan lies on the streets; raises as `add_closure` does."""
    if plan.drawing is not None:
        return plan.drawing, lay(graph, plan.drawing, plan.modes)
    ids = tuple(dict.fromkeys(plan.street_ids))
    street = _indices(graph, ids)
    one_way = ids[0] < 0
    if any((each < 0) != one_way for each in ids):
        raise InputError(
            "streets closed both ways and one way are two closures / 双向与单向封闭请分开设置"
        )
    lines = lines_of(graph, street)
    drawing = Drawing(shapely.reverse(lines) if one_way else lines, DrawnAs.STREETS, None, one_way)
    steps = ids if one_way else (*ids, *(-each for each in ids))
    return drawing, Laid(DrawnAs.STREETS, street, steps)


def _indices(graph: Graph, street_ids: tuple[int, ...]) -> NDArray[np.int64]:
    if len(street_ids) > _MOST_STREETS:
        raise InputError(f"at most {_MOST_STREETS} streets at a time / 一次路段过多")
    wanted = np.unique(np.abs(np.array(street_ids, np.int64)))
    index = np.flatnonzero(np.isin(graph.street_ids, wanted))
    if len(index) < len(wanted):
        missing = np.setdiff1d(wanted, graph.street_ids)[0]
        raise NotFoundError(
            f"there is no street {missing} / 没有这条道路",
            remedy="ids are those of the layer streets",
        )
    return index


def described(connection: Connection, graph: Graph, laid: Laid, role: Role) -> dict[str, Any]:
    """What a closure binds, in numbers and names."""
    streets = view_of(CATALOGUE.entry("streets"), role)
    rows = connection.execute(
        sql.SQL(
            "SELECT name FROM {} WHERE id = ANY (%s) AND name IS NOT NULL"
            " GROUP BY name ORDER BY sum(length_m) DESC, name LIMIT %s"
        ).format(streets),
        (graph.street_ids[laid.street].tolist(), _MOST_NAMES),
    ).fetchall()
    return {
        "streets": len(laid.street),
        "length_m": round(float(graph.length_m[laid.street].sum()), 1),
        "names": "、".join(name for (name,) in rows) or None,
    }


def change_closure(connection: Connection, closure_id: int, change: Mapping[str, Any]) -> None:
    """Change what `change` names of one that isn't over: ends, starts, note, reason, ...

    Raises:
        NotFoundError: there is none, or it is over.
        InputError: it would end before it starts.
        AccessError: who asks may not.
    """
    try:
        row = _call(
            connection, "SELECT routing.change_closure(%s, %s)", (closure_id, Jsonb(dict(change)))
        )
    except psycopg.errors.CheckViolation as error:
        raise InputError("it would end before it starts / 结束早于开始") from error
    if not row[0]:
        raise NotFoundError(f"there is no closure {closure_id} in force / 没有这条封路信息")


def end_closure(connection: Connection, closure_id: int) -> None:
    """End one now; one that hasn't begun never holds. Raises as `change_closure` does."""
    found = [each for each in _ahead(connection) if each["id"] == closure_id]
    if not found:
        raise NotFoundError(f"there is no closure {closure_id} in force / 没有这条封路信息")
    now = datetime.now(UTC)
    change = {"ends": now.isoformat()}
    if found[0]["state"] == "planned":
        # Its span has to have an end after its beginning; both are over.
        change["starts"] = found[0]["made_at"]
    change_closure(connection, closure_id, change)


def closures_ahead(connection: Connection) -> list[dict[str, Any]]:
    """GeoJSON of those in force and to come, for those who close streets.

    Raises:
        AccessError: who asks doesn't.
    """
    return [_feature(row) for row in _ahead(connection)]


def closures_in_force(connection: Connection, role: Role) -> list[dict[str, Any]]:
    """GeoJSON of those in force as a role's layer shows them."""
    entry = CATALOGUE.entry("closures")
    names = [each.name for each in entry.fields_for(role)]
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in names)
    rows = connection.execute(
        sql.SQL(
            "SELECT row_to_json(found) FROM (SELECT id, 'in_force' AS state, {},"
            " ST_AsGeoJSON(geom, 7)::json AS geometry FROM {} ORDER BY id) AS found"
        ).format(columns, view_of(entry, role))
    ).fetchall()
    return [_feature(row) for (row,) in rows]


def events_of(connection: Connection, closure_id: int) -> list[dict[str, Any]]:
    """Who did what to one, the first act first: at, account, before, after.

    Raises:
        NotFoundError: there is none.
        AccessError: who asks closes no streets.
    """
    rows = _rows(
        connection, "SELECT row_to_json(e) FROM routing.events_of_closure(%s) AS e", (closure_id,)
    )
    if not rows:
        raise NotFoundError(f"there is no closure {closure_id} / 没有这条封路信息")
    return [row[0] for row in rows]


_AHEAD = """
SELECT json_build_object(
    'id', id, 'state', CASE WHEN starts > now() THEN 'planned' ELSE 'in_force' END, 'kind', kind,
    'speed_share', speed_share, 'modes', modes, 'reason', reason, 'names', names, 'starts', starts,
    'ends', ends, 'streets', streets, 'length_m', length_m, 'lost_m', lost_m, 'note', note,
    'author', author, 'made_at', made_at, 'drawn_as', drawn_as, 'one_way', one_way,
    'updated', updated, 'geometry', ST_AsGeoJSON(geom, 7)::json)
FROM routing.closures_ahead()
"""


def _ahead(connection: Connection) -> list[dict[str, Any]]:
    return [row[0] for row in _rows(connection, _AHEAD, ())]


def _feature(row: dict[str, Any]) -> dict[str, Any]:
    properties = {name: value for name, value in row.items() if name not in {"id", "geometry"}}
    if isinstance(properties["modes"], int):
        properties["modes"] = ", ".join(mode.label for mode in Mode(properties["modes"]))
    return {
        "type": "Feature",
        "id": row["id"],
        "geometry": row["geometry"],
        "properties": properties,
    }


def _said(plan: ClosurePlan) -> dict[str, Any]:
    return {
        "kind": plan.kind.value,
        "speed_share": plan.speed_share,
        "modes": int(plan.modes),
        "reason": plan.reason,
        "note": plan.note,
        "starts": plan.starts.isoformat(),
        "ends": plan.ends.isoformat() if plan.ends else None,
    }


def _call(connection: Connection, query: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
    (row,) = _rows(connection, query, values)
    return row


def _rows(connection: Connection, query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    try:
        return connection.execute(query.encode(), values).fetchall()
    except psycopg.errors.InsufficientPrivilege as error:
        raise AccessError(error.diag.message_primary or "refused") from error
