"""The ground of the map from an OSM file: water, buildings and named places."""

from __future__ import annotations

from typing import Any

import psycopg
import shapely
from geopandas import GeoDataFrame
from psycopg import sql

from spatial.osmfile import Ground
from spatial.town import Town

_LAYER = "streets"  # the ground comes with the streets, in their batch

_DELETE_OLD = """
DELETE FROM layers.{table} AS thing USING spatial.batch
WHERE thing.town_id = %s AND batch.id = thing.batch_id AND batch.layer = %s
"""
_INCOMING_BUILDINGS = """
CREATE TEMPORARY TABLE incoming_building
    (LIKE layers.building INCLUDING DEFAULTS EXCLUDING IDENTITY) ON COMMIT DROP;
ALTER TABLE incoming_building ALTER id DROP NOT NULL, ALTER inside DROP NOT NULL
"""
# A building that rooms or premises stand in stays, even if the new file lacks it.
_DELETE_OLD_BUILDINGS = """
DELETE FROM layers.building USING spatial.batch
WHERE building.town_id = %(town_id)s AND batch.id = building.batch_id AND batch.layer = %(layer)s
  AND NOT EXISTS (SELECT FROM incoming_building AS incoming WHERE incoming.key = building.key)
  AND NOT EXISTS (SELECT FROM layers.rental_room WHERE rental_room.building_id = building.id)
  AND NOT EXISTS (SELECT FROM layers.premises WHERE premises.building_id = building.id)
"""
_UPSERT_BUILDINGS = """
INSERT INTO layers.building AS building
    (town_id, batch_id, key, name, use, floors, height_m, address, geom, inside)
SELECT incoming.town_id, incoming.batch_id, key, incoming.name, use, floors, height_m, address,
       geom, coalesce(ST_Intersects(geom, town.outline), true)
FROM incoming_building AS incoming JOIN spatial.town ON town.id = incoming.town_id
ON CONFLICT (town_id, key) DO UPDATE
SET batch_id = excluded.batch_id, name = excluded.name, use = excluded.use,
    floors = excluded.floors, height_m = excluded.height_m, address = excluded.address,
    geom = excluded.geom, inside = excluded.inside, updated = clock_timestamp()
"""


def replace_ground(
    connection: psycopg.Connection[Any], town: Town, batch_id: int, ground: Ground
) -> None:
    """Replace what an earlier file brought by `ground`, in the caller's transaction.

    Buildings are known by their OSM id: one that is there already keeps its own id.
    """
    for table, frame in (("water", ground.water), ("place", ground.places)):
        delete = sql.SQL(_DELETE_OLD).format(table=sql.Identifier(table))
        connection.execute(delete, (town.id, _LAYER))
        _copy(connection, ("layers", table), town, batch_id, frame)
    connection.execute(_INCOMING_BUILDINGS)
    _copy(connection, ("incoming_building",), town, batch_id, ground.buildings)
    connection.execute(_DELETE_OLD_BUILDINGS, {"town_id": town.id, "layer": _LAYER})
    connection.execute(_UPSERT_BUILDINGS)
    connection.execute("DROP TABLE incoming_building")


def _copy(
    connection: psycopg.Connection[Any],
    table: tuple[str, ...],
    town: Town,
    batch_id: int,
    frame: GeoDataFrame,
) -> None:
    columns = [name for name in frame.columns if name != frame.geometry.name]
    names = sql.SQL(", ").join(map(sql.Identifier, ("town_id", "batch_id", *columns, "geom")))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(*table), names)
    shapes = shapely.to_wkb(
        shapely.set_srid(frame.geometry.to_numpy(), 4326), hex=True, include_srid=True
    )
    values = [frame[name].astype(object).where(frame[name].notna(), None) for name in columns]
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in zip(*values, shapes, strict=True):
            copy.write_row((town.id, batch_id, *row))
