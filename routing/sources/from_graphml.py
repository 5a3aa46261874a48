"""Streets from GraphML as osmnx writes it, whatever its version: directed edges become streets.

The two directions of a street are folded into one. Attributes may be typed or text, single or
lists (`['a', 'b']`); edges without geometry are straight lines.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError

import networkx as nx
import numpy as np
import shapely
from shapely.errors import ShapelyError

from routing.modes import Mode
from routing.network.speeds import FALLBACK_CLASS, SPEED_KPH_BY_CLASS
from routing.sources.assembly import make_streets
from routing.sources.osm_rules import Properties, properties_of
from routing.streets import Streets
from spatial.crs import SourceCrs
from spatial.crs_names import parse_crs, stated_crs, stored_crs
from spatial.errors import DatumError, InputError

_RULED_TAGS = (
    "access",
    "motor_vehicle",
    "motorcar",
    "vehicle",
    "bicycle",
    "foot",
    "motorroad",
    "layer",
    "maxspeed",
)
_ANY_TAGS = ("bridge", "tunnel")  # of several values, any that is not `no` counts
_JOINED_TAGS = ("name", "ref")
_NOTHING = {"", "nan", "None", "none"}


class _Edge(NamedTuple):
    """A directed edge: node ids, shape and what its attributes say."""

    u: int
    v: int
    line: shapely.LineString
    properties: Properties
    osm_ids: str | None
    both_ways: bool


def read_graphml(path: Path, crs: str | None = None) -> tuple[Streets, SourceCrs]:
    """The streets of a GraphML file, and what its coordinates were in.

    Args:
        path: the file.
        crs: overrides what the file says.

    Raises:
        InputError: it is no GraphML, has no edges, or an edge or node lacks what it needs.
        DatumError: its CRS isn't known.
    """
    graph = _parse(path)
    source_crs = _crs_of(graph, crs, path.name)
    return streets_from_graph(graph, source_crs, path.name), source_crs


def streets_from_graph(graph: nx.Graph, crs: SourceCrs, source: str) -> Streets:
    """The streets of a graph with osmnx's attributes.

    Args:
        graph: nodes with `x` and `y`.
        crs: of the coordinates.
        source: what to call it in messages.

    Raises:
        InputError: it has no edges, or an edge or node lacks what it needs.
    """
    edges = _edges(graph, source)
    pairs = _fold(edges)
    if not pairs:
        raise InputError(f"{source}: there are no streets in it / 文件里没有道路")
    lines = np.array([edges[along].line for along, _ in pairs], dtype=object)
    ends = np.array([(edges[along].u, edges[along].v) for along, _ in pairs], dtype=np.int64)
    properties = [
        _with_directions(edges[along], has_reverse=against is not None) for along, against in pairs
    ]
    osm_ids = [edges[along].osm_ids for along, _ in pairs]
    return make_streets(ends, crs.to_wgs84(lines), properties, osm_ids)


def _parse(path: Path) -> nx.Graph:
    if not path.is_file():
        raise InputError(f"{path}: there is no such file / 文件不存在")
    try:
        graph = nx.read_graphml(path, force_multigraph=True)
    except (ParseError, nx.NetworkXException, KeyError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{path.name}: can't be read as GraphML: {reason} / 无法读取") from error
    if not graph.number_of_edges():
        raise InputError(f"{path.name}: there are no streets in it / 文件里没有道路")
    return graph


def _crs_of(graph: nx.Graph, stated: str | None, source: str) -> SourceCrs:
    """The stated CRS, else that of the graph, else degrees if the numbers can be such."""
    if stated:
        return stated_crs(stated, source)
    text = str(graph.graph.get("crs") or "")
    old = re.search(r"'init'\s*:\s*'(epsg:\d+)'", text)  # osmnx before 0.12
    if old:
        text = old[1]
    if text:
        return stored_crs(text, source)
    xs = [abs(_number(data.get("x"))) for _, data in graph.nodes(data=True)]
    if max(xs) > 180:
        raise DatumError(
            f"{source}: no CRS is stated and the coordinates are no degrees / 没有坐标系",
            remedy="state it: --crs EPSG:…",
        )
    return parse_crs("EPSG:4326")


def _edges(graph: nx.Graph, source: str) -> list[_Edge]:
    ids = _node_ids(graph)
    xy = {node: _point(data, node, source) for node, data in graph.nodes(data=True)}
    both_ways = not graph.is_directed()
    edges = []
    for u, v, data in graph.edges(data=True):
        properties = _properties(data)
        if properties is not None:
            line = _line(data, xy[u], xy[v], source)
            osm_ids = ",".join(_values(data.get("osmid"))) or None
            edges.append(_Edge(ids[u], ids[v], line, properties, osm_ids, both_ways))
    return edges


def _node_ids(graph: nx.Graph) -> dict[Any, int]:
    """The nodes' own numbers, or where they are no numbers 1, 2, 3, ..."""
    try:
        return {node: int(node) for node in graph}
    except ValueError:
        return {node: number for number, node in enumerate(graph, start=1)}


