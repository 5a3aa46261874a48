"""A device that tells GCJ-02 as WGS 84 is doubted, and nobody who tells the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import psycopg
import pytest
import shapely

from layers.positions.datum_check import check_position_datums
from layers.positions.datum_doubt import doubt_datum
from routing.modes import Mode
from routing.nearest.engine import Engine
from routing.network.graph import graph_from_streets
from routing.sources.assembly import make_streets
from routing.sources.osm_rules import Properties
from spatial.checks import State
from spatial.datum import gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02
from spatial.town import read_town

Floats = Any
AS_IT_IS = {
    "right": lambda lon, lat: (lon, lat),
    "gcj02": wgs84_to_gcj02,
    "bd09": wgs84_to_bd09,
    "wgs84": gcj02_to_wgs84,
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    """Streets across and up, between 150 and 330 m apart, by no rule."""
    rng = np.random.default_rng(5)
    xs, ys = (base + np.cumsum(rng.uniform(0.0015, 0.003, 12)) for base in (120.0, 29.0))
    lines, ends = [], []
    for i, x in enumerate(xs):
        for j, y in enumerate(ys):
            for di, dj in ((1, 0), (0, 1)):
                if i + di < 12 and j + dj < 12:
                    lines.append(shapely.LineString([(x, y), (xs[i + di], ys[j + dj])]))
                    ends.append((12 * i + j, 12 * (i + di) + j + dj))
    street = Properties("residential", None, None, False, False, 0, 30.0, 15, 15)
    streets = make_streets(
        np.array(ends), np.array(lines, object), [street] * len(lines), [None] * len(lines)
    )
    return Engine(graph_from_streets(streets))


@pytest.fixture(scope="module")
def ride(engine: Engine) -> Callable[[int, int], Floats]:
    """(P, 2) places along streets, 8 m off them: up one, across the next."""

    def run(places: int, seed: int) -> Floats:
        rng = np.random.default_rng(seed)
        corners = np.unique(engine.graph.vertices, axis=0)
        xs, ys = np.unique(corners[:, 0]), np.unique(corners[:, 1])
        stations = [(xs[n // 2], ys[(n + 1) // 2]) for n in range(2 * len(xs) - 1)]
        line = shapely.LineString(stations)
        on = shapely.line_interpolate_point(line, np.linspace(0, 0.0005 * places, places))
        return shapely.get_coordinates(on) + rng.normal(0, 8 / 111_320, (places, 2))

    return run


@pytest.mark.parametrize("said", list(AS_IT_IS))
def test_only_what_lies_on_no_street_as_told_is_doubted(
    engine: Engine, ride: Callable[[int, int], Floats], said: str
) -> None:
    for seed in range(5):
        told = np.column_stack(AS_IT_IS[said](*ride(80, seed).T))
        doubt = doubt_datum(engine, Mode.CAR, told)
        if said == "right":
            assert doubt is None
        else:
            assert doubt is not None
            assert doubt.reading == said
            assert doubt.told_m > 2 * doubt.read_m


def test_who_stands_or_walks_the_fields_is_not_doubted(
    engine: Engine, ride: Callable[[int, int], Floats]
) -> None:
    standing = np.repeat(np.column_stack(wgs84_to_gcj02(*ride(1, 0).T)), 200, axis=0)
    assert doubt_datum(engine, Mode.CAR, standing) is None
    anywhere = np.random.default_rng(2).uniform((120.0, 29.0), (120.025, 29.025), (300, 2))
    assert doubt_datum(engine, Mode.FOOT, anywhere) is None


def test_a_town_without_tracks_is_told_so(
    connection: psycopg.Connection, add_small_town: Callable[..., int]
) -> None:
    add_small_town(connection)
    check = check_position_datums(connection, read_town(connection))
    assert (check.state, "轨迹不足" in check.detail) == (State.OK, True)
