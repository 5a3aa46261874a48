"""Coverages that the tests of arcs are tried on, as topologies; tests only read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import psycopg
import pyogrio
import pytest
import shapely
from shapely.geometry import MultiPoint, Polygon

from grids.arcs.build import topology_from_polygons
from grids.arcs.model import OUTSIDE, Topology, Unit
from grids.arcs.plane import Plane
from grids.arcs.rules import Ground, Rules

SRID = 4549
SRIDS = {"beijing": 4548, "strange_town": 4551}  # of those that lie in other zones
DEGREES_OF_A_METRE = 1e-5
WEST, SOUTH = 120.0, 29.2


@pytest.fixture(scope="session")
def ground() -> Ground:
    return Ground(Plane(SRID), Rules(min_area_m2=20.0, min_width_m=0.5, snap_m=0.5))


def in_blocks(shapes: Sequence[shapely.Geometry], sizes: tuple[int, int]) -> dict[int, Unit]:
    """Four levels above shapes with ids from 1: blocks side by side, in blocks side by side."""
    x, y = np.array([shape.centroid.coords[0] for shape in shapes]).T
    units = {}
    grid = _block(x, y, sizes[0])
    village = _block(x, y, sizes[1])
    numbers: dict[tuple[int, int], int] = {}
    first = len(shapes) + 1
    for face, (g, v) in enumerate(zip(grid.tolist(), village.tolist(), strict=True), start=1):
        number = numbers.setdefault((v, g), len(numbers))
        units[face] = Unit(4, first + number)
    town, villages = first + len(numbers), sorted({v for v, _ in numbers})
    for (v, _), number in numbers.items():
        units[first + number] = Unit(3, town + 1 + villages.index(v))
    units |= {town + 1 + index: Unit(2, town) for index in range(len(villages))}
    return units | {town: Unit(1, OUTSIDE)}


def _block(x: np.ndarray, y: np.ndarray, per_side: int) -> np.ndarray:
    column, row = (
        np.minimum((v - v.min()) / np.ptp(v) * per_side, per_side - 1).astype(int) for v in (x, y)
    )
    return column * per_side + row


def wobbly_cells(count: int, seed: int, size_m: float) -> np.ndarray:
    """A coverage of Voronoi cells whose edges are bent, in EPSG:4326."""
    random = np.random.default_rng(seed)
    square = shapely.box(0, 0, size_m, size_m)
    points = MultiPoint(random.random((count, 2)) * size_m)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=square))
    cells = shapely.coverage_clean(shapely.intersection(cells, square))
    cells = shapely.segmentize(cells, size_m / np.sqrt(count) / 4)
    cells = shapely.coverage_clean(cells)
    wave = size_m / np.sqrt(count) / 30

    def bend(xy: np.ndarray) -> np.ndarray:
        x, y = xy.T / (wave * 4)
        bent = xy + wave * np.column_stack([np.sin(1.3 * y + x), np.cos(1.1 * x - y)])
        return np.round(bent * DEGREES_OF_A_METRE + (WEST, SOUTH), 9)

    return shapely.transform(cells, bend)


def _small_town() -> list[Polygon]:
    """Twenty-odd cells, an enclave with an enclave of its own, a lake outside, an island."""
    cells = list(wobbly_cells(24, 5, 1_000.0))
    widest = max(range(24), key=lambda i: shapely.maximum_inscribed_circle(cells[i]).length)
    centre = shapely.maximum_inscribed_circle(cells[widest]).coords[0]
    outer, inner = (_hexagon(centre, metres) for metres in (40.0, 15.0))
    others = [i for i in range(24) if i != widest]
    lake_at = max(others, key=lambda i: shapely.maximum_inscribed_circle(cells[i]).length)
    lake = _hexagon(shapely.maximum_inscribed_circle(cells[lake_at]).coords[0], 20.0)
    cells[widest] = Polygon(cells[widest].exterior, [outer.exterior])
    cells[lake_at] = Polygon(cells[lake_at].exterior, [lake.exterior])
    island = _hexagon((WEST + 0.013, SOUTH + 0.005), 120.0)
    return [*cells, Polygon(outer.exterior, [inner.exterior]), inner, island]


def _strange_town(count: int, size_m: float = 12_000.0) -> list[shapely.Geometry]:
    """Clustered cells of all sizes in another zone, with every oddity that a sound file may have.

    Enclaves, some with one of their own, lakes, pairs that touch in a point (as two units, and as
    one in two parts), enclaves that touch their own ring, units with a part far away, islands.
    """
    random = np.random.default_rng(11)
    cells = list(_clustered_cells(count, size_m, random))
    widest = sorted(range(len(cells)), key=lambda i: -_inner_circle(cells[i])[1])
    more: list[shapely.Geometry] = []
    for turn, i in enumerate(widest[: len(cells) // 6]):
        centre, radius = _inner_circle(cells[i])
        star = _star(centre, radius * 0.7, random)
        wing = np.array([[0, 0], [1, 0.5], [1, -0.5]]) * radius * 0.6
        pair = [Polygon(centre + wing), Polygon(centre - wing)]
        corner = np.array(cells[i].exterior.coords[0])
        across = (centre - corner)[::-1] * (-0.15, 0.15)
        touching = Polygon([corner, centre + across, centre - across])
        inner = _star(centre, radius * 0.2, random)
        kinds: list[list[shapely.Geometry]] = [
            [star], [Polygon(star.exterior, [inner.exterior]), inner], [], pair,
            [shapely.MultiPolygon(pair)], [touching],
        ]  # fmt: skip
        inside = kinds[turn % len(kinds)]
        hole = shapely.union_all(inside) if inside else star
        rest = shapely.difference(cells[i], hole)
        is_whole = rest.geom_type == "Polygon" and cells[i].covers(hole)
        if is_whole and shapely.coverage_is_valid([rest, *(inside or [hole])]):
            cells[i] = rest
            more += inside
    islands = [_star(np.array([size_m * 1.5, n * 900.0]), 150.0, random) for n in range(6)]
    cells[0] = shapely.MultiPolygon([cells[0], _star(np.array([0.0, -900.0]), 100.0, random)])
    twins = [shapely.box(x, -900, x + 90, -800) for x in (size_m, size_m + 90)]
    return [*cells, *more, *islands, *twins]


def _clustered_cells(count: int, size_m: float, random: np.random.Generator) -> np.ndarray:
    clusters = max(4, count // 120)
    of = random.integers(0, clusters, count)
    spread = random.lognormal(np.log(size_m / 4 / np.sqrt(clusters)), 0.7, clusters)[of]
    points = random.random((clusters, 2))[of] * size_m
    points += random.normal(size=(count, 2)) * spread[:, None]
    _, first = np.unique(points // 20, axis=0, return_index=True)
    points = MultiPoint(points[np.sort(first)])
    around = shapely.concave_hull(points, 0.3).buffer(50, quad_segs=2)
    cells = shapely.intersection(
        shapely.get_parts(shapely.voronoi_polygons(points, extend_to=around)), around
    )
    largest = [max(shapely.get_parts(cell), key=shapely.area) for cell in cells]
    cells = shapely.coverage_clean(np.array([p for p in largest if p.area > 60], dtype=object))
    return shapely.coverage_clean(shapely.segmentize(cells, 80))


def _inner_circle(shape: shapely.Geometry) -> tuple[np.ndarray, float]:
    circle = shapely.maximum_inscribed_circle(shape)
    return np.array(circle.coords[0]), circle.length


def _star(centre: np.ndarray, radius_m: float, random: np.random.Generator) -> Polygon:
    angle = np.arange(9) * np.pi * 2 / 9
    reach = radius_m * (0.6 + 0.4 * random.random(9))
    return Polygon(centre + np.column_stack([np.cos(angle), np.sin(angle)]) * reach[:, None])


def _hexagon(centre: tuple[float, float], radius_m: float) -> Polygon:
    angle = np.arange(6) * np.pi / 3 + 0.2
    corners = np.column_stack([np.cos(angle), np.sin(angle)]) * radius_m * DEGREES_OF_A_METRE
    return Polygon(np.round(corners + centre, 9))


def _topology(shapes: Sequence[shapely.Geometry], sizes: tuple[int, int], srid: int) -> Topology:
    ids = range(1, len(shapes) + 1)
    return topology_from_polygons(shapes, ids, in_blocks(shapes, sizes), Plane(srid))


@pytest.fixture(scope="session")
def small_town() -> Topology:
    """Four levels; enclaves, a lake, an island."""
    return _topology(_small_town(), (4, 2), SRID)


@pytest.fixture(scope="session")
def seven_thousand() -> Topology:
    """7,000 generated polygons."""
    return _topology(list(wobbly_cells(7_000, 7, 20_000.0)), (30, 6), SRID)


@pytest.fixture(scope="session")
def strange_town() -> Topology:
    """Some 500 units of all sizes and shapes, far from the others."""
    plane = Plane(SRIDS["strange_town"])
    (origin,) = plane.to_metres(np.array([[126.6, 45.8]]))
    shapes = [
        shapely.transform(shape, lambda xy: plane.to_lonlat(xy + origin))
        for shape in _strange_town(600)
    ]
    return _topology(shapes, (8, 3), SRIDS["strange_town"])


@pytest.fixture(scope="session")
def beijing(shared_data: Path) -> Topology:
    """The townships of Beijing, in their own zone, which shares EPSG:4549's kind."""
    frame = pyogrio.read_dataframe(shared_data / "admin/beijing_townships.shp", columns=[])
    shapes = frame.geometry.to_numpy()
    return _topology(list(shapes), (6, 2), SRIDS["beijing"])


