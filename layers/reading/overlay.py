"""Features that one reader sees in the place of stored ones: those of its own draft."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from psycopg import sql

from layers.catalogue import Entry
from layers.reading.sql_types import SQL_TYPES
from layers.roles import Role

_SELECT = sql.SQL("""(
    SELECT {columns} FROM {view} WHERE id <> ALL (%(overlay_hidden)s::bigint[])
    UNION ALL
    SELECT drawn.id, {values}, ST_GeomFromWKB(decode(drawn.wkb, 'hex'), 4326)
    FROM jsonb_to_recordset(%(overlay_rows)s::jsonb) AS drawn ({types})
    LEFT JOIN {view} AS held ON held.id = drawn.id
)""")


@dataclass(frozen=True)
class Drawn:
    """A feature.

    Attributes:
        properties: by name; those that aren't stated are those of the stored feature.
        wkb: the geometry in EPSG:4326.
    """

    id: int
    properties: Mapping[str, Any]
    wkb: bytes


@dataclass(frozen=True)
class Overlay:
    """What of a layer a reader sees otherwise.

    Attributes:
        draft_id: the draft that it is of.
        moment: of which the other features are: where the draft began.
        hidden: the stored features that aren't shown.
        drawn: those that are.
        names: the properties that `drawn` states.
    """

    draft_id: int
    moment: datetime
    hidden: Sequence[int]
    drawn: Sequence[Drawn]
    names: tuple[str, ...]

    @cached_property
    def values(self) -> dict[str, Any]:
        """What the SQL of `overlaid` binds."""
        rows = [{"id": each.id, "wkb": each.wkb.hex(), **each.properties} for each in self.drawn]
        return {
            "overlay_hidden": list(self.hidden),
            "overlay_rows": json.dumps(rows, ensure_ascii=False, default=datetime.isoformat),
        }


def overlaid(
    entry: Entry, role: Role, view: sql.Identifier, names: tuple[str, ...]
) -> sql.Composable:
    """SQL: the rows of a layer's view with those of an overlay in the place of theirs."""
    fields = entry.fields_for(role)
    columns = ["id", *(each.name for each in fields), "geom"]
    values = [
        sql.Identifier("drawn" if each.name in names else "held", each.name) for each in fields
    ]
    types: list[sql.Composable] = [sql.SQL("id bigint, wkb text")]
    types += [
        sql.SQL("{} {}").format(sql.Identifier(each.name), sql.SQL(SQL_TYPES[each.type]))
        for each in fields
        if each.name in names
    ]
    comma = sql.SQL(", ")
    return _SELECT.format(
        columns=comma.join(map(sql.Identifier, columns)),
        view=view,
        values=comma.join(values),
        types=comma.join(types),
    )
