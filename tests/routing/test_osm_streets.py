"""From OSM ways to streets: cut where they meet, joined where nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import shapely

from routing.modes import Mode
from routing.sources.files import read_street_file
from routing.streets import Streets
from spatial.errors import InputError

NODES = {1: (0.0, 0.0), 2: (1.0, 0.0), 3: (2.0, 0.0), 4: (2.0, 1.0), 5: (1.0, 1.0), 6: (3.0, 0.0)}
HOME = {"highway": "residential"}


def _read(path: Path) -> Streets:
    return read_street_file(path).streets


def _ends(streets: Streets) -> list[tuple[int, int, int]]:
    rows = streets.streets
    return sorted(zip(rows["from_node"], rows["to_node"], rows["key"], strict=True))


def test_a_bend_is_no_node(osm_file: Callable[..., Path]) -> None:
    streets = _read(osm_file(NODES, ([1, 2, 3, 4], HOME)))
    assert _ends(streets) == [(1, 4, 0)]
    assert shapely.get_num_coordinates(streets.streets.geometry.to_numpy()).tolist() == [4]


def test_a_node_that_two_ways_share_cuts_both(osm_file: Callable[..., Path]) -> None:
    streets = _read(osm_file(NODES, ([1, 2, 3], HOME), ([2, 5], HOME)))
    assert _ends(streets) == [(1, 2, 0), (2, 3, 0), (2, 5, 0)]


def test_ways_that_only_end_are_joined_whichever_way_they_run(
    osm_file: Callable[..., Path],
) -> None:
    streets = _read(osm_file(NODES, ([1, 2], HOME), ([3, 2], HOME)))
    assert _ends(streets) == [(1, 3, 0)]
    assert streets.streets["osm_ids"].tolist() == ["1,2"]


def test_a_file_called_xml_is_known_by_what_it_begins_with(osm_file: Callable[..., Path]) -> None:
    path = osm_file(NODES, ([1, 2], HOME))
    other = path.rename(path.with_suffix(".xml"))
    assert _ends(_read(other)) == [(1, 2, 0)]
    other.write_text("<?xml version='1.0'?><graphml/>", encoding="utf-8")
    with pytest.raises(InputError, match=r"GraphML|no streets"):
        _read(other)


@pytest.mark.parametrize(
    "change",
    [
        {"highway": "service"},
        {"name": "西街"},
        {"maxspeed": "60"},
        {"oneway": "yes"},
        {"bridge": "yes"},
        {"foot": "no"},
    ],
)
def test_a_node_stays_where_a_property_changes(
    osm_file: Callable[..., Path], change: dict[str, str]
) -> None:
    streets = _read(osm_file(NODES, ([1, 2], HOME), ([2, 3], HOME | change)))
    assert _ends(streets) == [(1, 2, 0), (2, 3, 0)]


def test_one_ways_that_run_at_each_other_are_not_joined(osm_file: Callable[..., Path]) -> None:
    oneway = HOME | {"oneway": "yes"}
    streets = _read(osm_file(NODES, ([1, 2], oneway), ([3, 2], oneway)))
    assert _ends(streets) == [(1, 2, 0), (3, 2, 0)]


def test_against_its_nodes_a_one_way_is_turned_round(osm_file: Callable[..., Path]) -> None:
    streets = _read(osm_file(NODES, ([1, 2, 3], HOME | {"oneway": "-1"})))
    row = streets.streets.iloc[0]
    assert (row["from_node"], row["to_node"], row["oneway"]) == (3, 1, True)
    assert row["forward_modes"] & Mode.CAR
    assert row["geometry"].coords[0] == (10 + 2 * 0.0009, 0)


def test_parallel_streets_have_keys_of_their_own(osm_file: Callable[..., Path]) -> None:
    other = HOME | {"name": "other"}
    streets = _read(osm_file(NODES, ([1, 2], HOME), ([2, 5, 1], other), ([1, 4, 3, 2], HOME)))
    assert _ends(streets) == [(1, 2, 0), (1, 2, 2), (2, 1, 1)]


def test_loops_have_two_keys_each(osm_file: Callable[..., Path]) -> None:
    streets = _read(osm_file(NODES, ([1, 2], HOME), ([2, 3, 4, 2], HOME), ([2, 5, 6, 2], HOME)))
    assert _ends(streets) == [(1, 2, 0), (2, 2, 0), (2, 2, 2)]


def test_a_ring_alone_keeps_one_node(osm_file: Callable[..., Path]) -> None:
    streets = _read(osm_file(NODES, ([1, 2, 5, 1], HOME)))
    assert _ends(streets) == [(1, 1, 0)]
    streets = _read(osm_file(NODES, ([1, 2], HOME), ([2, 5], HOME), ([5, 1], HOME)))
    assert len(streets.streets) == 1


def test_a_crossing_without_shared_node_is_none(osm_file: Callable[..., Path]) -> None:
    nodes = {1: (0, 0), 2: (2, 0), 3: (1, -1), 4: (1, 1)}
    streets = _read(osm_file(nodes, ([1, 2], HOME), ([3, 4], HOME | {"bridge": "yes"})))
    assert len(streets.nodes) == 4


def test_a_way_whose_node_is_missing_is_cut_there(osm_file: Callable[..., Path]) -> None:
    streets = _read(osm_file(NODES, ([1, 2, 99, 3, 4], HOME)))
    assert _ends(streets) == [(1, 2, 0), (3, 4, 0)]


def test_lengths_are_great_circles(osm_file: Callable[..., Path]) -> None:
    streets = _read(osm_file({1: (0, 0), 2: (0, 10)}, ([1, 2], HOME)))
    assert streets.streets["length_m"].item() == pytest.approx(1000.7557, abs=1e-3)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<osm version='0.6'><node id='1'", "cut.osm"),
        (b"not a pbf at all", "bad.osm.pbf"),
        (b"<osm version='0.6'></osm>", "empty.osm"),
        (b"", "nothing.osm"),
    ],
)
def test_a_bad_file_is_one_line(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=name) as error:
        read_street_file(path)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_street_file(tmp_path / "gone.osm.pbf")
