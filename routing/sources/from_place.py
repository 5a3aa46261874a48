"""Streets of a named place, downloaded from OpenStreetMap by osmnx."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import networkx as nx
import numpy as np
import osmnx
import requests
from osmnx import settings

from routing.sources.from_osm import streets_from_ways
from routing.streets import Streets
from spatial.errors import InputError, SetupError
from spatial.osmfile import Ways

_TAGS = [
    "access",
    "area",
    "bicycle",
    "bridge",
    "cycleway",
    "foot",
    "highway",
    "junction",
    "layer",
    "maxspeed",
    "motor_vehicle",
    "motorcar",
    "motorroad",
    "name",
    "oneway",
    "oneway:bicycle",
    "ref",
    "tunnel",
    "vehicle",
]


def streets_from_place(place: str) -> Streets:
    """The streets in the boundary of `place` as OpenStreetMap's Nominatim knows it.

    Raises:
        SetupError: there is no network, or no answer.
        InputError: there is no such place, or it has no streets.
    """
    try:
        with _settings():
            graph = osmnx.graph_from_place(
                place, network_type="all", simplify=False, retain_all=True
            )
    except requests.RequestException as error:
        raise SetupError(
            f"OpenStreetMap can't be reached: {type(error).__name__} / 无法联网下载",
            remedy="import a file instead: ./gridwhistle import streets FILE.osm.pbf",
        ) from error
    except (TypeError, ValueError, nx.NetworkXException) as error:
        raise InputError(f"no streets were found in '{place}': {error} / 找不到该地") from error
    return streets_from_ways(ways_from_graph(graph), place)


def ways_from_graph(graph: nx.MultiDiGraph) -> Ways:
    """Each street segment of an unsimplified osmnx graph as a way of two nodes."""
    edges = [edge for edge in graph.edges(data=True) if not edge[2].get("reversed")]
    node_ids = np.array([edge[:2] for edge in edges], dtype=np.int64).ravel()
    xy = np.array([(graph.nodes[n]["x"], graph.nodes[n]["y"]) for n in node_ids.tolist()])
    return Ways(
        ids=[int(data["osmid"]) for *_, data in edges],
        tags=[_tags(data) for *_, data in edges],
        node_ids=node_ids,
        xy=xy.reshape(-1, 2),
        first=np.arange(0, len(node_ids) + 1, 2),
    )


def _tags(data: dict[str, Any]) -> dict[str, str]:
    tags = {name: str(data[name]) for name in _TAGS if name in data}
    return tags | {"oneway": "yes" if data.get("oneway") else "no"}


@contextmanager
def _settings() -> Iterator[None]:
    """Ask for the tags that we read, and leave no cache in the current folder."""
    before = settings.useful_tags_way, settings.use_cache
    settings.useful_tags_way, settings.use_cache = _TAGS, False
    try:
        yield
    finally:
        settings.useful_tags_way, settings.use_cache = before