@pytest.fixture(scope="session")
def demo_town(demo_database: str) -> Topology:
    """The demo town's 1,914 micro-grids."""
    with psycopg.connect(demo_database) as connection:
        rows = connection.execute(
            "SELECT unit.id, level, coalesce(unit.parent_id, 0), ST_AsBinary(geom) FROM grids.unit "
            "JOIN grids.version ON version.unit_id = unit.id ORDER BY unit.id"
        ).fetchall()
    units = {unit: Unit(level, parent) for unit, level, parent, _ in rows}
    faces = [(unit, wkb) for unit, level, _, wkb in rows if level == 4]
    shapes = shapely.from_wkb([wkb for _, wkb in faces])
    return topology_from_polygons(shapes, [unit for unit, _ in faces], units, Plane(SRID))


@pytest.fixture(scope="session")
def coverage_named(request: pytest.FixtureRequest) -> Callable[[str], Topology]:
    """One of the above by the fixture's name."""
    return request.getfixturevalue


@pytest.fixture(scope="session")
def ground_of() -> Callable[[str], Ground]:
    """The metres and rules of the coverage of a name."""
    rules = Rules(min_area_m2=20.0, min_width_m=0.5, snap_m=0.5)
    return lambda name: Ground(Plane(SRIDS.get(name, SRID)), rules)


