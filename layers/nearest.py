"""Use case: who of the town's responders on duty can be at a point first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg import sql
from shapely.geometry import mapping

from layers.dispatch.current_engine import CurrentEngine
from routing.answers import Arrival, EdgePosition, Origin, Ranking, Snap, Unreachable
from routing.engine import Engine
from routing.modes import MODES_BY_NAME, Mode
from spatial.town import Town

# The first responder shall be there within three minutes.
HOLD_S = 180.0

_ON_DUTY = sql.SQL("""
SELECT key, label, department, mode, ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM {responders}
WHERE town_id = %s AND on_duty AND (%s::text IS NULL OR mode = %s)
ORDER BY key
""")
_TABLE = sql.Identifier("layers", "responder")


@dataclass(frozen=True)
class OnDuty:
    """A responder who may be sent."""

    label: str
    department: str | None
    origin: Origin


@dataclass(frozen=True)
class Answer:
    """Who can be at (lon, lat) first.

    Attributes:
        on_duty: every responder who was asked for, by key.
        ranking: what the streets say of them.
    """

    lon: float
    lat: float
    on_duty: dict[str, OnDuty]
    ranking: Ranking

    def as_json(self) -> dict[str, Any]:
        """The answer for machines; see docs of `nearest --json` for the meaning of its fields."""
        return {
            "incident": {
                "lon": self.lon,
                "lat": self.lat,
                "snap": {
                    mode.label: _snap_as_json(snap)
                    for mode, snap in self.ranking.incident_snaps.items()
                },
            },
            "responders": [self._arrival_as_json(a) for a in self.ranking.arrivals],
            "unreachable": [self._unreachable_as_json(u) for u in self.ranking.unreachable],
        }

    def _arrival_as_json(self, arrival: Arrival) -> dict[str, Any]:
        return {
            **self._who(arrival.origin),
            "travel_time_s": arrival.travel_time_s,
            "distance_m": arrival.distance_m,
            "holds_180_s": holds(arrival),
            "snap": _snap_as_json(arrival.snap),
            "incident_snap": _snap_as_json(arrival.incident_snap),
            "route": mapping(arrival.route),
        }

    def _unreachable_as_json(self, unreachable: Unreachable) -> dict[str, Any]:
        return {**self._who(unreachable.origin), "reason": unreachable.reason.value}

    def _who(self, origin: Origin) -> dict[str, Any]:
        responder = self.on_duty[origin.key]
        return {
            "key": origin.key,
            "label": responder.label,
            "department": responder.department,
            "mode": origin.mode.label,
            "lon": origin.lon,
            "lat": origin.lat,
        }


def holds(arrival: Arrival) -> bool:
    """Whether the promise of 180 s holds, as far as the streets are concerned."""
    return arrival.travel_time_s <= HOLD_S


def nearest_responders(  # noqa: PLR0913 - where, whose, how many and how
    connection: psycopg.Connection[Any],
    town: Town,
    engine: Engine,
    *,
    lon: float,
    lat: float,
    k: int = 5,
    mode: Mode | None = None,
    responders: sql.Identifier = _TABLE,
) -> Answer:
    """The k responders on duty who can be at a point first now, with their routes.

    Args:
        connection: to where the responders are.
        town: whose responders.
        engine: of the town's streets.
        lon: of the incident, degrees.
        lat: of the incident, degrees.
        k: how many.
        mode: only those who travel so; None for everybody.
        responders: where they are found: the table, or the view of a role.

    Raises:
        InputError: the point lies too far from every street.
    """
    on_duty = responders_on_duty(connection, town, mode, responders)
    origins = [responder.origin for responder in on_duty.values()]
    at = datetime.now(ZoneInfo(town.time_zone))
    return Answer(lon, lat, on_duty, engine.nearest(lon, lat, origins, k, at))


def responders_on_duty(
    connection: psycopg.Connection[Any],
    town: Town,
    mode: Mode | None = None,
    responders: sql.Identifier = _TABLE,
) -> dict[str, OnDuty]:
    """The town's responders on duty by key; of one mode, or all."""
    name = mode.label if mode else None
    rows = connection.execute(
        _ON_DUTY.format(responders=responders), (town.id, name, name)
    ).fetchall()
    return {
        key: OnDuty(label, department, Origin(key, lon, lat, MODES_BY_NAME[mode_name]))
        for key, label, department, mode_name, lon, lat in rows
    }


def _snap_as_json(snap: Snap) -> dict[str, Any]:
    return {
        **_position_as_json(snap.edge),
        "distance_m": snap.distance_m,
        "reverse": _position_as_json(snap.reverse) if snap.reverse else None,
    }


def _position_as_json(position: EdgePosition) -> dict[str, Any]:
    return {
        "u": position.u,
        "v": position.v,
        "key": position.key,
        "fraction": position.fraction,
    }
