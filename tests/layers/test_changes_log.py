"""What is noted of changes, in which order they are numbered, and who sees them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg
import pytest
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from layers.changes.log import (
    Change,
    Position,
    forget_old_changes,
    note_passing_time,
    number_changes_now,
    parse_token,
    read_changes,
    read_touched,
)
from layers.entries import CATALOGUE
from layers.facts.store import save_facts
from layers.roles import Role
from spatial.database import Principal, async_transaction
from spatial.errors import GoneError, InputError
from spatial.web_login import web_conninfo

TOWN = """
INSERT INTO spatial.town (id, code, name, name_en, time_zone, synthetic)
OVERRIDING SYSTEM VALUE VALUES (1, 't', '小镇', 'Small', 'Asia/Shanghai', false);
INSERT INTO spatial.batch (town_id, synthetic, layer, source_name)
VALUES (1, false, 'incidents', 'a.csv');
INSERT INTO grids.unit (id, town_id, code, level) VALUES (1, 1, 't', 1);
INSERT INTO grids.unit (id, town_id, code, level, parent_id)
VALUES (2, 1, 'v', 2, 1), (3, 1, 'g', 3, 2), (4, 1, 'm', 4, 3);
"""
PREMISES = """
INSERT INTO layers.premises (town_id, key, kind, name, geom, inside)
VALUES (1, gen_random_uuid()::text, 'shop', %s, 'SRID=4326;POINT(120 29)', true) RETURNING id
"""
WATER = """
INSERT INTO layers.water (town_id, kind, name, geom, batch_id)
SELECT 1, 'pond', %s, 'SRID=4326;POINT(120 29)', min(id) FROM spatial.batch RETURNING id
"""
SENSOR = """
INSERT INTO layers.sensor (town_id, key, kind, name, field_of_view, geom, inside)
VALUES (1, gen_random_uuid()::text, 'camera', 'c', %s, 'SRID=4326;POINT(120 29)', true) RETURNING id
"""
INCIDENT = """
INSERT INTO layers.incident
    (town_id, key, category, occurred_at, cell, geom, inside, batch_id, grid_version_id)
SELECT 1, gen_random_uuid()::text, %s, now(), 1, 'SRID=4326;POINT(120 29)', true, min(id), %s
FROM spatial.batch RETURNING id
"""
VERSION = """
INSERT INTO grids.version (town_id, unit_id, name, geom, valid, batch_id)
SELECT 1, %s, 'n', 'SRID=4326;MULTIPOLYGON(((120 29,121 29,121 30,120 29)))', %s, min(id)
FROM spatial.batch RETURNING id
"""
SQUARE = "SRID=4326;POLYGON((120 29,121 29,121 30,120 29))"

ReadAs = Callable[..., list[Change]]


@pytest.fixture
def town(database: str) -> Iterator[psycopg.Connection]:
    """A committing connection to a small town, as its database's owner."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TOWN)
        save_facts(connection)
        number_changes_now(connection)
        yield connection


def new_id(connection: psycopg.Connection, statement: str, *values: object) -> int:
    row = connection.execute(statement, values).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def noted(town: psycopg.Connection) -> Callable[[], list[tuple[str, str, int]]]:
    """What has been noted since it was asked last: layer, kind, feature."""
    last = number_changes_now(town).last

    def read() -> list[tuple[str, str, int]]:
        nonlocal last
        since, last = last, number_changes_now(town).last
        statement = "SELECT layer, kind, feature_id FROM layers.change WHERE seq > %s ORDER BY seq"
        return town.execute(statement, (since,)).fetchall()

    return read


@pytest.fixture
def read_as(database: str) -> ReadAs:
    """`read_as(principal)`: every change of all layers that it may see, through the web's login."""

    async def read(principal: Principal) -> list[Change]:
        async with AsyncConnectionPool(web_conninfo(database), min_size=1, open=False) as pool:
            layers = [entry.id for entry in CATALOGUE.entries]
            async with async_transaction(pool, principal) as connection:
                return await read_changes(connection, principal, layers, (0, 10**9))

    return lambda principal: asyncio.run(read(principal))


def test_insert_update_and_delete_are_noted(town, noted):
    shop = new_id(town, PREMISES, "one")
    assert noted() == [("premises", "insert", shop)]
    town.execute("UPDATE layers.premises SET name = 'two'")
    assert noted() == [("premises", "update", shop)]
    town.execute("DELETE FROM layers.premises")
    assert noted() == [("premises", "delete", shop)]


