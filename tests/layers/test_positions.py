"""Positions taken in: who may be moved, by what clock, and what is kept of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
import pytest
import shapely
from psycopg_pool import AsyncConnectionPool

from layers.accounts.administration import (
    AccountPlan,
    add_account,
    bind_responder,
    find_account,
    set_role,
)
from layers.positions.fixes import Fix, Outcome
from layers.positions.intake import Intake
from layers.positions.keeping import draw_tracks, forget_old_positions
from layers.positions.streets import StreetMatchers
from layers.roles import Role
from routing.nearest.engine import Engine
from routing.network.graph import graph_from_streets
from routing.sources.assembly import make_streets
from routing.sources.osm_rules import Properties
from spatial.errors import ConflictError, InputError, NotFoundError
from spatial.town import read_town
from spatial.web_login import web_conninfo

NOW_S = 1_800_000_000.0
ADD = """
INSERT INTO layers.responder (town_id, key, label, department, mode, on_duty, geom, inside)
VALUES (1, %s, %s, 'police', 'car', %s, 'SRID=4326;POINT(120.05 29.05)', true) RETURNING id
"""


@pytest.fixture
def town(small_town: Callable[..., AbstractContextManager[str]]) -> Iterator[tuple[str, dict]]:
    """A town with two responders on duty, one off duty; officer `bound` is the first's."""
    with small_town() as conninfo:
        with psycopg.connect(conninfo) as connection:
            connection.execute("INSERT INTO layers.department VALUES ('police', '公安', 'Police')")
            ids: dict[str, int] = {}
            for key, on_duty in (("a", True), ("b", True), ("off", False)):
                (ids[key],) = connection.execute(ADD, (key, key, on_duty)).fetchone()  # type: ignore[misc]
            plans = {
                "bound": AccountPlan("bound", Role.OFFICER, department="police"),
                "fleet": AccountPlan("fleet", Role.SYSTEM, layers=("responders",)),
                "blind": AccountPlan("blind", Role.SYSTEM),
            }
            ids |= {name: add_account(connection, 1, plan) for name, plan in plans.items()}
            connection.execute(
                "UPDATE layers.account SET responder_id = %s WHERE name = 'bound'", (ids["a"],)
            )
        yield conninfo, ids


def take(conninfo: str, *batches: list[Fix], streets: Any = None) -> list[list[Outcome]]:
    """What becomes of fixes, batch after batch."""

    async def run() -> list[list[Outcome]]:
        pool = AsyncConnectionPool(conninfo, open=False, kwargs={"autocommit": True})
        async with pool:
            with psycopg.connect(conninfo) as connection:
                town = read_town(connection)
            intake = Intake(
                pool, lambda: town, streets or StreetMatchers(_no_streets), together_s=0.01
            )
            running = asyncio.create_task(intake.run())
            found = [await intake.take(batch) for batch in batches]
            running.cancel()
            return found

    return asyncio.run(run())


def _no_streets() -> Engine:
    raise NotFoundError("none")


def stored(conninfo: str, key: str) -> tuple[Any, ...]:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(
            "SELECT ST_X(geom), ST_Y(geom), fix_at, accuracy_m, inside, cell IS NOT NULL,"
            " street_id, forward FROM layers.responder WHERE key = %s",
            (key,),
        ).fetchone()
    assert row
    return row


def test_a_fix_moves_its_responder_and_is_kept(town: tuple[str, dict]) -> None:
    conninfo, _ = town
    now = time.time()
    assert take(conninfo, [Fix("a", 120.06, 29.06, now, 7.0)]) == [[Outcome.TAKEN]]
    lon, lat, at, accuracy, inside, has_cell, *_ = stored(conninfo, "a")
    assert (lon, lat, accuracy, inside, has_cell) == (120.06, 29.06, 7.0, True, True)
    assert abs((at - datetime.fromtimestamp(now, UTC)).total_seconds()) < 0.001
    with psycopg.connect(conninfo) as connection:
        kept = connection.execute("SELECT count(*) FROM layers.position").fetchone()
    assert kept == (1,)


def test_a_fix_is_no_edit(town: tuple[str, dict]) -> None:
    """Who edits a responder on the move has still seen its last state."""
    conninfo, _ = town
    look = "SELECT updated, received_at, fix_at FROM layers.responder WHERE key = 'a'"
    with psycopg.connect(conninfo, autocommit=True) as connection:
        before = connection.execute(look).fetchone()
        take(conninfo, [Fix("a", 120.06, 29.06, time.time())])
        moved = connection.execute(look).fetchone()
        connection.execute("UPDATE layers.responder SET label = 'A' WHERE key = 'a'")
        edited = connection.execute(look).fetchone()
    assert before
    assert moved
    assert edited
    assert moved[0] == before[0]
    assert before[1] is None
    assert moved[1] is not None
    assert edited[0] > moved[0]
    assert edited[1:] == moved[1:]


