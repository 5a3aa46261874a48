"""The log and the history as each role may read them: views that hold its rights.

A change is seen by whoever may see the feature before or after it. Who saw it before and no longer
does sees it go, and learns nothing of where it went.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

from layers.catalogue import Catalogue, Rows
from layers.changes.history import history_views
from layers.entries import CATALOGUE
from layers.published import row_rule
from layers.roles import Role

# `kind` is what the change is to the role: a feature that leaves its sight is deleted to it.
_CHANGES = """
SELECT seq, town_id, layer, feature_id, at,
       CASE WHEN NOT is_seen THEN 'delete'
            WHEN NOT was_seen THEN 'insert'
            ELSE 'update' END AS kind,
       CASE WHEN was_seen THEN box_before END AS box_before,
       CASE WHEN is_seen THEN box_after END AS box_after
FROM (
    SELECT *, kind <> 'insert' AND coalesce({before}, false) AS was_seen,
           kind <> 'delete' AND coalesce({after}, false) AS is_seen
    FROM layers.change
    WHERE town_id = (SELECT layers.my_town())
      AND ((SELECT layers.my_only_layers()) IS NULL
           OR layer = ANY ((SELECT layers.my_only_layers())::text[]))
) AS change
WHERE was_seen OR is_seen"""
CHANGES = "changes"
HISTORY = "history"


def changes_of(role: Role) -> sql.Identifier:
    """The view in which `role` reads the log."""
    return sql.Identifier(role.short_name, CHANGES)


def history_of(role: Role) -> sql.Identifier:
    """The view in which `role` reads the history, where it reads any."""
    return sql.Identifier(role.short_name, HISTORY)


def publish_changes(connection: psycopg.Connection) -> None:
    """Make the views of every role, in the caller's transaction, in which there are none."""
    for statement in change_views():
        connection.execute(statement)


def change_views() -> list[sql.Composed]:
    """The statements that make the views and grant them."""
    return [
        statement
        for role in Role
        for name, select in (
            (changes_of(role), changes_select(CATALOGUE, role)),
            (history_of(role), history_views(CATALOGUE, role)),
        )
        if select
        for statement in (
            sql.SQL("CREATE VIEW {} WITH (security_barrier) AS {}").format(name, sql.SQL(select)),
            sql.SQL("GRANT SELECT ON {} TO {}").format(name, sql.Identifier(role)),
        )
    ]


def changes_select(catalogue: Catalogue, role: Role) -> str:
    """The log with the kind that each change has to `role`."""
    return _CHANGES.format(
        before=_seen(catalogue, role, "before"), after=_seen(catalogue, role, "after")
    )


def _seen(catalogue: Catalogue, role: Role, side: str) -> str:
    """SQL: whether `role` sees the feature of a change on this side of it."""
    readable = list(catalogue.readable_by(role))
    whole = [entry for entry in readable if entry.rows_for(role) is Rows.ALL]
    names = ", ".join(f"'{entry.id}'" for entry in whole)
    rules = [f"layer IN ({names})"] if whole else []
    rules += [
        f"layer = '{entry.id}' AND "
        + row_rule(entry, role, department=f"department_{side}", grid=f"grid_{side}")
        for entry in readable
        if entry not in whole
    ]
    return "(" + " OR ".join(rules or ["false"]) + ")"
