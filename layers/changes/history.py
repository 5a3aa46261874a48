"""What the features of edited layers were, and who changed them: kept for ever.

Layers that have editors keep a line for each change of a feature: its properties and its geometry
before and after, and the account or the import that made the change.
"""

from __future__ import annotations

from layers.catalogue import Catalogue, Entry, Release
from layers.changes.relations import KIND
from layers.entries.common import STAFF
from layers.roles import Role

_NOTE = """
    INSERT INTO layers.history (
        town_id, layer, feature_id, kind, before, after, account_id, batch_id
    )
    SELECT {town}, '{layer}', {id}, {kind}, {before}, {after}, me, {batch}
    FROM {rows};"""
_BOTH = """({old}) AS before
    FULL JOIN ({new}) AS after ON after.id = before.id AND after.town_id = before.town_id
    WHERE before.state IS DISTINCT FROM after.state"""


def has_history(entry: Entry) -> bool:
    """Whether a layer's changes are kept: it has editors, and those who see it see all its rows."""
    return bool(entry.editors) and entry.release is Release.PUBLIC


def readers_of_history(entry: Entry) -> frozenset[Role]:
    """Who may read what a layer's features were."""
    return STAFF | entry.editors if has_history(entry) else frozenset()


def history_statement(entry: Entry, kind: str) -> str:
    """SQL for the body of a trigger on an entry's driving table; empty where none is kept.

    Args:
        kind: of the statement: insert, update, delete or truncate.
    """
    if not has_history(entry):
        return ""
    if kind == "update":
        return _NOTE.format(
            layer=entry.id,
            kind=KIND,
            town="coalesce(after.town_id, before.town_id)",
            id="coalesce(after.id, before.id)",
            before="before.state",
            after="after.state",
            # Of an import only what it wrote itself: it leaves its number in the row.
            batch="CASE WHEN me IS NULL AND after.batch_id IS DISTINCT FROM before.batch_id "
            "THEN after.batch_id END",
            rows=_BOTH.format(old=_states(entry, "old_rows"), new=_states(entry, "new_rows")),
        )
    is_insert = kind == "insert"
    rows = {"insert": "new_rows", "delete": "old_rows", "truncate": entry.source}[kind]
    return _NOTE.format(
        layer=entry.id,
        kind="'insert'" if is_insert else "'delete'",
        town="feature.town_id",
        id="feature.id",
        before="NULL" if is_insert else "feature.state",
        after="feature.state" if is_insert else "NULL",
        batch="CASE WHEN me IS NULL THEN feature.batch_id END" if is_insert else "NULL",
        rows=f"({_states(entry, rows)}) AS feature",
    )


def history_views(catalogue: Catalogue, role: Role) -> str:
    """The SELECT of the history that `role` may read; empty where it reads none."""
    parts = [_view(entry, role) for entry in catalogue.entries if role in readers_of_history(entry)]
    return " UNION ALL ".join(parts)


def _view(entry: Entry, role: Role) -> str:
    seen = {each.name for each in entry.fields_for(role)}
    hidden = [each.name for each in entry.fields if each.name not in seen]
    names = "ARRAY[" + ", ".join(f"'{name}'" for name in hidden) + "]::text[]"
    # Those who edit know who else does; the others only that somebody did.
    account = "account.display_name" if role in entry.editors else "NULL::text"
    return f"""
        SELECT history.town_id, history.layer, history.feature_id, history.id, history.at,
               history.kind, history.before - {names} AS before, history.after - {names} AS after,
               history.account_id IS NOT NULL AS by_account, {account} AS account,
               batch.id AS batch_id, batch.source_name AS batch
        FROM layers.history
        LEFT JOIN layers.account ON account.id = history.account_id
        LEFT JOIN spatial.batch ON batch.id = history.batch_id
        WHERE history.layer = '{entry.id}'
          AND history.town_id = (SELECT layers.my_town_of('{entry.id}'))"""  # noqa: S608 - the catalogue's own SQL


def _states(entry: Entry, rows: str) -> str:
    """Each row of an entry's table as the object that is kept."""
    members = [
        f"'{each.name}', {each.expression or each.name}"
        for each in entry.fields
        if each.name != "updated"
    ]
    members.append(f"'geometry', ST_AsGeoJSON({entry.geometry_column}, 9)::jsonb")
    alias = entry.source.partition(".")[2]
    return f"""
        SELECT {entry.id_column} AS id, {entry.town_column} AS town_id, batch_id,
               jsonb_build_object({", ".join(members)}) AS state
        FROM {rows} AS {alias} WHERE {entry.condition or "true"}"""  # noqa: S608 - the catalogue's own SQL
