"""What the database itself says of accounts, whoever asks it."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from layers.accounts.administration import (
    AccountPlan,
    account_by_id,
    add_account,
    disable_account,
    set_password,
    set_role,
)
from layers.accounts.keys import KeyPlan, add_key, list_keys
from layers.facts.store import save_facts
from layers.roles import Role
from spatial.database import Principal, become
from spatial.errors import ConflictError, InputError

TOWN = """
INSERT INTO spatial.town (code, name, name_en, time_zone, synthetic)
VALUES ('t', '小镇', 'Small', 'Asia/Shanghai', false) RETURNING id
"""
OFFICES = (Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR)
Become = Callable[[Role], None]


@pytest.fixture
def town(connection: psycopg.Connection) -> int:
    row = connection.execute(TOWN).fetchone()
    assert row is not None
    save_facts(connection)
    for role in (*OFFICES, Role.PLANNER, Role.GIS_EDITOR):
        add_account(connection, row[0], AccountPlan(name_of(role), role))
    return int(row[0])


def name_of(role: Role) -> str:
    return role.short_name.replace("_", "-")


def id_of(connection: psycopg.Connection, role: Role) -> int:
    row = connection.execute(
        "SELECT id FROM layers.account WHERE name = %s", (name_of(role),)
    ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def be(connection: psycopg.Connection, town: int) -> Become:
    """Go on as the account of a role."""

    def become_role(role: Role) -> None:
        become(connection, Principal(role, town, account_id=id_of(connection, role)))

    return become_role


def refused(connection: psycopg.Connection, statement: str, *parameters: object) -> str:
    with pytest.raises(psycopg.Error) as error, connection.transaction():
        connection.execute(statement.encode(), parameters)
    return str(error.value)


@pytest.mark.parametrize(
    "columns",
    [
        {"role": "gridwhistle_anonymous"},
        {"role": "gridwhistle_web"},
        {"role": "postgres"},
        {"role": "gridwhistle_auditor,gridwhistle_security_officer"},
        {"role": "gridwhistle_officer"},
        {"role": "gridwhistle_planner", "department": "police"},
        {"role": "gridwhistle_grid_member"},
        {"role": "gridwhistle_planner", "layers": ["responders"]},
        {"role": "gridwhistle_auditor", "database_login": "gw_auditor"},
        {"role": "gridwhistle_planner", "name": "Bad Name"},
    ],
)
def test_an_account_that_can_not_be_is_refused(
    connection: psycopg.Connection, town: int, columns: dict
) -> None:
    row = {"name": "wang", "display_name": "王", "town_id": town, **columns}
    names = ", ".join(row)
    slots = ", ".join(["%s"] * len(row))
    said = refused(
        connection, f"INSERT INTO layers.account ({names}) VALUES ({slots})", *row.values()
    )
    assert "check" in said


def test_the_security_officer_gives_rights_but_none_to_the_own_account(
    connection: psycopg.Connection, town: int, be: Become
) -> None:
    own, planner = id_of(connection, Role.SECURITY_OFFICER), id_of(connection, Role.PLANNER)
    be(Role.SECURITY_OFFICER)
    add_account(connection, town, AccountPlan("li", Role.OFFICER, department="police"))
    set_role(
        connection, account_by_id(connection, town, planner), AccountPlan("x1", Role.GIS_EDITOR)
    )
    for change in ("role = 'gridwhistle_planner'", "disabled_at = now()", "layers = '{}'"):
        said = refused(connection, f"UPDATE layers.account SET {change} WHERE id = %s", own)
        assert "own account" in said


@pytest.mark.parametrize("office", OFFICES)
def test_offices_are_settled_at_the_machine(
    connection: psycopg.Connection, town: int, be: Become, office: Role
) -> None:
    planner, holder = id_of(connection, Role.PLANNER), id_of(connection, office)
    be(Role.SECURITY_OFFICER)
    insert = (
        "INSERT INTO layers.account (town_id, name, display_name, role) VALUES (%s, 'x1', '', %s)"
    )
    refused(connection, insert, town, office.value)
    refused(connection, "UPDATE layers.account SET role = %s WHERE id = %s", office.value, planner)
    change = "UPDATE layers.account_secret SET password_hash = 'mine' WHERE account_id = %s"
    refused(connection, change, holder)
    if office is not Role.SECURITY_OFFICER:
        refused(connection, "UPDATE layers.account SET disabled_at = now() WHERE id = %s", holder)


@pytest.mark.parametrize("role", [each for each in Role if each is not Role.SECURITY_OFFICER])
def test_nobody_else_changes_accounts_or_reads_hashes(
    connection: psycopg.Connection, town: int, role: Role
) -> None:
    become(connection, Principal(role, town))
    for statement in (
        "UPDATE layers.account SET role = 'gridwhistle_planner'",
        "DELETE FROM layers.account",
        "SELECT password_hash FROM layers.account_secret",
        "SELECT totp_secret FROM layers.account_secret",
        "SELECT secret_sha256 FROM layers.api_key",
        "SELECT token_sha256 FROM layers.account_session",
        "SELECT code_sha256 FROM layers.recovery_code",
        "SELECT * FROM layers.sign_in_failure",
        "INSERT INTO layers.api_key VALUES ('x')",
        "INSERT INTO layers.account_event (subject, account_id) VALUES ('x', 1)",
    ):
        assert "permission denied" in refused(connection, statement)


def test_the_security_officer_reads_no_hash_and_no_log(
    connection: psycopg.Connection, be: Become
) -> None:
    be(Role.SECURITY_OFFICER)
    for statement in (
        "SELECT password_hash FROM layers.account_secret",
        "SELECT secret_sha256 FROM layers.api_key",
        "SELECT * FROM layers.account_session",
        "SELECT * FROM layers.access_log",
        "SELECT layers.clear_access_log('2000-01-01')",
    ):
        assert "permission denied" in refused(connection, statement)


def log_line(connection: psycopg.Connection, town: int, age: str) -> None:
    connection.execute(
        "INSERT INTO layers.access_log (town_id, at, request_id, role, method, status, duration_ms,"
        " bytes, address_hash) VALUES (%s, now() - %s::interval, 'r', 'x', 'GET', 200, 1, 1, 'h')",
        (town, age),
    )


def test_only_an_auditor_clears_the_log_and_only_what_is_old(
    connection: psycopg.Connection, town: int, be: Become
) -> None:
    for age in ("1 day", "5 months", "7 months", "2 years"):
        log_line(connection, town, age)
    with connection.transaction(force_rollback=True):
        be(Role.ADMINISTRATOR)
        clear = "SELECT layers.clear_access_log(now() - interval '1 year')"
        assert "permission denied" in refused(connection, clear)
    with connection.transaction(force_rollback=True):
        be(Role.AUDITOR)
        assert "permission denied" in refused(connection, "DELETE FROM layers.access_log")
        young = "SELECT layers.clear_access_log(now() - interval '5 months')"
        assert "six months" in refused(connection, young)
        old = "SELECT layers.clear_access_log(now() - interval '6 months 1 day')"
        assert connection.execute(old).fetchone() == (2,)
        left = connection.execute("SELECT count(*) FROM layers.access_log").fetchone()
        assert left == (2,)
        noted = connection.execute(
            "SELECT by_account, after->>'cleared' FROM layers.account_event"
            " WHERE subject = 'access_log'"
        ).fetchall()
        assert noted == [(id_of(connection, Role.AUDITOR), "2")]


def test_not_even_the_owner_changes_a_log(connection: psycopg.Connection, town: int) -> None:
    log_line(connection, town, "1 day")
    for statement in (
        "DELETE FROM layers.access_log",
        "UPDATE layers.access_log SET status = 404",
        "TRUNCATE layers.access_log",
        "DELETE FROM layers.account_event",
        "UPDATE layers.account_event SET subject = 'x'",
        "TRUNCATE layers.account_event",
        "SELECT layers.clear_access_log('2000-01-01')",  # the owner is no auditor
    ):
        refused(connection, statement)


def test_who_granted_what_is_noted_without_secrets(
    connection: psycopg.Connection, town: int, be: Become
) -> None:
    planner = id_of(connection, Role.PLANNER)
    officer = id_of(connection, Role.SECURITY_OFFICER)
    be(Role.SECURITY_OFFICER)
    account = account_by_id(connection, town, planner)
    set_role(connection, account, AccountPlan("x1", Role.GIS_EDITOR))
    set_password(connection, account, "another password", by_owner=False)
    events = connection.execute(
        "SELECT by_account, subject, before, after FROM layers.account_event"
        " WHERE account_id = %s ORDER BY id DESC LIMIT 2",
        (planner,),
    ).fetchall()
    assert [(by, subject) for by, subject, *_ in events] == [
        (officer, "account_secret"),
        (officer, "account"),
    ]
    assert events[1][2]["role"] == Role.PLANNER
    assert events[1][3]["role"] == Role.GIS_EDITOR
    text = str(connection.execute("SELECT * FROM layers.account_event").fetchall())
    assert "argon2" not in text
    assert "secret_sha256" not in text


def test_a_disabled_account_loses_sessions_and_keys(
    connection: psycopg.Connection, town: int
) -> None:
    planner = account_by_id(connection, town, id_of(connection, Role.PLANNER))
    add_key(connection, planner, KeyPlan("x"))
    connection.execute(
        "INSERT INTO layers.account_session (account_id, token_sha256, device, expires_at)"
        " VALUES (%s, 'x', '?', now() + interval '1 h')",
        (planner.id,),
    )
    disable_account(connection, planner)
    assert all(each["revoked_at"] for each in list_keys(connection, town, planner.id))
    ended = connection.execute(
        "SELECT revoked_at IS NOT NULL FROM layers.account_session WHERE account_id = %s",
        (planner.id,),
    ).fetchall()
    assert ended == [(True,)]


def test_an_office_has_no_keys(connection: psycopg.Connection, town: int) -> None:
    auditor = account_by_id(connection, town, id_of(connection, Role.AUDITOR))
    with pytest.raises(ConflictError):
        add_key(connection, auditor, KeyPlan("x"))
    insert = (
        "INSERT INTO layers.api_key (id, account_id, secret_sha256, label, expires_at)"
        " VALUES ('a', %s, 'x', 'x', now() + interval '1 d')"
    )
    assert "no keys" in refused(connection, insert, auditor.id)


def test_a_department_has_to_exist(connection: psycopg.Connection, town: int) -> None:
    with pytest.raises(InputError, match="police"):
        add_account(connection, town, AccountPlan("li", Role.OFFICER, department="nothing"))
    with pytest.raises(ConflictError):
        add_account(connection, town, AccountPlan("planner", Role.PLANNER))
