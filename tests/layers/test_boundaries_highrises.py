"""Micro-grids that share one polygon: drawn up in a draft, checked, effective, with their load."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from grids.highrise import Floors
from grids.storeys import MicroGrid, Part
from layers.boundaries import proceedings
from layers.boundaries.cache import DraftCache
from layers.boundaries.coverage import read_coverage, speak_for
from layers.boundaries.desk import Desk
from layers.boundaries.effect.effect import redraw_what_is_due
from layers.boundaries.highrises.loads import Contents, Load, loads_of, read_highrises
from layers.boundaries.highrises.shares import Building
from layers.boundaries.rebase import Choice, DisputeError
from spatial.errors import ConflictError, InputError, NotFoundError
from spatial.town import read_town

type Shares = list[dict[str, Any]]

ELSEWHERE = """
INSERT INTO layers.building (town_id, key, name, floors, households, geom, inside, batch_id)
SELECT 1, 'elsewhere', 'elsewhere', 6, 10,
       ST_Multi(ST_Expand(ST_Point(120.04, 29.01, 4326), 0.0002)), true, min(batch.id)
FROM spatial.batch RETURNING key, id
"""
CONTENTS = """
INSERT INTO layers.category (code, name, name_en) VALUES ('noise', '噪声', 'noise')
ON CONFLICT DO NOTHING;
INSERT INTO layers.rental_room (town_id, key, building_id, floor, room, batch_id)
SELECT 1, n::text, %(tower)s, n, n::text, min(batch.id)
FROM spatial.batch, generate_series(8, 12) AS n GROUP BY n;
INSERT INTO layers.premises (town_id, key, kind, name, floor, building_id, geom, inside)
SELECT 1, floor, 'shop', floor, floor, %(tower)s, ST_Point(120.01, 29.01, 4326), true
FROM (VALUES ('1F'), ('12楼'), ('顶层')) AS it (floor);
INSERT INTO layers.incident (town_id, key, category, state, occurred_at, cell, premises_id, geom,
                             inside, batch_id)
