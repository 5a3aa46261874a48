"""As each role, through every door, over all layers and columns: nothing outside the rights.

What a role may see is worked out here from the catalogue's statements by the owner of the database,
without views, roles or the web app.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from math import asinh, pi, radians, tan
from typing import Any

import httpx
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
from layers.accounts.tokens import sha256
from layers.catalogue import Entry, Rows
from layers.entries import CATALOGUE
from layers.migrations.run import migrate
from layers.roles import Role
from spatial.web_login import web_conninfo

ROLES = list(Role)
INTERNAL = [entry for entry in CATALOGUE.entries if entry.readers]
TILE_ZOOM = 11


class Oracle:
    """The ids that each account may see of each layer."""

    def __init__(self, conninfo: str) -> None:
        self._connection = psycopg.connect(conninfo, autocommit=True)
        self._known: dict[tuple[str, Role], set[int]] = {}

    def ids(self, entry: Entry, role: Role) -> set[int]:
        if (entry.id, role) not in self._known:
            self._known[entry.id, role] = self._read(entry, role)
        return self._known[entry.id, role]

    def _read(self, entry: Entry, role: Role) -> set[int]:
        rows = entry.rows_for(role)
        if rows is None:
            return set()
        account = self._connection.execute(
            "SELECT department, grid_id, layers FROM layers.account WHERE role = %s", (role.value,)
        ).fetchone()
        department, grid_id, layers = account or (None, None, [])
        rules = {
            Rows.ALL: "true",
            Rows.OWN_DEPARTMENT: f"%(department)s = '*' OR ({entry.department}) = %(department)s",
            Rows.OWN_GRID: f"({entry.grid}) = %(grid)s",
            Rows.GRANTED: "%(layer)s = ANY (%(layers)s)",
        }
        statement = (
            f"SELECT {entry.id_column} FROM {entry.relation}"
            f" WHERE ({entry.condition or 'true'}) AND ({rules[rows]})"
        )
        parameters = {
            "department": department, "grid": grid_id, "layers": layers, "layer": entry.id,
        }  # fmt: skip
        found = self._connection.execute(statement.encode(), parameters).fetchall()
        return {row[0] for row in found}

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(scope="module")
def oracle(demo_database: str) -> Iterator[Oracle]:
    found = Oracle(demo_database)
    yield found
    found.close()


@pytest.fixture(scope="module")
def clients(
    demo_url: str, demo_account: Callable[[Role], tuple[str, str]]
) -> Iterator[dict[Role, httpx.Client]]:
    """One of each role."""
    made = {
        role: httpx.Client(
            base_url=demo_url,
            timeout=60,
            auth=None if role is Role.ANONYMOUS else demo_account(role),
        )
        for role in ROLES
    }
    yield made
    for client in made.values():
        client.close()


def columns(entry: Entry, role: Role) -> set[str]:
    return {field.name for field in entry.fields_for(role)}


@pytest.mark.parametrize("role", ROLES)
def test_documents_name_what_the_role_may_see_and_nothing_else(
    clients: dict[Role, httpx.Client], role: Role
) -> None:
    client = clients[role]
    expected = {entry.id for entry in CATALOGUE.entries if entry.readable_by(role)}
    named = client.get("/ogc/collections?f=json").json()["collections"]
    assert {each["id"] for each in named} == expected
    legend = {each["id"]: each for each in client.get("/api/layers").json()}
    assert legend.keys() == expected
    openapi = client.get("/ogc/openapi?f=json").text
    for entry in CATALOGUE.entries:
        assert (f'"/collections/{entry.id}/items"' in openapi) is (entry.id in expected)
        if entry.id not in expected:
            for path in ("", "/queryables", "/schema", "/tiles", "/feature-schema", "/styles"):
                refused = client.get(f"/ogc/collections/{entry.id}{path}")
                assert refused.status_code == 404, (entry.id, path)
            continue
        wanted = columns(entry, role)
        hidden = {field.name for field in entry.fields} - wanted
        assert {field["name"] for field in legend[entry.id]["fields"]} == wanted
        for path in ("queryables", "schema"):
            said = client.get(f"/ogc/collections/{entry.id}/{path}?f=json").json()["properties"]
            assert not hidden & said.keys(), (entry.id, path)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("entry", CATALOGUE.entries, ids=lambda entry: entry.id)
def test_features_are_those_of_the_role(
    clients: dict[Role, httpx.Client], oracle: Oracle, entry: Entry, role: Role
) -> None:
    client, base = clients[role], f"/ogc/collections/{entry.id}"
    allowed, wanted = oracle.ids(entry, role), columns(entry, role)
    # Of public layers everybody sees the same rows; their first ones tell of the columns.
    limit = 1000 if entry.readers else 20
    answer = client.get(f"{base}/items?limit={limit}&f=json")
    if not entry.readable_by(role):
        assert answer.status_code == 404
        everything = oracle.ids(entry, Role.ADMINISTRATOR)
        some = min(everything, default=1)
        for path in (f"items/{some}", "items?f=csv", f"tiles/WebMercatorQuad/{TILE_ZOOM}/0/0",
                     "changes", f"items/{some}/history", "subscribe"):  # fmt: skip
            assert client.get(f"{base}/{path}").status_code == 404, path
        return
    page = answer.json()
    found = {feature["id"] for feature in page["features"]}
    assert found <= allowed
    assert len(found) == min(limit, len(allowed))
    for feature in page["features"]:
        assert feature["properties"].keys() <= wanted
    hidden = {field.name for field in entry.fields} - wanted
    for name in hidden:
        for how in (f"{name}=1", f"sortby={name}", f"properties={name}", f"filter={name}=1"):
            assert client.get(f"{base}/items?{how}").status_code == 400, how
    refused = next(iter(oracle.ids(entry, Role.ADMINISTRATOR) - allowed), None)
    if refused is not None:
        assert client.get(f"{base}/items/{refused}").status_code == 404
    table = client.get(f"{base}/items?f=csv&limit=5").text.splitlines()
    if table:
        heads = {head.strip('"') for head in table[0].lstrip("\ufeff").split(",")}
        assert not hidden & heads
        assert not {"town_id", "cell", "batch_id"} & heads


def tile_of(client: httpx.Client) -> str:
    west, south, east, north = client.get("/api/town").json()["bounds"]
    lon, lat = (west + east) / 2, (south + north) / 2
    side = 2**TILE_ZOOM
    row = int((1 - asinh(tan(radians(lat))) / pi) / 2 * side)
    return f"WebMercatorQuad/{TILE_ZOOM}/{row}/{int((lon + 180) / 360 * side)}"


def test_tiles_differ_as_the_rights_do(clients: dict[Role, httpx.Client]) -> None:
    """In one process and from its cache: what one role was given, another isn't."""
    tile = tile_of(clients[Role.ANONYMOUS])
    for entry in INTERNAL:
        for role in (Role.ADMINISTRATOR, Role.OFFICER, Role.ANONYMOUS, Role.OFFICER):
            answer = clients[role].get(f"/ogc/collections/{entry.id}/tiles/{tile}?f=mvt")
            allowed = entry.readable_by(role)
            assert (answer.status_code in (200, 204)) is allowed, (entry.id, role)


