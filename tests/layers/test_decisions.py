"""Decisions: kept whole, made again to the byte, also on streets that have been replaced since."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from layers.dispatch.asked import RankRequest, Supposed, inputs_from_json
from layers.dispatch.current_engine import CurrentEngine
from layers.dispatch.decisions import keep_decision, read_decision, replay
from layers.dispatch.forgetting import forget_places_in_decisions
from layers.dispatch.kept_streets import forget_streets
from layers.dispatch.nearest import rank
from layers.streets import StreetSource, import_streets
from layers.towns import TownPlan, make_town
from routing.network.measures import Measure
from routing.stored.measure_store import add_measure
from spatial.errors import ConflictError, NotFoundError
from spatial.town import Town, read_town

OSM = """<osm version="0.6">
<node id="1" version="1" lon="120" lat="29"/><node id="2" version="1" lon="120.01" lat="29"/>
<node id="3" version="1" lon="120.02" lat="29"/><node id="4" version="1" lon="120.01" lat="29.01"/>
<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="residential"/></way>
<way id="2" version="1"><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
<way id="3" version="1"><nd ref="2"/><nd ref="4"/><tag k="highway" v="CLASS"/></way>
</osm>"""


def bring(connection: psycopg.Connection, folder: Path, klass: str) -> Town:
    path = folder / f"{klass}.osm"
    path.write_text(OSM.replace("CLASS", klass), encoding="utf-8")
    import_streets(connection, read_town(connection), StreetSource(path))
    return read_town(connection)


@pytest.fixture(scope="module")
def town_with_streets(
    new_database: Callable[[], AbstractContextManager[str]], tmp_path_factory: Any
) -> Iterator[str]:
    """Conninfo of the town; tests roll back what they do to it."""
    with new_database() as conninfo:
        with psycopg.connect(conninfo) as connection:
            make_town(connection, TownPlan("t", "试验镇", "Trial", "Asia/Shanghai"))
            bring(connection, tmp_path_factory.mktemp("streets"), "residential")
        yield conninfo


@pytest.fixture
def connection(town_with_streets: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(town_with_streets) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def town(connection: psycopg.Connection) -> Town:
    town = read_town(connection)
    for key, lon, lat in (("a", 120.019, 29.0), ("b", 120.01, 29.009), ("c", 120.003, 29.0)):
        connection.execute(
            "INSERT INTO layers.responder (town_id, key, label, geom, inside) "
            "VALUES (%s, %s, %s, ST_SetSRID(ST_Point(%s, %s), 4326), true)",
            (town.id, key, key, lon, lat),
        )
    # As somebody who dispatches.
    connection.execute(
        "SELECT set_config('gridwhistle.' || name, value, true) FROM (VALUES"
        " ('town_id', %s), ('account_id', '1'), ('only_layers', '*')) AS said (name, value)",
        (str(town.id),),
    )
    return town


def test_made_again_to_the_byte_whatever_has_changed_since(
    connection: psycopg.Connection, town: Town, tmp_path: Path
) -> None:
    current = CurrentEngine(town)
    engine = current.get(connection)
    slow = (int(engine.graph.street_ids[0]), -int(engine.graph.street_ids[0]))
    add_measure(connection, town.id, Measure(slow, 0.5))
    answer = rank(connection, town, current.get(connection), RankRequest(120.0, 29.0))
    kept = keep_decision(connection, answer)
    decision = read_decision(connection, kept)
    assert decision.graph_version == engine.version
    assert decision.measure_revision == engine.measures.revision
    assert [each["key"] for each in decision.answer["responders"]] == ["c", "a", "b"]

    connection.execute("UPDATE layers.responder SET geom = ST_SetSRID(ST_Point(120.0, 29.0), 4326)")
    connection.execute("UPDATE layers.responder SET on_duty = false WHERE key = 'c'")
    town = bring(connection, tmp_path, "primary")
    now = current.get(connection)
    assert now.version != decision.graph_version
    again = replay(connection, town, now, decision)
    assert again.same
    assert again.as_json()["sha256_then"] == again.as_json()["sha256_now"]
    changed = rank(connection, town, now, RankRequest(120.0, 29.0))
    assert [each.known.key for each in changed.candidates] == ["a", "b"]

    forget_streets(connection, town.id)
    assert replay(connection, town, now, decision).same
    connection.execute(
        "INSERT INTO layers.dispatch_setting (town_id, streets_kept_days) VALUES (%s, 0)",
        (town.id,),
    )
    forget_streets(connection, town.id)
    with pytest.raises(NotFoundError, match="not kept any more"):
        replay(connection, town, now, decision)


def teach(connection: psycopg.Connection, town: Town, share: float) -> None:
    """What a lesson leaves behind: every street and every hour of weekdays and weekends."""
    for table in ("learned_speed", "learned_hour"):
        connection.execute(f"DELETE FROM routing.{table}")
    connection.execute(
        """
        INSERT INTO routing.learned_speed (
            town_id, version, mode, street_id, forward, samples, stated_kph, measured_kph, spread,
            share
        )
        SELECT town_id, (SELECT max(version) FROM routing.graph), 4, id, forward, 9, 30, 20, 0.1, %s
        FROM routing.street, unnest(ARRAY[true, false]) AS forward
        """,
        (share,),
    )
    connection.execute(
        """
        INSERT INTO routing.learned_hour
            (town_id, mode, class, weekend, hour, samples, measured_share, spread, share)
        SELECT %s, 4, 'residential', weekend, hour, 9, 0.9, 0.1, 0.9
        FROM unnest(ARRAY[true, false]) AS weekend, generate_series(0, 23) AS hour
        """,
        (town.id,),
    )
    connection.execute(
        "INSERT INTO routing.speed_setting (town_id) VALUES (%s) ON CONFLICT (town_id)"
        " DO UPDATE SET revision = nextval('routing.measure_revision')",
        (town.id,),
    )


def etas(answer: dict[str, Any]) -> list[tuple[str, float]]:
    return [(each["key"], each["eta_s"]) for each in answer["responders"]]


def test_speeds_of_then_count_when_it_is_made_again(
    connection: psycopg.Connection, town: Town
) -> None:
    current = CurrentEngine(town)
    decisions = []
    for share in (None, 0.4, 0.7):
        if share is not None:
            teach(connection, town, share)
        answer = rank(connection, town, current.get(connection), RankRequest(120.0, 29.0))
        decisions.append(read_decision(connection, keep_decision(connection, answer)))
    assert len({str(etas(decision.answer)) for decision in decisions}) == 3
    connection.execute(
        "UPDATE routing.speed_setting SET uses_learned = false,"
        " revision = nextval('routing.measure_revision')"
    )
    now = current.get(connection)
    before = now.speeds
    for decision in decisions:
        again = replay(connection, town, now, decision)
        assert again.same
        assert again.same_ranking
        assert again.missing is None
    assert now.speeds is before

    connection.execute("UPDATE routing.speed_edition SET made_at = now() - interval '2 days'")
    forget_streets(connection, town.id)
    assert all(replay(connection, town, now, decision).same for decision in decisions)
    connection.execute(
        "INSERT INTO layers.dispatch_setting (town_id, streets_kept_days) VALUES (%s, 0)",
        (town.id,),
    )
    forget_streets(connection, town.id)
    assert replay(connection, town, now, decisions[0]).same  # nothing was learned then
    with pytest.raises(NotFoundError, match=r"speeds of revision \d+ are not kept"):
        replay(connection, town, now, decisions[1])
    assert current.get(connection).speeds.revision == before.revision


def test_of_a_decision_that_noted_no_speeds_it_is_said(
    connection: psycopg.Connection, town: Town
) -> None:
    current = CurrentEngine(town)
    kept = keep_decision(
        connection, rank(connection, town, current.get(connection), RankRequest(120.0, 29.0))
    )
    decision = read_decision(connection, kept)
    old = replace(decision, inputs=decision.inputs | {"speed_revision": None})
    assert replay(connection, town, current.get(connection), old).same
    teach(connection, town, 0.4)
    again = replay(connection, town, current.get(connection), old)
    assert not again.same_ranking
    assert "which speeds counted wasn't noted" in again.as_json()["words"]["en"]


def test_what_was_only_supposed_is_no_decision(connection: psycopg.Connection, town: Town) -> None:
    engine = CurrentEngine(town).get(connection)
    supposed = RankRequest(120.0, 29.0, supposed=Supposed(without=frozenset({"a"})))
    with pytest.raises(ConflictError, match="supposed"):
        keep_decision(connection, rank(connection, town, engine, supposed))


def kept_days_ago(connection: psycopg.Connection, town: Town, days: int) -> int:
    """A decision with candidates and one who can't come, as if it were made some days ago."""
    connection.execute("UPDATE layers.responder SET geom = 'SRID=4326;POINT(121 29)' WHERE key='b'")
    engine = CurrentEngine(town).get(connection)
    kept = keep_decision(connection, rank(connection, town, engine, RankRequest(120.0, 29.0)))
    connection.execute("ALTER TABLE layers.decision DISABLE TRIGGER guard_decision")
    connection.execute(
        "UPDATE layers.decision SET made_at = made_at - make_interval(days => %s) WHERE id = %s",
        (days, kept),
    )
    connection.execute("ALTER TABLE layers.decision ENABLE TRIGGER guard_decision")
    return kept


