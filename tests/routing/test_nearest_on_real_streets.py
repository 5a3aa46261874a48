"""Who is nearest on real streets, asked of networkx too; and lines out and in again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import osmnx
import pytest

from routing.modes import Mode
from routing.nearest.answers import Origin, Ranking
from routing.nearest.engine import Engine
from routing.network.graph import graph_from_streets
from routing.sources.exports import write_graphml, write_lines
from routing.sources.files import read_street_file
from routing.sources.from_lines import streets_from_lines
from routing.sources.line_table import LineColumns
from routing.streets import Streets
from spatial.errors import InputError
from spatial.vectorfile import read_vector_file

# What the promise of 180 s can bear.
TOLERANCE_S = 0.1
FILES = SHENZHEN, LIECHTENSTEIN = ("shenzhen_osmnx.graphml", "liechtenstein_2024.osm.pbf")


@pytest.fixture(scope="module", params=FILES)
def town(request: pytest.FixtureRequest, shared_data: Path) -> Streets:
    return read_street_file(shared_data / "roads" / request.param).streets


@pytest.fixture(scope="module")
def written(town: Streets, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The town's streets as lines."""
    path = tmp_path_factory.mktemp("streets") / "streets.gpkg"
    write_lines(town, path)
    return path


@pytest.fixture(scope="module")
def again(written: Path) -> Streets:
    """The lines, read."""
    return read_street_file(written).streets


def _points_on_streets(streets: Streets, count: int, mode: Mode, seed: int) -> np.ndarray:
    """Up to 30 m beside streets that the mode may use."""
    chance = np.random.default_rng(seed)
    usable = streets.streets[(streets.streets["forward_modes"] & int(mode)) > 0]
    chosen = usable.geometry.iloc[chance.integers(len(usable), size=count)]
    points = [line.interpolate(chance.random(), normalized=True) for line in chosen]
    return np.array([(p.x, p.y) for p in points]) + chance.uniform(-3e-4, 3e-4, (count, 2))


def _ask(engine: Engine, points: np.ndarray, origins: list[Origin], k: int) -> list[Ranking]:
    return [engine.nearest(lon, lat, origins, k=k) for lon, lat in points.tolist()]


@pytest.mark.parametrize(
    ("town", "mode"),
    [
        (SHENZHEN, Mode.FOOT),
        (LIECHTENSTEIN, Mode.EMERGENCY),
        pytest.param(SHENZHEN, Mode.EMERGENCY, marks=pytest.mark.long),
        pytest.param(LIECHTENSTEIN, Mode.FOOT, marks=pytest.mark.long),
    ],
    indirect=["town"],
)
def test_agrees_with_networkx_on_the_exported_graph(
    town: Streets,
    mode: Mode,
    tmp_path: Path,
    plain_times_s: Callable[..., list[float]],
) -> None:
    """For modes that no turn restriction binds: GraphML has none."""
    write_graphml(town, mode, tmp_path / "town.graphml")
    against = osmnx.load_graphml(tmp_path / "town.graphml").reverse()
    engine = Engine(graph_from_streets(town))
    places = _points_on_streets(town, 25, mode, seed=1)
    origins = [Origin(str(i), lon, lat, mode) for i, (lon, lat) in enumerate(places.tolist())]
    for lon, lat in _points_on_streets(town, 10, mode, seed=2).tolist():
        five = engine.nearest(lon, lat, origins, k=5)
        everybody = engine.nearest(lon, lat, origins, k=len(origins))
        plain_s = plain_times_s(
            against, everybody.incident_snaps[mode], [a.snap for a in everybody.arrivals]
        )
        ours_s = [arrival.travel_time_s for arrival in everybody.arrivals]
        assert ours_s == pytest.approx(plain_s, abs=TOLERANCE_S / 100)
        assert [a.travel_time_s for a in five.arrivals] == pytest.approx(ours_s[:5], abs=1e-9)
        assert len(five.unreachable) == len(origins) - len(ours_s)


def test_lines_out_and_in_again_give_the_same_answers(town: Streets, again: Streets) -> None:
    places = _points_on_streets(town, 60, Mode.CAR, seed=3)
    origins = [
        Origin(str(i), lon, lat, list(Mode)[i % 3]) for i, (lon, lat) in enumerate(places.tolist())
    ]
    points = _points_on_streets(town, 60, Mode.CAR, seed=4)
    engines = [Engine(graph_from_streets(streets)) for streets in (town, again)]
    before, after = (_ask(engine, points, origins, 5) for engine in engines)
    for one, two in zip(before, after, strict=True):
        assert [a.origin.key for a in one.arrivals] == [a.origin.key for a in two.arrivals]
        times = [[a.travel_time_s for a in ranking.arrivals] for ranking in (one, two)]
        assert times[0] == pytest.approx(times[1], abs=TOLERANCE_S / 1000)
        assert [u.origin.key for u in one.unreachable] == [u.origin.key for u in two.unreachable]


def test_lines_without_node_columns_give_nearly_the_same(
    town: Streets, written: Path, again: Streets
) -> None:
    """Joined by geometry alone: crossings that only look like junctions differ."""
    assert len(again.nodes) == len(town.nodes)
    bare = _noded_again(written)
    assert abs(len(bare.nodes) - len(town.nodes)) < 0.05 * len(town.nodes)
    places = _points_on_streets(town, 60, Mode.CAR, seed=5)
    origins = [Origin(str(i), lon, lat) for i, (lon, lat) in enumerate(places.tolist())]
    points = _points_on_streets(town, 50, Mode.CAR, seed=6)
    engines = [Engine(graph_from_streets(streets)) for streets in (town, bare)]
    first = [
        [r.arrivals[0].travel_time_s if r.arrivals else np.inf for r in _ask(e, points, origins, 1)]
        for e in engines
    ]
    same = np.isclose(first[0], first[1], rtol=0, atol=TOLERANCE_S)
    assert same.mean() > 0.95


def _noded_again(path: Path) -> Streets:
    lines = read_vector_file(path).drop(columns=["from_node", "to_node"])
    return streets_from_lines(lines, LineColumns(), path.name).streets


def test_far_away_is_refused(town: Streets) -> None:
    with pytest.raises(InputError, match="from any street"):
        Engine(graph_from_streets(town)).nearest(0.0, 0.0, [])
