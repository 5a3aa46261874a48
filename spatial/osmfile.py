"""Raw OpenStreetMap files (.osm.pbf, .osm, also .gz or .bz2): highways, and a map's ground."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.typing import NDArray
from osmium.filter import EntityFilter, KeyFilter
from osmium.osm import NODE, WAY

from spatial.errors import InputError

ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
_TALLEST = 1000
_SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2", ".osm.xml")


@dataclass
class Ways:
    """Ways of a file, in its order.

    Attributes:
        ids: OSM way ids.
        tags: of each way.
        node_ids: (V,) of all ways' nodes, one way after the other.
        xy: (V, 2) lon, lat of those nodes.
        first: (W + 1,) way w has the nodes first[w] to first[w + 1] - 1, at least two.
    """

    ids: list[int]
    tags: list[dict[str, str]]
    node_ids: NDArray[np.int64]
    xy: NDArray[np.float64]
    first: NDArray[np.int64]


@dataclass
class Ground:
    """What a map has besides streets, as GeoDataFrames in EPSG:4326.

    Attributes:
        water: kind, name; lines and areas.
        buildings: key (`osm:w123`, `osm:r45`), name, use, floors, height_m, address; MultiPolygon.
        places: kind, name, name_en; Point.
    """

    water: GeoDataFrame
    buildings: GeoDataFrame
    places: GeoDataFrame


def is_osm_file(path: Path) -> bool:
    """Whether the name is one of an OSM file, or the first element of an .xml file says so."""
    name = path.name.lower()
    return name.endswith(_SUFFIXES) or (name.endswith(".xml") and _begins_as_osm(path))


def _begins_as_osm(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            element = re.search(rb"<[A-Za-z]+", file.read(4096))
    except OSError:
        return False
    return element is not None and element[0] == b"<osm"


def read_highways(path: Path) -> Ways:
    """All ways with the tag `highway`; where a node is missing from the file a way is cut.

    Raises:
        InputError: the file can't be read as OSM.
    """
    collected = _Collected()
    with reading_osm(path):
        processor = osmium.FileProcessor(str(path), NODE | WAY).with_locations()
        processor.with_filter(EntityFilter(WAY)).with_filter(KeyFilter("highway"))
        for way in processor:
            collected.add(way)
    return collected.ways()


def read_ground(path: Path) -> Ground:
    """Water, buildings and named places.

    Raises:
        InputError: the file can't be read as OSM.
    """
    water: list[dict[str, Any]] = []
    buildings: list[dict[str, Any]] = []
    places: list[dict[str, Any]] = []
    wanted = KeyFilter("building", "natural", "water", "waterway", "place", "landuse")
    with reading_osm(path):
        processor = osmium.FileProcessor(str(path)).with_areas(wanted).with_filter(wanted)
        things: Iterable[Any] = processor
        for thing in things:
            tags = dict(thing.tags)
            if thing.is_node() and tags.get("place") and tags.get("name"):
                places.append(_place(thing, tags))
            elif thing.is_area() and tags.get("building", "no") != "no":
                buildings.extend(_building(thing, tags))
            elif kind := _water_kind(tags, area=thing.is_area()):
                water.extend(_water(thing, tags, kind))
    return Ground(
        _frame(water, ["kind", "name"]),
        _frame(buildings, ["key", "name", "use", "floors", "height_m", "address"]),
        _frame(places, ["kind", "name", "name_en"]),
    )


_FLOWING = {"river", "stream", "canal", "drain", "ditch", "tidal_channel"}
_USES = {
    "residential": {
        "apartments",
        "bungalow",
        "detached",
        "dormitory",
        "farm",
        "house",
        "residential",
        "semidetached_house",
        "terrace",
    },
    "commercial": {"commercial", "hotel", "kiosk", "office", "retail", "supermarket"},
    "industrial": {"industrial", "manufacture", "warehouse"},
    "public": {
        "church",
        "civic",
        "college",
        "fire_station",
        "government",
        "hospital",
        "kindergarten",
        "public",
        "school",
        "sports_hall",
        "train_station",
        "university",
    },
}
_USE_OF_BUILDING = {value: use for use, values in _USES.items() for value in values}


def _place(node: Any, tags: dict[str, str]) -> dict[str, Any]:
    return {
        "kind": tags["place"],
        "name": tags["name"],
        "name_en": tags.get("name:en"),
        "geometry": shapely.Point(node.location.lon, node.location.lat),
    }


def _building(area: Any, tags: dict[str, str]) -> list[dict[str, Any]]:
    shape = _area_shape(area)
    if shape is None:
        return []
    street, number = tags.get("addr:street"), tags.get("addr:housenumber")
    return [
        {
            "key": f"osm:{'w' if area.from_way() else 'r'}{area.orig_id()}",
            "name": tags.get("name"),
            "use": _USE_OF_BUILDING.get(tags["building"], "other"),
            "floors": _number(tags.get("building:levels"), int),
            "height_m": _number(tags.get("height"), float),
            "address": " ".join(filter(None, (street, number))) or None,
            "geometry": shape,
        }
    ]


def _water_kind(tags: dict[str, str], *, area: bool) -> str | None:
    if not area:
        return tags["waterway"] if tags.get("waterway") in _FLOWING else None
    if tags.get("natural") == "water":
        return tags.get("water", "water")
    if tags.get("waterway") == "riverbank":
        return "river"
    return "basin" if tags.get("landuse") in {"reservoir", "basin"} else None


def _water(thing: Any, tags: dict[str, str], kind: str) -> list[dict[str, Any]]:
    shape = _area_shape(thing) if thing.is_area() else _line_shape(thing)
    if shape is None:
        return []
    return [{"kind": kind, "name": tags.get("name"), "geometry": shape}]


def _area_shape(area: Any) -> Any:
    """A MultiPolygon, or None where the file has it only in part."""
    polygons = [
        (
            [(node.lon, node.lat) for node in outer],
            [[(node.lon, node.lat) for node in inner] for inner in area.inner_rings(outer)],
        )
        for outer in area.outer_rings()
    ]
    return shapely.MultiPolygon(polygons) if polygons else None


def _line_shape(way: Any) -> Any:
    if not way.is_way():
        return None
    points = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
    return shapely.LineString(points) if len(points) > 1 else None


def _number[T: (int, float)](text: str | None, kind: type[T]) -> T | None:
    """A number at the beginning of a tag (`12 m`); None where there is none or it is absurd."""
    match = re.match(r"\d+(\.\d+)?", text or "")
    value = kind(float(match[0])) if match else None
    return value if value is not None and value < _TALLEST else None


def _frame(rows: list[dict[str, Any]], columns: list[str]) -> GeoDataFrame:
    shapes = np.array([row["geometry"] for row in rows], dtype=object)
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    return GeoDataFrame(frame, geometry=shapes, crs=4326)


@dataclass
class _Collected:
    """Ways as they come."""

    ids: list[int] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)
    nodes: list[tuple[int, float, float]] = field(default_factory=list)
    first: list[int] = field(default_factory=lambda: [0])

    def add(self, way: Any) -> None:
        tags = dict(way.tags)
        for run in _runs_of_known_nodes(way):
            self.ids.append(way.id)
            self.tags.append(tags)
            self.nodes.extend(run)
            self.first.append(len(self.nodes))

    def ways(self) -> Ways:
        node_ids = np.array([node[0] for node in self.nodes], dtype=np.int64)
        xy = np.array([node[1:] for node in self.nodes], dtype=np.float64).reshape(-1, 2)
        return Ways(self.ids, self.tags, node_ids, xy, np.array(self.first, dtype=np.int64))


def _runs_of_known_nodes(way: Any) -> Iterator[list[tuple[int, float, float]]]:
    run: list[tuple[int, float, float]] = []
    for node in way.nodes:
        if not node.location.valid():
            if len(run) > 1:
                yield run
            run = []
        elif not run or run[-1][0] != node.ref:
            run.append((node.ref, node.lon, node.lat))
    if len(run) > 1:
        yield run


@contextmanager
def reading_osm(path: Path) -> Iterator[None]:
    """Whatever osmium finds wrong with a file, in one line."""
    if not path.is_file():
        raise InputError(f"{path}: there is no such file / 文件不存在")
    try:
        yield
    except (RuntimeError, osmium.InvalidLocationError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"{path.name}: can't be read as an OSM file: {reason} / 无法读取",
            remedy="download it again; .osm.pbf and .osm are read",
        ) from error
