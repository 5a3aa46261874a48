"""Use case: read tracks that nobody has read yet, and keep the streets they drove through.

Of a track, only how fast a street was driven at which hour is kept, not by whom.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import psycopg
from numpy.typing import NDArray

from routing.matching.match import Matcher, match_track
from routing.matching.traversals import Traversals, traversals
from routing.modes import MODES_BY_NAME, Mode
from routing.network.graph import Graph
from routing.network.speeds import CLASSES
from routing.network.travel_times import delays_s, speeds_kph
from spatial.town import Town

Connection = psycopg.Connection[Any]
# A track that may go on isn't read yet; the last fixes of one that was are read with the next.
_MOST_FIXES = 200_000
_NEW_TRACK_S = 600.0
_USUAL_ACCURACY_M = 10.0
_WEEKEND = 5
# Waiting is taken off what a stretch took, but never so much that a standing start flies.
_LEAST_DRIVING = 0.3

_FIXES = """
SELECT p.responder_id, r.mode, extract(epoch FROM p.at)::float8, ST_X(p.geom), ST_Y(p.geom),
       coalesce(p.accuracy_m, %(accuracy)s),
       EXISTS (SELECT FROM layers.response_order o WHERE o.responder_id = p.responder_id
               AND p.at BETWEEN o.arrived_at AND coalesce(o.ended_at, now()))
FROM layers.position p JOIN layers.responder r ON r.id = p.responder_id
WHERE p.town_id = %(town)s AND p.at > %(after)s AND p.at <= %(until)s
ORDER BY p.responder_id, p.at LIMIT %(most)s
"""
# From when to when: what is settled, and no more than can be read at a time.
_SPAN = """
SELECT coalesce((SELECT learned_to FROM routing.speed_setting WHERE town_id = %(town)s),
                'epoch') AS after,
       coalesce((SELECT at FROM layers.position WHERE town_id = %(town)s
                 AND at > coalesce((SELECT learned_to FROM routing.speed_setting
                                    WHERE town_id = %(town)s), 'epoch')
                 ORDER BY at OFFSET %(most)s LIMIT 1), now() - interval '10 minutes')
"""
_KEEP = """
INSERT INTO routing.speed_sample (
    town_id, version, street_id, forward, class, mode, weekend, hour, day, length_m, free_s, taken_s
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_READ_TO = """
INSERT INTO routing.speed_setting (town_id, learned_to) VALUES (%(town)s, %(until)s)
ON CONFLICT (town_id) DO UPDATE SET learned_to = excluded.learned_to
"""


class _Fix(NamedTuple):
    responder_id: int
    mode: str
    at_s: float
    lon: float
    lat: float
    accuracy_m: float
    at_order: bool


def gather_samples(connection: Connection, town: Town, graph: Graph, version: int) -> int:
    """Read what was driven since it was read last; says how many stretches were kept.

    Args:
        connection: of the owner; the caller commits.
        town: whose tracks.
        graph: its streets now.
        version: of these.
    """
    row = connection.execute(_SPAN, {"town": town.id, "most": _MOST_FIXES}).fetchone()
    assert row is not None  # an aggregate gives one row
    after, until = row
    values = {
        "town": town.id, "after": after, "until": until, "most": 2 * _MOST_FIXES,
        "accuracy": _USUAL_ACCURACY_M,
    }  # fmt: skip
    fixes = [_Fix(*fix) for fix in connection.execute(_FIXES, values).fetchall()]
    reading = _Reading(graph, town)
    rows = [
        (town.id, version, *sample) for track in _tracks(fixes) for sample in reading.samples(track)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_KEEP, rows)
    connection.execute(_READ_TO, {"town": town.id, "until": until})
    return len(rows)


def _tracks(fixes: list[_Fix]) -> Iterator[list[_Fix]]:
    """Fixes of one responder without a long silence."""
    for _, group in groupby(fixes, key=lambda fix: fix.responder_id):
        track: list[_Fix] = []
        for fix in group:
            if track and fix.at_s - track[-1].at_s > _NEW_TRACK_S:
                yield track
                track = []
            track.append(fix)
        yield track


class _Reading:
    """Tracks laid on the streets, by each mode's own."""

    def __init__(self, graph: Graph, town: Town) -> None:
        self._graph = graph
        self._zone = ZoneInfo(town.time_zone)
        self._matchers: dict[Mode, Matcher] = {}

    def samples(self, track: list[_Fix]) -> Iterator[tuple[Any, ...]]:
        """Rows of `routing.speed_sample` without town and version."""
        if len(track) < 2:
            return
        mode = MODES_BY_NAME[track[0].mode]
        if mode not in self._matchers:
            self._matchers[mode] = Matcher(self._graph, mode)
        columns = np.array([fix[2:] for fix in track], np.float64)
        at_s = columns[:, 0]
        matched = match_track(self._matchers[mode], columns[:, 1:3], at_s, columns[:, 3])
        driven = traversals(matched, at_s, self._graph.length_m, columns[:, 4] > 0)
        free_s, taken_s = self._times(mode, driven)
        for i in range(len(driven.street)):
            there = datetime.fromtimestamp(driven.at_s[i], self._zone)
            street = int(driven.street[i])
            yield (
                int(self._graph.street_ids[street]), bool(driven.forward[i]),
                CLASSES[self._graph.classes[street]], int(mode),
                there.weekday() >= _WEEKEND, there.hour, there.date(),
                float(driven.length_m[i]), float(free_s[i]), float(taken_s[i]),
            )  # fmt: skip

    def _times(
        self, mode: Mode, driven: Traversals
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Seconds of driving when streets are free, and of driving as it was."""
        graph, street = self._graph, driven.street
        direction = np.where(driven.forward, 0, 1)
        free_s = driven.length_m * 3.6 / speeds_kph(graph, mode)[street, direction]
        part = driven.length_m / np.maximum(graph.length_m[street], 1e-9)
        waiting_s = delays_s(graph, mode)[street, direction] * np.minimum(part, 1.0)
        return free_s, np.maximum(driven.taken_s - waiting_s, _LEAST_DRIVING * driven.taken_s)
