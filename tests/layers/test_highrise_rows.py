"""Micro-grids of high-rises as rows: a layer with a history, their incidents, their members."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from grids.highrise import Floors
from grids.storeys import MicroGrid, Part, micro_grids_to_json, owner_of, portions
from layers.accounts.administration import AccountPlan, add_account
from layers.boundaries import proceedings
from layers.boundaries.effect.effect import redraw_what_is_due
from layers.boundaries.highrises.members import members_of, set_member
from layers.roles import Role
from spatial.database import Principal, transaction
from spatial.errors import InputError, NotFoundError
from spatial.town import read_town

# One says its building, entrance and floor, one where it stands, and one nothing of use.
CONTENTS = """
INSERT INTO layers.category (code, name, name_en) VALUES ('noise', '噪声', 'noise')
ON CONFLICT DO NOTHING;
INSERT INTO layers.premises (town_id, key, kind, name, floor, entrance, building_id, geom, inside)
VALUES (1, 'low', 'shop', '低', '2F', '1单元', {tower}, ST_Point(120.012, 29.01, 4326), true),
       (1, 'high', 'shop', '高', '12楼', NULL, NULL, ST_Point(120.01, 29.01, 4326), true),
       (1, 'roof', 'shop', '顶', '顶层', NULL, {tower}, ST_Point(120.01, 29.01, 4326), true);
INSERT INTO layers.incident (town_id, key, category, state, occurred_at, cell, premises_id, geom,
                             inside, batch_id, grid_version_id)
SELECT 1, premises.key || state, 'noise', state, now() - interval '1 day', 1, premises.id,
       premises.geom, true, 1, version.id
