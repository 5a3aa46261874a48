"""A layer's rows before and after a statement, as SELECTs made from its catalogue entry.

A trigger knows the rows that a statement changed of one table. The rows of the layer that hang on
them are the entry's own relation with that table replaced by the changed rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from layers.catalogue import Entry

_TABLE = re.compile(
    r"(?P<join>(?:LEFT\s+)?JOIN\s+|^\s*)(?P<table>[a-z_]+\.[a-z_]+)(?:\s+AS\s+(?P<alias>[a-z_]+))?"
)
# SQL: what happened to a feature, of which `before` and `after` are joined by FULL JOIN.
KIND = (
    "CASE WHEN before.id IS NULL THEN 'insert' WHEN after.id IS NULL THEN 'delete' "
    "ELSE 'update' END"
)


@dataclass(frozen=True)
class Use:
    """One place at which an entry's relation names a table.

    Attributes:
        start, end: where in the text of the relation.
        is_source: whether it is the driving table.
    """

    entry: Entry
    table: str
    alias: str
    start: int
    end: int

    @property
    def is_source(self) -> bool:
        """Whether it is the entry's driving table: each of its rows makes at most one feature."""
        return not self.entry.relation[: self.start].strip()

    def relation(self, rows: str) -> str:
        """The entry's relation with `rows` in place of the table here.

        A LEFT JOIN becomes a JOIN: features that hang on none of the rows are left out.
        """
        text = self.entry.relation
        join = "" if self.is_source else "JOIN "
        return f"{text[: self.start]}{join}{rows} AS {self.alias}{text[self.end :]}"


def uses_of(entry: Entry) -> list[Use]:
    """Where an entry's relation names tables, the driving one first."""
    return [
        Use(
            entry,
            found["table"],
            found["alias"] or found["table"].partition(".")[2],
            found.start(),
            found.end(),
        )
        for found in _TABLE.finditer(entry.relation)
    ]


def features(entry: Entry, relation: str, *, now: str | None = None) -> str:
    """SELECT of a layer's features: whose they are, where, and their `state`.

    Columns: id, town_id, department, grid, box, state. Two features of equal `state` look the same,
    and to the same people; what is live and small moves of what moves all the time apart. There
    the box reaches as far as a feature may have come since it was told.

    Args:
        relation: instead of the entry's own.
        now: SQL; the moment at which the layer is looked at, instead of now.
    """
    values = ", ".join(each.expression or each.name for each in entry.fields if not each.live)
    place, box = entry.geometry_column, f"box({entry.geometry_column})"
    if entry.told_every_deg is not None:
        place = f"ST_SnapToGrid({entry.geometry_column}, {entry.told_every_deg})"
        box = f"box(ST_Expand({entry.geometry_column}, {entry.told_every_deg}))"
    department, grid = entry.department or "NULL::text", entry.grid or "NULL::bigint"
    condition = entry.condition or "true"
    if now is not None:
        condition = condition.replace("now()", now)
    return f"""
        SELECT {entry.id_column} AS id, {entry.town_column} AS town_id,
               {department} AS department, {grid} AS grid, {box} AS box,
               ROW({values}, {place}, {department}, {grid}) AS state
        FROM {relation} WHERE {condition}"""  # noqa: S608 - the catalogue's own SQL