FORGET = """
UPDATE layers.decision SET inputs = layers.inputs_without_places(inputs),
    answer = layers.answer_without_places(answer), places_forgotten_at = clock_timestamp()
"""


@pytest.mark.parametrize("days", [1, 31])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE layers.decision SET answer = '{}'",
        "UPDATE layers.decision SET places_forgotten_at = clock_timestamp()",
        "UPDATE layers.decision SET inputs = layers.inputs_without_places(inputs)",
        FORGET + ", k = 3",
        FORGET + ", made_at = made_at - interval '1 day'",
        FORGET.replace("clock_timestamp()", "NULL"),
        FORGET.replace("clock_timestamp()", "now() - interval '1 day'"),
        FORGET.replace("(answer)", "(answer || '{\"further\": 9}')"),
        "DELETE FROM layers.decision",
        "TRUNCATE layers.decision CASCADE",
    ],
)
def test_a_decision_stays_as_it_was(
    connection: psycopg.Connection, town: Town, statement: str, days: int
) -> None:
    kept = kept_days_ago(connection, town, days)
    before = read_decision(connection, kept)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
        connection.execute(statement)
    assert read_decision(connection, kept) == before


def test_where_responders_were_is_forgotten_by_its_term_and_nothing_else(
    connection: psycopg.Connection, town: Town
) -> None:
    young, old = (kept_days_ago(connection, town, days) for days in (29, 31))
    with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
        connection.execute(FORGET + "WHERE id = %s", (young,))
    before = read_decision(connection, old)
    assert forget_places_in_decisions(connection, town) == 1
    assert forget_places_in_decisions(connection, town) == 0
    assert read_decision(connection, young).places_forgotten_at is None
    after = read_decision(connection, old)
    assert after.places_forgotten_at is not None
    known = inputs_from_json(after.inputs).known
    assert [(each.key, each.lon, each.lat) for each in known] == [
        (key, None, None) for key in ("a", "b", "c")
    ]
    there = {"lon", "lat", "snap", "route"}
    for name in ("responders", "unreachable"):
        for then, now in zip(before.answer[name], after.answer[name], strict=True):
            assert all(now[field] is None for field in there & then.keys())
            assert {k: v for k, v in now.items() if k not in there} == {
                k: v for k, v in then.items() if k not in there
            }
    rest = {"responders", "unreachable"}
    assert {k: v for k, v in after.answer.items() if k not in rest} == {
        k: v for k, v in before.answer.items() if k not in rest
    }
    assert "120.019" not in str(after)
    with pytest.raises(NotFoundError, match=r"where responders were .* was forgotten on"):
        replay(connection, town, CurrentEngine(town).get(connection), after)


def test_nobody_elses(connection: psycopg.Connection, town: Town) -> None:
    with pytest.raises(NotFoundError, match="no decision"):
        read_decision(connection, 10**9)


def test_a_decision_of_many_is_not_large(connection: psycopg.Connection, town: Town) -> None:
    def add(n: int) -> Any:
        return (town.id, f"r{n}", f"R{n}", 120.0 + n * 5e-5)

    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO layers.responder (town_id, key, label, geom, inside, fix_at) "
            "VALUES (%s, %s, %s, ST_SetSRID(ST_Point(%s, 29), 4326), true, now())",
            [add(n) for n in range(400)],
        )
    engine = CurrentEngine(town).get(connection)
    kept = keep_decision(connection, rank(connection, town, engine, RankRequest(120.0, 29.0)))
    row = connection.execute(
        "SELECT pg_column_size(inputs) FROM layers.decision WHERE id = %s", (kept,)
    ).fetchone()
    assert row is not None
    assert row[0] < 40_000
