"""A statement runs as somebody, for as long as it takes and no longer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import psycopg
import pytest
from psycopg import AsyncConnection

from layers.roles import Role
from spatial.database import Principal, fetch_row
from spatial.web_login import web_conninfo

OFFICER = Principal(Role.OFFICER, 7, department="fire", time_zone="Asia/Shanghai", timeout_ms=4_000)
WHO = b"""
SELECT current_user, current_setting('gridwhistle.town_id', true),
       current_setting('gridwhistle.department', true), current_setting('TimeZone'),
       current_setting('statement_timeout')
"""
AS_OFFICER = (Role.OFFICER, "7", "fire", "Asia/Shanghai", "4s")


@pytest.fixture(scope="module")
def conninfo(new_database: Callable[[], AbstractContextManager[str]]):
    with new_database() as conninfo:
        yield web_conninfo(conninfo)


def run(conninfo: str, ask: Callable[[AsyncConnection[Any]], Any]) -> Any:
    async def asked() -> Any:
        async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
            return await ask(connection)

    return asyncio.run(asked())


def test_a_row_is_fetched_as_the_principal(conninfo: str):
    assert run(conninfo, lambda each: fetch_row(each, OFFICER, WHO, {})) == AS_OFFICER


# The seventh time it is a prepared statement that runs.
@pytest.mark.parametrize("times", [1, 7])
def test_the_connection_is_nobodys_afterwards(conninfo: str, times: int):
    async def who(connection: AsyncConnection[Any]) -> list[str]:
        row = await (await connection.execute(WHO)).fetchone()
        return [each or "" for each in row or ()]

    async def ask(connection: AsyncConnection[Any]) -> Any:
        before = await who(connection)
        for _ in range(times):
            await fetch_row(connection, OFFICER, WHO, {})
        return before, await who(connection)

    before, after = run(conninfo, ask)
    assert after == before
    assert after[0] == "gridwhistle_web"


def test_a_statement_that_fails_leaves_nobody_behind(conninfo: str):
    async def ask(connection: AsyncConnection[Any]) -> Any:
        with pytest.raises(psycopg.errors.DivisionByZero):
            await fetch_row(connection, OFFICER, b"SELECT 1 / %(zero)s::int", {"zero": 0})
        return await (await connection.execute(WHO)).fetchone()

    assert run(conninfo, ask)[0] == "gridwhistle_web"


def test_a_role_that_may_not_be_taken_on_reads_nothing(conninfo: str):
    owner = Principal("postgres", 7)
    with pytest.raises(psycopg.Error, match=r"permission denied|does not exist"):
        run(conninfo, lambda each: fetch_row(each, owner, WHO, {}))


def test_the_principals_time_is_over_when_it_is(conninfo: str):
    hurried = Principal(Role.ANONYMOUS, 7, timeout_ms=50)
    with pytest.raises(psycopg.errors.QueryCanceled):
        run(conninfo, lambda each: fetch_row(each, hurried, b"SELECT pg_sleep(30)", {}))


def test_within_a_transaction_a_row_is_of_that_transaction(conninfo: str):
    number = b"SELECT pg_current_xact_id()::text"

    async def ask(connection: AsyncConnection[Any]) -> Any:
        async with connection.transaction():
            around = await (await connection.execute(number)).fetchone()
            return around, await fetch_row(connection, OFFICER, number, {})

    around, within = run(conninfo, ask)
    assert around == within


def test_no_row_is_none(conninfo: str):
    assert run(conninfo, lambda each: fetch_row(each, OFFICER, b"SELECT 1 LIMIT 0", {})) is None
