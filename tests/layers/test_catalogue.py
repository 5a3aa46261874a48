"""The catalogue: entries, the views made from them, and who may read which."""

import psycopg
import pytest
from psycopg import sql

from layers.catalogue import Entry, Release
from layers.entries import CATALOGUE
from layers.migrations.run import migrate
from layers.published import view_of
from spatial.database import RightsClass
from spatial.errors import NotFoundError

PERSONAL_COLUMNS = {"households", "rental_room", "room", "phone", "person", "reporter", "owner"}


@pytest.mark.parametrize("entry", CATALOGUE.entries, ids=lambda entry: entry.id)
def test_view_has_exactly_the_public_columns(connection: psycopg.Connection, entry: Entry):
    cursor = connection.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(view_of(entry)))
    columns = [column.name for column in cursor.description]
    assert columns == ["id", "town_id", *(field.name for field in entry.fields), "geom"]


@pytest.mark.parametrize("entry", CATALOGUE.entries, ids=lambda entry: entry.id)
@pytest.mark.parametrize("rights", RightsClass)
def test_the_database_grants_what_the_entry_releases(
    connection: psycopg.Connection, entry: Entry, rights: RightsClass
):
    connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(rights.value)))
    query = sql.SQL("SELECT count(*) FROM {}").format(view_of(entry))
    if entry.release.readable_by(rights):
        assert connection.execute(query).fetchone() == (0,)
    else:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(query)


@pytest.mark.parametrize("rights", RightsClass)
@pytest.mark.parametrize("table", ["layers.rental_room", "layers.building", "layers.responder"])
def test_no_role_reaches_a_table(connection: psycopg.Connection, rights: RightsClass, table: str):
    connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(rights.value)))
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(f"SELECT count(*) FROM {table}")


def test_every_text_is_there_in_both_languages():
    for entry in CATALOGUE.entries:
        texts = [entry.title, entry.description, entry.precision]
        for field in entry.fields:
            texts += [field.title, *field.codes.values()]
        assert all(text.zh and text.en for text in texts), entry.id


def test_no_personal_column_is_published():
    for entry in CATALOGUE.entries:
        assert PERSONAL_COLUMNS.isdisjoint(field.name for field in entry.fields)


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
