"""A small town that takes reports: 81 junctions 100 m apart, an island, shops and responders."""

from __future__ import annotations

from typing import Any

import numpy as np
import psycopg
import shapely

from layers.accounts.administration import AccountPlan, add_account
from layers.roles import Role
from routing.modes import ALL_MODES
from routing.sources.assembly import make_streets
from routing.sources.osm_rules import Properties
from routing.stored.store import save_streets

PASSWORD = "a password for tests"
UNIT = 0.001
LON, LAT = 120.04, 29.04
SIDE = 9
# Streets that lead nowhere else, inside the town.
ISLAND = [(30, 30), (31, 30)]
# The end of a street that leads 30 km out of the town.
FAR = (317, 8)
ALL = int(ALL_MODES)
POLICE = 8
ACCOUNTS = (
    ("second", Role.DISPATCHER, {"department": "*"}),
    ("police-desk", Role.DISPATCHER, {"department": "police"}),
    ("market-desk", Role.DISPATCHER, {"department": "market"}),
    ("patrol-1", Role.OFFICER, {"department": "police"}),
    ("patrol-2", Role.OFFICER, {"department": "police"}),
    ("alarms", Role.SYSTEM, {"layers": ("incidents", "orders", "responders")}),
    ("hotline", Role.SYSTEM, {"layers": ("incidents",)}),
    ("stranger", Role.SYSTEM, {"layers": ("tracks",)}),
)

MEMBERS = ("member", "neighbour")


def lonlat(x: float, y: float) -> tuple[float, float]:
    """Where junction (x, y) is."""
    return LON + x * UNIT, LAT + y * UNIT


def streets() -> Any:
    """A grid of streets, one street apart, and one out of the town."""
    number = {(x, y): 1 + x + SIDE * y for y in range(SIDE) for x in range(SIDE)}
    number |= {place: 1001 + n for n, place in enumerate([*ISLAND, FAR])}
    pairs = [((x, y), (x + 1, y)) for y in range(SIDE) for x in range(SIDE - 1)]
    pairs += [((x, y), (x, y + 1)) for y in range(SIDE - 1) for x in range(SIDE)]
    pairs += [(ISLAND[0], ISLAND[1]), ((SIDE - 1, SIDE - 1), FAR)]
    ends = np.array([[number[a], number[b]] for a, b in pairs], np.int64)
    lines = np.array([shapely.LineString([lonlat(*a), lonlat(*b)]) for a, b in pairs])
    properties = [
        Properties("residential", "街", None, False, False, 0, 30.0, ALL, ALL) for _ in pairs
    ]
    return make_streets(ends, lines, properties, [None] * len(pairs))


def furnish(connection: psycopg.Connection) -> None:
    """Into the small town with its accounts: streets, a school, responders, more accounts."""
    save_streets(connection, 1, 1, streets())
    connection.execute("DELETE FROM layers.responder")
    for n in range(POLICE):
        _add_responder(connection, f"p{n}", "police", (n, 0))
    _add_responder(connection, "m0", "market", (0, 8))
    _add_responder(connection, "e0", "emergency", (8, 8))
    connection.execute(
        "INSERT INTO layers.premises (town_id, key, kind, name, geom, inside, batch_id)"
        " VALUES (1, 'school', 'school', '小学', ST_Point(%s, %s, 4326), true, 1)",
        lonlat(4, 4),
    )
    for name, role, more in ACCOUNTS:
        plan = AccountPlan(name, role, password=PASSWORD, must_change_password=False, **more)
        add_account(connection, 1, plan)
    connection.execute(
        "UPDATE layers.account SET responder_id = responder.id FROM layers.responder"
        " WHERE (account.name, key) IN (('patrol-1', 'p0'), ('patrol-2', 'p1'))"
    )


def add_members(connection: psycopg.Connection, *grids: str) -> None:
    """The grid members MEMBERS, each of the grid of a code."""
    for name, grid in zip(MEMBERS, grids, strict=True):
        add_account(
            connection,
            1,
            AccountPlan(
                name, Role.GRID_MEMBER, grid=grid, password=PASSWORD, must_change_password=False
            ),
        )


def reset(connection: psycopg.Connection) -> None:
    """Everybody is free again, and on duty where they stood."""
    connection.execute(
        "SELECT layers.move_order(id, 'withdraw', 'system') FROM layers.response_order"
        " WHERE ended_at IS NULL"
    )
    connection.execute("UPDATE layers.responder SET on_duty = true, fix_at = now()")


def _add_responder(
    connection: psycopg.Connection, key: str, department: str, at: tuple[int, int]
) -> None:
    connection.execute(
        "INSERT INTO layers.responder"
        " (town_id, key, label, department, mode, geom, inside, fix_at, batch_id)"
        " VALUES (1, %s, upper(%s), %s, 'car', ST_Point(%s, %s, 4326), true, now(), 1)",
        (key, key, department, *lonlat(*at)),
    )
