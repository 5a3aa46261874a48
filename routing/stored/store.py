"""Streets in the database, and the arrays that an engine starts from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from routing.network.graph import graph_from_streets
from routing.stored.graph_store import AnyConnection, no_streets, save_graph
from routing.streets import STREET_DTYPES, Streets, Turn

_COLUMNS = ", ".join(STREET_DTYPES)
_SELECT_STREETS = (
    f"SELECT {_COLUMNS}, ST_AsBinary(geom) FROM routing.street WHERE town_id = %s ORDER BY id"  # noqa: S608 - our own names
)


def save_streets(connection: AnyConnection, town_id: int, batch_id: int, streets: Streets) -> None:
    """Replace the town's streets by `streets` and save their arrays as a new version.

    Runs in the caller's transaction: until it commits, everybody else sees the former streets.
    The version is the number of the batch, so it is never used twice.
    """
    delete_streets(connection, town_id)
    _copy(connection, "node (town_id, id, geom)", _node_rows(town_id, streets.nodes))
    _copy(
        connection,
        f"street (town_id, batch_id, {_COLUMNS}, geom)",
        _street_rows(town_id, batch_id, streets.streets),
    )
    _copy(
        connection,
        "turn (town_id, id, kind, osm_id, steps, modes)",
        (
            (town_id, number, turn.kind, turn.osm_id, list(turn.steps), turn.modes)
            for number, turn in enumerate(streets.turns, start=1)
        ),
    )
    save_graph(connection, town_id, batch_id, graph_from_streets(streets))


def delete_streets(connection: AnyConnection, town_id: int) -> None:
    """Delete the town's streets, nodes and turns, in the caller's transaction.

    The arrays stay, see `routing.stored.graph_store.forget_graphs`.
    """
    connection.execute("DELETE FROM routing.street WHERE town_id = %s", (town_id,))
    connection.execute("DELETE FROM routing.turn WHERE town_id = %s", (town_id,))
    connection.execute("DELETE FROM routing.node WHERE town_id = %s", (town_id,))


def load_streets(connection: AnyConnection, town_id: int) -> Streets:
    """The town's streets as they are stored.

    Raises:
        NotFoundError: there are none.
    """
    rows = connection.execute(_SELECT_STREETS, (town_id,)).fetchall()
    if not rows:
        raise no_streets()
    nodes = connection.execute(
        "SELECT id, ST_AsBinary(geom) FROM routing.node WHERE town_id = %s ORDER BY id", (town_id,)
    ).fetchall()
    turns = connection.execute(
        "SELECT steps, modes, kind, osm_id FROM routing.turn WHERE town_id = %s ORDER BY id",
        (town_id,),
    ).fetchall()
    return Streets(
        _frame(nodes, ["id"]).astype({"id": "int64"}),
        _frame(rows, list(STREET_DTYPES)).astype(STREET_DTYPES),
        tuple(Turn(tuple(steps), *rest) for steps, *rest in turns),
    )


def save_missing_graphs(connection: AnyConnection) -> None:
    """Make the arrays of towns whose streets were stored by a version that had none such."""
    towns = connection.execute(
        """
        SELECT g.town_id, max(g.version) FROM routing.graph g
        WHERE NOT EXISTS (SELECT FROM routing.graph_array a
                          WHERE a.town_id = g.town_id AND a.version = g.version)
        GROUP BY g.town_id
        """
    ).fetchall()
    for town_id, version in towns:
        graph = graph_from_streets(load_streets(connection, town_id))
        connection.execute(
            "DELETE FROM routing.graph WHERE town_id = %s AND version = %s", (town_id, version)
        )
        save_graph(connection, town_id, version, graph)


def _copy(connection: AnyConnection, target: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY routing.{target} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _node_rows(town_id: int, nodes: GeoDataFrame) -> Iterable[tuple[Any, ...]]:
    ids = nodes["id"].tolist()
    return ((town_id, *row) for row in zip(ids, _ewkb(nodes), strict=True))


def _street_rows(town_id: int, batch_id: int, streets: GeoDataFrame) -> Iterable[tuple[Any, ...]]:
    columns = [_with_nulls(streets[name]) for name in STREET_DTYPES]
    rows = zip(*columns, _ewkb(streets), strict=True)
    return ((town_id, batch_id, *row) for row in rows)


def _with_nulls(column: pd.Series) -> list[Any]:
    return [None if pd.isna(value) else value for value in column.tolist()]


def _ewkb(frame: GeoDataFrame) -> NDArray[np.object_]:
    shapes = shapely.set_srid(frame.geometry.to_numpy(), 4326)
    return np.asarray(shapely.to_wkb(shapes, hex=True, include_srid=True))


def _frame(rows: list[tuple[Any, ...]], columns: list[str]) -> GeoDataFrame:
    frame = pd.DataFrame([row[:-1] for row in rows], columns=columns, dtype=object)
    shapes = shapely.from_wkb(np.array([row[-1] for row in rows], dtype=object))
    return GeoDataFrame(frame, geometry=shapes, crs=4326)