def test_a_row_that_is_written_as_it_stood_has_not_changed(town, noted):
    new_id(town, PREMISES, "one")
    noted()
    before = town.execute("SELECT updated FROM layers.premises").fetchone()
    town.execute("UPDATE layers.premises SET name = name")
    assert noted() == []
    assert town.execute("SELECT updated FROM layers.premises").fetchone() == before


def test_what_is_rolled_back_is_not_noted(town, noted):
    with town.transaction(force_rollback=True):
        new_id(town, PREMISES, "one")
    assert noted() == []


def test_one_table_feeds_two_layers(town, noted):
    camera = new_id(town, SENSOR, SQUARE)
    assert sorted(noted()) == [("fields-of-view", "insert", camera), ("sensors", "insert", camera)]
    town.execute("UPDATE layers.sensor SET field_of_view = NULL")
    assert sorted(noted()) == [("fields-of-view", "delete", camera), ("sensors", "update", camera)]
    town.execute("UPDATE layers.sensor SET status = 'online'")
    assert noted() == [("sensors", "update", camera)]


def test_truncate_deletes_every_feature(town, noted):
    waters = [new_id(town, WATER, "one"), new_id(town, WATER, "two")]
    noted()
    town.execute("TRUNCATE layers.water")
    assert sorted(noted()) == [("water", "delete", water) for water in waters]


def test_a_joined_table_changes_the_features_that_hang_on_it(town, noted):
    version = new_id(town, VERSION, 4, "[2020-01-01,)")
    incident = new_id(town, INCIDENT, "noise", version)
    noted()
    town.execute("UPDATE layers.category SET name = '改名' WHERE code = 'noise'")
    assert noted() == [("incidents", "update", incident)]
    town.execute("UPDATE grids.version SET code = 'm2' WHERE unit_id = 4")
    assert sorted(noted()) == [("incidents", "update", incident), ("micro-grids", "update", 4)]
    # The end of a version changes nothing of what happened in it.
    town.execute("UPDATE grids.version SET valid = '[2020-01-01,2099-01-01)' WHERE unit_id = 4")
    assert noted() == [("micro-grids", "update", 4)]
    # Who sees an incident changes with its grid.
    other = new_id(
        town, "INSERT INTO grids.unit (id, town_id, code, level, parent_id) "
        "VALUES (5, 1, 'g2', 3, 2) RETURNING id"
    )  # fmt: skip
    town.execute("UPDATE grids.version SET parent_id = %s WHERE unit_id = 4", (other,))
    assert sorted(noted()) == [("incidents", "update", incident), ("micro-grids", "update", 4)]


def test_features_come_and_go_by_the_calendar(town, noted):
    new_id(town, VERSION, 4, "[2020-01-01,2021-01-01)")
    new_id(town, VERSION, 4, "[2021-01-01,2022-01-01)")
    note_passing_time(town)
    assert noted() == []
    for looked_at, expected in (
        ("2019-06-01", []),
        ("2020-06-01", [("micro-grids", "delete", 4)]),
        ("2021-06-01", [("micro-grids", "delete", 4)]),
    ):
        town.execute("UPDATE layers.change_position SET looked_at = %s", (looked_at,))
        assert note_passing_time(town) is bool(expected)
        assert noted() == expected
    town.execute(
        "UPDATE grids.version SET valid = '[2021-01-01,)' WHERE lower(valid) > '2020-06-01'"
    )
    noted()
    for looked_at, expected in (("2019-06-01", "insert"), ("2020-06-01", "update")):
        town.execute("UPDATE layers.change_position SET looked_at = %s", (looked_at,))
        note_passing_time(town)
        assert noted() == [("micro-grids", expected, 4)]


def test_numbers_follow_the_commits_not_the_beginnings(database, town, noted):
    """The transaction that began first commits last, and none is numbered before its commit."""
    with psycopg.connect(database) as slow, psycopg.connect(database) as quick:
        first = new_id(slow, PREMISES, "slow")
        second = new_id(quick, PREMISES, "quick")
        assert noted() == []
        quick.commit()
        assert noted() == [("premises", "insert", second)]
        slow.commit()
        assert noted() == [("premises", "insert", first)]


def test_a_transaction_is_numbered_whole_and_after_what_it_waited_for(database, town, noted):
    """`late` begins first, and then waits for a row that `early` holds."""
    shop = new_id(town, PREMISES, "one")
    noted()
    with psycopg.connect(database) as late, psycopg.connect(database) as early:
        before = new_id(late, PREMISES, "late's own")
        early.execute("UPDATE layers.premises SET name = 'early' WHERE id = %s", (shop,))
        update = "UPDATE layers.premises SET name = 'late' WHERE id = %s"
        waiting = threading.Thread(target=late.execute, args=(update, (shop,)))
        waiting.start()
        between = new_id(early, PREMISES, "early's own")
        early.commit()
        waiting.join()
        late.commit()
    assert noted() == [
        ("premises", "update", shop),
        ("premises", "insert", between),
        ("premises", "insert", before),
        ("premises", "update", shop),
    ]


