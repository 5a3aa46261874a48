"""Through a PostgreSQL login of its own, and through the web's: the doors of the database."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from layers.accounts.administration import (
    AccountPlan,
    add_account,
    disable_account,
    find_account,
    set_role,
)
from layers.accounts.database_logins import give_database_login
from layers.accounts.identity import OFFICES, Account
from layers.entries import CATALOGUE
from layers.migrations.run import migrate
from layers.roles import Role
from spatial.web_login import web_conninfo

ROLES = list(Role)

# Of the own PostgreSQL login: what a role must never come by.
ATTACKS = (
    "CREATE TABLE mine (a int)",
    "CREATE TEMP TABLE mine (a int)",
    "CREATE TABLE published.mine (a int)",
    "CREATE VIEW published.mine AS SELECT 1",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "DO $$ BEGIN CREATE TEMP TABLE x (a int); END $$",
    "CREATE OPERATOR public.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq)",
    "CREATE TYPE public.mine AS (a int)",
    "CREATE SEQUENCE public.mine",
    "CREATE EXTENSION pg_trgm SCHEMA public",
    "CREATE ROLE mine",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER ROLE CURRENT_USER BYPASSRLS",
    "SET SESSION AUTHORIZATION gridwhistle_web",
    "SELECT pg_read_file('/etc/passwd')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/gridwhistle-probe'",
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT layers.clear_access_log('2000-01-01')",
    "SELECT * FROM layers.account",
    "SELECT password_hash FROM layers.account_secret",
    "SELECT * FROM layers.api_key",
    "SELECT * FROM layers.account_session",
    "SELECT * FROM layers.access_log",
    "SELECT * FROM layers.account_event",
    "SELECT rolpassword FROM pg_authid",
    "SELECT * FROM layers.rental_room",
    "SELECT * FROM layers.incident",
    "UPDATE layers.premises SET name = 'x'",
    "DELETE FROM layers.responder",
    "TRUNCATE layers.incident",
    "ALTER TABLE layers.account DISABLE ROW LEVEL SECURITY",
    "LOCK TABLE layers.account",
    "COMMENT ON TABLE layers.account IS 'x'",
    "REFRESH MATERIALIZED VIEW published.x",
    "SELECT * FROM routing.closures_ahead()",
    "SELECT * FROM routing.events_of_closure(1)",
    "SELECT routing.change_closure(1, '{}')",
    "SELECT routing.learned_speeds(10)",
    "SELECT routing.switch_learned_speeds(false)",
    "SELECT * FROM routing.speed_sample",
    "UPDATE routing.closure SET ends = now()",
    "DELETE FROM routing.closure_event",
)
FORGERIES = (
    "SELECT set_config('gridwhistle.department', '*', false)",
    "SELECT set_config('gridwhistle.town_id', '1', false)",
    "SELECT set_config('gridwhistle.layers', 'responders,incidents', false)",
    "SELECT set_config('gridwhistle.account_id', '1', false)",
    "SELECT set_config('gridwhistle.grid_id', '1', false)",
)
# Drafts of boundaries, what they stand on and go by.
DRAFTING = (
    "arc_version", "draft", "draft_comment", "draft_face", "draft_link", "draft_step", "lineage",
    "town_rules", "band", "rule_event",
)  # fmt: skip
LOGINS = [role for role in ROLES if role not in OFFICES | {Role.ANONYMOUS, Role.GRID_MEMBER}]


@pytest.fixture(scope="module")
def direct(
    new_database: Callable[[], AbstractContextManager[str]], fill_town: Any
) -> Iterator[dict[Role, str]]:
    """Conninfo of a named PostgreSQL login for each role that can have one."""
    with new_database() as conninfo:
        # A clone has its template's tables, not the rights on the database itself.
        migrate(conninfo)
        fill_town(conninfo, synthetic=False)
        departments = {Role.OFFICER: "police", Role.DISPATCHER: "emergency"}
        with psycopg.connect(conninfo) as connection:
            made = {}
            for role in LOGINS:
                name = f"probe-{role.short_name.replace('_', '-')}"
                plan = AccountPlan(name, role, department=departments.get(role))
                add_account(connection, 1, plan)
                login, password = give_database_login(connection, find_account(connection, 1, name))
                made[role] = make_conninfo(conninfo, user=login, password=password)
        yield made
        with psycopg.connect(conninfo, autocommit=True) as connection:
            for each in made.values():
                login = conninfo_to_dict(each)["user"]
                connection.execute(f'DROP OWNED BY "{login}"; DROP ROLE "{login}"')


def visible_ids(connection: psycopg.Connection, view: str) -> set[int]:
    return {row[0] for row in connection.execute(f"SELECT id FROM {view}").fetchall()}


@pytest.mark.parametrize("role", LOGINS)
def test_a_login_reads_its_own_views_and_no_other_relation(
    direct: dict[Role, str], role: Role
) -> None:
    own = {("published", e.id) for e in CATALOGUE.entries if e.is_public_to(role)}
    own |= {
        (role.short_name, e.id)
        for e in CATALOGUE.entries
        if e.readable_by(role) and not e.is_public_to(role)
    }
    # What has changed of these layers, and its own jobs; their rows follow the same identity.
    beside = {(role.short_name, "changes"), (role.short_name, "history"), ("layers", "job")}
    # How many households a grid should have; those who draw the grids read the town's drafts.
    beside |= {("grids", "band")}
    if role is Role.GIS_EDITOR:
        beside |= {("grids", name) for name in DRAFTING}
    with psycopg.connect(direct[role], autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM layers.job").fetchone() == (0,)
        relations = connection.execute(
            "SELECT nspname, relname FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace"
            " WHERE relkind IN ('r', 'v', 'm', 'p', 'f') AND nspname NOT IN"
            " ('pg_catalog', 'information_schema', 'pg_toast') AND NOT EXISTS"
            " (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')"
        ).fetchall()
        readable = set()
        for schema, name in relations:
            try:
                connection.execute(f'SELECT * FROM "{schema}"."{name}" LIMIT 1')
                readable.add((schema, name))
            except psycopg.errors.InsufficientPrivilege:
                pass
        assert own <= readable <= own | beside, readable ^ own
        for schema, name in own:
            entry = CATALOGUE.entry(name)
            cursor = connection.execute(f'SELECT * FROM "{schema}"."{name}" LIMIT 0')
            found = {column.name for column in cursor.description or ()}
            columns = {field.name for field in entry.fields_for(role)}
            assert found == columns | {"id", "town_id", "geom"} | (
                {"cell"} if entry.cell else set()
            )


@pytest.mark.parametrize("role", LOGINS)
def test_a_login_can_not_break_out(direct: dict[Role, str], role: Role) -> None:
    with psycopg.connect(direct[role], autocommit=True) as connection:
        others = [each for each in ROLES if each is not role]
        changes = [f"SET ROLE {each}" for each in (*others, "gridwhistle", "gridwhistle_web")]
        for attack in (*ATTACKS, *changes):
            with pytest.raises(psycopg.Error):
                connection.execute(attack.encode())
        assert connection.execute("SHOW statement_timeout").fetchone() == ("30s",)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.DISPATCHER, Role.SYSTEM])
def test_a_login_can_not_pretend_to_be_another(direct: dict[Role, str], role: Role) -> None:
    """The rows are the account's, whatever the session sets."""
    view = f"{role.short_name}.responders"
    expected = {Role.OFFICER: {1}, Role.DISPATCHER: {2}, Role.SYSTEM: set()}[role]
    with psycopg.connect(direct[role], autocommit=True) as connection:
        assert visible_ids(connection, view) == expected
        for forgery in FORGERIES:
            connection.execute(forgery.encode())
            assert visible_ids(connection, view) == expected, forgery
        connection.execute(f"SET ROLE {role}")
        assert visible_ids(connection, view) == expected


