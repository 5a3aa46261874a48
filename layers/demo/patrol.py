"""The demo's responders drive along the streets, so that its live map lives.

A demo's clock stands still: their fixes are always of a moment ago by that clock, so that they are
as fresh when the demo has been stopped. Whom a device tells of is left to the device; who has an
order drives to its incident.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Event
from typing import Any, NamedTuple

import numpy as np
import psycopg
from numpy.typing import NDArray
from shapely.geometry import LineString

from grids.cells import STORED_RESOLUTION, cells_of_points
from layers.dispatch.current_engine import CurrentEngine
from routing.modes import MODES_BY_NAME, Mode
from routing.nearest.answers import Origin
from routing.nearest.engine import Engine
from routing.network.segment_grid import OFF_STREET
from routing.network.travel_times import travel_times_s
from spatial.errors import NotFoundError
from spatial.town import Town, read_town

_TICK_S = 2.0
_LOOK_AGAIN_TICKS = 5
_KEPT_TICKS = 5
_DRIVES_S, _STANDS_S = (60.0, 240.0), (60.0, 400.0)
# Of the free speed: who patrols looks around.
_PATROL_SHARE = 0.6
_FIX_NOISE_DEG = 3.0 / 111_320
_MOST_STREETS_A_TICK = 20


class Ridden(NamedTuple):
    """Where somebody came."""

    id: int
    lon: float
    lat: float
    bearing: float
    speed: float
    street: int | None
    fraction: float | None
    forward: bool | None


_ON_PATROL = """
SELECT responder.id, mode, ST_X(responder.geom), ST_Y(responder.geom),
       ST_X(incident.geom), ST_Y(incident.geom)
FROM layers.responder
LEFT JOIN layers.response_order AS sent
    ON sent.responder_id = responder.id AND sent.ended_at IS NULL
LEFT JOIN layers.incident ON incident.id = sent.incident_id
WHERE responder.town_id = %(town_id)s AND on_duty AND coalesce(break_until < now(), true)
  AND abs(extract(epoch FROM fix_at - %(as_of)s)) < 86400
