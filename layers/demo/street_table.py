"""The network as streets: chains merged, named, and laid out as the routing room stores them."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from geopandas import GeoDataFrame
from numpy.random import Generator

from layers.demo.chains import Chains, merge_chains
from layers.demo.frame import Bools, Frame, Geometries, Ints
from layers.demo.names import LanePlace, lane_name, road_names
from layers.demo.network import CROSS_LANE, LANE, Network
from layers.demo.settlements import Kind, Settlements
from layers.demo.street_rules import FOOT_ONLY, NO_CARS, SPEEDS_KPH, StreetRules
from routing.lengths import lengths_m
from routing.modes import ALL_MODES, Mode
from routing.streets import STREET_DTYPES, Streets, number_parallel_streets


def name_edges(
    chance: Generator, network: Network, settlements: Settlements, stems: Geometries
) -> Geometries:
    """A name for each edge, or None: roads by road, lanes by settlement, row and column."""
    roads = road_names(chance, int(network.road.max(initial=0)) + 1)
    names = np.full(len(network.ends), None, dtype=object)
    first = network.ends[:, 0]
    for edge in range(len(names)):
        node, rank = first[edge], network.rank[edge]
        if network.road[edge] >= 0:
            names[edge] = roads[network.road[edge]]
        elif rank in (LANE, CROSS_LANE):
            owner = network.settlement[node]
            along = bool(rank == LANE)
            place = int(network.row[node] if along else network.column[node])
            town = settlements.kind[owner] == Kind.QUARTER
            names[edge] = lane_name(LanePlace(stems[owner], bool(town), along, place))
    return names


def make_streets(network: Network, rules: StreetRules, names: Geometries) -> Chains:
    """Chains of edges that are one street: of one class, name, direction and level."""
    key = [
        f"{c}|{o}|{b}|{n}"
        for c, o, b, n in zip(rules.street_class, rules.oneway, network.bridge, names, strict=True)
    ]
    _, sort = np.unique(key, return_inverse=True)
    return merge_chains(network.ends, sort, len(network.xy))


def street_table(network: Network, rules: StreetRules, names: Geometries, frame: Frame) -> Streets:
    """The streets in EPSG:4326, with their lengths, speeds and modes."""
    chains = make_streets(network, rules, names)
    lonlat = frame.to_lonlat(network.xy)
    paths = [
        _along_traffic(path, network.ends[edge], oneway=bool(rules.oneway[edge]))
        for path, edge in zip(chains.paths, chains.first_edge.tolist(), strict=True)
    ]
    used, number = _number_nodes(paths)
    ids = np.arange(1, len(used) + 1)
    nodes = GeoDataFrame({"id": ids}, geometry=shapely.points(lonlat[used]), crs=4326)
    lines = np.array([shapely.linestrings(lonlat[path]) for path in paths], dtype=object)
    edge = chains.first_edge
    columns = _columns(rules.street_class[edge], rules.oneway[edge], network.bridge[edge], lines)
    columns["name"] = names[edge]
    columns["from_node"] = number[[path[0] for path in paths]]
    columns["to_node"] = number[[path[-1] for path in paths]]
    columns["key"] = number_parallel_streets(columns["from_node"], columns["to_node"])
    ordered = {name: columns[name] for name in STREET_DTYPES}
    return Streets(nodes, GeoDataFrame(ordered, geometry=lines, crs=4326).astype(STREET_DTYPES))


def _columns(
    street_class: Geometries, oneway: Bools, bridge: Bools, lines: Geometries
) -> dict[str, Any]:
    """The columns of routing.streets that follow from class, direction, level and shape."""
    forward, backward = _modes(street_class, oneway)
    count = len(lines)
    return {
        "id": np.arange(1, count + 1),
        "osm_ids": np.full(count, None, dtype=object),
        "ref": np.full(count, None, dtype=object),
        "class": street_class,
        "oneway": oneway,
        "bridge": bridge,
        "tunnel": np.zeros(count, dtype=bool),
        "level": bridge.astype(np.int64),
        "length_m": lengths_m(lines),
        "speed_kph": np.array([SPEEDS_KPH[each] for each in street_class]),
        "forward_modes": forward,
        "backward_modes": backward,
        "signals": np.zeros(count, dtype=np.int64),
        "signals_back": np.zeros(count, dtype=np.int64),
        "crossings": np.zeros(count, dtype=np.int64),
    }


def _along_traffic(path: list[int], ends: Ints, *, oneway: bool) -> list[int]:
    """`path` in the direction in which cars may go; `ends` is one of its edges."""
    if oneway and path[1] != ends[1] and path.index(int(ends[0])) > path.index(int(ends[1])):
        return path[::-1]
    return path


def _number_nodes(paths: list[list[int]]) -> tuple[Ints, Ints]:
    """The nodes at ends of streets, and the number from 1 that each one gets."""
    used = np.unique([node for path in paths for node in (path[0], path[-1])])
    number = np.zeros(used.max() + 1, dtype=np.int64)
    number[used] = np.arange(1, len(used) + 1)
    return used, number


def _modes(street_class: Geometries, oneway: Bools) -> tuple[Ints, Ints]:
    """Bits of routing.modes.Mode along and against the geometry."""
    forward = np.full(len(street_class), int(ALL_MODES))
    forward[np.isin(street_class, NO_CARS)] = int(Mode.FOOT | Mode.EBIKE)
    forward[np.isin(street_class, FOOT_ONLY)] = int(Mode.FOOT)
    backward = np.where(oneway, int(Mode.FOOT), forward)
    return forward, backward