def account_of(connection: psycopg.Connection, role: Role) -> Account:
    return find_account(connection, 1, f"probe-{role.short_name.replace('_', '-')}")


def test_another_role_and_the_end_reach_the_login_at_once(direct: dict[Role, str]) -> None:
    login = conninfo_to_dict(direct[Role.PLANNER])
    owner = make_conninfo(direct[Role.PLANNER], user="gridwhistle")
    if login["user"] is None or "DATABASE_URL" in os.environ:
        pytest.skip("the owner is another on a server of one's own")
    with psycopg.connect(direct[Role.PLANNER], autocommit=True) as session:
        assert visible_ids(session, "planner.incidents") == set()
        with psycopg.connect(owner) as connection:
            account = account_of(connection, Role.PLANNER)
            set_role(connection, account, AccountPlan("x1", Role.GIS_EDITOR))
        with pytest.raises(psycopg.Error):
            session.execute("SELECT * FROM planner.incidents")
    with psycopg.connect(direct[Role.PLANNER], autocommit=True) as session:
        assert session.execute("SELECT count(*) FROM gis_editor.premises").fetchone() == (3,)
        with psycopg.connect(owner) as connection:
            disable_account(connection, account_of(connection, Role.PLANNER))
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        psycopg.connect(direct[Role.PLANNER])


