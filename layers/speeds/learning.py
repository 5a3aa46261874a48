"""Use case: learn from all that is kept, and let it count."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray

from layers.speeds.gathering import gather_samples
from routing.matching.learning import Learned, Samples, learn
from routing.modes import Mode
from routing.network.graph import Graph
from routing.network.live_speeds import assumed_hours
from routing.network.speeds import CLASSES
from routing.network.travel_times import speeds_kph
from routing.stored.graph_store import graph_version, load_graph
from routing.stored.speed_store import SpeedSetting, read_setting
from spatial.town import Town

Connection = psycopg.Connection[Any]
_HOURS = 24
# Ids of streets are smaller.
_NO_STREET = 2**62
_CLASS_NUMBER = {klass: number for number, klass in enumerate(CLASSES)}

_SAMPLES = """
SELECT street_id * CASE WHEN forward THEN 1 ELSE -1 END, class, weekend, hour, free_s / taken_s,
       version = %s
FROM routing.speed_sample WHERE town_id = %s AND mode = %s
"""
_FORGET = """
DELETE FROM routing.speed_sample
WHERE town_id = %s AND day < current_date - make_interval(days => %s)
"""
_PUT_HOUR = """
INSERT INTO routing.learned_hour
    (town_id, mode, class, weekend, hour, samples, measured_share, spread, share)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_PUT_SPEED = """
INSERT INTO routing.learned_speed (
    town_id, version, mode, street_id, forward, samples, stated_kph, measured_kph, spread, share
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
# Of both directions; rows that stay as they are aren't written, so that no copy reads them anew.
_SHOW_ON_STREETS = """
UPDATE routing.street SET learned_kph = taught.kph, learned_samples = taught.samples
FROM (
    SELECT street.id, taught.kph, taught.samples FROM routing.street
    LEFT JOIN (
        SELECT street_id, sum(samples)::integer AS samples,
               round(
                   (sum(samples * stated_kph * least(share, 1)) / sum(samples))::numeric, 1
               )::float8 AS kph
        FROM routing.learned_speed
        WHERE town_id = %(town)s AND version = %(version)s AND mode = %(mode)s
          AND samples >= %(least)s
        GROUP BY street_id
    ) AS taught ON taught.street_id = street.id
    WHERE street.town_id = %(town)s
) AS taught
WHERE street.town_id = %(town)s AND street.id = taught.id
  AND (street.learned_kph, street.learned_samples) IS DISTINCT FROM (taught.kph, taught.samples)