def test_hidden_columns_are_in_no_tile(clients: dict[Role, httpx.Client]) -> None:
    tile = tile_of(clients[Role.ANONYMOUS])
    for role in ROLES:
        for entry in CATALOGUE.entries:
            hidden = {field.name for field in entry.fields} - columns(entry, role)
            if not hidden or not entry.readable_by(role):
                continue
            answer = clients[role].get(f"/ogc/collections/{entry.id}/tiles/{tile}?f=mvt")
            for name in hidden:
                assert name.encode() not in answer.content, (entry.id, role, name)


def test_who_is_nearest_is_told_to_those_who_see_responders(
    clients: dict[Role, httpx.Client], oracle: Oracle, demo_database: str
) -> None:
    responders = CATALOGUE.entry("responders")
    with psycopg.connect(demo_database) as connection:
        keys = dict(connection.execute("SELECT key, id FROM layers.responder").fetchall())
    for role in ROLES:
        body = {"inputs": {"lon": 120.02, "lat": 29.2, "k": 100}}
        answer = clients[role].post("/ogc/processes/nearest-responders/execution", json=body)
        if not responders.readable_by(role):
            assert answer.status_code in (403, 404), role
            continue
        found = {keys[each["key"]] for each in answer.json()["responders"]}
        assert found <= oracle.ids(responders, role), role


def test_jobs_are_shown_to_their_own_submitter_only(clients: dict[Role, httpx.Client]) -> None:
    body = {"inputs": {"message": "mine"}}
    made = clients[Role.PLANNER].post(
        "/ogc/processes/echo/execution", json=body, headers={"Prefer": "respond-async"}
    )
    assert made.status_code == 201, made.text
    job_id = made.json()["jobID"]
    for role in ROLES:
        status = clients[role].get(f"/ogc/jobs/{job_id}").status_code
        assert (status == 200) is (role is Role.PLANNER), role
        listed = clients[role].get("/ogc/jobs?f=json")
        ids = (
            {job["jobID"] for job in listed.json().get("jobs", [])} if listed.is_success else set()
        )
        assert (job_id in ids) is (role is Role.PLANNER), role