def test_the_webs_own_login_reads_no_layer_without_a_role(demo_database: str) -> None:
    with psycopg.connect(web_conninfo(demo_database), autocommit=True) as connection:
        for entry in CATALOGUE.entries:
            for schema in ("published", *(role.short_name for role in Role)):
                with pytest.raises(psycopg.Error):
                    connection.execute(f'SELECT * FROM "{schema}"."{entry.id}" LIMIT 1')
        for role in Role:
            connection.execute(f"SET ROLE {role}")  # but no identity: no town
            for entry in CATALOGUE.entries:
                if entry.readable_by(role):
                    schema = "published" if entry.is_public_to(role) else role.short_name
                    seen = connection.execute(f'SELECT count(*) FROM "{schema}"."{entry.id}"')
                    assert seen.fetchone() == (0,), (entry.id, role)
            connection.execute("RESET ROLE")


# Functions that run as the owner, past all row policies, and why.
DEFINERS = {
    "layers.own_account": "tells a named login of its own account",
    "layers.follow_account": "ends sessions, keys and the login of an account that has changed",
    "layers.follow_password": "ends sessions of an account whose password has changed",
    "layers.note_account_event": "writes the log of granted rights, which nobody else may",
    "layers.clear_access_log": "removes old lines, for an auditor",
    "layers.enqueue_job": "puts a submitted job on the queue",
    "layers.dismiss_job": "takes a dismissed job off the queue",
    "layers.count_unfinished_jobs": "numbers for the web's metrics",
    "layers.number_changes": "numbers changes in the order of commits",
    "layers.complete_skills": "tells whether there is a skill that an editor writes",
    "layers.responder_of_key": "finds the responder to whom the security officer binds an account",
    "layers.responders_to_move": "whom fixes may move, for the web's own login",
    "layers.store_fixes": "moves them, for the same, as their senders may",
    "layers.my_duty": "tells a responder of itself",
    "layers.set_my_duty": "lets it go on and off duty",
    "layers.my_positions": "shows it what is kept of it",
    "layers.my_track": "shows it its own way of the last hours",
    "layers.responder_work": "what responders are at, beside those whom a role sees, over HTTP",
    "layers.skill_names": "the words for codes of skills, for the same",
    "layers.call_of_incident": "what an incident asks for, for those who dispatch it over HTTP",
    "layers.keep_decision": "keeps an answer, for those who dispatch over HTTP",
    "layers.kept_decision": "shows it again to who sees all that is in it",
    "layers.complete_row": "adds to a written row what its editor doesn't state",
    "grids.units_at": "the units of a moment, which are published, for those who draft",
    "grids.shapes_at": "the same with shapes, for files of those who draft",
    "grids.coverage_began": "when that coverage began to hold, for those who draft",
    "grids.owners_of_codes": "codes that no new unit gets, for those who draft",
    "grids.wake_for_draft": "puts the moment of an approved draft on the queue",
    "grids.linked_draft": "finds the draft of a link that the web states, for its holder",
    "grids.limit_comments": "counts the comments that a link's holders have pinned",
    "grids.concerned_by_redraw": "what a redraw concerns, for its report",
    "grids.members_of_grids": "who answers for some grids, for that report",
    "grids.names_of_accounts": "who else draws, for those who draft",
    "grids.pass_time_to_draft": "puts a demo's clock forward to where a draft waits",
    "grids.note_rule_event": "writes the log of the town's rules, which nobody else may",
    "grids.codes_given_below": "codes that no new unit gets, for those who draft",
    "grids.arcs_at": "the edges of a moment's units, which are published",
    "grids.newest_arc": "tells two coverages of a moment apart, for those who read them",
    "grids.shares_at": "micro-grids that share a polygon at a moment, for those who draft",
    "grids.members_of_shares": "who answers for these, for those who draft",
    "grids.set_share_member": "names who does, a member of the grid, for the same",
    "layers.attribute_share": "finds out in which of them an incident is, from its premises",
    "layers.contents_of_floors": "sums by floor, for the workloads of these micro-grids",
    "layers.rooms_of_buildings": "how many rooms, for the workloads of those who draft",
    "layers.calls_to_assign": "incidents where nobody is yet, for those who dispatch over HTTP",
    "layers.orders_in_shift": "how many orders each responder has had, for the same",
    "layers.incidents_of_cells": "how many incidents, for the same",
    "layers.unattended_incidents": "incidents on which nobody is, for the same and for officers",
    "layers.take_down": "makes an incident of a report, for those who may report over HTTP",
    "layers.reported_incident": "tells them its incident",
    "layers.order_first": "sends the first free responder, for those who dispatch over HTTP",
    "layers.order_responder": "sends the one whom a dispatcher has chosen",
    "layers.act_on_order": "moves an order of a dispatcher's department",
    "layers.act_on_own_order": "moves an order of the responder to whom the account is bound",
    "layers.act_on_incident": "moves an incident of a dispatcher's department",
    "layers.listed_orders": "orders of the department, over HTTP",
    "layers.listed_incidents": "incidents of the department, over HTTP",
    "layers.incident_document": "one of them with its events",
    "layers.reports_of": "what was reported of one of them, for those who dispatch",
    "layers.dispatch_settings": "what the own town has settled for its orders",
    "layers.my_bound_responder": "tells who is sent, over HTTP, which responder that is",
    "layers.my_orders": "shows it its own orders",
    "layers.answer_by_link": "answers an order, for who got the message with the link",
    "layers.note_receipt": "notes what became of a message, for a gateway's key",
    "layers.answer_by_message": "moves an order as its responder answers by phone, for the same",
    "routing.add_closure": "closes streets, for those who direct traffic over HTTP",
    "routing.change_closure": "changes or ends a closure, for the same",
    "routing.closures_ahead": "closures with notes and authors, for the same",
    "routing.events_of_closure": "who did what to one, for the same",
    "routing.note_closure_event": "writes the log of closures, which nobody else may",
    "routing.learned_speeds": "what tracks have taught of streets, for the staff over HTTP",
    "routing.switch_learned_speeds": "lets it count or not, for the administrator",
}
# What those who draft are told by the web, which asks for what their draft concerns.
TOLD_BY_THE_WEB = (
    (
        "grids.concerned_by_redraw(now(), ARRAY[1], ARRAY[(SELECT ST_AsBinary("
        "ST_MakeEnvelope(-180, -90, 180, 90, 4326)))])"
    ),
    "grids.members_of_grids(ARRAY(SELECT generate_series(1, 10000)))",
    "grids.names_of_accounts(ARRAY(SELECT generate_series(1, 10000)))",
    'grids.members_of_shares(ARRAY(SELECT code FROM gis_editor."micro-grid-shares"))',
    "layers.contents_of_floors(ARRAY(SELECT generate_series(1, 10000)), '2000-01-01')",
    "layers.rooms_of_buildings()",
    "layers.incidents_of_cells('2000-01-01')",
)
# What those who dispatch do and learn over HTTP alone; the incident and order 1 are there.
DISPATCHING = (
    "layers.take_down('{}', 0)",
    "layers.reported_incident('110', '1')",
    "layers.order_first(1, '[]', NULL)",
    "layers.order_responder(1, 'r', NULL, NULL, NULL)",
    "layers.act_on_order(1, 'withdraw', NULL, NULL)",
    "layers.act_on_incident(1, 'close', 0, '{}')",
    "layers.listed_orders(false, 500)",
    "layers.listed_incidents(false, 500)",
    "layers.incident_document(1)",
    "layers.reports_of(1)",
    "layers.responder_work(1::smallint)",
    "layers.skill_names('{aed}')",
    "layers.keep_decision(NULL, 1, 1, 1, '{}', '{}')",
    "layers.kept_decision(1)",
)
# What those who are sent, and gateways, do and learn over HTTP alone.
DELIVERING = {
    Role.OFFICER: ("layers.my_bound_responder()", "layers.my_orders() -> 'orders' -> 0"),
    Role.SYSTEM: ("state FROM layers.answer_by_message('sms', '1', 'accept')",),
}
# One for each table of a layer and kind of change: they write the log of changes.
LOGGERS = "layers.log_changes_of_"