"""
_MOVE = """
WITH told AS (
    SELECT * FROM unnest(
        %(id)s::bigint[], %(lon)s::float8[], %(lat)s::float8[], %(bearing)s::float8[],
        %(speed)s::float8[], %(street)s::bigint[], %(fraction)s::float8[], %(forward)s::boolean[],
        %(cell)s::bigint[]
    ) AS told (id, lon, lat, bearing_deg, speed_mps, street_id, fraction, forward, cell)
), moved AS (
    UPDATE layers.responder
    SET geom = ST_SetSRID(ST_MakePoint(told.lon, told.lat), 4326), cell = told.cell,
        fix_at = %(as_of)s - make_interval(secs => 1 + random() * 4),
        received_at = clock_timestamp(),
        bearing_deg = told.bearing_deg, speed_mps = told.speed_mps,
        street_id = told.street_id, fraction = told.fraction, forward = told.forward
    FROM told WHERE responder.id = told.id
        AND abs(extract(epoch FROM fix_at - %(as_of)s)) < 86400
    RETURNING responder.*
)
INSERT INTO layers.position
SELECT id, now(), town_id, geom, accuracy_m, speed_mps, bearing_deg, street_id, fraction, forward
FROM moved WHERE %(kept)s
"""


@dataclass
class _Rider:
    """One on patrol: so many metres along a directed street, or along the way to its incident.

    Attributes:
        edge: 2·street along its geometry, 2·street + 1 against it; OFF_STREET on the way to `goal`.
        line: of the street in its direction, or of that way.
    """

    mode: Mode
    edge: int
    line: LineString
    length_m: float
    speed_mps: float
    along_m: float = 0.0
    drives: bool = False
    changes_in_s: float = 0.0
    goal: tuple[float, float] | None = None

    def place(self) -> tuple[float, float, float]:
        """Longitude, latitude, and degrees from north clockwise of where it heads."""
        share = min(self.along_m / max(self.length_m, 0.1), 1.0)
        here = self.line.interpolate(share, normalized=True)
        one, other = (
            self.line.interpolate(each, normalized=True)
            for each in (max(share - 0.01, 0), min(share + 0.01, 1))
        )
        east = (other.x - one.x) * math.cos(math.radians(here.y))
        return here.x, here.y, math.degrees(math.atan2(east, other.y - one.y)) % 360


class Patrol:
    """The responders of a demo town, moved along its streets tick by tick."""

    def __init__(self, engine: Engine, chance: random.Random) -> None:
        """Nobody yet.

        Args:
            engine: of the town's streets.
            chance: which way they take, and how long they stand.
        """
        self.engine, self._chance = engine, chance
        self._graph = graph = engine.graph
        self._lines = graph.lines
        self._riders: dict[int, _Rider] = {}
        self._speeds_mps: dict[Mode, NDArray[np.float64]] = {}
        self._leaving: dict[int, list[int]] = {}
        for edge in range(2 * len(graph.street_ids)):
            self._leaving.setdefault(int(graph.ends[edge >> 1, edge & 1]), []).append(edge)

    def look(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Take over who is on patrol now: id, mode, lon, lat, and where its order leads."""
        riders: dict[int, _Rider] = {}
        for responder, name, lon, lat, *goal in rows:
            rider = self._riders.get(responder) or self._standing(MODES_BY_NAME[name], lon, lat)
            if rider is not None:
                self._send(rider, None if goal[0] is None else (goal[0], goal[1]))
                riders[responder] = rider
        self._riders = riders

    def ride(self, elapsed_s: float) -> list[Ridden]:
        """Move on; those who moved."""
        found = []
        for responder, rider in self._riders.items():
            if not self._is_riding(rider, elapsed_s):
                continue
            self._go_on(rider, elapsed_s)
            lon, lat, bearing = rider.place()
            on_street = rider.edge != OFF_STREET
            share = min(rider.along_m / max(rider.length_m, 0.1), 1.0)
            forward = rider.edge & 1 == 0
            found.append(
                Ridden(
                    responder,
                    lon + self._chance.gauss(0, _FIX_NOISE_DEG),
                    lat + self._chance.gauss(0, _FIX_NOISE_DEG),
                    round(bearing, 1),
                    round(rider.speed_mps, 1),
                    int(self._graph.street_ids[rider.edge >> 1]) if on_street else None,
                    (share if forward else 1 - share) if on_street else None,
                    forward if on_street else None,
                )
            )
        return found

    def _standing(self, mode: Mode, lon: float, lat: float) -> _Rider | None:
        """One who stands at a place for a while; None where it is off street."""
        snaps = self.engine.places_of(mode, np.array([[lon, lat]]), leaving=True)
        street = int(snaps.street[0])
        if street == OFF_STREET:
            return None
        direction = 0 if self._graph.admits(mode)[street, 0] else 1
        rider = _Rider(mode, OFF_STREET, self._lines[street], 0.0, 0.0)
        self._enter(rider, 2 * street + direction)
        share = float(snaps.fraction[0])
        rider.along_m = (share if direction == 0 else 1 - share) * rider.length_m
        rider.changes_in_s = self._chance.uniform(0, _STANDS_S[0])
        return rider

    def _enter(self, rider: _Rider, edge: int) -> None:
        line: LineString = self._lines[edge >> 1]
        rider.edge, rider.along_m = edge, 0.0
        rider.line = line if edge & 1 == 0 else line.reverse()
        rider.length_m = float(self._graph.length_m[edge >> 1])
        rider.speed_mps = _PATROL_SHARE * float(self._speeds(rider.mode)[edge])

    def _send(self, rider: _Rider, goal: tuple[float, float] | None) -> None:
        """On the way to an incident, or back on patrol from where it is."""
        if goal == rider.goal:
            return
        rider.goal = goal
        lon, lat, _ = rider.place()
        if goal is None:
            fresh = self._standing(rider.mode, lon, lat)
            if fresh is not None:
                vars(rider).update(vars(fresh))
            return
        found = self.engine.nearest(*goal, [Origin("", lon, lat, rider.mode)], 1).arrivals
        if found:
            rider.edge, rider.along_m, rider.line = OFF_STREET, 0.0, found[0].route
            rider.length_m = found[0].distance_m
            rider.speed_mps = found[0].distance_m / max(found[0].travel_time_s, 1.0)

    def _is_riding(self, rider: _Rider, elapsed_s: float) -> bool:
        if rider.goal is not None:
            return rider.edge == OFF_STREET and rider.along_m < rider.length_m
        rider.changes_in_s -= elapsed_s
        if rider.changes_in_s <= 0:
            rider.drives = not rider.drives
            rider.changes_in_s = self._chance.uniform(*(_DRIVES_S if rider.drives else _STANDS_S))
        return rider.drives and rider.edge != OFF_STREET

    def _go_on(self, rider: _Rider, elapsed_s: float) -> None:
        rest_m = rider.speed_mps * elapsed_s
        if rider.goal is not None:
            rider.along_m = min(rider.along_m + rest_m, rider.length_m)
            return
        for _ in range(_MOST_STREETS_A_TICK):
            left_m = rider.length_m - rider.along_m
            if rest_m < left_m:
                rider.along_m += rest_m
                return
            rest_m -= left_m
            self._enter(rider, self._next(rider))

    def _next(self, rider: _Rider) -> int:
        """Any street to go on by, back only where there is no other."""
        node = int(self._graph.ends[rider.edge >> 1, 1 - (rider.edge & 1)])
        admits = self._graph.admits(rider.mode).ravel()
        onward = [edge for edge in self._leaving[node] if admits[edge] and edge != rider.edge ^ 1]
        return self._chance.choice(onward) if onward else rider.edge ^ 1

    def _speeds(self, mode: Mode) -> NDArray[np.float64]:
        if mode not in self._speeds_mps:
            time_s = np.maximum(travel_times_s(self._graph, mode), 0.1)
            self._speeds_mps[mode] = (self._graph.length_m[:, None] / time_s).ravel()
        return self._speeds_mps[mode]