def test_several_who_number_at_once_give_each_number_once(database, town):
    """Writers and numberers side by side: no gap, no number twice, each row's story in order."""

    def write(name: str) -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            for step in range(25):
                with connection.transaction():
                    shop = new_id(connection, PREMISES, name)
                    set_name = "UPDATE layers.premises SET name = %s WHERE id = %s"
                    connection.execute(set_name, (f"{name}{step}", shop))
                connection.execute("DELETE FROM layers.premises WHERE id = %s", (shop,))

    def number() -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            for _ in range(40):
                number_changes_now(connection)

    start = number_changes_now(town).last
    threads = [threading.Thread(target=write, args=(f"w{n}",)) for n in range(4)]
    threads += [threading.Thread(target=number) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    last = number_changes_now(town).last
    rows = town.execute(
        "SELECT seq, feature_id, kind FROM layers.change WHERE seq > %s ORDER BY seq", (start,)
    ).fetchall()
    assert [row[0] for row in rows] == list(range(start + 1, last + 1))
    assert last - start == 4 * 25 * 3
    stories: dict[int, list[str]] = {}
    for _, feature, kind in rows:
        stories.setdefault(feature, []).append(kind)
    assert set(map(tuple, stories.values())) == {("insert", "update", "delete")}


def test_what_is_forgotten_is_gone_and_numbers_go_on(town):
    new_id(town, PREMISES, "one")
    last = number_changes_now(town).last
    assert forget_old_changes(town, timedelta(days=1)) == 0
    town.execute("UPDATE layers.change SET at = now() - interval '31 days'")
    assert forget_old_changes(town, timedelta(days=30)) > 0
    position = number_changes_now(town)
    assert position == Position(last, last)
    new_id(town, PREMISES, "two")
    assert number_changes_now(town) == Position(last + 1, last)
    with pytest.raises(GoneError, match="start over"):
        parse_token(str(last - 1), position)
    assert parse_token(str(last), position) == last


@pytest.mark.parametrize("text", ["", "-1", "1.5", "abc", "٣", "9" * 19, "1 "])
def test_a_token_that_is_none(text):
    with pytest.raises(InputError):
        parse_token(text, Position(10, 0))


def test_a_token_of_a_log_that_went_further(town):
    with pytest.raises(GoneError):
        parse_token("11", Position(10, 0))


def test_a_change_is_to_each_what_it_may_see_of_it(town, read_as):
    """An incident that goes from one department to another goes, comes, or changes."""
    one, other = ("noise", "police"), ("gas_safety", "emergency")
    since = number_changes_now(town).last
    incident = new_id(town, INCIDENT, one[0], None)
    town.execute("UPDATE layers.incident SET category = %s", (other[0],))
    number_changes_now(town)
    cases = [
        (Principal(Role.ANONYMOUS, 1), []),
        (Principal(Role.OFFICER, 1, department=one[1]), ["insert", "delete"]),
        (Principal(Role.OFFICER, 1, department=other[1]), ["insert"]),
        (Principal(Role.OFFICER, 1), []),
        (Principal(Role.DISPATCHER, 1, department="*"), ["insert", "update"]),
        (Principal(Role.PLANNER, 1), ["insert", "update"]),
        (Principal(Role.PLANNER, 2), []),
        (Principal(Role.SYSTEM, 1), []),
        (Principal(Role.SYSTEM, 1, layers=("incidents",)), ["insert", "update"]),
        (Principal(Role.GRID_MEMBER, 1, grid_id=3), []),
        (Principal(Role.GIS_EDITOR, 1), []),
        (Principal(Role.AUDITOR, 1), []),
    ]
    for principal, kinds in cases:
        seen = [each for each in read_as(principal) if each.seq > since]
        assert [each.kind for each in seen] == kinds, principal
        assert {each.feature_id for each in seen} <= {incident}
        for each in seen:
            assert (each.box_before is None) == (each.kind == "insert")
            assert (each.box_after is None) == (each.kind == "delete")


def test_a_grid_member_sees_its_grids_incidents(town, read_as):
    version = new_id(town, VERSION, 4, "[2020-01-01,)")
    new_id(town, INCIDENT, "noise", version)
    number_changes_now(town)
    for grid, kinds in ((3, ["insert"]), (4, []), (None, [])):
        seen = read_as(Principal(Role.GRID_MEMBER, 1, grid_id=grid))
        assert [each.kind for each in seen if each.layer == "incidents"] == kinds


@pytest.mark.parametrize("role", list(Role))
def test_nobody_reads_the_log_beside_the_own_view(empty_database, role):
    """Neither the table, nor what is pending, nor another role's view, nor the functions."""
    forbidden = [
        "SELECT * FROM layers.change",
        "SELECT * FROM layers.pending_change",
        "SELECT * FROM layers.history",
        "SELECT * FROM layers.number_changes()",
        "SELECT layers.forget_changes(now())",
        "SELECT layers.log_passing_time()",
        *(f"SELECT * FROM {each.short_name}.changes" for each in Role if each is not role),
    ]
    with psycopg.connect(web_conninfo(empty_database), autocommit=True) as connection:
        connection.execute(f"SET ROLE {role}")
        connection.execute(f"SELECT * FROM {role.short_name}.changes")
        for statement in forbidden:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)