def test_functions_that_run_as_the_owner_are_listed_and_pin_their_path(demo_database: str) -> None:
    with psycopg.connect(demo_database) as connection:
        found = connection.execute(
            "SELECT nspname || '.' || proname, coalesce(array_to_string(proconfig, ';'), ''),"
            " proowner = nspowner,"
            " has_function_privilege('gridwhistle_anonymous', p.oid, 'EXECUTE')"
            " AND prorettype <> 'trigger'::regtype"
            " FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = pronamespace"
            " WHERE prosecdef AND nspname <> 'pg_catalog' AND NOT EXISTS"
            " (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')"
        ).fetchall()
    listed = {name for name, *_ in found if not name.startswith(LOGGERS)}
    assert listed == DEFINERS.keys()
    for name, settings, owned, _ in found:
        assert owned, name
        path = settings.removeprefix("search_path=")
        assert path.startswith("pg_catalog"), (name, settings)
        assert path.endswith("pg_temp"), (name, settings)
    open_to_all = {name for name, _, _, everybody in found if everybody}
    assert open_to_all <= {
        "layers.own_account",
        "layers.answer_by_link",  # over HTTP alone, for who has the link
        "grids.linked_draft",
        "grids.units_at",
        "grids.shares_at",
        "grids.arcs_at",
        "grids.newest_arc",
        "grids.coverage_began",
    }