def patrol_until(stopping: Event, conninfo: str) -> None:
    """Let the responders of a demo town ride until it stops; does nothing in a real town.

    Args:
        stopping: set when it is to end.
        conninfo: as the database's owner.
    """
    with psycopg.connect(conninfo, autocommit=True) as connection:
        town = read_town(connection)
        if town.as_of is None:
            return
        current = CurrentEngine(town)
        patrol: Patrol | None = None
        tick = 0
        while not stopping.wait(_TICK_S):
            try:
                engine = current.get(connection)
            except NotFoundError:
                continue
            if patrol is None or patrol.engine is not engine:
                patrol = Patrol(engine, random.Random())  # noqa: S311 - no secret
            if tick % _LOOK_AGAIN_TICKS == 0:
                patrol.look(_on_patrol(connection, town))
            _store(connection, town, patrol.ride(_TICK_S), kept=tick % _KEPT_TICKS == 0)
            tick += 1


def _on_patrol(connection: psycopg.Connection[Any], town: Town) -> list[tuple[Any, ...]]:
    return connection.execute(_ON_PATROL, {"town_id": town.id, "as_of": town.as_of}).fetchall()


def _store(
    connection: psycopg.Connection[Any], town: Town, ridden: list[Ridden], *, kept: bool
) -> None:
    if not ridden:
        return
    columns = {
        name: list(column)
        for name, column in zip(Ridden._fields, zip(*ridden, strict=True), strict=True)
    }
    cells = cells_of_points(columns["lon"], columns["lat"], STORED_RESOLUTION).tolist()
    values = {**columns, "cell": cells, "as_of": town.as_of, "kept": kept}
    connection.execute(_MOVE, values)
    connection.execute("SELECT pg_notify('gridwhistle_positions', '')")
