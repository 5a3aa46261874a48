"""The demo town into the database: one transaction, through COPY."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import psycopg
import shapely
from psycopg import sql
from psycopg.types.json import Jsonb

from grids.cells import STORED_RESOLUTION, cells_of_points
from grids.storeys import micro_grids_to_json
from layers.boundaries.arc_store import store_missing_arcs
from layers.demo.crews import want_skills, with_crews
from layers.demo.neighbours import load_neighbours
from layers.demo.roadworks import load_roadworks
from layers.demo.town import DemoTown, Report, quiet
from layers.facts.store import save_facts
from layers.hotspots import refresh_published_hotspots
from routing.stored.store import save_streets
from spatial.town import Town, read_town

SOURCE = "synthetic / 合成数据"
ATTRIBUTION = "演示数据,由程序合成 / synthetic demo data; village names and codes are official"
_SHAPES = ("geom", "geometry", "field_of_view")


def load_town(
    connection: psycopg.Connection, town: DemoTown, digest: str, report: Report = quiet
) -> Town:
    """Store the whole town and its heat map; whoever is killed in the middle leaves nothing.

    Args:
        connection: to a migrated database without a town.
        town: what was generated.
        digest: its hash, kept with it.
        report: told the step that begins and which share of all is done.

    Raises:
        psycopg.Error: the database refuses; nothing is loaded.
    """
    with connection.transaction():
        loader = _Loader(connection, _insert_town(connection, town, digest))
        report("入库:网格 loading grids", 0.7)
        unit_ids = loader.load_units(town)
        save_facts(connection)
        want_skills(connection)
        report("入库:道路 loading streets", 0.75)
        batch = loader.open_batch(
            "streets", len(town.streets.streets), town.streets_attribution or ATTRIBUTION
        )
        save_streets(connection, loader.town_id, batch, town.streets)
        report("入库:建筑、场所、事件 loading features", 0.85)
        loader.load_features(town, unit_ids)
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        report("热点 hotspots", 0.95)
        stored = read_town(connection)
        store_missing_arcs(connection, stored)
        load_neighbours(connection, stored)
        load_roadworks(connection, stored)
        refresh_published_hotspots(connection, stored)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return stored


def _insert_town(connection: psycopg.Connection, town: DemoTown, digest: str) -> int:
    outline = shapely.set_srid(town.units.table["geom"][0], 4326)
    row = connection.execute(
        "INSERT INTO spatial.town (code, name, name_en, outline, time_zone, metric_srid, synthetic,"
        " as_of, seed, digest) VALUES (%s, %s, %s, %s, %s, %s, true, %s, %s, %s) RETURNING id",
        (
            town.name.code, town.name.name, town.name.name_en,
            shapely.to_wkb(outline, hex=True, include_srid=True), town.plan.time_zone,
            town.metric_srid, town.plan.moment, town.plan.seed, digest,
        ),
    ).fetchone()  # fmt: skip
    assert row is not None
    return int(row[0])


class _Loader:
    """Copies tables of one town; knows the ids that their rows get."""

    def __init__(self, connection: psycopg.Connection, town_id: int) -> None:
        self.town_id = town_id
        self._connection = connection

    def open_batch(self, layer: str, loaded: int, attribution: str = ATTRIBUTION) -> int:
        row = self._connection.execute(
            "INSERT INTO spatial.batch (town_id, synthetic, layer, source_name, source_crs, "
            "attribution, loaded) VALUES (%s, true, %s, %s, 'EPSG:4326', %s, %s) RETURNING id",
            (self.town_id, layer, SOURCE, attribution, loaded),
        ).fetchone()
        assert row is not None
        return int(row[0])

    def load_units(self, town: DemoTown) -> np.ndarray:
        """Units and their first versions; returns the version's id of each row of the table."""
        table = town.units.table
        unit_ids = self._reserve("grids.unit", len(table))
        version_ids = self._reserve("grids.version", len(table))
        parent = table["parent"].to_numpy()
        units = table[["code", "level"]].assign(
            id=unit_ids, parent_id=_numbers_or_null(unit_ids, parent)
        )
        self._copy("grids.unit", units)
        since = f"[{pd.Timestamp(town.plan.as_of) - pd.Timedelta(days=730):%Y-%m-%d},)"
        versions = table[["name", "name_en", "kind", "geom"]].assign(
            id=version_ids, unit_id=unit_ids, valid=since
        )
        self._copy("grids.version", versions, self.open_batch("grids", len(table)))
        return version_ids

    def load_features(self, town: DemoTown, version_ids: np.ndarray) -> None:
        """Everything that stands or happens on the ground."""
        for layer, target, table in (
            ("water", "layers.water", town.water),
            ("places", "layers.place", _with_cells(town.places)),
        ):
            self._copy(target, table, self.open_batch(layer, len(table)))
        building_ids = self._load(
            "buildings", "layers.building", town.buildings.drop(columns="unit")
        )
        rooms = town.rental_rooms.drop(columns="building").assign(
            building_id=building_ids[town.rental_rooms["building"]]
        )
        self._copy("layers.rental_room", rooms, self.open_batch("rental-rooms", len(rooms)))
        self._share_polygons(town, version_ids, building_ids)
        premises = town.premises.drop(columns="building").assign(
            building_id=building_ids[town.premises["building"]]
        )
        premises_ids = self._load("premises", "layers.premises", _with_cells(premises))
        self._load("sensors", "layers.sensor", _with_cells(town.sensors))
        self._load("lamp-posts", "layers.lamp_post", _with_cells(town.lamp_posts))
        responders = _with_cells(with_crews(town.responders))
        self._load("responders", "layers.responder", responders)
        incidents = town.incidents.drop(columns=["premises", "unit"]).assign(
            premises_id=_numbers_or_null(premises_ids, town.incidents["premises"].to_numpy()),
            grid_version_id=version_ids[town.incidents["unit"]],
        )
        self._load("incidents", "layers.incident", incidents)

    def _share_polygons(
        self, town: DemoTown, version_ids: np.ndarray, building_ids: np.ndarray
    ) -> None:
        """The micro-grids of high-rises; before what happens in them."""
        for estate in town.estates:
            shares = [
                each._replace(
                    parts=tuple(
                        part._replace(building=int(building_ids[part.building]))
                        for part in each.parts
                    )
                )
                for each in estate.micro_grids
            ]
            self._connection.execute(
                "UPDATE grids.version SET shares = %s WHERE id = %s",
                (Jsonb(micro_grids_to_json(tuple(shares))), int(version_ids[estate.unit])),
            )

    def _load(self, layer: str, target: str, table: pd.DataFrame) -> np.ndarray:
        """Copy a layer of its own batch, all inside the outline; returns the ids of its rows."""
        ids = self._reserve(target, len(table))
        self._copy(target, table.assign(id=ids, inside=True), self.open_batch(layer, len(table)))
        return ids

    def _reserve(self, target: str, count: int) -> np.ndarray:
        """Ids that nobody else will get."""
        row = self._connection.execute(
            "SELECT setval(s, nextval(s) + %s - 1) FROM pg_get_serial_sequence(%s, 'id') AS s",
            (count, target),
        ).fetchone()
        assert row is not None
        return np.arange(row[0] - count + 1, row[0] + 1)

    def _copy(self, target: str, table: pd.DataFrame, batch: int | None = None) -> None:
        """COPY a table's columns by their names, with the town and, if given, the batch."""
        table = table.assign(town_id=self.town_id)
        if batch is not None:
            table = table.assign(batch_id=batch)
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(*target.split(".")),
            sql.SQL(", ").join(map(sql.Identifier, table.columns)),
        )
        columns = [_as_text(table[name]) for name in table.columns]
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in zip(*columns, strict=True):
                copy.write_row(row)


def _with_cells(points: pd.DataFrame) -> pd.DataFrame:
    """The same with the H3 cell of each point."""
    shapes = points["geom"].to_numpy()
    cells = cells_of_points(shapely.get_x(shapes), shapely.get_y(shapes), STORED_RESOLUTION)
    return points.assign(cell=cells)


def _numbers_or_null(ids: np.ndarray, row: np.ndarray) -> pd.Series:
    """The id of each referenced row; null for -1."""
    return pd.Series(ids[row], dtype="Int64").mask(row < 0)


def _as_text(column: pd.Series) -> list[Any]:
    """Values as COPY takes them: shapes as hexadecimal EWKB, moments with their zone."""
    if column.name in _SHAPES:
        shapes = shapely.set_srid(column.to_numpy(), 4326)
        return list(shapely.to_wkb(shapes, hex=True, include_srid=True))
    if column.dtype.kind == "M":
        moments = np.datetime_as_string(column.to_numpy().astype("datetime64[s]"))
        return [None if moment == "NaT" else f"{moment}Z" for moment in moments.tolist()]
    return [None if pd.isna(value) else value for value in column.tolist()]
