"""Streets for others: as osmnx's GraphML of one mode, and as plain lines that can be read again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import osmnx
import pyogrio
from geopandas import GeoDataFrame
from pyogrio.errors import DataSourceError, FeatureError

from routing.modes import Mode
from routing.network.graph import graph_from_streets
from routing.network.travel_times import delays_s, speeds_kph, travel_times_s
from routing.sources.line_signs import COLUMN, turns_as_text
from routing.sources.line_table import modes_to_text
from routing.streets import Streets
from spatial.errors import InputError

_DRIVERS = {
    ".gpkg": "GPKG",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".fgb": "FlatGeobuf",
    ".shp": "ESRI Shapefile",
    ".gdb": "OpenFileGDB",
}
_TIMES = ("speed_kph", "delay_s", "travel_time")
LINE_ENDINGS = tuple(_DRIVERS)
# GDAL would round GeoJSON to 7 digits, that is to a centimetre.
_DRIVER_OPTIONS: dict[str, dict[str, Any]] = {
    "GeoJSON": {"COORDINATE_PRECISION": 15},
    "ESRI Shapefile": {"ENCODING": "UTF-8"},
    # else 64-bit node ids would become floating-point numbers
    "OpenFileGDB": {"TARGET_ARCGIS_VERSION": "ARCGIS_PRO_3_2_OR_LATER"},
}


def lines_table(streets: Streets) -> GeoDataFrame:
    """One row a street with the columns that `import streets` reads by default.

    from_node and to_node keep the topology, `modes` and `modes_back` say who may travel along and
    against the line, `speed_kph` is a car's; `signals`, `signals_back` and `crossings` count what
    is met, `no_turns` has the forbidden turns that begin on the street.
    """
    rows = streets.streets
    text = {
        "modes": [modes_to_text(modes) for modes in rows["forward_modes"]],
        "modes_back": [modes_to_text(modes) for modes in rows["backward_modes"]],
        COLUMN: turns_as_text(streets),
    }
    return rows.drop(columns=["forward_modes", "backward_modes", "key"]).assign(**text)


def write_lines(streets: Streets, path: Path) -> int:
    """Write `lines_table` to a file; its ending says the format.

    Returns:
        How many lines were written.

    Raises:
        InputError: the ending is unknown, or the file can't be written.
    """
    driver = _DRIVERS.get(path.suffix.lower())
    if driver is None:
        raise InputError(
            f"{path.name}: no format has this ending / 不认识的文件类型",
            remedy=f"one of {', '.join(_DRIVERS)}",
        )
    table = lines_table(streets)
    try:
        pyogrio.write_dataframe(
            table, path, driver=driver, layer="streets", **_DRIVER_OPTIONS.get(driver, {})
        )
    except (DataSourceError, FeatureError, OSError) as error:
        raise InputError(f"{path}: can't be written: {error} / 无法写入") from error
    return len(table)


def graph_of_mode(streets: Streets, mode: Mode, at: datetime | None = None) -> nx.MultiDiGraph:
    """The directed edges that `mode` may use, with osmnx's attributes and our (u, v, key).

    `speed_kph`, `delay_s` (signals and crossings) and `travel_time` (s, both together) are the
    mode's at a moment in the town's time, without one on free streets; `length` is in
    great-circle metres. Turn restrictions, turning round and closures aren't in it.
    """
    rows = streets.streets.rename(columns={"class": "klass"})
    graph = nx.MultiDiGraph(crs="EPSG:4326", simplified=True, created_with="gridwhistle")
    arrays = graph_from_streets(streets)
    per_direction = np.stack(
        [speeds_kph(arrays, mode, at), delays_s(arrays, mode), travel_times_s(arrays, mode, at)],
        axis=-1,
    ).tolist()
    for row, (along, against) in zip(rows.itertuples(), per_direction, strict=True):
        attributes = _edge_attributes(row)
        u, v, key = row.from_node, row.to_node, row.key
        if row.forward_modes & mode:
            timed = dict(zip(_TIMES, along, strict=True))
            graph.add_edge(u, v, key, **attributes, **timed, reversed=False)
        if row.backward_modes & mode:
            timed = dict(zip(_TIMES, against, strict=True))
            shape = _reversed_shape(attributes)
            graph.add_edge(v, u, key + (u == v), **attributes | shape, **timed, reversed=True)
    _place_nodes(graph, streets)
    return graph


def write_graphml(streets: Streets, mode: Mode, path: Path, at: datetime | None = None) -> int:
    """Write `graph_of_mode` as GraphML that osmnx.load_graphml reads.

    Returns:
        How many directed edges were written.

    Raises:
        InputError: there is no street for the mode, or the file can't be written.
    """
    graph = graph_of_mode(streets, mode, at)
    if not graph.number_of_edges():
        raise InputError(f"no street is open to mode {mode.label} / 没有可通行的道路")
    try:
        osmnx.save_graphml(graph, path)
    except OSError as error:
        raise InputError(f"{path}: can't be written: {error} / 无法写入") from error
    return int(graph.number_of_edges())


def _edge_attributes(row: Any) -> dict[str, Any]:
    ids = [int(osm_id) for osm_id in str(row.osm_ids).split(",") if osm_id.isdecimal()] or [row.id]
    attributes = {
        "osmid": ids[0] if len(ids) == 1 else ids,
        "highway": row.klass,
        "name": row.name,
        "ref": row.ref,
        "oneway": bool(row.oneway),
        "bridge": "yes" if row.bridge else None,
        "tunnel": "yes" if row.tunnel else None,
        "layer": str(row.level) if row.level else None,
        "length": row.length_m,
        "geometry": row.geometry if len(row.geometry.coords) > 2 else None,
    }
    return {name: value for name, value in attributes.items() if not _is_missing(value)}


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def _reversed_shape(attributes: dict[str, Any]) -> dict[str, Any]:
    line = attributes.get("geometry")
    return {} if line is None else {"geometry": line.reverse()}


def _place_nodes(graph: nx.MultiDiGraph, streets: Streets) -> None:
    degree = np.unique(streets.streets[["from_node", "to_node"]].to_numpy(), return_counts=True)
    counts = dict(zip(*(part.tolist() for part in degree), strict=True))
    for node_id, point in zip(streets.nodes["id"], streets.nodes.geometry, strict=True):
        if node_id in graph:
            graph.nodes[node_id].update(x=point.x, y=point.y, street_count=counts[node_id])