@pytest.fixture(scope="session")
def board(ground: Ground) -> Topology:
    """Three by three squares of 0.001 degrees from 120, 29, numbered 1 to 9 by rows from below.

    Each has a vertex in the middle of each side; every row is a grid (20, 21, 22).
    """

    def square(column: int, row: int) -> Polygon:
        corners = [(0, 0), (0.5, 0), (1, 0), (1, 0.5), (1, 1), (0.5, 1), (0, 1), (0, 0.5)]
        lonlat = np.array([(120 + (column + x) / 1e3, 29 + (row + y) / 1e3) for x, y in corners])
        return Polygon(lonlat.round(7))

    shapes = [square(column, row) for row in range(3) for column in range(3)]
    units = {n: Unit(4, 20 + (n - 1) // 3) for n in range(1, 10)}
    units |= {20 + row: Unit(3, 30) for row in range(3)} | {30: Unit(2, 40), 40: Unit(1, OUTSIDE)}
    return topology_from_polygons(shapes, range(1, 10), units, ground.plane)


def _of_corners(*shapes: Polygon, ground: Ground) -> Topology:
    """Shapes in squares of 0.001 degrees from 120, 29, numbered from 1, right below a town."""
    placed = [
        shapely.transform(shape, lambda xy: np.round((120, 29) + xy / 1e3, 7)) for shape in shapes
    ]
    units = {n: Unit(4, 90) for n in range(1, len(shapes) + 1)} | {90: Unit(1, OUTSIDE)}
    return topology_from_polygons(placed, range(1, len(shapes) + 1), units, ground.plane)


@pytest.fixture(scope="session")
def enclave(ground: Ground) -> Topology:
    """Unit 1 with unit 2 in its middle."""
    hole = [(1, 1), (2, 1), (2, 2), (1, 2)]
    frame = Polygon([(0, 0), (3, 0), (3, 3), (0, 3)], [hole])
    return _of_corners(frame, Polygon(hole), ground=ground)


@pytest.fixture(scope="session")
def fork(ground: Ground) -> Topology:
    """Unit 1 has two arms, between which is unit 2."""
    arms = [(0, 0), (3, 0), (3, 3), (2, 3), (2, 1), (1, 1), (1, 3), (0, 3)]
    return _of_corners(Polygon(arms), Polygon([(1, 1), (2, 1), (2, 3), (1, 3)]), ground=ground)