def test_the_web_itself_learns_which_and_where_but_not_whose(database, town):
    new_id(town, PREMISES, "one")
    last = number_changes_now(town).last

    async def read() -> dict[str, list[tuple[float, ...]]]:
        async with await psycopg.AsyncConnection.connect(web_conninfo(database)) as connection:
            return await read_touched(connection, 1, (last - 1, last))

    assert asyncio.run(read()) == {"premises": [(120.0, 29.0, 120.0, 29.0)]}
    with psycopg.connect(web_conninfo(database), autocommit=True) as connection:
        for column in ("kind", "department_before", "grid_after", "account_id"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT {column} FROM layers.change")


def test_history_says_what_was_and_who_changed_it(town):
    account = new_id(
        town, "INSERT INTO layers.account (town_id, name, display_name, role) "
        "VALUES (1, 'editor', '编辑', 'gridwhistle_gis_editor') RETURNING id"
    )  # fmt: skip
    shop = new_id(town, PREMISES, "one")
    with town.transaction():
        town.execute("SELECT set_config('gridwhistle.account_id', %s, true)", (str(account),))
        town.execute("UPDATE layers.premises SET name = 'two' WHERE id = %s", (shop,))
    with town.transaction():
        town.execute("UPDATE layers.premises SET address = 'a', batch_id = (SELECT min(id) FROM "
                     "spatial.batch)")  # fmt: skip
    town.execute("UPDATE layers.premises SET building_id = NULL, name = name")
    town.execute("DELETE FROM layers.premises")
    rows = town.execute(
        "SELECT kind, before->>'name', after->>'name', account_id, batch_id IS NOT NULL "
        "FROM layers.history WHERE layer = 'premises' ORDER BY id"
    ).fetchall()
    assert rows == [
        ("insert", None, "one", None, False),
        ("update", "one", "two", account, False),
        ("update", "two", "two", None, True),
        ("delete", "two", None, None, False),
    ]
    geometry = town.execute("SELECT after->'geometry' FROM layers.history LIMIT 1").fetchone()
    assert geometry == ({"type": "Point", "coordinates": [120, 29]},)


def test_nobody_rewrites_history(town):
    new_id(town, PREMISES, "one")
    for statement in (
        "UPDATE layers.history SET kind = 'insert'",
        "DELETE FROM layers.history",
        "TRUNCATE layers.history",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            town.execute(statement)
    assert town.execute("SELECT count(*) FROM layers.history").fetchone() == (1,)


def test_history_hides_columns_and_names_from_those_who_may_not_know_them(database, town):
    key = "SELECT key FROM layers.premises"
    new_id(town, PREMISES, "one")
    town.execute(
        "INSERT INTO layers.history (town_id, layer, feature_id, kind, after, account_id) "
        "VALUES (1, 'premises', 99, 'insert', %s, 7)", (Jsonb({"name": "n", "key": "k"}),)
    )  # fmt: skip
    assert town.execute(key).fetchone()
    with psycopg.connect(web_conninfo(database)) as connection:
        connection.execute(
            "SELECT set_config('gridwhistle.town_id', '1', true),"
            " set_config('gridwhistle.only_layers', '*', true)"
        )
        for role, properties in ((Role.OFFICER, {"name"}), (Role.GIS_EDITOR, {"name", "key"})):
            connection.execute(f"SET LOCAL ROLE {role}")
            row = connection.execute(
                f"SELECT after, by_account FROM {role.short_name}.history WHERE feature_id = 99"
            ).fetchone()
            assert row is not None
            assert set(row[0]) == properties
            assert row[1] is True
        connection.execute(f"SET LOCAL ROLE {Role.ANONYMOUS}")
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT * FROM anonymous.history")