def test_nobody_is_moved_back_whatever_the_clocks_say(town: tuple[str, dict]) -> None:
    conninfo, _ = town
    now = time.time()
    found = take(
        conninfo,
        [Fix("a", 120.06, 29.06, now - 10)],
        [Fix("a", 120.01, 29.01, now - 60)],  # older than what is known
        [Fix("a", 120.01, 29.01, now - 10)],  # the same once more
        [Fix("a", 120.01, 29.01, now + 3600)],  # a clock that jumped ahead
        [Fix("a", 120.01, 29.01, now - 90_000)],
        # out of order within a batch: the newest wins
        [Fix("a", 120.08, 29.08, now - 1), Fix("a", 120.07, 29.07, now - 5)],
    )
    assert found == [
        [Outcome.TAKEN],
        [Outcome.LATE],
        [Outcome.LATE],
        [Outcome.AHEAD],
        [Outcome.TOO_OLD],
        [Outcome.TAKEN, Outcome.TAKEN],
    ]
    assert stored(conninfo, "a")[:2] == (120.08, 29.08)


def test_positions_are_taken_on_duty_only(town: tuple[str, dict]) -> None:
    conninfo, _ = town
    found = take(conninfo, [Fix("off", 120.06, 29.06, time.time())])
    assert found == [[Outcome.OFF_DUTY]]
    assert stored(conninfo, "off")[:2] == (120.05, 29.05)


def test_who_sends_decides_whom_it_moves(town: tuple[str, dict]) -> None:
    conninfo, ids = town
    now = time.time()
    cases = [
        (Fix("a", 120.06, 29.06, now, sender=ids["bound"]), Outcome.TAKEN),
        (Fix(None, 120.06, 29.06, now + 1, sender=ids["bound"]), Outcome.TAKEN),
        (Fix("b", 120.06, 29.06, now, sender=ids["bound"]), Outcome.REFUSED),
        (Fix("b", 120.06, 29.06, now, sender=ids["blind"]), Outcome.REFUSED),
        (Fix("b", 120.06, 29.06, now, sender=ids["fleet"]), Outcome.TAKEN),
        (Fix("nobody", 120.06, 29.06, now, sender=ids["fleet"]), Outcome.REFUSED),
        (Fix(None, 120.06, 29.06, now, sender=ids["fleet"]), Outcome.REFUSED),
        (Fix("b", 120.06, 29.06, now, sender=999_999), Outcome.REFUSED),
    ]
    (found,) = take(conninfo, [fix for fix, _ in cases])
    assert found == [outcome for _, outcome in cases]


def test_without_a_sender_only_the_owner_moves_anybody(town: tuple[str, dict]) -> None:
    conninfo, ids = town
    at = datetime.now(UTC) - timedelta(seconds=1)
    with psycopg.connect(web_conninfo(conninfo)) as connection:
        row = connection.execute(
            "SELECT outcome FROM layers.store_fixes("
            "1::smallint, ARRAY[%s]::bigint[], ARRAY[NULL]::bigint[], ARRAY[%s],"
            " ARRAY[120.06]::float8[], ARRAY[29.06]::float8[], ARRAY[NULL]::float8[],"
            " ARRAY[NULL]::float8[], ARRAY[NULL]::float8[], ARRAY[NULL]::bigint[],"
            " ARRAY[NULL]::float8[], ARRAY[NULL]::boolean[], ARRAY[NULL]::bigint[], ARRAY[true],"
            " ARRAY[true])",
            (ids["a"], at),
        ).fetchone()
    assert row == ("refused",)


def test_what_stands_still_is_kept_once_a_minute(town: tuple[str, dict]) -> None:
    conninfo, _ = town
    now = time.time()
    standing = [Fix("a", 120.06, 29.06, now - 50 + n) for n in range(50)]
    moving = [Fix("b", 120.06 + n * 0.0001, 29.06, now - 50 + n) for n in range(50)]
    take(conninfo, standing + moving)
    with psycopg.connect(conninfo) as connection:
        kept = connection.execute(
            "SELECT key, count(*) FROM layers.position JOIN layers.responder"
            " ON id = responder_id GROUP BY 1 ORDER BY 1"
        ).fetchall()
    assert kept == [("a", 1), ("b", 10)]


