"""A file that takes the place of the grids: whose the incidents and the members are afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import psycopg
import pytest
import shapely

from layers.accounts.administration import AccountPlan, add_account
from layers.boundaries.effect.effect import redraw_what_is_due
from layers.facts.store import save_facts
from layers.importing.batches import ImportReport
from layers.importing.grid_flaws import FaultyCoverageError
from layers.importing.grids import GridOptions, import_grids
from layers.importing.options import ImportOptions
from layers.importing.undo import undo_batch
from layers.roles import Role
from layers.towns import TownPlan, make_town
from spatial.errors import ConflictError
from spatial.town import Town, read_town

JANUARY, MAY = "2026-01-01", "2026-05-01"
BETWEEN = [120.012, 29.205]  # in the first half before, in the second after, or the other way
INCIDENT = """
INSERT INTO layers.incident
    (town_id, key, category, state, occurred_at, cell, geom, inside, batch_id)
SELECT town_id, %s, 'noise', %s, %s, 1, ST_SetSRID(ST_MakePoint(%s, %s), 4326), true, id
FROM spatial.batch WHERE layer = 'incidents'
"""
HELD = """
SELECT key, unit.code, upper_inf(version.valid) FROM layers.incident
LEFT JOIN grids.version ON version.id = grid_version_id
LEFT JOIN grids.unit ON unit.id = version.unit_id
"""


@pytest.fixture
def town(connection: psycopg.Connection) -> Town:
    made = make_town(connection, TownPlan("t", "试验镇", "Test", "Asia/Shanghai"))
    save_facts(connection)
    connection.execute(
        "INSERT INTO spatial.batch (town_id, synthetic, layer, source_name)"
        " SELECT id, synthetic, 'incidents', 'x' FROM spatial.town"
    )
    return made


@pytest.fixture
def bring(connection: psycopg.Connection, town: Town, tmp_path: Path) -> Callable[..., Any]:
    """`bring(where, since)`: two micro-grids, w and e, divided at a longitude."""

    def run(where: float, since: str | None, codes: tuple[str, str] = ("w", "e")) -> ImportReport:
        path = tmp_path / f"{where}{since}{codes[0]}.gpkg"
        ends = (120.0, where, 120.02)
        shapes = [shapely.box(ends[i], 29.2, ends[i + 1], 29.21) for i in (0, 1)]
        table = gpd.GeoDataFrame({"编码": codes, "名称": codes}, geometry=shapes, crs=4326)
        table.to_file(path)
        file = ImportOptions(path=path, rejects_path=tmp_path / "none")
        return import_grids(connection, GridOptions(file, "micro-grids", valid_from=since))

    return run


def report_incident(connection: psycopg.Connection, key: str, state: str, day: str) -> None:
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    connection.execute(INCIDENT, (key, state, at, *BETWEEN))


def held(connection: psycopg.Connection) -> dict[str, tuple[Any, ...]]:
    return {key: (code, now) for key, code, now in connection.execute(HELD).fetchall()}


def test_open_incidents_go_over_and_closed_ones_stay(
    connection: psycopg.Connection, bring: Callable[..., ImportReport]
):
    report_incident(connection, "closed", "closed", "2026-02-01")
    report_incident(connection, "open", "open", "2026-02-01")
    report_incident(connection, "closed since", "closed", "2026-06-01")
    bring(120.014, JANUARY)
    assert {code for code, _ in held(connection).values()} == {"w"}
    report = bring(120.01, MAY)
    assert held(connection) == {
        "closed": ("w", False), "open": ("e", True), "closed since": ("e", True)
    }  # fmt: skip
    assert any("2 incidents" in note for note in report.notes)
    undo_batch(connection, report.batch_id)
    assert held(connection) == dict.fromkeys(("closed", "open", "closed since"), ("w", True))


def test_undo_gives_an_open_incident_what_holds_now_not_what_held_then(
    connection: psycopg.Connection, bring: Callable[..., ImportReport]
):
    report_incident(connection, "open", "open", "2026-02-01")
    bring(120.014, JANUARY)
    bring(120.01, MAY)
    later = bring(120.015, "2026-06-01")
    assert held(connection) == {"open": ("w", True)}
    undo_batch(connection, later.batch_id)
    assert held(connection) == {"open": ("e", True)}


def test_grids_from_a_later_day_on_take_incidents_over_on_that_day(
    connection: psycopg.Connection, town: Town, bring: Callable[..., ImportReport]
):
    report_incident(connection, "open", "open", "2026-02-01")
    bring(120.014, JANUARY)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    bring(120.01, tomorrow.isoformat())
    assert held(connection) == {"open": ("w", False)}
    redraw_what_is_due(connection, read_town(connection))
    assert held(connection) == {"open": ("w", False)}
    # The day has come: what began tomorrow began a moment ago.
    connection.execute(
        "UPDATE grids.version SET valid = tstzrange(lower(valid), now() - interval '1 s')"
        " WHERE upper(valid) = %s", (tomorrow,),
    )  # fmt: skip
    connection.execute(
        "UPDATE grids.version SET valid = tstzrange(now() - interval '1 s', NULL)"
        " WHERE lower(valid) = %s", (tomorrow,),
    )  # fmt: skip
    redraw_what_is_due(connection, read_town(connection))
    assert held(connection) == {"open": ("e", True)}


def test_members_stay_with_their_unit_which_an_import_never_takes_away(
    connection: psycopg.Connection, town: Town, tmp_path: Path
):
    def grids(where: float, codes: tuple[str, str]) -> ImportReport:
        path = tmp_path / f"{where}{codes[0]}.gpkg"
        ends = (120.0, where, 120.02)
        shapes = [shapely.box(ends[i], 29.2, ends[i + 1], 29.21) for i in (0, 1)]
        table = gpd.GeoDataFrame({"编码": codes, "名称": codes}, geometry=shapes, crs=4326)
        table.to_file(path)
        file = ImportOptions(path=path, rejects_path=tmp_path / "none")
        return import_grids(connection, GridOptions(file, "grids", valid_from=None))

    first = grids(120.014, ("w", "e"))
    add_account(connection, town.id, AccountPlan("wang", Role.GRID_MEMBER, grid="w"))
    grids(120.01, ("w", "e"))
    answers_for = "SELECT code FROM layers.account JOIN grids.unit ON unit.id = grid_id"
    assert connection.execute(answers_for).fetchall() == [("w",)]
    with pytest.raises(FaultyCoverageError), connection.transaction():
        grids(120.01, ("w2", "e2"))  # a new unit on an old one's ground is a draft's to make
    last = connection.execute("SELECT max(id) FROM spatial.batch").fetchone()
    assert last is not None
    undo_batch(connection, last[0])
    with pytest.raises(ConflictError, match="wang"), connection.transaction():
        undo_batch(connection, first.batch_id)
