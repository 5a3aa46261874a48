"""Use cases: bring streets into a town as one batch, and give them out again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry import MultiPolygon

from layers.closures.relaying import relay_closures
from layers.dispatch.kept_streets import forget_streets
from layers.ground import replace_ground
from layers.importing.batches import sha256_of, take_turn
from layers.towns import as_outline, set_outline
from routing.modes import Mode
from routing.network.graph import graph_from_streets
from routing.network.mode_network import strong_components
from routing.sources.files import StreetFile, read_street_file
from routing.sources.from_place import streets_from_place
from routing.sources.line_table import LineColumns
from routing.stored.store import save_streets
from routing.streets import Streets
from spatial.crs import metric_srid_of
from spatial.errors import InputError
from spatial.osmfile import ATTRIBUTION as OSM_ATTRIBUTION
from spatial.osmfile import Ground, is_osm_file, read_ground
from spatial.town import Town

# Houses stand beside streets: a town from its streets goes this much farther.
_BESIDE_STREETS_M = 100.0
_HULL_RATIO = 0.1

Report = Callable[[str], None]
"""Told what is being done now."""


@dataclass(frozen=True)
class StreetSource:
    """Where streets come from: a file, or a place that OpenStreetMap knows by name.

    Attributes:
        columns, crs, layer: of a file, see `routing.sources.files.read_street_file`.
        attribution: who made the data and under which licence, if the file doesn't tell.
    """

    path: Path | None = None
    place: str | None = None
    columns: LineColumns = field(default_factory=LineColumns)
    crs: str | None = None
    layer: str | None = None
    attribution: str | None = None


@dataclass(frozen=True)
class StreetsSummary:
    """What an import brought.

    Attributes:
        cut_off: by mode, how many nodes lie outside the largest part of the network within which
            everybody gets everywhere, of how many: from or to them there is no way back.
        ground: how many things of each kind came along: water, buildings, places.
        outline_made: the town had no outline; now it has the streets'.
        rejected: rows that are no street line.
        notes: what a person should know of the reading.
    """

    nodes: int
    streets: int
    length_km: float
    cut_off: dict[Mode, tuple[int, int]]
    ground: dict[str, int]
    outline_made: bool
    rejected: int
    notes: list[str]


def import_streets(
    connection: psycopg.Connection[Any],
    town: Town,
    source: StreetSource,
    report: Report = lambda _: None,
) -> StreetsSummary:
    """Replace the town's streets by those of `source`, as one batch in the caller's transaction.

    A town without outline gets that of its streets; an OSM file also brings the map's ground.

    Raises:
        ConflictError: it is a demo town.
        InputError: the file can't be read, or there are no streets in it.
        SetupError: a place was asked for and there is no network.
    """
    take_turn(connection, town)
    report("reading streets / 读取道路")
    read = _read(source)
    ground = _read_ground(source, report)
    report("saving / 保存")
    batch_id = _make_batch(connection, town, source, read)
    save_streets(connection, town.id, batch_id, read.streets)
    forget_streets(connection, town.id)
    relaid = relay_closures(connection, town, graph_from_streets(read.streets), batch_id)
    outline_made = town.outline_wkb is None
    if outline_made:
        town = set_outline(connection, town, outline_of_streets(read.streets))
    if ground is not None:
        replace_ground(connection, town, batch_id, ground)
    summary = _summary(read, ground, outline_made=outline_made)
    return replace(summary, notes=summary.notes + [each.note for each in relaid if each.note])


def outline_of_streets(streets: Streets) -> MultiPolygon:
    """A polygon in EPSG:4326 that holds all nodes: their concave hull, and 100 m around it."""
    points = streets.nodes.geometry.to_numpy()
    middle = shapely.centroid(shapely.envelope(shapely.multipoints(points)))
    to_metres = Transformer.from_crs(4326, metric_srid_of(middle.x, middle.y), always_xy=True)
    xy = shapely.get_coordinates(points)
    metric = shapely.multipoints(np.column_stack(to_metres.transform(xy[:, 0], xy[:, 1])))
    hull: Any = shapely.concave_hull(metric, ratio=_HULL_RATIO)

    def to_degrees(metres: NDArray[np.float64]) -> NDArray[np.float64]:
        lonlat = to_metres.transform(metres[:, 0], metres[:, 1], direction="INVERSE")
        return np.column_stack(lonlat)

    outline: Any = shapely.transform(hull.buffer(_BESIDE_STREETS_M, quad_segs=4), to_degrees)
    return as_outline(outline, "streets")


def cut_off_nodes(streets: Streets) -> dict[Mode, tuple[int, int]]:
    """For each mode: nodes outside the largest strongly connected part, and all its nodes."""
    graph = graph_from_streets(streets)
    counts = {}
    for mode in Mode:
        street, direction = np.nonzero(graph.admits(mode))
        tail, head = graph.ends[street, direction], graph.ends[street, 1 - direction]
        used = np.union1d(tail, head)
        component = strong_components(len(graph.node_ids), tail, head)[used]
        largest = int(np.bincount(component).max()) if len(used) else 0
        counts[mode] = (len(used) - largest, len(used))
    return counts


def _read(source: StreetSource) -> StreetFile:
    if source.path is not None:
        return read_street_file(
            source.path, columns=source.columns, crs=source.crs, layer=source.layer
        )
    if source.place is not None:
        return StreetFile(streets_from_place(source.place), "EPSG:4326", OSM_ATTRIBUTION)
    raise InputError("no source of streets is given", remedy="a FILE, or --place NAME")


def _read_ground(source: StreetSource, report: Report) -> Ground | None:
    if source.path is None or not is_osm_file(source.path):
        return None
    report("reading water, buildings and places / 读取水系、建筑和地名")
    return read_ground(source.path)


def _make_batch(
    connection: psycopg.Connection[Any], town: Town, source: StreetSource, read: StreetFile
) -> int:
    row = connection.execute(
        """
        INSERT INTO spatial.batch (town_id, synthetic, layer, source_name, source_sha256,
                                   source_crs, attribution, loaded, rejected)
        VALUES (%s, false, 'streets', %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        (
            town.id,
            source.path.name if source.path else source.place,
            sha256_of(source.path) if source.path else None,
            read.crs,
            source.attribution or read.attribution,
            len(read.streets.streets),
            read.rejected,
        ),
    ).fetchone()
    return int(row[0]) if row else 0


def _summary(read: StreetFile, ground: Ground | None, *, outline_made: bool) -> StreetsSummary:
    counts = (
        {
            "water": len(ground.water),
            "buildings": len(ground.buildings),
            "places": len(ground.places),
        }
        if ground
        else {}
    )
    return StreetsSummary(
        nodes=len(read.streets.nodes),
        streets=len(read.streets.streets),
        length_km=float(read.streets.streets["length_m"].sum()) / 1000,
        cut_off=cut_off_nodes(read.streets),
        ground=counts,
        outline_made=outline_made,
        rejected=read.rejected,
        notes=read.notes,
    )
