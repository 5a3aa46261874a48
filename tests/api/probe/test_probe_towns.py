"""Two towns in one database: who drafts in one neither sees nor touches anything of the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import psycopg
import pytest

from layers.roles import Role
from spatial.database import Principal, become
from spatial.web_login import web_conninfo

OTHER_TOWN = """
INSERT INTO spatial.town (code, name, name_en, outline, time_zone, metric_srid, synthetic)
VALUES ('o', '邻镇', 'Other', ST_Multi(ST_MakeEnvelope(120.1, 29, 120.2, 29.1, 4326)),
        'Asia/Shanghai', 4549, false);
INSERT INTO spatial.batch (town_id, synthetic, layer, source_name)
SELECT id, false, 'grids', 'x' FROM spatial.town WHERE code = 'o';
INSERT INTO grids.unit (id, town_id, code, level) VALUES (901, 2, 'secret', 1);
INSERT INTO grids.version (town_id, unit_id, name, geom, valid, batch_id)
SELECT 2, 901, 'secret', outline, '[2020-01-01,)', (SELECT max(id) FROM spatial.batch)
FROM spatial.town WHERE id = 2;
INSERT INTO layers.account (town_id, name, display_name, role)
VALUES (2, 'other', 'secret', 'gridwhistle_gis_editor');
INSERT INTO grids.draft (town_id, name, author, base_at, first_arc, client)
SELECT 2, 'secret', id, now(), 1, 'QGIS' FROM layers.account WHERE name = 'other';
INSERT INTO grids.arc_version (town_id, arc_id, geom, valid)
VALUES (2, 1, 'SRID=4326;LINESTRING(120.1 29, 120.2 29)', '[2020-01-01,)');
INSERT INTO grids.draft_step (draft_id, number, town_id, kind, parameters, change, author)
SELECT id, 1, 2, 'rename', '{}', '{}', author FROM grids.draft;
INSERT INTO grids.town_rules VALUES (2, 100, 2, '6+3, 3, 3, 2');
INSERT INTO layers.building (town_id, key, use, households, geom, inside, batch_id)
SELECT 2, 'home', 'residential', 50, ST_Multi(ST_MakeEnvelope(120.11, 29.01, 120.12, 29.02, 4326)),
       true, max(id) FROM spatial.batch;
UPDATE grids.version SET shares =
    '[{"code": "secret-1", "name": "secret", "parts": [{"building": 1}]}]' WHERE unit_id = 901;