FROM layers.premises, (VALUES ('closed'), ('handling')) AS it (state), grids.version
WHERE version.code = 't10100';
"""
INCIDENTS = "SELECT id, state, micro_grid FROM planner.incidents ORDER BY id"


@pytest.fixture
def buildings(office: Any, towers: dict[str, int]) -> dict[str, int]:
    """The towers, with shops and incidents in them."""
    office.execute(CONTENTS.format(**towers))
    return towers


def approve(office: Any, draft: Any) -> dict[str, Any]:
    """Make a draft effective; the report that is kept of it."""
    at = (draft.id, office.revision(draft))
    proceedings.submit(office.desk, office.people["anna"], office.town, at)
    proceedings.approve(office.desk, office.people["chef"], office.town, draft.id, None)
    with psycopg.connect(office.conninfo) as connection:
        assert redraw_what_is_due(connection, read_town(connection)) == 1
    return dict(office.execute("SELECT report FROM grids.draft WHERE id = %s", draft.id)[0][0])


def share(office: Any, shares: list[dict[str, Any]]) -> dict[str, Any]:
    draft = office.open()
    office.operate(draft, "share", unit=office.ids["t10100"], shares=shares)
    return approve(office, draft)


def seen(office: Any, role: Role, at: datetime | None = None) -> list[dict[str, Any]]:
    """The layer as a role reads it, at a moment."""
    schema = "published" if role is Role.ANONYMOUS else role.short_name
    with (
        transaction(office.pool, Principal(role, 1)) as connection,
        connection.cursor(row_factory=psycopg.rows.dict_row) as cursor,
    ):
        connection.execute(
            "SELECT set_config('gridwhistle.moment', %s, true)", (at.isoformat() if at else "",)
        )
        return cursor.execute(
            f'SELECT *, ST_AsText(geom) AS shape FROM {schema}."micro-grid-shares" ORDER BY code'
        ).fetchall()


def test_each_is_a_feature_with_a_code_and_a_history(
    office: Any, buildings: dict[str, int], low_and_high: list[dict[str, Any]]
) -> None:
    before = datetime.now(UTC)
    assert seen(office, Role.ANONYMOUS) == []
    share(office, low_and_high)
    between = datetime.now(UTC)
    low, high = seen(office, Role.ANONYMOUS)
    assert (low["code"], low["name"], low["parent"], low["polygon"]) == (
        "L1", "低区", "t101", "t10100",
    )  # fmt: skip
    assert (high["building"], high["entrances"], high["floors"]) == (
        "tower; slab", "*; 1单元,2单元", "10-18; *",
    )  # fmt: skip
    assert "households" not in low
    assert low["shape"] == high["shape"]
    assert [each["households"] for each in seen(office, Role.DISPATCHER)] == [90.0, 150.0]
    whole = [{"code": "L1", "name": "整幢", "parts": [{"building": buildings["tower"]}]}]
    share(office, whole)
    [now] = seen(office, Role.ANONYMOUS)
    assert (now["id"], now["name"], now["floors"]) == (low["id"], "整幢", "*")
    assert [each["name"] for each in seen(office, Role.ANONYMOUS, between)] == ["低区", "高区"]
    assert seen(office, Role.ANONYMOUS, before) == []


def test_incidents_are_in_the_micro_grid_of_their_floor(
    office: Any, buildings: dict[str, int], low_and_high: list[dict[str, Any]]
) -> None:
    report = share(office, low_and_high)
    polygon = {"micro_grid": "t10100", "grid": "t101"}
    assert [(each["label"], each["from"], each["to"]) for each in report["premises"]] == [
        ("低", polygon, {"micro_grid": "L1", "grid": "t101", "polygon": "t10100"}),
        ("高", polygon, {"micro_grid": "L2", "grid": "t101", "polygon": "t10100"}),
    ]
    assert [each["to"]["micro_grid"] for each in report["incidents"]] == ["L1", "L2"]

    def incidents() -> dict[str, set[str]]:
        with transaction(office.pool, office.people["planner"]) as connection:
            rows = connection.execute(INCIDENTS).fetchall()
        found: dict[str, set[str]] = {"closed": set(), "handling": set()}
        for _, state, code in rows:
            found[state].add(code)
        return found

    assert incidents() == {"closed": {"t10100"}, "handling": {"L1", "L2", "t10100"}}
    office.execute("UPDATE layers.incident SET state = 'closed' WHERE key = 'lowhandling'")
    share(office, [])
    # What was closed stays where it was; what is open is the polygon's again.
    assert incidents() == {"closed": {"t10100", "L1"}, "handling": {"t10100"}}


def test_a_new_incident_is_placed_as_it_comes(
    office: Any, buildings: dict[str, int], low_and_high: list[dict[str, Any]]
) -> None:
    share(office, low_and_high)
    office.execute(
        "INSERT INTO layers.incident (town_id, key, category, state, occurred_at, cell,"
        " premises_id, geom, inside, batch_id, grid_version_id)"
        " SELECT 1, 'new', 'noise', 'open', now(), 1, premises.id, premises.geom, true, 1,"
        " version.id FROM layers.premises, grids.version"
        " WHERE key = 'high' AND version.code = 't10100' AND upper(valid) IS NULL"
    )
    with transaction(office.pool, office.people["planner"]) as connection:
        found = connection.execute(INCIDENTS).fetchall()
    assert found[-1][1:] == ("open", "L2")


@pytest.fixture
def member(office: Any) -> int:
    """An account of a member of grid t101."""
    with psycopg.connect(office.conninfo) as connection:
        plan = AccountPlan("li", Role.GRID_MEMBER, "李", grid="t101")
        return add_account(connection, 1, plan)


def test_one_of_the_grids_members_answers_for_it(
    office: Any, buildings: dict[str, int], low_and_high: list[dict[str, Any]], member: int
) -> None:
    share(office, low_and_high)

    def name(code: str, account: int | None, by: str = "anna") -> None:
        with transaction(office.pool, office.people[by]) as connection:
            set_member(connection, office.town, code, account)

    def answers() -> dict[str, str]:
        with transaction(office.pool, office.people["anna"]) as connection:
            answering = members_of(connection, ["L1", "L2", "L7"])
        return {code: who.name for code, who in answering.items()}

    name("L1", member)
    name("L2", member, by="chef")
    assert answers() == {"L1": "李", "L2": "李"}
    with pytest.raises(NotFoundError, match="no micro-grid t10100"):
        name("t10100", member)
    with pytest.raises(InputError, match="a member of its grid"):
        name("L1", office.people["bert"].account_id)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        name("L1", None, by="planner")
    name("L2", None)
    assert answers() == {"L1": "李"}
    low, high = low_and_high
    report = share(office, [low | {"code": "L7"}, high])
    assert [(m["grid"]["code"], m["after"]["code"]) for m in report["members"]] == [("L1", "L7")]
    assert answers() == {"L7": "李"}
    whole = [{"code": "L3", "name": "整幢", "parts": [{"building": buildings["tower"]}]}]
    report = share(office, whole)
    assert [(m["name"], m["grid"]["code"], m["after"]) for m in report["members"]] == [
        ("李", "L7", None)
    ]
    assert answers() == {}
    assert office.execute("SELECT count(*) FROM layers.share_member") == [(0,)]


@pytest.fixture(scope="module")
def calculator(
    new_database: Callable[[], AbstractContextManager[str]],
) -> Iterator[psycopg.Connection]:
    with new_database() as conninfo, psycopg.connect(conninfo) as connection:
        yield connection


_entrances = st.none() | st.sets(st.sampled_from("ABC"), min_size=1).map(lambda e: tuple(sorted(e)))
_floors = st.none() | st.tuples(st.integers(-2, 8), st.integers(0, 4)).map(
    lambda pair: Floors(pair[0], pair[0] + pair[1])
)
_parts = st.builds(Part, st.integers(1, 2), _entrances, _floors)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.lists(_parts, min_size=1, max_size=3), min_size=1, max_size=3),
    st.none() | st.sampled_from("ABCD"),
    st.none() | st.integers(-3, 12),
)
def test_the_database_divides_as_drafts_do(
    calculator: psycopg.Connection,
    parts: list[list[Part]],
    entrance: str | None,
    floor: int | None,
) -> None:
    own = tuple(MicroGrid(str(n), "", tuple(each)) for n, each in enumerate(parts))
    document = micro_grids_to_json(own)
    may = calculator.execute(
        "SELECT array_agg(DISTINCT (share ->> 'code')::int)"
        " FROM jsonb_array_elements(%s::jsonb) AS share,"
        " jsonb_array_elements(share -> 'parts') AS part"
        " WHERE (part ->> 'building')::int = 1 AND grids.may_hold(part, %s, %s)",
        (Jsonb(document), entrance, floor),
    ).fetchone()[0]  # type: ignore[index]  # an aggregate gives a row
    assert owner_of(own, 1, floor, entrance) == (may[0] if may and len(may) == 1 else None)
    try:
        expected = portions(own, 1, 6)
    except InputError:
        return
    for number in range(len(own)):
        row = calculator.execute(
            "SELECT grids.portion_of_building(%s, %s, 1, 6)", (Jsonb(document), str(number))
        ).fetchone()
        assert row is not None
        if _is_sound(own):
            assert (row[0] or 0.0) == pytest.approx(expected.get(number, 0.0))


def _is_sound(own: tuple[MicroGrid, ...]) -> bool:
    """Whether no two have the same floor: only then does it matter how it is divided."""
    places = [(e, f) for e in "ABC*" for f in range(-3, 14)]
    for entrance, floor in places:
        holders = {
            number
            for number, each in enumerate(own)
            for part in each.parts
            if part.building == 1
            and (part.entrances is None or entrance in part.entrances)
            and (part.floors is None or part.floors[0] <= floor <= part.floors[1])
        }
        if len(holders) > 1:
            return False
    return True
