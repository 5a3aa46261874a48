"""Speeds are learned from stored tracks, count at the next answer, and can be switched off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import psycopg
import pytest
import shapely

from layers.closures.desk import enter_town
from layers.dispatch.current_engine import CurrentEngine
from layers.facts.store import save_facts
from layers.speeds.learning import learn_speeds
from layers.speeds.shown import learned_speeds, switch_learned_speeds
from routing.modes import ALL_MODES, Mode
from routing.nearest.answers import Origin
from routing.sources.assembly import make_streets
from routing.sources.osm_rules import Properties
from routing.stored.store import save_streets
from spatial.errors import InputError
from spatial.town import Town, read_town

ALL = int(ALL_MODES)
STATED_KPH = 36.0
DRIVEN_MPS = 5.0  # half of what is stated
UNIT = 0.002  # about 200 m
WEST, EAST = (120.05, 29.05), (120.05 + 3 * UNIT, 29.05)


@pytest.fixture
def town(connection: psycopg.Connection, add_small_town) -> Town:
    """Three blocks in a row, and one that nobody drives through, 1 km north of them."""
    number = add_small_town(connection, synthetic=False)
    save_facts(connection)
    xy = [(WEST[0] + i * UNIT, WEST[1]) for i in range(4)]
    far = [(x, WEST[1] + 0.01) for x, _ in xy[:2]]
    pairs = [(0, 1), (1, 2), (2, 3)]
    lines = [shapely.LineString([xy[a], xy[b]]) for a, b in pairs] + [shapely.LineString(far)]
    ends = np.array([*pairs, (10, 11)]) + 1
    properties = [
        Properties("secondary", None, None, False, False, 0, STATED_KPH, ALL, ALL) for _ in lines
    ]
    streets = make_streets(ends, np.array(lines), properties, [None] * len(lines))
    (batch,) = connection.execute("SELECT max(id) FROM spatial.batch").fetchone()
    save_streets(connection, number, batch, streets)
    return read_town(connection)


def drive(connection: psycopg.Connection, key: str, n: int, *, mps: float = DRIVEN_MPS) -> None:
    """A responder goes from west to east n times, a fix every 5 s; each run within one hour."""
    (who,) = connection.execute(
        "INSERT INTO layers.responder (town_id, key, label, mode, department, geom, inside)"
        " SELECT id, %s, %s, 'car', 'police', 'SRID=4326;POINT(120.05 29.05)', true"
        " FROM spatial.town RETURNING id",
        (key, key),
    ).fetchone()
    length_m = shapely.LineString([WEST, EAST]).length * 97_300  # a degree there
    steps = int(length_m / mps / 5)
    now = datetime.now(UTC)
    rows = [
        (who, now - timedelta(hours=3 + run) + timedelta(seconds=5 * i),
         WEST[0] + (EAST[0] - WEST[0]) * i / steps)
        for run in range(n) for i in range(steps + 1)
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO layers.position (responder_id, town_id, at, geom, accuracy_m)"
            " SELECT %s, id, %s, ST_SetSRID(ST_MakePoint(%s, 29.05), 4326), 5 FROM spatial.town",
            rows,
        )


def seconds(connection: psycopg.Connection, engine: CurrentEngine) -> float:
    found = engine.get(connection).nearest(
        *EAST,
        [Origin("a", *WEST, Mode.CAR)],
        1,
        datetime(2026, 7, 4, 12),  # noqa: DTZ001
    )
    return found.arrivals[0].travel_time_s


def test_tracks_teach_and_it_counts_until_it_is_switched_off(
    connection: psycopg.Connection, town: Town
):
    engine = CurrentEngine(town)
    stated_s = seconds(connection, engine)
    drive(connection, "a", 12)
    lesson = learn_speeds(connection, town)
    assert lesson.new_samples == 36
    learned_s = seconds(connection, engine)
    assert 1.5 * stated_s < learned_s < 2.05 * stated_s
    enter_town(connection, town)
    shown = learned_speeds(connection)
    assert shown["samples"] == 36
    driven = {each["street"]: each for each in shown["streets"]}
    assert len(driven) == 3
    for each in driven.values():
        assert each["forward"] is True
        assert each["before_kph"] == STATED_KPH
        assert each["measured_kph"] == pytest.approx(STATED_KPH / 2, rel=0.1)
        assert each["samples"] == 12
    (on_street,) = connection.execute(
        "SELECT count(*) FROM routing.street WHERE learned_samples = 12 AND learned_kph <= 36"
    ).fetchone()
    assert on_street == 3
    # nothing is read twice
    assert learn_speeds(connection, town) is None
    assert learned_speeds(connection)["samples"] == 36
    switch_learned_speeds(connection, on=False)
    assert seconds(connection, engine) == pytest.approx(stated_s)
    assert learned_speeds(connection)["uses_learned"] is False
    switch_learned_speeds(connection, on=True)
    assert seconds(connection, engine) == pytest.approx(learned_s)


def test_who_speeds_teaches_nobody_to(connection: psycopg.Connection, town: Town):
    engine = CurrentEngine(town)
    stated_s = seconds(connection, engine)
    drive(connection, "a", 10, mps=15)
    assert learn_speeds(connection, town).new_samples == 30
    assert seconds(connection, engine) == pytest.approx(stated_s, rel=1e-3)


def test_what_is_old_is_forgotten(connection: psycopg.Connection, town: Town):
    drive(connection, "a", 6)
    learn_speeds(connection, town)
    connection.execute("UPDATE routing.speed_sample SET day = day - 95")
    lesson = learn_speeds(connection, town)
    assert (lesson.new_samples, lesson.streets, lesson.hours) == (0, 0, 0)


def test_driving_at_an_order_does_not_count(connection: psycopg.Connection, town: Town):
    drive(connection, "a", 6)
    connection.execute(
        "INSERT INTO layers.incident (town_id, key, category, source, occurred_at, cell, geom,"
        " inside, state) SELECT id, 'i', 'noise', '12345', now(), 1,"
        " 'SRID=4326;POINT(120.05 29.05)', true, 'open' FROM spatial.town"
    )
    connection.execute(
        "INSERT INTO layers.response_order (town_id, incident_id, responder_id, is_lead, state,"
        " arrived_at) SELECT i.town_id, i.id, r.id, true, 'sent', now() - interval '2 days'"
        " FROM layers.incident i, layers.responder r"
    )
    assert learn_speeds(connection, town) is None


def test_a_towns_own_hours_count(connection: psycopg.Connection, town: Town):
    engine = CurrentEngine(town)
    stated_s = seconds(connection, engine)
    connection.execute(
        "INSERT INTO routing.hour_share SELECT id, 4, 'secondary', true, 12, 0.5 FROM spatial.town;"
        "INSERT INTO routing.speed_setting (town_id) SELECT id FROM spatial.town"
    )
    assert seconds(connection, engine) == pytest.approx(2 * stated_s, rel=1e-4)


def test_too_many_streets_are_refused(connection: psycopg.Connection, town: Town):
    enter_town(connection, town)
    with pytest.raises(InputError, match="limit"):
        learned_speeds(connection, 10**6)
