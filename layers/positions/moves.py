"""Who has moved of late, as somebody sees it: the light way by which a live map is kept live."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from psycopg import sql
from psycopg.rows import class_row

from layers.entries import CATALOGUE
from layers.published import view_of
from layers.roles import Role
from spatial.database import AnyConnection, Principal

CHANNEL = "gridwhistle_positions"
LAYER = "responders"
_MOVES = sql.SQL("""
SELECT id, ST_X(geom) AS lon, ST_Y(geom) AS lat, fix_age_s, bearing_deg, speed_mps
FROM {view} WHERE received_at > %(since)s OR updated > %(since)s
""")


@dataclass(frozen=True, slots=True)
class Move:
    """Where a responder is now.

    Attributes:
        id: of the layer's feature.
        bearing_deg: from north clockwise.
    """

    id: int
    lon: float
    lat: float
    fix_age_s: float | None
    bearing_deg: float | None
    speed_mps: float | None


async def read_moves(
    connection: AnyConnection, principal: Principal, since: datetime
) -> list[Move]:
    """Responders that have changed since, as far as the principal sees them.

    Args:
        connection: in a transaction as the principal.
        since: by the database's clock.
    """
    async with connection.cursor(row_factory=class_row(Move)) as cursor:
        await cursor.execute(_statement(Role(principal.role)), {"since": since})
        return await cursor.fetchall()


@lru_cache
def _statement(role: Role) -> bytes:
    return _MOVES.format(view=view_of(CATALOGUE.entry(LAYER), role)).as_bytes()