SELECT 1, key || state, 'noise', state, now() - interval '1 day', 1, id, geom, true, 1
FROM layers.premises, (VALUES ('closed'), ('handling')) AS it (state);
"""


@pytest.fixture
def buildings(office: Any, towers: dict[str, int]) -> dict[str, int]:
    """The towers, and a building on another polygon; ids by key."""
    return towers | dict(office.execute(ELSEWHERE))


def make_effective(office: Any, draft: Any) -> None:
    at = (draft.id, office.revision(draft))
    proceedings.submit(office.desk, office.people["anna"], office.town, at)
    proceedings.approve(office.desk, office.people["chef"], office.town, draft.id, None)
    with psycopg.connect(office.conninfo) as connection:
        assert redraw_what_is_due(connection, read_town(connection)) == 1


def shares_now(office: Any, at: datetime | None = None) -> dict[int, tuple[str, ...]]:
    with psycopg.connect(office.conninfo) as connection:
        speak_for(connection, office.town)
        coverage = read_coverage(connection, office.town, at or datetime.now(UTC))
    return {unit: tuple(each.code for each in own) for unit, own in coverage.shares.items()}


def test_a_polygon_is_shared_in_a_draft_and_undone(
    office: Any, buildings: dict[str, int], low_and_high: Shares
) -> None:
    draft, unit, anna = office.open(), office.ids["t10100"], office.people["anna"]
    edited = office.operate(draft, "share", unit=unit, shares=low_and_high)
    low, high = edited.state.now.shares[unit]
    assert low == MicroGrid("L1", "低区", (Part(buildings["tower"], None, Floors(1, 9)),))
    assert edited.redraw.units == {unit}
    assert edited.redraw.shape.arcs == {}
    elsewhere = Desk(office.pool, DraftCache()).read(anna, office.town, draft.id)
    assert elsewhere.now.shares == {unit: (low, high)}
    assert office.desk.undo(anna, office.town, (draft.id, 1)).state.now.shares == {}
    assert office.desk.redo(anna, office.town, (draft.id, 2)).state.now.is_same(edited.state.now)
    assert office.desk.check(anna, office.town, draft.id)[1] == []
    gone = office.operate(draft, "share", unit=unit, shares=[])
    assert gone.state.now.shares == {}


def test_what_is_effective_stays_through_later_versions(office: Any, low_and_high: Shares) -> None:
    unit, before = office.ids["t10100"], datetime.now(UTC)
    draft = office.open()
    office.operate(draft, "share", unit=unit, shares=low_and_high)
    make_effective(office, draft)
    assert shares_now(office) == {unit: ("L1", "L2")}
    assert shares_now(office, before) == {}
    renamed = office.open("改名")
    office.operate(renamed, "rename", unit=unit, name="新名")
    make_effective(office, renamed)
    assert shares_now(office) == {unit: ("L1", "L2")}
    # A writer that knows nothing of shares keeps them.
    office.execute(
        "UPDATE grids.version SET valid = tstzrange(lower(valid), now())"
        " WHERE unit_id = %s AND upper(valid) IS NULL", unit,
    )  # fmt: skip
    office.execute(
        "INSERT INTO grids.version (town_id, unit_id, name, geom, valid)"
        " SELECT town_id, unit_id, name, geom, tstzrange(now(), NULL) FROM grids.version"
        " WHERE unit_id = %s AND upper(valid) IS NOT NULL ORDER BY valid DESC LIMIT 1", unit,
    )  # fmt: skip
    assert shares_now(office) == {unit: ("L1", "L2")}


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([{"code": "X", "name": "x", "parts": [{"building": 1, "floors": [1, 9]}]}], "floor 10"),
        ([{"code": "X", "name": "x", "parts": [{"building": 3}]}], "isn't on this polygon"),
        ([{"code": "X", "name": "x", "parts": []}], "parts has to be"),
        ([{"code": "X", "name": "x", "parts": [{"building": 1, "floors": [9, 1]}]}], "floors has"),
        ([{"code": "X", "name": "x", "parts": [{"building": 1, "floor": 1}]}], "unknown param"),
        ([{"code": "X", "name": "x", "parts": [{"building": 1, "entrances": []}]}], "entrances"),
        ({"code": "X"}, "shares has to be a list"),
        (["X"], "has to be an object"),
    ],
)
def test_what_is_no_share_is_refused(
    office: Any, buildings: dict[str, int], shares: Any, said: str
) -> None:
    ids = {1: buildings["tower"], 3: buildings["elsewhere"]}
    for each in shares if isinstance(shares, list) else ():
        for part in each["parts"] if isinstance(each, dict) else ():
            part["building"] = ids.get(part["building"], part["building"])
    draft = office.open()
    with pytest.raises(InputError, match=said):
        office.operate(draft, "share", unit=office.ids["t10100"], shares=shares)
    assert office.revision(draft) == 0


def test_codes_buildings_and_units_have_to_be_there(office: Any, buildings: dict[str, int]) -> None:
    draft, unit = office.open(), office.ids["t10100"]
    part = {"building": buildings["slab"]}
    with pytest.raises(ConflictError, match="t10101"):
        office.operate(
            draft, "share", unit=unit, shares=[{"code": "t10101", "name": "x", "parts": [part]}]
        )
    with pytest.raises(NotFoundError, match="no building 999"):
        office.operate(
            draft,
            "share",
            unit=unit,
            shares=[{"code": "X", "name": "x", "parts": [{"building": 999}]}],
        )
    with pytest.raises(InputError):
        office.operate(draft, "share", unit=office.ids["t101"], shares=[])
    office.operate(draft, "share", unit=unit, shares=[{"code": "X", "name": "x", "parts": [part]}])
    office.operate(draft, "rename", unit=unit, name="y")
    make_effective(office, draft)
    again = office.open("again")
    with pytest.raises(ConflictError, match="X was another unit's"):
        office.operate(again, "renumber", codes={str(office.ids["t10101"]): "X"})


def test_a_building_that_a_redraw_takes_away_is_a_fault(office: Any, low_and_high: Shares) -> None:
    draft, unit, anna = office.open(), office.ids["t10100"], office.people["anna"]
    office.operate(draft, "share", unit=unit, shares=low_and_high)
    line = [[120.0135, 28.99], [120.0135, 29.03]]
    office.operate(draft, "split", unit=unit, line=line)
    _, faults = office.desk.check(anna, office.town, draft.id)
    assert [fault["properties"]["rule"] for fault in faults] == ["share"]
    assert "isn't on this polygon" in faults[0]["properties"]["text"]
    merged = office.desk.undo(anna, office.town, (draft.id, 2)).state
    into = office.ids["t10101"]
    merged = office.operate(draft, "merge", survivor=into, absorbed=unit).state
    assert set(merged.now.shares) == {into}
    assert office.desk.check(anna, office.town, draft.id)[1] == []


def test_two_drafts_that_share_one_polygon_differently_dispute_it(
    office: Any, buildings: dict[str, int], low_and_high: Shares
) -> None:
    unit, anna = office.ids["t10100"], office.people["anna"]
    first, second = office.open("一"), office.open("二")
    office.operate(first, "share", unit=unit, shares=low_and_high)
    mine = [{"code": "M", "name": "整幢", "parts": [{"building": buildings["tower"]}]}]
    office.operate(second, "share", unit=unit, shares=mine)
    make_effective(office, first)
    at = (second.id, office.revision(second))
    with pytest.raises(DisputeError) as dispute:
        proceedings.rebase(office.desk, anna, office.town, at, None)
    assert dispute.value.shares.keys() == {unit}
    conflict = office.execute("SELECT conflict FROM grids.draft WHERE id = %s", second.id)[0][0]
    assert [each["code"] for each in conflict["units"][0]["theirs"]["shares"]] == ["L1", "L2"]
    assert [each["code"] for each in conflict["units"][0]["mine"]["shares"]] == ["M"]
    choice = Choice({}, {unit: "mine"})
    proceedings.rebase(office.desk, anna, office.town, at, choice)
    state = office.desk.read(anna, office.town, second.id)
    assert [each.code for each in state.now.shares[unit]] == ["M"]
    make_effective(office, second)
    assert shares_now(office) == {unit: ("M",)}


def test_the_load_is_divided_by_floors_as_far_as_they_are_known(
    office: Any, buildings: dict[str, int], low_and_high: Shares
) -> None:
    office.execute(CONTENTS.replace("%(tower)s", str(buildings["tower"])))
    draft, unit = office.open(), office.ids["t10100"]
    edited = office.operate(draft, "share", unit=unit, shares=low_and_high)
    with office.desk.transaction(office.people["anna"]) as connection:
        [found] = read_highrises(connection, office.town, edited.state.now)
    low, high = (share["load"] for share in found["shares"])
    assert (low["households"], high["households"]) == (90.0, 90.0 + 60.0)
    assert (low["rooms"], high["rooms"]) == (2, 3)
    assert (low["premises"], high["premises"], found["rest"]["premises"]) == (1, 1, 1)
    assert (low["incidents"], low["open_incidents"]) == (2, 1)
    assert (found["rest"]["incidents"], found["rest"]["households"]) == (2, 0)
    assert (found["code"], len(found["buildings"])) == ("t10100", 2)


def test_nothing_of_a_load_is_lost() -> None:
    micro_grids = (
        MicroGrid("A", "", (Part(1, ("1",), Floors(1, 4)), Part(2))),
        MicroGrid("B", "", (Part(1, ("2",)),)),
    )
    places = {number: Building(None, floors, 40, (0, 0)) for number, floors in ((1, 8), (2, None))}
    contents = [Contents(1, None, floor, 3, 2, 1, 1) for floor in (None, -1, 2, 7)]
    loads, rest = loads_of(micro_grids, places, contents)
    everything: list[Load] = [*loads, rest]
    assert sum(load.households for load in everything) == pytest.approx(80)
    assert sum(load.rooms for load in everything) == pytest.approx(12)
    assert sum(load.counts["premises"] for load in everything) == 8
    assert loads[0].households == pytest.approx(40 * 4 / 16 + 40)
