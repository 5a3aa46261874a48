"""The small town's squares, lived in: homes, a stream, and who draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg

from layers.accounts.administration import AccountPlan, add_account
from layers.roles import Role
from smalltown import add_square_grids, add_town
from worker import make_effective

HOMES = """
INSERT INTO layers.building (town_id, key, use, floors, households, geom, inside, batch_id)
SELECT 1, 'home ' || x || ' ' || y, 'residential', 6, 4,
       ST_Multi(ST_Expand(ST_Point(120.0025 + x * 0.005, 29.0025 + y * 0.005, 4326), 0.0002)),
       true, (SELECT min(id) FROM spatial.batch)
FROM generate_series(0, 19) AS x, generate_series(0, 19) AS y
"""
# Beside the edge between the two micro-grids in the south-west.
STREAM = """
INSERT INTO layers.water (town_id, batch_id, kind, name, geom)
SELECT 1, min(id), 'stream', '南溪',
       'SRID=4326;LINESTRING(120.025 29, 120.03 29.0125, 120.025 29.025)'
FROM spatial.batch
"""
PASSWORD = "a password for tests"
ACCOUNTS = {
    "anna": Role.GIS_EDITOR,
    "bert": Role.GIS_EDITOR,
    "cora": Role.GIS_EDITOR,
    "olga": Role.ADMINISTRATOR,
    "paul": Role.PLANNER,
}


@dataclass(frozen=True)
class Squares:
    """A served town of 16 square micro-grids, 100 households in each; its units' ids by code."""

    url: str
    conninfo: str
    ids: dict[str, int]

    def execute(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows that the database has."""
        with psycopg.connect(self.conninfo) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def make_effective(self) -> int:
        """What the worker does when a moment has come."""
        return make_effective(self.conninfo)


def make(connection: psycopg.Connection) -> dict[str, int]:
    """Into a migrated database; its units' ids by code."""
    town_id = add_town(connection)
    ids = add_square_grids(connection, town_id)
    connection.execute(HOMES)
    connection.execute(STREAM)
    for name, role in ACCOUNTS.items():
        plan = AccountPlan(name, role, password=PASSWORD, must_change_password=False)
        add_account(connection, town_id, plan)
    return ids
