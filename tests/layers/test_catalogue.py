"""The catalogue: entries, the views made from them, and who may read which."""

import psycopg
import pytest
from psycopg import sql

from layers.catalogue import Entry, Release
from layers.entries import CATALOGUE
from layers.migrations.run import migrate
from layers.published import columns_of, view_of
from layers.roles import ROLE_NAMES, Role
from spatial.errors import NotFoundError

PERSONAL_COLUMNS = {"rental_room", "room", "phone", "person", "reporter", "owner"}
INTERNAL_COLUMNS = {"households", "bearing_deg", "key"}

every_entry = pytest.mark.parametrize("entry", CATALOGUE.entries, ids=lambda entry: entry.id)
every_role = pytest.mark.parametrize("role", Role, ids=lambda role: role.short_name)


def become(connection: psycopg.Connection, role: Role) -> None:
    connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))


@every_entry
@every_role
def test_a_role_finds_its_columns_or_nothing(
    connection: psycopg.Connection, entry: Entry, role: Role
):
    become(connection, role)
    if not entry.readable_by(role):
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable)):
            connection.execute(sql.SQL("SELECT FROM {}").format(view_of(entry, role)))
        return
    cursor = connection.execute(sql.SQL("SELECT * FROM {}").format(view_of(entry, role)))
    assert [column.name for column in cursor.description] == columns_of(entry, role)


@every_role
@pytest.mark.parametrize(
    "table",
    ["layers.rental_room", "layers.building", "layers.responder", "layers.incident",
     "grids.version", "spatial.town"],
)  # fmt: skip
def test_no_role_reaches_a_table(connection: psycopg.Connection, role: Role, table: str):
    become(connection, role)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"SELECT count(*) FROM {table}")


@every_role
def test_no_role_reads_the_views_of_another(connection: psycopg.Connection, role: Role):
    become(connection, role)
    readable = connection.execute(
        """
        SELECT schemaname FROM pg_views
        WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'public')
          AND has_schema_privilege(schemaname, 'USAGE')
          AND has_table_privilege(format('%I.%I', schemaname, viewname), 'SELECT')
        """
    ).fetchall()
    assert {name for (name,) in readable} <= {"published", role.short_name}


def test_every_text_is_there_in_both_languages():
    for entry in CATALOGUE.entries:
        texts = [entry.title, entry.description, entry.precision]
        for field in entry.fields:
            texts += [field.title, *field.codes.values()]
        assert all(text.zh and text.en for text in texts), entry.id
    assert all(zh and en for zh, en in ROLE_NAMES.values())
    assert set(ROLE_NAMES) == set(Role)


def test_no_personal_column_is_in_any_layer():
    for entry in CATALOGUE.entries:
        assert PERSONAL_COLUMNS.isdisjoint(field.name for field in entry.fields)


def test_internal_columns_are_not_for_everybody():
    for entry in CATALOGUE.entries:
        if entry.release is Release.PUBLIC:
            public = {field.name for field in entry.fields_for(Role.ANONYMOUS)}
            assert public.isdisjoint(INTERNAL_COLUMNS), entry.id


@every_entry
def test_every_layer_says_when_a_row_changed(entry: Entry):
    assert entry.field_for(Role.ADMINISTRATOR, "updated")


@pytest.mark.parametrize("layer_id", ["responders", "fields-of-view", "incidents"])
def test_live_positions_and_house_precision_are_internal(layer_id: str):
    assert CATALOGUE.entry(layer_id).release is Release.INTERNAL


def test_migrating_again_touches_nothing(database: str):
    def oid() -> tuple[int]:
        with psycopg.connect(database) as connection:
            return connection.execute("SELECT 'published.villages'::regclass::oid").fetchone()

    before = oid()
    migrate(database)
    assert oid() == before


def test_unknown_layer():
    with pytest.raises(NotFoundError, match="no layer called nothing"):
        CATALOGUE.entry("nothing")
