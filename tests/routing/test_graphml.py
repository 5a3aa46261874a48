"""GraphML in, whatever osmnx wrote it, and out again for osmnx."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import osmnx
import pytest
import shapely

from routing.modes import ALL_MODES, Mode
from routing.sources.exports import graph_of_mode, write_graphml
from routing.sources.files import read_street_file
from routing.sources.from_graphml import read_graphml, streets_from_graph
from routing.streets import Streets
from spatial.crs_names import parse_crs
from spatial.errors import DatumError, InputError

BENT = "LINESTRING (10 47, 10.001 47.001, 10.002 47)"
BENT_BACK = "LINESTRING (10.002 47, 10.001 47.001, 10 47)"
XY: dict[Any, tuple[float, float]] = {1: (10.0, 47.0), 2: (10.002, 47.0), 3: (10.004, 47.0)}


def _graph(*edges: tuple[Any, Any, dict[str, Any]]) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for node, (x, y) in XY.items():
        graph.add_node(node, x=x, y=y)
    for u, v, data in edges:
        graph.add_edge(u, v, **({"highway": "residential"} | data))
    return graph


def _streets(*edges: tuple[Any, Any, dict[str, Any]]) -> Streets:
    return streets_from_graph(_graph(*edges), parse_crs("EPSG:4326"), "test")


def test_two_directions_are_one_street() -> None:
    streets = _streets((1, 2, {"geometry": BENT}), (2, 1, {"geometry": BENT_BACK}))
    row = streets.streets.iloc[0]
    assert len(streets.streets) == 1
    assert not row["oneway"]
    assert row["forward_modes"] == row["backward_modes"] == ALL_MODES


def test_directions_of_different_streets_stay_apart() -> None:
    streets = _streets((1, 2, {"geometry": BENT}), (2, 1, {})).streets
    assert streets["oneway"].tolist() == [True, True]
    assert streets["backward_modes"].tolist() == [Mode.FOOT, Mode.FOOT]


def test_parallel_two_way_streets_are_two() -> None:
    edges = [(1, 2, {"name": n}) for n in "ab"] + [(2, 1, {"name": n}) for n in "ab"]
    streets = _streets(*edges).streets
    assert streets["name"].tolist() == ["a", "b"]
    assert streets["key"].tolist() == [0, 1]


def test_a_loop_of_two_directions_is_one() -> None:
    ring = "LINESTRING (10 47, 10.001 47, 10.001 47.001, 10 47)"
    back = "LINESTRING (10 47, 10.001 47.001, 10.001 47, 10 47)"
    streets = _streets((1, 1, {"geometry": ring}), (1, 1, {"geometry": back})).streets
    assert len(streets) == 1
    assert not streets["oneway"].item()


@pytest.mark.parametrize(
    ("data", "column", "value"),
    [
        ({"highway": "['secondary', 'primary']"}, "class", "secondary"),
        ({"highway": ["tertiary"]}, "class", "tertiary"),
        ({"highway": "disused"}, "class", "unclassified"),
        ({"name": "['a', 'b']"}, "name", "a;b"),
        ({"name": "nan"}, "name", None),
        ({"osmid": "[1, 2]"}, "osm_ids", "1,2"),
        ({"osmid": 7}, "osm_ids", "7"),
        ({"maxspeed": "['30', '50']"}, "speed_kph", 40),
        ({"maxspeed": "20 mph"}, "speed_kph", 32.18688),
        ({"speed_kph": "33.3"}, "speed_kph", 33.3),
        ({"bridge": "['yes', 'viaduct']"}, "bridge", True),
        ({"tunnel": "no"}, "tunnel", False),
        ({"bridge": "yes", "layer": "['2', '1']"}, "level", 2),
        ({"access": "private", "foot": "yes"}, "forward_modes", 9),  # on foot, emergency
    ],
)
def test_attributes(data: dict[str, Any], column: str, value: Any) -> None:
    found = _streets((1, 2, data)).streets[column].item()
    assert found is None if value is None else found == pytest.approx(value)


def test_nodes_whose_names_are_no_numbers_are_numbered(tmp_path: Path) -> None:
    graph = nx.relabel_nodes(_graph((1, 2, {}), (2, 3, {})), {1: "a", 2: "b", 3: "c"})
    nx.write_graphml(graph, tmp_path / "x.graphml")
    assert read_street_file(tmp_path / "x.graphml").streets.nodes["id"].tolist() == [1, 2, 3]


def test_a_projected_graph_comes_back_to_degrees(tmp_path: Path) -> None:
    graph = _graph((1, 2, {"geometry": shapely.from_wkt(BENT), "osmid": 1}), (2, 3, {"osmid": 2}))
    osmnx.save_graphml(osmnx.project_graph(graph), tmp_path / "utm.graphml")
    streets, crs = read_graphml(tmp_path / "utm.graphml")
    assert crs.label == "EPSG:32632"
    bent = streets.streets.geometry.iloc[0]
    assert bent.equals_exact(shapely.from_wkt(BENT), 1e-8)


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ("</graphml>", "", InputError, "can't be read as GraphML"),
        ('attr.name="x"', 'attr.name="z"', InputError, "has no x and y"),
        ("epsg:4326", "epsg:4610", DatumError, "licensed"),
        ("epsg:4326", "moon", InputError, "not the code of a coordinate reference system"),
    ],
)
def test_faults_are_told(
    tmp_path: Path, old: str, new: str, error: type[Exception], message: str
) -> None:
    path = tmp_path / "x.graphml"
    nx.write_graphml(_graph((1, 2, {})), path)
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(error, match=message):
        read_graphml(path)


def test_degrees_are_not_guessed(tmp_path: Path) -> None:
    graph = _graph((1, 2, {}))
    del graph.graph["crs"]
    nx.write_graphml(graph, tmp_path / "x.graphml")
    assert read_graphml(tmp_path / "x.graphml")[1].label == "EPSG:4326"
    for _, data in graph.nodes(data=True):
        data["x"] *= 50_000
    nx.write_graphml(graph, tmp_path / "x.graphml")
    with pytest.raises(DatumError, match="no CRS is stated"):
        read_graphml(tmp_path / "x.graphml")


@pytest.mark.parametrize("mode", list(Mode))
def test_what_osmnx_loads_is_what_we_wrote(
    tmp_path: Path, straight_streets: Callable[..., Streets], mode: Mode
) -> None:
    xy = {1: (0, 0), 2: (1, 0), 3: (1, 1)}
    town = straight_streets(
        xy, (1, 2, 15, 1, 31.7), (1, 2, 15, 15, 50.0), (2, 2, 15, 15, 20.0), (2, 3, 1, 1, 7.0)
    )
    path = tmp_path / "town.graphml"
    count = write_graphml(town, mode, path)
    loaded, ours = osmnx.load_graphml(path), graph_of_mode(town, mode)
    assert count == loaded.number_of_edges()
    assert sorted(loaded.edges(keys=True)) == sorted(ours.edges(keys=True))
    for *edge, data in ours.edges(keys=True, data=True):
        for name in ("length", "speed_kph", "travel_time", "highway", "oneway", "osmid"):
            assert loaded.edges[tuple(edge)][name] == data[name]
        assert data["travel_time"] == pytest.approx(data["length"] * 3.6 / data["speed_kph"])


def test_a_mode_without_streets_is_refused(
    tmp_path: Path, straight_streets: Callable[..., Streets]
) -> None:
    walk = straight_streets({1: (0, 0), 2: (1, 0)}, (1, 2, 1, 1, 5.0))
    with pytest.raises(InputError, match="no street is open to mode car"):
        write_graphml(walk, Mode.CAR, tmp_path / "x.graphml")


def test_shenzhen(shared_data: Path) -> None:
    path = shared_data / "roads" / "shenzhen_osmnx.graphml"
    streets = read_graphml(path)[0]
    source = nx.read_graphml(path)
    assert set(streets.nodes["id"]) <= {int(node) for node in source}
    edges = {(int(u), int(v)) for u, v, _ in source.edges}
    car = graph_of_mode(streets, Mode.CAR)
    assert set(car.edges()) <= edges
    lengths = streets.streets.set_index(["from_node", "to_node"])["length_m"]
    for u, v, data in list(source.edges(data=True))[::50]:
        if (int(u), int(v)) in lengths.index and "access" not in data:
            there = lengths.loc[[(int(u), int(v))]]
            assert (there - float(data["length"])).abs().min() < 0.01
