"""Road works in the demo town, so that the layer of closures shows what it is for."""

from __future__ import annotations

import psycopg

from layers.closures.desk import enter_town
from routing.modes import CARS
from spatial.town import Town

_SPEED_SHARE = 0.7  # one lane is left
# The residential street in the middle of the town's incidents, as somebody would have drawn it.
_ROADWORKS = """
WITH middle AS (
    SELECT ST_Centroid(ST_Collect(geom)) AS spot FROM layers.incident WHERE town_id = %(town)s
), street AS (
    SELECT street.*, graph.version FROM routing.street
    JOIN routing.graph ON graph.town_id = street.town_id, middle
    WHERE street.town_id = %(town)s AND class = 'residential' AND length_m > 120
    ORDER BY street.geom <-> middle.spot, street.id LIMIT 1
), works AS (
    INSERT INTO routing.closure
        (town_id, kind, speed_share, modes, reason, note, starts, drawn, drawn_as, one_way, version,
         streets, length_m, names, geom)
    SELECT town_id, 'slow', %(share)s, %(modes)s, 'works', '演示:管网改造,保留一条车道', %(moment)s,
           geom, 'streets', false, version, 1, length_m, name, ST_Multi(geom)
    FROM street RETURNING *
)
SELECT routing.put_closure_in_force(works, ARRAY[street.id, -street.id]) FROM works, street
"""


def load_roadworks(connection: psycopg.Connection, town: Town) -> None:
    """Slow one street for cars; the demo's furniture, and no part of what the generator made."""
    enter_town(connection, town)
    connection.execute(
        _ROADWORKS,
        {"town": town.id, "share": _SPEED_SHARE, "modes": int(CARS), "moment": town.now()},
    )
