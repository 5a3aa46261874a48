"""Posts of the demo's neighbours: one in the east and one in the west, at the edge of the town."""

from __future__ import annotations

import psycopg
import shapely

from grids.cells import STORED_RESOLUTION, cells_of_points
from spatial.town import Town

# Numbers that nobody has.
_POSTS = (
    ("east", "东邻镇", "应急一队", "0579-0000 0001"),
    ("west", "西邻镇", "消防二站", "0579-0000 0002"),
)


def load_neighbours(connection: psycopg.Connection, town: Town) -> None:
    """Store them; they are the demo's furniture and no part of what the generator made."""
    assert town.outline is not None  # a demo has one
    corners = shapely.get_coordinates(town.outline)
    ends = {"east": corners[corners[:, 0].argmax()], "west": corners[corners[:, 0].argmin()]}
    for key, neighbour, name, phone in _POSTS:
        lon, lat = ends[key].tolist()
        cell = int(cells_of_points([lon], [lat], STORED_RESOLUTION)[0])
        connection.execute(
            "INSERT INTO layers.neighbour_post"
            " (town_id, key, neighbour, name, desk_phone, mode, geom, cell, inside)"
            " VALUES (%s, %s, %s, %s, %s, 'car', ST_SetSRID(ST_Point(%s, %s), 4326), %s, true)",
            (town.id, f"demo-neighbour-{key}", neighbour, name, phone, lon, lat, cell),
        )
