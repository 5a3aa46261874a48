"""The course of a street or a river, read with the rights of whoever draws."""

from __future__ import annotations

import numpy as np
import shapely
from psycopg import sql

from grids.arcs.model import Coords, Node
from layers.boundaries.coverage import Connection
from layers.entries import CATALOGUE
from layers.published import view_of
from layers.roles import Role
from spatial.errors import NotFoundError

_SHAPE = sql.SQL("SELECT ST_AsBinary(geom) FROM {view} WHERE id = %s")


def line_of_feature(
    connection: Connection, role: Role, layer: str, feature_id: int, near: Node
) -> Coords:
    """The line of a feature: of several, or of an area's rings, the one nearest to a place.

    Raises:
        NotFoundError: the layer has no such feature for this role.
    """
    view = view_of(CATALOGUE.entry(layer), role)
    row = connection.execute(_SHAPE.format(view=view), (feature_id,)).fetchone()
    if row is None:
        raise NotFoundError(f"{layer} has no feature {feature_id} / 没有这个要素")
    shape = shapely.from_wkb(row[0])
    lines = shapely.get_parts(shape)
    if shapely.get_dimensions(shape) == 2:
        lines = shapely.get_rings(lines)
    nearest = int(np.argmin(shapely.distance(lines, shapely.Point(near))))
    coords: Coords = shapely.get_coordinates(lines[nearest])
    return coords
