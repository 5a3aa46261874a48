"""What each edge of the network is: its class, who may use it, and which way."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.random import Generator
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from layers.demo.arterials import CLASSES, FOOTWAY
from layers.demo.frame import Bools, Geometries, Ints
from layers.demo.network import CROSS_LANE, LANE, LINK, Network
from layers.demo.settlements import Kind, Settlements

SPEEDS_KPH = {
    "trunk": 70.0, "primary": 55.0, "secondary": 50.0, "tertiary": 40.0, "unclassified": 35.0,
    "residential": 28.0, "living_street": 18.0, "service": 18.0, "track": 15.0,
    "pedestrian": 5.0, "footway": 5.0, "path": 5.0,
}  # fmt: skip
FOOT_ONLY = ("footway", "pedestrian")
NO_CARS = (*FOOT_ONLY, "path")
_FOOTWAY_SHARE = 0.07
_PATH_SHARE = 0.04
_ONE_WAY_SHARE = 0.3  # of the rows of lanes in town quarters
_OLD_TOWN_RADIUS = 0.42  # of the first quarter's radius


@dataclass(frozen=True)
class StreetRules:
    """Of each edge of a network: its class and whether cars may only go from its first end."""

    street_class: Geometries
    oneway: Bools


def make_rules(chance: Generator, network: Network, settlements: Settlements) -> StreetRules:
    """Classes first, then footpaths where cars don't need the edge, then one-ways."""
    kind = _kind_of_edges(network, settlements)
    street_class = _classes(network, kind)
    spare = ~_car_tree(network)
    lane = np.isin(network.rank, (LANE, CROSS_LANE))
    draw = chance.random(len(kind))
    street_class[spare & lane & (draw < _FOOTWAY_SHARE)] = "footway"
    street_class[spare & lane & (draw > 1 - _PATH_SHARE) & (kind != Kind.INDUSTRY)] = "path"
    street_class[spare & lane & _in_old_town(network, settlements)] = "pedestrian"
    oneway = _oneways(chance, network, kind, street_class)
    return make_drivable(network, StreetRules(street_class, oneway))


def _kind_of_edges(network: Network, settlements: Settlements) -> Ints:
    """The kind of settlement that an edge lies in; -1 outside."""
    owner = network.settlement[network.ends].max(axis=1)
    return np.where(owner >= 0, settlements.kind[owner], -1)


def _classes(network: Network, kind: Ints) -> Geometries:
    names = np.array([*CLASSES, "residential", "residential", "residential"], dtype=object)
    street_class = names[network.rank]
    lane = network.rank >= LINK
    village = lane & (kind == Kind.VILLAGE)
    street_class[village & (network.rank == CROSS_LANE)] = "living_street"
    street_class[lane & (kind == Kind.HAMLET)] = "living_street"
    street_class[lane & (kind == Kind.INDUSTRY)] = "service"
    far = (network.rank == LINK) & (network.lengths > 160.0)
    street_class[far] = "unclassified"
    degree = np.bincount(network.ends.ravel(), minlength=len(network.xy))
    dead_end = (degree[network.ends] == 1).any(axis=1)
    street_class[dead_end & (network.rank == LINK)] = "service"
    street_class[dead_end & (network.rank == CROSS_LANE) & (kind == Kind.HAMLET)] = "track"
    return street_class


def _car_tree(network: Network) -> Bools:
    """The edges of one spanning tree: as long as they carry cars, cars get everywhere."""
    a, b = network.ends.T
    # Arterials come first in the network, so they are preferred; footpaths are the last resort.
    order = np.arange(1.0, len(a) + 1) + np.where(network.rank == FOOTWAY, len(a), 0)
    matrix = coo_array((order, (a, b)), shape=(len(network.xy),) * 2).tocsr()
    tree = minimum_spanning_tree(matrix).tocoo()
    keep = np.zeros(len(a), dtype=bool)
    keep[(tree.data.astype(np.int64) - 1) % len(a)] = True
    return keep


def _in_old_town(network: Network, settlements: Settlements) -> Bools:
    middle = network.xy[network.ends].mean(axis=1)
    distance = np.hypot(*(middle - settlements.xy[0]).T)
    near: Bools = distance < _OLD_TOWN_RADIUS * settlements.radius_m[0]
    return near


def _oneways(chance: Generator, network: Network, kind: Ints, street_class: Geometries) -> Bools:
    """Whole rows of lanes in town quarters are one-way, in the direction that they are stored."""
    a = network.ends[:, 0]
    lane = (network.rank == LANE) & (kind == Kind.QUARTER) & ~np.isin(street_class, NO_CARS)
    rows = np.where(lane, network.settlement[a] * 1_000 + network.row[a], -1)
    known, number = np.unique(rows, return_inverse=True)
    chosen = chance.random(len(known)) < _ONE_WAY_SHARE
    one: Bools = lane & chosen[number]
    return one


def make_drivable(network: Network, rules: StreetRules) -> StreetRules:
    """Give up one-ways until cars get from everywhere to everywhere."""
    for _ in range(20):
        lost = ~_in_largest_component(network, rules)
        caught = rules.oneway & lost[network.ends].any(axis=1)
        if not caught.any():
            break
        rules = replace(rules, oneway=rules.oneway & ~caught)
    return rules


def _in_largest_component(network: Network, rules: StreetRules) -> Bools:
    cars = ~np.isin(rules.street_class, NO_CARS)
    a, b = network.ends[cars].T
    both = ~rules.oneway[cars]
    tail, head = np.concatenate([a, b[both]]), np.concatenate([b, a[both]])
    matrix = coo_array((np.ones(len(tail)), (tail, head)), shape=(len(network.xy),) * 2)
    _, label = connected_components(matrix.tocsr(), connection="strong")
    largest: Bools = label == np.bincount(label).argmax()
    return largest
