"""Use case: closures live on when the town's streets are replaced by others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray

from layers.closures.desk import described, enter_town
from layers.roles import Role
from routing.closing.drawing import Drawing, DrawnAs
from routing.closing.laying import Laid, lay, lines_of
from routing.modes import Mode
from routing.network.graph import Graph
from routing.sources.metres import lines_in_metres, metres_around
from spatial.errors import InputError
from spatial.town import Town

# Streets of another survey lie as far beside those of before. Assumed.
_SAME_M = 15.0
# Below this nothing worth telling is lost: ends that were cut otherwise.
_LOST_M = 20.0

_AHEAD = """
SELECT id, drawn_as, ST_AsBinary(drawn), radius_m, one_way, modes, ST_AsBinary(geom), names
FROM routing.closure WHERE town_id = %s AND (ends IS NULL OR ends > clock_timestamp()) ORDER BY id
"""
_MOVE = """
UPDATE routing.closure
SET version = %(version)s, streets = %(streets)s, length_m = %(length_m)s, names = %(names)s,
    lost_m = %(lost_m)s, geom = coalesce(ST_GeomFromWKB(%(geom)s, 4326), geom)
WHERE id = %(id)s
"""
_PUT_IN_FORCE = """
SELECT routing.put_closure_in_force(closure, %s) FROM routing.closure WHERE id = %s
"""


class _Kept(NamedTuple):
    """A closure as it lay on the former streets."""

    id: int
    drawn_as: str
    drawn: bytes
    radius_m: float | None
    one_way: bool
    modes: int
    geom: bytes
    names: str | None


@dataclass(frozen=True)
class Relaid:
    """How a closure lies on the new streets.

    Attributes:
        streets: how many it binds; 0: none.
        lost_m: metres that were bound and are no street now.
    """

    closure_id: int
    names: str | None
    streets: int
    lost_m: float

    @property
    def note(self) -> str | None:
        """What a person should know; None where all is well."""
        name = f"closure {self.closure_id} ({self.names or '-'})"
        if not self.streets:
            return f"{name} lies on no street any more / 该封路在新路网上没有对应道路"
        if self.lost_m > _LOST_M:
            return f"{name}: {self.lost_m:.0f} m of it are no street any more / 部分路段已不存在"
        return None


def relay_closures(
    connection: psycopg.Connection[Any], town: Town, graph: Graph, version: int
) -> list[Relaid]:
    """Lay what is closed, or will be, on other streets, in the importer's transaction.

    A drawing is laid as it was drawn; of streets that were named, their lines are.

    Args:
        connection: of the owner.
        town: whose closures.
        graph: the new streets, saved already.
        version: of these.
    """
    enter_town(connection, town)
    kept = [_Kept(*row) for row in connection.execute(_AHEAD, (town.id,)).fetchall()]
    return [_relay(connection, graph, version, each) for each in kept]


def _relay(connection: psycopg.Connection[Any], graph: Graph, version: int, kept: _Kept) -> Relaid:
    laid = _laid(graph, kept)
    lines = lines_of(graph, laid.street) if laid else None
    before = shapely.get_parts(shapely.from_wkb(kept.geom))
    lost_m = _lost_m(before, lines)
    described_as: dict[str, Any] = (
        described(connection, graph, laid, Role.ADMINISTRATOR)
        if laid
        else {"streets": 0, "length_m": 0.0, "names": kept.names}
    )
    connection.execute(
        _MOVE,
        {
            **described_as,
            "id": kept.id,
            "version": version,
            "lost_m": round(lost_m, 1),
            "geom": shapely.to_wkb(lines) if lines else None,
        },
    )
    connection.execute(_PUT_IN_FORCE, (list(laid.steps) if laid else [], kept.id))
    return Relaid(kept.id, kept.names, described_as["streets"], lost_m)


def _laid(graph: Graph, kept: _Kept) -> Laid | None:
    drawn_as = DrawnAs(kept.drawn_as)
    drawing = Drawing(shapely.from_wkb(kept.drawn), drawn_as, kept.radius_m, kept.one_way)
    try:
        return lay(graph, drawing, Mode(kept.modes))
    except InputError:
        return None


def _lost_m(before: NDArray[np.object_], after: shapely.MultiLineString | None) -> float:
    """Metres of the lines of before that no line of now lies beside."""
    to_metres = metres_around(shapely.get_coordinates(before))
    old = lines_in_metres(before, to_metres)
    if after is None:
        return float(shapely.length(old).sum())
    new = shapely.union_all(lines_in_metres(np.array(after.geoms), to_metres))
    return float(shapely.length(shapely.difference(old, new.buffer(_SAME_M))).sum())