def _point(data: Mapping[str, Any], node: Any, source: str) -> tuple[float, float]:
    x, y = _number(data.get("x")), _number(data.get("y"))
    if np.isnan(x) or np.isnan(y):
        raise InputError(
            f"{source}: node {node} has no x and y / 节点没有坐标",
            remedy="GraphML as osmnx.save_graphml writes it is read",
        )
    return x, y


def _line(
    data: Mapping[str, Any], start: tuple[float, float], end: tuple[float, float], source: str
) -> shapely.LineString:
    text = data.get("geometry")
    if text is None or str(text) in _NOTHING:
        return shapely.LineString([start, end])
    try:
        line = shapely.from_wkt(str(text))
    except ShapelyError as error:
        raise InputError(f"{source}: an edge's geometry is no WKT: {str(text)[:40]}") from error
    if not isinstance(line, shapely.LineString) or line.is_empty:
        raise InputError(f"{source}: an edge's geometry is no line: {str(text)[:40]}")
    return line


def _properties(data: Mapping[str, Any]) -> Properties | None:
    """What the attributes say, direction aside: both directions have the modes that may use it."""
    klass = next((v for v in _values(data.get("highway")) if v in SPEED_KPH_BY_CLASS), None)
    tags = {"highway": klass or FALLBACK_CLASS}
    for name in _RULED_TAGS:
        values = _values(data.get(name))
        if values:
            tags[name] = ";".join(values) if name == "maxspeed" else values[0]
    for name in _ANY_TAGS:
        tags[name] = next((v for v in _values(data.get(name)) if v != "no"), "no")
    for name in _JOINED_TAGS:
        values = _values(data.get(name))
        if values:
            tags[name] = ";".join(values)
    tags["oneway"] = "no"  # the edges themselves say which way
    properties = properties_of(tags)
    speed_kph = _number(data.get("speed_kph"))
    if properties is None or not speed_kph > 0:
        return properties
    return properties._replace(speed_kph=speed_kph)


def _with_directions(edge: _Edge, *, has_reverse: bool) -> Properties:
    """Vehicles go where there is an edge, walkers both ways."""
    if has_reverse or edge.both_ways:
        return edge.properties
    backward = edge.properties.backward_modes & Mode.FOOT
    return edge.properties._replace(backward_modes=int(backward))


def _fold(edges: list[_Edge]) -> list[tuple[int, int | None]]:
    """Indices of the edges along streets, each with that of the edge against it, if any."""
    waiting: dict[Any, list[int]] = {}
    pairs: dict[int, int | None] = {}
    for i, edge in enumerate(edges):
        opposite = waiting.get(_identity(edge, backwards=True))
        if opposite:
            pairs[opposite.pop(0)] = i
        else:
            pairs[i] = None
            waiting.setdefault(_identity(edge, backwards=False), []).append(i)
    return list(pairs.items())


def _identity(edge: _Edge, *, backwards: bool) -> tuple[Any, ...]:
    """What an edge, or the one against it, is known by."""
    xy = np.round(shapely.get_coordinates(edge.line), 7)
    if backwards:
        return (edge.v, edge.u, xy[::-1].tobytes(), edge.properties)
    return (edge.u, edge.v, xy.tobytes(), edge.properties)


def _values(attribute: Any) -> list[str]:
    """The values of an attribute that may be missing, single or a list, typed or as text."""
    if attribute is None:
        return []
    if isinstance(attribute, list | tuple | set):
        return [value for item in attribute for value in _values(item)]
    text = str(attribute).strip()
    if text.startswith("[") and text.endswith("]"):
        try:
            return _values(ast.literal_eval(text))
        except (ValueError, SyntaxError):
            return [text]
    return [] if text in _NOTHING else [text]


def _number(attribute: Any) -> float:
    values = _values(attribute)
    try:
        return float(values[0]) if values else np.nan
    except ValueError:
        return np.nan
