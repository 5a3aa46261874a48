"""Units as a map client sent them, as they are stored; who may write them says the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import shapely
from shapely.geometry import MultiPolygon

from grids.arcs.model import Unit
from layers.boundaries.coverage import Connection
from layers.boundaries.redraw import Attributes

type Faces = dict[int, Face]

_READ = """
SELECT unit_id, level, parent_id, code, name, name_en, kind, ST_AsBinary(geom), gone, came_from, at
FROM grids.draft_face WHERE draft_id = %s ORDER BY at, unit_id
"""
_PUT = """
INSERT INTO grids.draft_face AS face (
    draft_id, unit_id, level, parent_id, code, name, name_en, kind, geom, gone, came_from
)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, ST_GeomFromWKB(%s, 4326), %s, %s)
ON CONFLICT (draft_id, unit_id) DO UPDATE SET
    parent_id = excluded.parent_id, code = excluded.code, name = excluded.name,
    name_en = excluded.name_en, kind = excluded.kind, geom = excluded.geom, gone = excluded.gone
"""


@dataclass(frozen=True)
class Face:
    """A unit as its client left it.

    Attributes:
        shape: as drawn; None where it is that of the draft.
        is_gone: the client deleted it.
        came_from: of a new unit the one with whose attributes it was sent, as pieces are.
        at: when it was sent; None before it is stored.
    """

    unit_id: int
    unit: Unit
    attributes: Attributes
    shape: MultiPolygon | None = None
    is_gone: bool = False
    came_from: int | None = None
    at: datetime | None = None


def read_faces(connection: Connection, draft_id: int) -> Faces:
    """What a draft's client sent and nobody has judged yet, by unit."""
    rows = connection.execute(_READ, (draft_id,)).fetchall()
    return {row[0]: _face(*row) for row in rows}


def _face(*row: object) -> Face:
    unit_id, level, parent, code, name, name_en, kind, wkb, is_gone, came_from, at = row
    return Face(
        unit_id,  # type: ignore[arg-type]
        Unit(level, parent),  # type: ignore[arg-type]
        Attributes(code, name, name_en, kind),  # type: ignore[arg-type]
        shapely.from_wkb(wkb),  # type: ignore[call-overload]
        bool(is_gone),
        came_from,  # type: ignore[arg-type]
        at,  # type: ignore[arg-type]
    )


def put_face(connection: Connection, draft_id: int, face: Face) -> None:
    """Store a unit as its client left it now."""
    values = (draft_id, face.unit_id, *face.unit, *face.attributes)
    wkb = None if face.shape is None else face.shape.wkb
    connection.execute(_PUT, (*values, wkb, face.is_gone, face.came_from))


def remove_faces(connection: Connection, draft_id: int, units: Iterable[int]) -> None:
    """Forget what the client sent of some units."""
    connection.execute(
        "DELETE FROM grids.draft_face WHERE draft_id = %s AND unit_id = ANY (%s)",
        (draft_id, list(units)),
    )
