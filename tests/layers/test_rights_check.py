"""`check` sees when the database would not keep the rights, or keep them slowly."""

from __future__ import annotations

import psycopg

from layers.rights_check import check_index_use, check_web_login
from spatial.checks import State


def test_a_fresh_database_is_as_it_has_to_be(connection: psycopg.Connection) -> None:
    assert check_web_login(connection).state is State.OK
    assert check_index_use(connection).state is State.OK


def test_a_login_that_owns_something_is_found(connection: psycopg.Connection) -> None:
    connection.execute("CREATE TABLE layers.stray (id int)")
    connection.execute("ALTER TABLE layers.stray OWNER TO gridwhistle_web")
    found = check_web_login(connection)
    assert found.state is State.FAILED
    assert "NOBYPASSRLS" in (found.remedy or "")


def test_an_operator_that_may_leak_is_a_warning(connection: psycopg.Connection) -> None:
    connection.execute("ALTER FUNCTION geometry_overlaps(geometry, geometry) NOT LEAKPROOF")
    found = check_index_use(connection)
    assert found.state is State.WARNING
    assert "LEAKPROOF" in (found.remedy or "")