# The web tier believes that everybody is this role; the database knows who asks.
UNCHECKED = """
import sys
from dataclasses import replace
import layers.catalogue
from layers.catalogue import Entry
from layers.roles import Role

CONFUSED = Role(sys.argv[1])
plain = {name: getattr(Entry, name)
         for name in ("readable_by", "rows_for", "fields_for", "is_public_to", "field_for")}
for name, method in plain.items():
    setattr(Entry, name, lambda self, role, *rest, _method=method: _method(self, CONFUSED, *rest))

import layers.published
from psycopg import sql
own_view_of = layers.published.view_of
layers.published.view_of = lambda entry, _role: own_view_of(entry, CONFUSED)

import layers.migrations.run
layers.migrations.run.migrate = lambda conninfo: None
import api.cli.context
api.cli.context.migrate = lambda conninfo: None
from api.cli import main
main(["serve", "--port", "0", "--no-worker"])
"""


@pytest.mark.parametrize(
    "confused", [Role.ADMINISTRATOR, pytest.param(Role.DISPATCHER, marks=pytest.mark.long)]
)
def test_with_the_webs_own_checks_switched_off_the_database_refuses(
    demo_database: str,
    demo_account: Callable[[Role], tuple[str, str]],
    oracle: Oracle,
    tmp_path_factory: pytest.TempPathFactory,
    confused: Role,
) -> None:
    folder = tmp_path_factory.mktemp("unchecked")
    environment = os.environ | {"DATABASE_URL": demo_database, "GRIDWHISTLE_DATA": str(folder)}
    command = [sys.executable, "-c", UNCHECKED, confused.value]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().split()[-1].rstrip("/")
            for role in (Role.ANONYMOUS, Role.OFFICER, Role.GRID_MEMBER, Role.AUDITOR, Role.SYSTEM):
                auth = None if role is Role.ANONYMOUS else demo_account(role)
                with httpx.Client(base_url=url, auth=auth, timeout=60) as client:
                    look_behind_every_layer(client, oracle, role)
        finally:
            process.terminate()


# A forgotten check is a defect, and may look like one; it shows nothing.
REFUSED = (204, 403, 404, 500)


def look_behind_every_layer(client: httpx.Client, oracle: Oracle, role: Role) -> None:
    tile = tile_of(client)
    for entry in CATALOGUE.entries:
        answer = client.get(f"/ogc/collections/{entry.id}/items?limit=100&f=json")
        if answer.status_code == 200:
            for feature in answer.json()["features"]:
                assert feature["id"] in oracle.ids(entry, role), (entry.id, role)
                assert feature["properties"].keys() <= columns(entry, role), (entry.id, role)
        else:
            assert answer.status_code in REFUSED, (entry.id, role, answer.text)
        if not entry.readable_by(role):
            for path in (f"tiles/{tile}?f=mvt", "items?f=csv", "items/1"):
                looked = client.get(f"/ogc/collections/{entry.id}/{path}")
                assert looked.status_code in REFUSED, (entry.id, role, path)


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
)
FORGERIES = (
    "SELECT set_config('gridwhistle.department', '*', false)",
    "SELECT set_config('gridwhistle.town_id', '1', false)",
    "SELECT set_config('gridwhistle.layers', 'responders,incidents', false)",
    "SELECT set_config('gridwhistle.account_id', '1', false)",
    "SELECT set_config('gridwhistle.grid_id', '1', false)",
)
LOGINS = [role for role in ROLES if role not in OFFICES | {Role.ANONYMOUS, Role.GRID_MEMBER}]


@pytest.fixture(scope="module")
def direct(
    new_database: Callable[[], AbstractContextManager[str]], fill_town: Any
) -> Iterator[dict[Role, str]]:
    """Conninfo of a named PostgreSQL login for each role that can have one."""
    with new_database() as conninfo:
        migrate(
            conninfo
        )  # a clone has its template's tables, not the rights on the database itself
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
            assert found == columns(entry, role) | {"id", "town_id", "geom"} | (
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
    "layers.complete_row": "adds to a written row what its editor doesn't state",
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
    assert open_to_all <= {"layers.own_account"}


def test_a_stored_hash_opens_nothing(demo_url: str) -> None:
    digest = sha256("x").hex()
    for headers in ({"X-API-Key": digest}, {"Authorization": f"Bearer {digest}"}):
        assert httpx.get(f"{demo_url}/ogc", headers=headers).status_code == 401
