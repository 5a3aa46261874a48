"""What each role may see, worked out anew, and the clients by which that is tried.

The oracle asks the catalogue's statements as the owner of the database: without views, roles or the
web app.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import httpx
import psycopg
import pytest

from api.auth.settings import AuthSettings
from layers.accounts.administration import AccountPlan, add_account
from layers.catalogue import Entry, Rows
from layers.roles import Role


class Oracle:
    """The rows and columns that each role may see of each layer.

    Each role has one account in the town, or none.
    """

    def __init__(self, conninfo: str) -> None:
        self._connection = psycopg.connect(conninfo, autocommit=True)
        self._known: dict[tuple[str, Role], set[int]] = {}

    def ids(self, entry: Entry, role: Role) -> set[int]:
        """The features that `role` may see of a layer that stands still."""
        if (entry.id, role) not in self._known:
            self._known[entry.id, role] = self.ids_now(entry, role)
        return self._known[entry.id, role]

    def some_refused(self, entry: Entry, role: Role) -> int | None:
        """A feature that there is and that `role` may not see."""
        return next(iter(self.ids(entry, Role.ADMINISTRATOR) - self.ids(entry, role)), None)

    @staticmethod
    def columns(entry: Entry, role: Role) -> set[str]:
        return {field.name for field in entry.fields_for(role)}

    @classmethod
    def hidden(cls, entry: Entry, role: Role) -> set[str]:
        return {field.name for field in entry.fields} - cls.columns(entry, role)

    def ids_now(self, entry: Entry, role: Role) -> set[int]:
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
        values = {"department": department, "grid": grid_id, "layers": layers, "layer": entry.id}
        found = self._connection.execute(
            f"SELECT {entry.id_column} FROM {entry.relation}"
            f" WHERE ({entry.condition or 'true'}) AND ({rules[rows]})".encode(),
            values,
        ).fetchall()
        return {row[0] for row in found}

    def states_now(self, entry: Entry) -> dict[int, str]:
        """What each feature of a layer is, whoever sees it: properties, place, whose it is."""
        parts = [field.expression or field.name for field in entry.fields]
        parts += [entry.geometry_column, entry.department or "NULL", entry.grid or "NULL"]
        found = self._connection.execute(
            f"SELECT {entry.id_column}, ROW({', '.join(parts)})::text FROM {entry.relation}"
            f" WHERE {entry.condition or 'true'}".encode()
        ).fetchall()
        return dict(found)

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(scope="session")
def oracle(demo_database: str) -> Iterator[Oracle]:
    """Of the demo town, which stands still."""
    found = Oracle(demo_database)
    yield found
    found.close()


@pytest.fixture(scope="session")
def clients(
    demo_url: str, client_of_each: Callable[..., AbstractContextManager[dict[Role, httpx.Client]]]
) -> Iterator[dict[Role, httpx.Client]]:
    """One of each role, in the demo town."""
    with client_of_each(demo_url, Role) as made:
        yield made


# Two grids of one micro-grid each; an incident of each department in each; one of every layer that
# has hidden rows or columns.
LIVE_TOWN = """
INSERT INTO grids.unit (id, town_id, code, level, parent_id)
VALUES (1, 1, 't', 1, NULL), (2, 1, 'v', 2, 1), (3, 1, 'g1', 3, 2), (4, 1, 'g2', 3, 2),
       (5, 1, 'm1', 4, 3), (6, 1, 'm2', 4, 4);
INSERT INTO grids.version (id, town_id, unit_id, name, geom, valid, batch_id)
SELECT id, 1, id, code, (SELECT outline FROM spatial.town), '[2020-01-01,)', 1 FROM grids.unit;
INSERT INTO layers.incident (
    town_id, key, category, source, occurred_at, cell, geom, inside, batch_id, grid_version_id
)
SELECT 1, category || version, category, '12345', now(), 1, 'SRID=4326;POINT(120.05 29.05)', true,
       1, version
FROM unnest(ARRAY['noise', 'gas_safety']) AS category, unnest(ARRAY[5, 6]) AS version;
INSERT INTO layers.sensor (town_id, key, kind, name, bearing_deg, field_of_view, geom, inside)
VALUES (1, 'c', 'camera', '摄像头', 90,
        'SRID=4326;POLYGON((120.05 29.05,120.06 29.05,120.06 29.06,120.05 29.05))',
        'SRID=4326;POINT(120.05 29.05)', true);
"""
LIVE_ACCOUNTS = {
    Role.GRID_MEMBER: "member",
    Role.OFFICER: "officer",
    Role.DISPATCHER: "dispatcher",
    Role.GIS_EDITOR: "editor",
    Role.PLANNER: "planner",
    Role.ADMINISTRATOR: "administrator",
    Role.SECURITY_OFFICER: "security",
    Role.AUDITOR: "auditor",
    Role.SYSTEM: "system",
}


@dataclass(frozen=True)
class LiveTown:
    """A small town in which things change, with an account for each role.

    Attributes:
        conninfo: of the database's owner.
    """

    url: str
    conninfo: str
    oracle: Oracle
    clients: dict[Role, httpx.Client]

    def execute(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """As the owner of the database, committed."""
        with psycopg.connect(self.conninfo) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="session")
def live(
    new_database: Callable[[], AbstractContextManager[str]],
    fill_town: Callable[..., dict[str, int]],
    serve_app: Callable[..., AbstractContextManager[str]],
    auth_settings: AuthSettings,
) -> Iterator[LiveTown]:
    """Synthetic, so that its three offices too enter by name and password alone."""
    password = "a password for the probe"
    with new_database() as conninfo:
        fill_town(conninfo, synthetic=True)
        with psycopg.connect(conninfo) as connection:
            connection.execute(LIVE_TOWN)
            plan = AccountPlan("member", Role.GRID_MEMBER, grid="g1", password=password)
            add_account(connection, 1, plan)
            connection.execute(
                "UPDATE layers.account_secret SET must_change_password = false,"
                " password_hash = mine.password_hash FROM layers.account_secret AS mine"
                " JOIN layers.account ON account.id = mine.account_id WHERE name = 'member'"
            )
        oracle = Oracle(conninfo)
        with serve_app(conninfo, only_this_machine=False, auth=auth_settings) as url:
            clients = {
                role: httpx.Client(
                    base_url=url,
                    timeout=60,
                    auth=(LIVE_ACCOUNTS[role], password) if role in LIVE_ACCOUNTS else None,
                )
                for role in Role
            }
            yield LiveTown(url, conninfo, oracle, clients)
            for client in clients.values():
                client.close()
        oracle.close()