@pytest.fixture
def drawing_login(demo_database: str) -> Iterator[str]:
    """A named login of somebody who draws, as the only change of the demo town."""
    with psycopg.connect(demo_database) as connection:
        add_account(connection, 1, AccountPlan("probe-draws", Role.GIS_EDITOR))
        account = find_account(connection, 1, "probe-draws")
        login, password = give_database_login(connection, account)
    yield make_conninfo(demo_database, user=login, password=password)
    with psycopg.connect(demo_database) as connection:
        connection.execute(f'DROP OWNED BY "{login}"; DROP ROLE "{login}"')
        connection.execute("DELETE FROM layers.account WHERE id = %s", (account.id,))


def test_what_a_redraw_concerns_is_told_by_the_web_alone(
    demo_database: str, drawing_login: str
) -> None:
    with psycopg.connect(drawing_login, autocommit=True) as connection:
        assert connection.execute("SELECT id FROM published.grids").fetchone()
        for question in TOLD_BY_THE_WEB:
            assert connection.execute(f"SELECT * FROM {question}").fetchall() == [], question
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="named over HTTP"):
            connection.execute(
                "SELECT grids.set_share_member(code, NULL, now())"
                ' FROM gis_editor."micro-grid-shares"'
            )
    with psycopg.connect(demo_database) as connection:
        connection.execute(
            "SELECT set_config('gridwhistle.town_id', '1', true),"
            " set_config('gridwhistle.only_layers', '*', true)"
        )
        for question in TOLD_BY_THE_WEB:
            assert connection.execute(f"SELECT * FROM {question}").fetchone(), question


def test_a_login_takes_no_draft_past_its_check(direct: dict[Role, str]) -> None:
    new = "INSERT INTO grids.draft (name, base_at, first_arc) VALUES ('z', now(), 1)"
    with (
        psycopg.connect(direct[Role.GIS_EDITOR], autocommit=True) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="drafts are edited over HTTP"),
    ):
        connection.execute(new)


def test_a_dispatchers_own_login_orders_and_learns_nothing(direct: dict[Role, str]) -> None:
    owner = make_conninfo(direct[Role.DISPATCHER], user="gridwhistle")
    if "DATABASE_URL" in os.environ:
        pytest.skip("the owner is another on a server of one's own")
    with psycopg.connect(owner) as connection:
        connection.execute(
            "INSERT INTO layers.incident"
            " (id, town_id, key, category, state, occurred_at, cell, geom, inside, batch_id)"
            " VALUES (1, 1, 'i', 'fire_hazard', 'open', now(), 0,"
            " 'SRID=4326;POINT(120.05 29.05)', true, 1) ON CONFLICT DO NOTHING"
        )
        connection.execute(
            'SELECT layers.order_first_of(1, jsonb_build_array(\'{"key": "s"}\'::jsonb), NULL)'
        )
    with psycopg.connect(direct[Role.DISPATCHER], autocommit=True) as connection:
        for forgery in ("SELECT 1", *FORGERIES):
            connection.execute(forgery.encode())
            for question in DISPATCHING:
                assert _told(connection, question) in ((), None, []), question
    with psycopg.connect(owner) as connection:
        states = connection.execute("SELECT state FROM layers.response_order").fetchall()
        assert states == [("sent",)]


def test_responders_and_gateways_learn_nothing_by_a_login_of_their_own(
    direct: dict[Role, str],
) -> None:
    for role, questions in DELIVERING.items():
        with psycopg.connect(direct[role], autocommit=True) as connection:
            for forgery in ("SELECT 1", *FORGERIES):
                connection.execute(forgery.encode())
                for question in questions:
                    told = connection.execute(f"SELECT {question}".encode()).fetchone()
                    assert told == (None,), (role, question)


def _told(connection: psycopg.Connection, question: str) -> Any:
    """What a function tells; nothing where it refuses, in the words of a refusal."""
    refusals = (
        psycopg.errors.InsufficientPrivilege,
        psycopg.errors.NoDataFound,
        psycopg.errors.InvalidParameterValue,
    )
    try:
        row = connection.execute(f"SELECT x FROM {question} AS x".encode()).fetchone()
    except refusals:
        return None
    return row[0] if row else ()
