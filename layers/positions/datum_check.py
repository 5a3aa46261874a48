"""Which responders' devices seem to speak of another datum than is said; for `check`."""

from __future__ import annotations

from typing import Any

import numpy as np
import psycopg

from layers.dispatch.current_engine import CurrentEngine
from layers.positions.datum_doubt import LEAST_PLACES, DatumDoubt, doubt_datum
from routing.modes import MODES_BY_NAME
from spatial.checks import Check, State
from spatial.errors import NotFoundError
from spatial.town import Town

_NAMED = 10
# A position every 5 s while one moves: the last hour or so.
_LAST = """
SELECT responder.key, responder.mode, array_agg(ST_X(last.geom) ORDER BY last.at),
       array_agg(ST_Y(last.geom) ORDER BY last.at)
FROM layers.responder, LATERAL (
    SELECT geom, at FROM layers.position
    WHERE responder_id = responder.id AND coalesce(accuracy_m, 0) <= 50
    ORDER BY at DESC LIMIT 800
) AS last
WHERE responder.town_id = %s
GROUP BY responder.key, responder.mode HAVING count(*) >= %s ORDER BY responder.key
"""


def check_position_datums(connection: psycopg.Connection[Any], town: Town) -> Check:
    """Whether each one's positions lie on the streets as they were told; changes nothing."""
    name = ("position_datums", "定位坐标系", "datum of positions")
    rows = connection.execute(_LAST, (town.id, LEAST_PLACES)).fetchall()
    try:
        engine = CurrentEngine(town).get(connection) if rows else None
    except NotFoundError:
        engine = None
    if engine is None:
        return Check(*name, State.OK, "nobody has moved far enough to tell / 轨迹不足,无从判断")
    doubts = {
        key: doubt
        for key, mode, lon, lat in rows
        if (doubt := doubt_datum(engine, MODES_BY_NAME[mode], np.column_stack([lon, lat])))
    }
    if not doubts:
        return Check(*name, State.OK, f"{len(rows)} responders' positions lie on the streets")
    named = "; ".join(_told(key, doubt) for key, doubt in list(doubts.items())[:_NAMED])
    return Check(
        *name, State.WARNING, f"{len(doubts)} of {len(rows)} may be said in a wrong datum: {named}",
        "look at what these devices send, and state that datum (datum, or positions --datum); "
        "if it is so of all, the streets may be the ones that are shifted",
    )  # fmt: skip


def _told(key: str, doubt: DatumDoubt) -> str:
    return (
        f"{key}: of {doubt.places} places half lie {_metres(doubt.told_m)} or more from a street, "
        f"and within {_metres(doubt.read_m)} if they are {doubt.reading}"
    )


def _metres(distance_m: float) -> str:
    return f"{distance_m:.0f} m" if np.isfinite(distance_m) else "500 m"