def test_the_street_comes_with_its_direction(
    town: tuple[str, dict], straight_streets_near_town: Any
) -> None:
    conninfo, _ = town
    engine = Engine(graph_from_streets(straight_streets_near_town))
    now = time.time()
    fixes = [Fix("a", 120.0505 + n * 0.0001, 29.05, now - 20 + n, 5.0) for n in range(8)]
    take(conninfo, *[[fix] for fix in fixes], streets=StreetMatchers(lambda: engine))
    assert stored(conninfo, "a")[6:] == (1, True)
    back = [Fix("a", 120.0511 - n * 0.0001, 29.05, now - 11 + n, 5.0) for n in range(8)]
    take(conninfo, back, streets=StreetMatchers(lambda: engine))
    assert stored(conninfo, "a")[6:] == (1, False)


@pytest.fixture
def straight_streets_near_town() -> Any:
    line = shapely.LineString([(120.05, 29.05), (120.052, 29.05)])
    side = shapely.LineString([(120.052, 29.05), (120.052, 29.052)])
    properties = Properties("residential", None, None, False, False, 0, 30.0, 5, 5)
    ends = np.array([(1, 2), (2, 3)])
    return make_streets(ends, np.array([line, side], object), [properties] * 2, [None] * 2)


def test_small_moves_are_no_news_for_the_log_of_changes(town: tuple[str, dict]) -> None:
    conninfo, _ = town
    now = time.time()

    def changes() -> int:
        with psycopg.connect(conninfo) as connection:
            connection.execute("SELECT layers.number_changes()")
            return connection.execute(
                "SELECT count(*) FROM layers.change WHERE layer = 'responders'"
            ).fetchone()[0]  # type: ignore[index]

    before = changes()
    take(conninfo, *[[Fix("a", 120.0510 + n * 1e-6, 29.0505, now - 9 + n)] for n in range(4)])
    near = changes()
    assert near - before <= 1
    take(conninfo, [Fix("a", 120.0590, 29.0505, now)])
    assert changes() == near + 1
    with psycopg.connect(conninfo) as connection:
        connection.execute("UPDATE layers.responder SET team = '一队' WHERE key = 'a'")
    assert changes() == near + 2


def test_tracks_are_drawn_of_what_is_kept_and_go_with_it(town: tuple[str, dict]) -> None:
    conninfo, ids = town
    with psycopg.connect(conninfo) as connection:
        at = connection.execute("SELECT now()").fetchone()[0]  # type: ignore[index]
        rows = [
            (ids["a"], at - timedelta(minutes=n), 120.05 + n * 0.001, 29.05) for n in range(5)
        ] + [(ids["b"], at - timedelta(days=n), 120.05, 29.05) for n in (1, 29, 31, 40)]
        connection.cursor().executemany(
            "INSERT INTO layers.position (responder_id, at, town_id, geom)"
            " VALUES (%s, %s, 1, ST_SetSRID(ST_MakePoint(%s, %s), 4326))",
            rows,
        )
        stands = read_town(connection)
        assert draw_tracks(connection, stands) == 1
        assert draw_tracks(connection, stands) == 0  # nobody moved since
        track = connection.execute(
            "SELECT responder_id, points, ST_NPoints(geom), round(length_m) FROM layers.track"
        ).fetchone()
        assert track is not None
        assert track[:3] == (ids["a"], 5, 2)
        assert 380 < track[3] < 400
        assert forget_old_positions(connection, stands) == 2
        connection.execute("DELETE FROM layers.position WHERE responder_id = %s", (ids["a"],))
        draw_tracks(connection, stands)
        assert connection.execute("SELECT count(*) FROM layers.track").fetchone() == (0,)


def test_who_is_bound_to_a_responder(town: tuple[str, dict]) -> None:
    conninfo, _ = town
    with psycopg.connect(conninfo) as connection:
        add_account(connection, 1, AccountPlan("second", Role.OFFICER, department="police"))
        bound, second, fleet = (
            find_account(connection, 1, name) for name in ("bound", "second", "fleet")
        )
        with pytest.raises(ConflictError):
            bind_responder(connection, second, "a")
        with pytest.raises(NotFoundError):
            bind_responder(connection, second, "nobody")
        with pytest.raises(InputError):
            bind_responder(connection, fleet, "b")
        bind_responder(connection, bound, None)
        bind_responder(connection, second, "a")
        # In another role it is no responder's any more.
        set_role(connection, second, AccountPlan("second", Role.PLANNER))
        row = connection.execute("SELECT count(responder_id) FROM layers.account").fetchone()
    assert row == (0,)