INSERT INTO layers.account (town_id, name, display_name, role, grid_id)
VALUES (2, 'member', 'secret', 'gridwhistle_grid_member', 901);
INSERT INTO layers.share_member (share_id, town_id, account_id)
SELECT share.id, 2, account.id FROM grids.share, layers.account WHERE account.name = 'member';
INSERT INTO layers.rental_room (town_id, key, building_id, floor, room, batch_id)
SELECT 2, 'room', building.id, 1, '101', building.batch_id FROM layers.building;
INSERT INTO layers.incident (
    town_id, key, category, source, occurred_at, cell, geom, inside, batch_id
)
SELECT 2, 'k', 'noise', '12345', now(), 1, 'SRID=4326;POINT(120.15 29.05)', true, max(id)
FROM spatial.batch;
"""
QUESTIONS = (
    "grids.draft WHERE name = 'secret'", "grids.draft_step", "grids.draft_face",
    "grids.draft_link", "grids.draft_comment", "grids.lineage", "grids.arc_version",
    "grids.town_rules", "grids.band", "grids.rule_event",
    "grids.units_at(now())", "grids.shapes_at(now())", "grids.shares_at(now())",
    "grids.owners_of_codes(ARRAY['secret'])", "grids.codes_given_below('s')",
    "grids.names_of_accounts(ARRAY(SELECT generate_series(1, 1000)))",
    "grids.members_of_grids(ARRAY(SELECT generate_series(1, 1000)))",
    "grids.members_of_shares(ARRAY['secret-1'])",
    ("grids.concerned_by_redraw(now(), ARRAY[901], ARRAY[(SELECT ST_AsBinary("
    "ST_MakeEnvelope(-180, -90, 180, 90, 4326)))])"),
    "layers.rooms_of_buildings()", "layers.incidents_of_cells('2000-01-01')",
    "layers.contents_of_floors(ARRAY(SELECT generate_series(1, 1000)), '2000-01-01')",
)  # fmt: skip
ATTEMPTS = (
    "UPDATE grids.draft SET name = 'mine' WHERE id = {draft}",
    "UPDATE grids.draft SET state = 'withdrawn' WHERE id = {draft}",
    "DELETE FROM grids.draft_step WHERE draft_id = {draft}",
    "UPDATE grids.draft_step SET undone_at = now() WHERE draft_id = {draft}",
    (
        "INSERT INTO grids.draft_step (draft_id, number, kind, parameters, change)"
        " VALUES ({draft}, 9, 'rename', '{{}}', '{{}}')"
    ),
    (
        "INSERT INTO grids.draft_face (draft_id, unit_id, level, code, name, gone)"
        " VALUES ({draft}, 901, 4, 'x', 'x', true)"
    ),
    (
        "INSERT INTO grids.draft_link (draft_id, token_sha256, label, expires)"
        " VALUES ({draft}, '\\x00', 'x', now() + interval '1 day')"
    ),
    (
        "INSERT INTO grids.draft_comment (draft_id, geom, text, nickname)"
        " VALUES ({draft}, 'SRID=4326;POINT(120 29)', 'x', 'x')"
    ),
    "SELECT grids.pass_time_to_draft({draft})",
    "SELECT grids.set_share_member('secret-1', NULL, now())",
)


@pytest.fixture(scope="module")
def two_towns(
    new_database: Callable[[], AbstractContextManager[str]], fill_town: Callable[..., object]
) -> Iterator[tuple[str, int, int]]:
    """Conninfo of the owner, the first town's editor, the other town's draft."""
    with new_database() as conninfo:
        fill_town(conninfo)
        with psycopg.connect(conninfo) as connection:
            connection.execute(OTHER_TOWN)
            editor, draft = connection.execute(  # type: ignore[misc]
                "SELECT (SELECT id FROM layers.account WHERE name = 'editor'),"
                " (SELECT id FROM grids.draft)"
            ).fetchone()
        yield conninfo, editor, draft


@pytest.mark.parametrize("role", [Role.GIS_EDITOR, Role.ADMINISTRATOR])
def test_nothing_of_the_other_town_is_told(two_towns: tuple[str, int, int], role: Role) -> None:
    conninfo, editor, _ = two_towns
    own = {
        "grids.names_of_accounts": {"editor", "administrator"},
        "grids.concerned_by_redraw": {"店1", "店2", "店3"},
    }
    with psycopg.connect(web_conninfo(conninfo)) as connection:
        for question in QUESTIONS:
            with connection.transaction():
                become(connection, Principal(role, 1, account_id=editor))
                found = connection.execute(f"SELECT * FROM {question}".encode()).fetchall()
            names = own.get(question.partition("(")[0], set())
            assert {text for row in found for text in row if isinstance(text, str)} - {
                "premises"
            } == names, question
            assert names or not found, question


@pytest.mark.parametrize("role", [Role.GIS_EDITOR, Role.ADMINISTRATOR])
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_nothing_of_the_other_town_is_changed(
    two_towns: tuple[str, int, int], role: Role, attempt: str
) -> None:
    conninfo, editor, draft = two_towns
    tables = ("grids.draft", "grids.draft_step", "grids.draft_face", "grids.draft_link",
              "grids.draft_comment", "layers.share_member")  # fmt: skip
    digest = " UNION ALL ".join(
        f"SELECT count(*), md5(string_agg(t::text, '')) FROM {name} AS t" for name in tables
    ).encode()
    with psycopg.connect(conninfo) as owner:
        before = owner.execute(digest).fetchall()
    with psycopg.connect(web_conninfo(conninfo)) as connection:
        try:
            with connection.transaction():
                become(connection, Principal(role, 1, account_id=editor))
                connection.execute(attempt.format(draft=draft).encode())
        except psycopg.Error:
            pass  # refused; what isn't finds nothing
    with psycopg.connect(conninfo) as owner:
        assert owner.execute(digest).fetchall() == before
