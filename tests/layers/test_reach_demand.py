"""What is to be expected, counted by hand; and what sending somebody costs, by leaving him out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import h3
import numpy as np
import psycopg
import pytest

import smalltown
from layers.facts.store import save_facts
from layers.reach.demand import PRIOR_INCIDENTS, expected_incidents
from spatial.town import read_town

# A Tuesday, 10:20 in the town.
MOMENT = datetime(2026, 6, 30, 2, 20, tzinfo=UTC)
DAYS = 28
ONE, OTHER = (120.02, 29.02), (120.08, 29.08)


def _cell(place: tuple[float, float]) -> int:
    return h3.str_to_int(h3.latlng_to_cell(place[1], place[0], 11))


def _happen(
    connection: psycopg.Connection, place: tuple[float, float], moments: list[datetime]
) -> None:
    for moment in moments:
        connection.execute(
            "INSERT INTO layers.incident (town_id, key, category, occurred_at, cell, geom,"
            " batch_id, inside) SELECT town_id, gen_random_uuid()::text, (SELECT min(code) FROM"
            " layers.category), %s, %s, ST_Point(%s, %s, 4326), id, true FROM spatial.batch",
            (moment, _cell(place), *place),
        )


@pytest.fixture
def town_id(connection: psycopg.Connection) -> int:
    found = smalltown.add_town(connection)
    save_facts(connection)
    return found


def test_hours_alike_say_how_many_and_all_hours_say_where(
    connection: psycopg.Connection, town_id: int
) -> None:
    town = read_town(connection)
    # 20 working days before: one incident at ten each day here, and two each evening there
    days = [MOMENT - timedelta(days=ago) for ago in range(1, DAYS + 1)]
    working = [day for day in days if day.isoweekday() < 6]
    _happen(connection, ONE, working)
    _happen(connection, OTHER, [day + timedelta(hours=8) for day in working for _ in range(2)])
    # neither the weekend at ten, nor the years before, nor what is yet to come
    _happen(connection, OTHER, [MOMENT - timedelta(days=400), MOMENT + timedelta(hours=1)])
    found = expected_incidents(connection, town, MOMENT, DAYS)
    assert found.cells.tolist() == sorted([_cell(ONE), _cell(OTHER)])
    assert found.per_hour.sum() == pytest.approx(20 / (3 * 20))
    at_ten = dict(zip(found.cells.tolist(), found.per_hour.tolist(), strict=True))
    prior = PRIOR_INCIDENTS / (20 + PRIOR_INCIDENTS)
    share = at_ten[_cell(ONE)] / found.per_hour.sum()
    assert share == pytest.approx((1 - prior) + prior * 20 / 60)


def test_a_town_without_incidents_expects_none(
    connection: psycopg.Connection, town_id: int
) -> None:
    found = expected_incidents(connection, read_town(connection), MOMENT)
    assert len(found.cells) == len(found.per_hour) == 0


def test_hours_around_midnight_are_alike(connection: psycopg.Connection, town_id: int) -> None:
    town = read_town(connection)
    # Wednesday, 00:30 in the town
    midnight = datetime(2026, 6, 30, 16, 30, tzinfo=UTC)
    eve = [midnight - timedelta(days=7, hours=h) for h in (-1, 0, 1)]
    _happen(connection, ONE, eve)
    _happen(connection, ONE, [midnight - timedelta(days=7, hours=2, minutes=30)])
    found = expected_incidents(connection, town, midnight, 7)
    assert found.per_hour.sum() == pytest.approx(2 / (3 * 5))
    assert np.all(found.per_hour >= 0)
