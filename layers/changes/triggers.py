"""The triggers that note changes, made from the catalogue.

Each table that a layer's relation names has one function and trigger for each kind of statement.
They see a statement's rows together, so that a bulk load costs little more than without them. Both
what changes a layer's own table and what changes a joined one is noted: a category that goes over
to another department takes its incidents along.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import psycopg
from psycopg import sql

from layers.catalogue import Entry
from layers.changes.history import history_statement
from layers.changes.relations import KIND, Use, features, uses_of
from layers.entries import CATALOGUE

_NOTE = """
    INSERT INTO layers.pending_change (
        transaction, town_id, layer, feature_id, kind, department_before, department_after,
        grid_before, grid_after, box_before, box_after, account_id, at
    )
    SELECT this_transaction, {town}, '{layer}', {id}, {kind},
           {before}.department, {after}.department, {before}.grid, {after}.grid,
           {before}.box, {after}.box, me, moment
    FROM {rows};
    noted := noted OR FOUND;"""
# What stands in for the side that there is not: the row of an insert before it, that of a delete.
_NOTHING = "(SELECT NULL::text AS department, NULL::bigint AS grid, NULL::box AS box) AS nothing"
_CHANGED = """({before}) AS before
    FULL JOIN ({after}) AS after ON after.id = before.id AND after.town_id = before.town_id
    WHERE before.id IS NULL OR after.id IS NULL OR before.state *<> after.state"""

_FUNCTION = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
DECLARE
    this_transaction CONSTANT bigint := pg_current_xact_id()::text;
    me CONSTANT bigint := layers.my_account();
    moment CONSTANT timestamptz := clock_timestamp();
    noted boolean := false;
BEGIN{notes}
    IF noted THEN
        PERFORM pg_notify('gridwhistle_feed', '');
    END IF;
    RETURN NULL;
END $body$;
REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC;
CREATE TRIGGER {trigger} {event} ON {table} {transition}
    FOR EACH STATEMENT EXECUTE FUNCTION {name}();
"""
_PASSING_TIME = """
-- Features that come and go by the calendar alone; says whether any did since it was asked last.
CREATE OR REPLACE FUNCTION layers.log_passing_time() RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $body$
DECLARE
    this_transaction CONSTANT bigint := pg_current_xact_id()::text;
    me CONSTANT bigint := NULL;
    moment CONSTANT timestamptz := now();
    earlier timestamptz;
    noted boolean := false;
BEGIN
    SELECT looked_at INTO earlier FROM layers.change_position FOR UPDATE;{notes}
    UPDATE layers.change_position SET looked_at = moment;
    IF noted THEN
        PERFORM pg_notify('gridwhistle_feed', '');
    END IF;
    RETURN noted;
END $body$;
REVOKE EXECUTE ON FUNCTION layers.log_passing_time FROM PUBLIC;
"""
_TRIGGER_PREFIX = "log_changes_of_"


@dataclass(frozen=True)
class _Kind:
    """One kind of statement."""

    name: str
    event: str
    transition: str = ""


_INSERT = _Kind("insert", "AFTER INSERT", "REFERENCING NEW TABLE AS new_rows")
_UPDATE = _Kind("update", "AFTER UPDATE", "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows")
_DELETE = _Kind("delete", "AFTER DELETE", "REFERENCING OLD TABLE AS old_rows")
_TRUNCATE = _Kind("truncate", "BEFORE TRUNCATE")


def change_triggers() -> str:
    """All functions and triggers, as SQL that is run after `forget_triggers`."""
    uses = [use for entry in CATALOGUE.entries for use in uses_of(entry)]
    tables = dict.fromkeys(use.table for use in uses)
    triggers = [
        _trigger(kind, table, [use for use in uses if use.table == table])
        for table in tables
        for kind in (_INSERT, _UPDATE, _DELETE, _TRUNCATE)
    ]
    return "\n".join([*filter(None, triggers), _passing_time()])


def install_change_triggers(connection: psycopg.Connection) -> None:
    """Make the triggers anew, in the caller's transaction."""
    stale = connection.execute(
        "SELECT tgname, nspname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
        "JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE starts_with(tgname, %s)",
        (_TRIGGER_PREFIX,),
    ).fetchall()
    for trigger, *table in stale:
        drop = sql.SQL("DROP TRIGGER {} ON {}")
        connection.execute(drop.format(sql.Identifier(trigger), sql.Identifier(*table)))
    connection.execute(change_triggers().encode())


def _trigger(kind: _Kind, table: str, uses: list[Use]) -> str:
    """The function and the trigger for one kind of statement on a table; empty without need.

    An insert or a delete of a joined table changes no feature by itself: the row that refers to it
    comes later, and went before. Where it is joined by LEFT JOIN without a foreign key it would.
    """
    if kind is not _UPDATE:
        uses = [use for use in uses if use.is_source]
    notes = [_note(kind, use) for use in uses]
    notes += [history_statement(use.entry, kind.name) for use in uses if use.is_source]
    if not uses:
        return ""
    name = _TRIGGER_PREFIX + kind.name
    return _FUNCTION.format(
        name=f"layers.{name}_{table.replace('.', '_')}",
        notes="".join(notes),
        trigger=name,
        event=kind.event,
        table=table,
        transition=kind.transition,
    )


def _note(kind: _Kind, use: Use) -> str:
    entry = use.entry
    if kind is _UPDATE:
        before, after = (features(entry, use.relation(rows)) for rows in ("old_rows", "new_rows"))
        return _note_changed(entry, before, after)
    rows = {"insert": "new_rows", "delete": "old_rows", "truncate": use.table}[kind.name]
    is_insert = kind is _INSERT
    return _NOTE.format(
        layer=entry.id,
        kind="'insert'" if is_insert else "'delete'",
        town="feature.town_id",
        id="feature.id",
        before="nothing" if is_insert else "feature",
        after="feature" if is_insert else "nothing",
        rows=f"({features(entry, use.relation(rows))}) AS feature, {_NOTHING}",
    )


def _note_changed(entry: Entry, before: str, after: str) -> str:
    return _NOTE.format(
        layer=entry.id,
        kind=KIND,
        town="coalesce(after.town_id, before.town_id)",
        id="coalesce(after.id, before.id)",
        before="before",
        after="after",
        rows=_CHANGED.format(before=before, after=after),
    )


def _passing_time() -> str:
    notes = [
        _note_changed(
            entry,
            features(entry, entry.relation, now="earlier"),
            features(entry, entry.relation, now="moment"),
        )
        for entry in _moving(CATALOGUE.entries)
    ]
    return _PASSING_TIME.format(notes="".join(notes))


def _moving(entries: Iterable[Entry]) -> Iterable[Entry]:
    """Layers whose condition asks what time it is."""
    return (entry for entry in entries if "now()" in (entry.condition or ""))