"""
_COUNT_IT = """
INSERT INTO routing.speed_setting (town_id) VALUES (%s)
ON CONFLICT (town_id) DO UPDATE SET revision = nextval('routing.measure_revision')
"""


@dataclass(frozen=True)
class Lesson:
    """What learning once has brought."""

    new_samples: int
    streets: int
    hours: int


def learn_speeds(connection: Connection, town: Town) -> Lesson | None:
    """Read new tracks, learn from all that is kept, and let it count from the next answer on.

    The worker does it every hour; the caller commits.

    Returns:
        None where there is nothing to learn from: no streets, or nothing new.
    """
    version = graph_version(connection, town.id)
    if version is None:
        return None
    setting = read_setting(connection, town.id)
    graph = load_graph(connection, town.id, version)
    new = gather_samples(connection, town, graph, version)
    gone = connection.execute(_FORGET, (town.id, setting.kept_days)).rowcount
    if not new and not gone:
        return None
    return _learn(connection, town, (graph, version), setting, new)


def _learn(
    connection: Connection,
    town: Town,
    streets: tuple[Graph, int],
    setting: SpeedSetting,
    new: int,
) -> Lesson:
    graph, version = streets
    connection.execute("DELETE FROM routing.learned_hour WHERE town_id = %s", (town.id,))
    connection.execute(
        "DELETE FROM routing.learned_speed WHERE town_id = %s AND version = %s", (town.id, version)
    )
    hours: list[tuple[Any, ...]] = []
    speeds: list[tuple[Any, ...]] = []
    for mode in Mode:
        rows = connection.execute(_SAMPLES, (version, town.id, int(mode))).fetchall()
        if not rows:
            continue
        samples, directed = _samples(rows, mode)
        learned = learn(samples, least_samples=setting.least_samples)
        hours += _hour_rows(town, mode, learned, setting)
        named = zip(directed[learned.streets.number].tolist(), _evidence(learned), strict=True)
        speeds += [
            (town.id, version, int(mode), *row) for row in _speed_rows(graph, mode, dict(named))
        ]
    with connection.cursor() as cursor:
        cursor.executemany(_PUT_HOUR, hours)
        cursor.executemany(_PUT_SPEED, speeds)
    values = {
        "town": town.id, "version": version, "mode": int(Mode.CAR), "least": setting.least_samples,
    }  # fmt: skip
    connection.execute(_SHOW_ON_STREETS, values)
    connection.execute(_COUNT_IT, (town.id,))
    return Lesson(new, len(speeds), len(hours))


def _samples(rows: list[tuple[Any, ...]], mode: Mode) -> tuple[Samples, NDArray[np.int64]]:
    """Samples, and the directed id behind each number of a street."""
    directed, classes, weekend, hour, share, is_present = zip(*rows, strict=True)
    klass = np.array([_CLASS_NUMBER[each] for each in classes], np.int64)
    slot = np.array(weekend, np.int64) * _HOURS + np.array(hour, np.int64)
    # what was driven on former streets teaches of its class and hour alone
    former = -_NO_STREET - np.arange(len(rows))
    known = np.where(np.array(is_present), np.array(directed, np.int64), former)
    ids, street = np.unique(known, return_inverse=True)
    hourly = assumed_hours().by_mode.get(mode, np.ones((2, _HOURS, len(CLASSES))))
    samples = Samples(
        street=street.astype(np.int64),
        group=klass * 2 * _HOURS + slot,
        klass=klass,
        share=np.array(share, np.float64),
        assumed=hourly.reshape(-1, len(CLASSES))[slot, klass],
    )
    return samples, ids


def _hour_rows(
    town: Town, mode: Mode, learned: Learned, setting: SpeedSetting
) -> list[tuple[Any, ...]]:
    """Rows of `routing.learned_hour`: an hour that nobody drove does as its class usually does."""
    found, classes = learned.hours, learned.classes
    by_hour = dict(zip(found.number.tolist(), range(len(found.number)), strict=True))
    assumed = assumed_hours().by_mode.get(mode, np.ones((2, _HOURS, len(CLASSES))))
    rows = []
    for klass, usual in zip(classes.number.tolist(), classes.share.tolist(), strict=True):
        for weekend, hour in product((0, 1), range(_HOURS)):
            at = by_hour.get((klass * 2 + weekend) * _HOURS + hour)
            share = float(usual * assumed[weekend, hour, klass] if at is None else found.share[at])
            limited = min(max(share, setting.least_share), setting.most_share)
            evidence = (
                (0, limited, 0.0)
                if at is None
                else (int(found.samples[at]), float(found.measured[at]), float(found.spread[at]))
            )
            key = (town.id, int(mode), CLASSES[klass], bool(weekend), hour)
            rows.append((*key, *evidence, limited))
    return rows


type _Evidence = tuple[int, float, float, float]


def _evidence(learned: Learned) -> list[_Evidence]:
    """Of each street: samples, measured share, spread, share."""
    found = learned.streets
    return list(
        zip(
            found.samples.tolist(), found.measured.tolist(), found.spread.tolist(),
            found.share.tolist(), strict=True,
        )
    )  # fmt: skip


def _speed_rows(
    graph: Graph, mode: Mode, by_street: dict[int, _Evidence]
) -> Iterator[tuple[Any, ...]]:
    """Rows of `routing.learned_speed` without town, version and mode.

    Args:
        graph: the streets.
        mode: who drove.
        by_street: what was learned, by the street's id, negative for against its geometry.
    """
    stated = speeds_kph(graph, mode)
    index = {street: i for i, street in enumerate(graph.street_ids.tolist())}
    for street, (samples, measured, spread, share) in by_street.items():
        if abs(street) in index:
            kph = float(stated[index[abs(street)], 0 if street > 0 else 1])
            yield abs(street), street > 0, samples, kph, measured * kph, spread, share
