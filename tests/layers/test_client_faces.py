"""What a client sent is written as its draft's steps are: by the web, for those who draft."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
import shapely

from grids.arcs.model import Unit
from layers.accounts.administration import find_account
from layers.accounts.database_logins import give_database_login
from layers.boundaries.clients.faces import Face, put_face, read_faces, remove_faces
from layers.boundaries.clients.own import find_own
from layers.boundaries.draft_rows import Draft, open_draft
from layers.boundaries.redraw import Attributes
from layers.migrations.run import migrate
from layers.roles import Role
from spatial.database import Principal, transaction
from spatial.errors import AccessError

SQUARE = shapely.MultiPolygon([shapely.box(120, 29, 120.01, 29.01)])
FACE = Face(7, Unit(4, 3), Attributes("a", "甲", None, "x"), SQUARE, came_from=5)


def open_for_client(office: Any, by: str = "anna") -> Draft:
    with transaction(office.pool, office.people[by]) as connection:
        return open_draft(connection, office.town, "草案", "QGIS")


def test_a_face_comes_back_as_it_went_in(office: Any):
    draft = open_for_client(office)
    with office.desk.transaction(office.people["anna"]) as connection:
        put_face(connection, draft.id, FACE)
        put_face(connection, draft.id, Face(8, Unit(4, 3), FACE.attributes, is_gone=True))
        found = read_faces(connection, draft.id)
        assert found[7].shape.wkb == SQUARE.wkb
        assert (found[7].unit, found[7].attributes, found[7].came_from) == (
            FACE.unit, FACE.attributes, 5
        )  # fmt: skip
        assert (found[8].is_gone, found[8].shape) == (True, None)
        remove_faces(connection, draft.id, [7])
        assert read_faces(connection, draft.id).keys() == {8}


def test_each_account_and_client_has_a_draft_of_its_own(office: Any):
    draft = open_for_client(office)
    open_for_client(office, by="bert")
    with office.desk.transaction(office.people["anna"]) as connection:
        found = find_own(connection, office.town, "QGIS")
        assert found is not None
        assert found.id == draft.id
        assert find_own(connection, office.town, "curl") is None
    with pytest.raises(psycopg.errors.UniqueViolation):
        open_for_client(office)


@pytest.mark.parametrize(
    "role", [r for r in Role if r not in (Role.GIS_EDITOR, Role.ADMINISTRATOR)]
)
def test_nobody_else_reads_or_writes_them(office: Any, role: Role):
    draft = open_for_client(office)
    somebody = Principal(role, 1, account_id=office.people["planner"].account_id)
    for act in (
        lambda c: put_face(c, draft.id, FACE),
        lambda c: read_faces(c, draft.id),
        lambda c: remove_faces(c, draft.id, [7]),
    ):
        with (
            pytest.raises(psycopg.errors.InsufficientPrivilege),
            transaction(office.pool, somebody) as connection,
        ):
            act(connection)


def test_only_an_open_draft_of_a_client_takes_them(office: Any):
    ordinary = office.open()
    with (
        pytest.raises(AccessError, match="only an open draft"),
        office.desk.transaction(office.people["anna"]) as connection,
    ):
        put_face(connection, ordinary.id, FACE)
    draft = open_for_client(office)
    office.execute("UPDATE grids.draft SET state = 'submitted' WHERE id = %s", draft.id)
    with (
        pytest.raises(AccessError, match="only an open draft"),
        office.desk.transaction(office.people["anna"]) as connection,
    ):
        put_face(connection, draft.id, FACE)


def test_a_login_of_ones_own_reads_them_and_writes_none(office: Any):
    migrate(office.conninfo)  # a clone has its template's tables, not the rights on the database
    draft = open_for_client(office)
    with office.desk.transaction(office.people["anna"]) as connection:
        put_face(connection, draft.id, FACE)
    with psycopg.connect(office.conninfo) as connection:
        account = find_account(connection, 1, "anna")
        login, password = give_database_login(connection, account)
    own = psycopg.conninfo.make_conninfo(office.conninfo, user=login, password=password)
    insert = (
        "INSERT INTO grids.draft_face (draft_id, unit_id, level, parent_id, code, name)"
        f" VALUES ({draft.id}, 9, 4, 3, 'b', 'b')"
    )
    try:
        with psycopg.connect(own, autocommit=True) as connection:
            assert connection.execute("SELECT unit_id FROM grids.draft_face").fetchall() == [(7,)]
            for attack in (
                "DELETE FROM grids.draft_face",
                "UPDATE grids.draft_face SET name = 'x'",
                insert,
                "UPDATE grids.draft_face SET author = 1",
                "TRUNCATE grids.draft_face",
            ):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(attack.encode())
    finally:
        with psycopg.connect(office.conninfo, autocommit=True) as connection:
            connection.execute(f'DROP OWNED BY "{login}"; DROP ROLE "{login}"'.encode())
