"""What the tests of layers share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import psycopg
import pytest
from psycopg_pool import ConnectionPool

from layers.accounts.administration import AccountPlan, add_account
from layers.boundaries.arc_store import store_missing_arcs
from layers.boundaries.cache import DraftCache
from layers.boundaries.desk import Desk
from layers.boundaries.draft_rows import Draft, Order, open_draft
from layers.demo.plan import Plan
from layers.demo.start import generate
from layers.demo.town import DemoTown
from layers.importing.batches import ImportReport
from layers.importing.grids import GridOptions, import_grids
from layers.importing.options import ImportOptions
from layers.roles import Role
from spatial.database import Principal, transaction
from spatial.town import Town, read_town


@pytest.fixture(scope="session")
def generated_town() -> tuple[DemoTown, str]:
    """The default demo town and its digest, made once; tests only read it."""
    return generate(Plan())


@pytest.fixture
def bring(
    connection: psycopg.Connection, town: Town, tmp_path: Path
) -> Callable[..., ImportReport]:
    """`bring(features, level, ...)`: an import of grids from a file, into the module's town."""

    def run(features: gpd.GeoDataFrame, level: str | None = None, **said: Any) -> ImportReport:
        path = tmp_path / "grids.gpkg"
        path.unlink(missing_ok=True)
        features.to_file(path)
        file = ImportOptions(path=path, rejects_path=tmp_path / "none")
        with connection.transaction():
            return import_grids(connection, GridOptions(file, level, **said))

    return run


_PEOPLE = {
    "anna": Role.GIS_EDITOR,
    "bert": Role.GIS_EDITOR,
    "chef": Role.ADMINISTRATOR,
    "planner": Role.PLANNER,
}


@dataclass
class Office:
    """A town with two editors and an administrator, and the desk of one process."""

    conninfo: str
    pool: ConnectionPool[Any]
    desk: Desk
    town: Town
    ids: dict[str, int]
    people: dict[str, Principal]

    def open(self, name: str = "草案", by: str = "anna") -> Draft:
        with transaction(self.pool, self.people[by]) as connection:
            return open_draft(connection, self.town, name)

    def operate(
        self,
        draft: Draft,
        kind: str,
        /,
        by: str = "anna",
        revision: int | None = None,
        **given: Any,
    ) -> Any:
        at = (draft.id, self.revision(draft) if revision is None else revision)
        return self.desk.operate(self.people[by], self.town, at, Order(kind, given))

    def revision(self, draft: Draft) -> int:
        return int(self.execute("SELECT revision FROM grids.draft WHERE id = %s", draft.id)[0][0])

    def execute(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.conninfo) as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
def open_office(
    small_town: Callable[..., Any], add_square_grids: Callable[..., dict[str, int]]
) -> Callable[..., AbstractContextManager[Office]]:
    """`with open_office(as_of=...) as office`: a synthetic town where a moment is given."""

    @contextmanager
    def run(as_of: str | None = None) -> Iterator[Office]:
        with small_town(synthetic=as_of is not None) as conninfo:
            with psycopg.connect(conninfo) as connection:
                connection.execute("UPDATE spatial.town SET as_of = %s", (as_of,))
                ids = add_square_grids(connection, 1)
                town = read_town(connection)
                assert store_missing_arcs(connection, town)
                people = {
                    name: Principal(
                        role, 1, account_id=add_account(connection, 1, AccountPlan(name, role))
                    )
                    for name, role in _PEOPLE.items()
                }
            with ConnectionPool(conninfo, min_size=1, max_size=4) as pool:
                yield Office(conninfo, pool, Desk(pool, DraftCache()), town, ids, people)

    return run


@pytest.fixture
def office(open_office: Callable[..., AbstractContextManager[Office]]) -> Iterator[Office]:
    """A real one."""
    with open_office() as found:
        yield found


_TOWERS = """
INSERT INTO layers.building (town_id, key, name, floors, households, geom, inside, batch_id)
SELECT 1, key, key, floors, households,
       ST_Multi(ST_Expand(ST_Point(lon, 29.01, 4326), 0.0002)), true, min(batch.id)
FROM spatial.batch, (VALUES ('tower', 18, 180, 120.01), ('slab', 6, 60, 120.015))
    AS it (key, floors, households, lon)
GROUP BY key, floors, households, lon RETURNING key, id
"""


@pytest.fixture
def towers(office: Office) -> dict[str, int]:
    """A tower of 18 floors and a slab of 6 on the polygon of t10100 of the office; ids by key."""
    return dict(office.execute(_TOWERS))


@pytest.fixture
def low_and_high(towers: dict[str, int]) -> list[dict[str, Any]]:
    """Two micro-grids of these: the tower's lower half, and all else."""
    tower, slab = towers["tower"], towers["slab"]
    return [
        {"code": "L1", "name": "低区", "parts": [{"building": tower, "floors": [1, 9]}]},
        {
            "code": "L2",
            "name": "高区",
            "parts": [
                {"building": tower, "floors": [10, 18]},
                {"building": slab, "entrances": ["1单元", "2单元"]},
            ],
        },
    ]
