"""How long one redraw and the whole check take, and how much quicker than PostGIS that is.

At the demo town's 1,914 micro-grids and at 7,599 generated polygons: each operation with its local
check, then the whole check. Then pieces of units go to their neighbours twice: as arcs here, and by
ST_Difference and ST_Union with a look at the neighbours in PostGIS, indexed and in the same CRS.
Prints times, their ratio, and what each way leaves of the coverage; asserts nothing.

    .venv/bin/python tests/benchmarks/bench_grid_operations.py [OPERATIONS]
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import psycopg
import shapely

sys.path[:0] = [str(Path(__file__).parents[2])]

from grids.arcs.build import topology_from_polygons  # noqa: E402 - found by the line above
from grids.arcs.change import Edit  # noqa: E402
from grids.arcs.joining import merge_faces  # noqa: E402
from grids.arcs.model import OUTSIDE, Topology, Unit, node_at  # noqa: E402
from grids.arcs.moving import move_node, move_vertex, reshape_arc  # noqa: E402
from grids.arcs.plane import Plane  # noqa: E402
from grids.arcs.rules import BrokenRuleError, Ground  # noqa: E402
from grids.arcs.runs import Run  # noqa: E402
from grids.arcs.splitting import split_face  # noqa: E402
from grids.arcs.straightening import straighten  # noqa: E402
from grids.arcs.trace import polygon, polygons  # noqa: E402
from grids.arcs.transfer import transfer_piece  # noqa: E402
from grids.arcs.whole_check import check_whole  # noqa: E402
from grids.coverage import coverage_faults  # noqa: E402
from layers.demo.plan import Plan  # noqa: E402
from layers.demo.start import generate  # noqa: E402
from spatial.errors import InputError  # noqa: E402
from spatial.server import PrivateServer  # noqa: E402

SRID = 4549
GENERATED = 7_599
ROUNDS_OF_WHOLE_CHECK = 5
DEGREE_M = 1e5

_MAKE = """
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE TEMPORARY TABLE face (id bigint PRIMARY KEY, geom geometry NOT NULL)
"""
_INDEX = "CREATE INDEX ON face USING gist (geom); ANALYZE face"
# The piece on one side of the line goes.
_TRANSFER = """
WITH piece AS (
    SELECT ST_Intersection(giver.geom, ST_GeomFromWKB(%(side)s)) AS geom
    FROM face AS giver WHERE giver.id = %(giver)s
), gave AS (
    UPDATE face SET geom = ST_Difference(face.geom, piece.geom) FROM piece
    WHERE face.id = %(giver)s RETURNING face.geom
), took AS (
    UPDATE face SET geom = ST_Union(face.geom, piece.geom) FROM piece
    WHERE face.id = %(taker)s RETURNING face.geom
)
"""
_UNCHECKED = _TRANSFER + "SELECT ST_IsValid(gave.geom) AND ST_IsValid(took.geom) FROM gave, took"
# What the local check of arcs promises: no neighbour overlaps, and together they hold the same
# ground as before. A statement sees its rows as they were.
_CHECKED = (
    _TRANSFER
    + """
, around AS (
    SELECT other.id, other.geom FROM face AS other JOIN face AS one ON other.geom && one.geom
    WHERE one.id = %(giver)s
    UNION
    SELECT other.id, other.geom FROM face AS other JOIN face AS one ON other.geom && one.geom
    WHERE one.id = %(taker)s
), other AS (
    SELECT geom FROM around WHERE id NOT IN (%(giver)s, %(taker)s)
), after AS (
    SELECT geom FROM gave UNION ALL SELECT geom FROM took
)
SELECT bool_and(ST_IsValid(after.geom))
    AND NOT EXISTS (SELECT FROM other JOIN after ON ST_Overlaps(other.geom, after.geom))
    AND ST_Area(ST_SymDifference(
        (SELECT ST_Union(geom) FROM around),
        (SELECT ST_Union(geom) FROM (TABLE other UNION ALL TABLE after) AS now)
    )) < 1e-3
FROM after
"""
)


def demo_topology(ground: Ground) -> Topology:
    """The demo town's micro-grids under its grids, villages and town."""
    town, _ = generate(Plan())
    table = town.units.table
    units = {
        row + 1: Unit(int(level), int(parent) + 1)
        for row, (level, parent) in enumerate(zip(table["level"], table["parent"], strict=True))
    }
    micro = table[table["level"] == 4]
    ids = (micro.index.to_numpy() + 1).tolist()
    return topology_from_polygons(micro["geom"].to_numpy(), ids, units, ground.plane)


def generated_topology(ground: Ground, count: int) -> Topology:
    """Voronoi cells of random points, their edges in four, under one town."""
    side_m = 250.0 * np.sqrt(count)
    square = shapely.box(0, 0, side_m, side_m)
    points = shapely.MultiPoint(np.random.default_rng(1).random((count, 2)) * side_m)
    cells = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=square))
    cells = shapely.coverage_clean(shapely.intersection(cells, square))
    cells = shapely.coverage_clean(shapely.segmentize(cells, 40.0))
    shapes = shapely.transform(cells, lambda xy: np.round(xy / DEGREE_M + (120, 29), 9))
    units = {face: Unit(4, count + 1) for face in range(1, count + 1)}
    units[count + 1] = Unit(1, OUTSIDE)
    return topology_from_polygons(shapes, range(1, count + 1), units, ground.plane)


class Someone:
    """Tries operations at random places, one after the other, on what the last one left."""

    def __init__(self, topology: Topology, ground: Ground, seed: int) -> None:
        self.topology, self.ground = topology, ground
        self.chance = np.random.default_rng(seed)
        self.next_unit = max(topology.units.by_id) + 1

    def inner_arc(self) -> int:
        ids = [i for i, arc in self.topology.arcs.items() if not arc.is_outline]
        return int(self.chance.choice(ids))

    def face(self) -> int:
        return int(self.chance.choice(list(self.topology.arcs_of)))

    def neighbour(self, face: int) -> int:
        return int(self.chance.choice(sorted(self.topology.neighbours(face))))

    def aside(self, at: Sequence[float], metres: float) -> tuple[float, float]:
        return node_at((np.array(at) + self.chance.normal(0, metres / DEGREE_M, 2))[None], 0)

    def line_across(self, face: int) -> list[tuple[float, float]]:
        shape = polygon(self.topology, face)
        x, y = shape.representative_point().coords[0]
        angle, reach = self.chance.random() * np.pi, 2 * shape.length
        dx, dy = np.cos(angle) * reach, np.sin(angle) * reach
        return [(x - dx, y - dy), (x, y), (x + dx, y + dy)]

    def operation(self, name: str) -> Callable[[], Edit]:
        """Something of that name at a random place, ready to be timed."""
        before, ground = self.topology, self.ground
        arc_id, face = self.inner_arc(), self.face()
        arc = before.arcs[arc_id]
        last = len(arc.coords) - 1
        self.next_unit += 1
        vertex = min(1, last - 1)
        to = self.aside(arc.coords[vertex], 5)
        line = self.line_across(face)
        return {
            "move_vertex": lambda: move_vertex(before, ground, arc_id, vertex, to),
            "move_node": lambda: move_node(before, ground, arc.start, self.aside(arc.start, 5)),
            "reshape_arc": lambda: reshape_arc(before, ground, Run(arc_id, 0, last), [to]),
            "straighten": lambda: straighten(before, ground, Run(arc_id, 0, last), 2.0),
            "split_face": lambda: split_face(before, ground, face, line, self.next_unit),
            "merge_faces": lambda: merge_faces(before, ground, face, self.neighbour(face)),
            "transfer_piece": lambda: transfer_piece(
                before, ground, face, self.neighbour(face), line
            ),
        }[name]

    def work(self, operations: int) -> dict[str, list[float]]:
        """Seconds of each operation that was carried out, by name."""
        names = [
            "move_vertex", "move_node", "reshape_arc", "straighten", "split_face", "merge_faces",
            "transfer_piece",
        ]  # fmt: skip
        times: dict[str, list[float]] = defaultdict(list)
        for number in range(operations):
            name = names[number % len(names)]
            operation = self.operation(name)
            start = perf_counter()
            try:
                self.topology = operation().topology
            except InputError:
                continue
            times[name].append(perf_counter() - start)
        return times


def measure_operations(name: str, topology: Topology, ground: Ground, operations: int) -> None:
    """Print the times of operations and of the whole check after them."""
    someone = Someone(topology, ground, 1)
    someone.work(20)  # the index is made when it is first asked
    times = someone.work(operations)
    everything = np.concatenate([np.array(each) for each in times.values()]) * 1e3
    print(f"\n{name}: {len(topology.arcs_of):,} units, {len(topology.arcs):,} arcs")
    for each, seconds in [*times.items(), ("all", everything / 1e3)]:
        middle, most = np.percentile(np.array(seconds) * 1e3, [50, 95])
        print(f"  {each:15} {len(seconds):5} done, median {middle:6.2f} ms, p95 {most:6.2f} ms")
    seconds = []
    for _ in range(ROUNDS_OF_WHOLE_CHECK):
        start = perf_counter()
        found = check_whole(someone.topology, ground)
        seconds.append(perf_counter() - start)
    faults = sum(map(len, found.tiling.values()))
    print(f"  whole check: median {np.median(seconds):.2f} s, {faults} faults of tiling")


def transfers(topology: Topology, ground: Ground, count: int) -> list[tuple[int, int, list[Any]]]:
    """Pieces that can go to a neighbour, each of other units: giver, taker, line."""
    someone = Someone(topology, ground, 2)
    found: list[tuple[int, int, list[Any]]] = []
    taken: set[int] = set()
    while len(found) < count:
        giver = someone.face()
        taker, line = someone.neighbour(giver), someone.line_across(giver)
        if taken & {giver, taker}:
            continue
        try:
            transfer_piece(topology, ground, giver, taker, line)
        except BrokenRuleError:
            continue
        taken |= {giver, taker}
        found.append((giver, taker, line))
    return found


def side_of(topology: Topology, ground: Ground, given: tuple[int, int, list[Any]]) -> bytes:
    """The ground that is to go, in metres, as a polygon larger than the piece."""
    giver, taker, line = given
    after = transfer_piece(topology, ground, giver, taker, line).topology
    old, new = ground.plane.projected([polygon(each, giver) for each in (topology, after)])
    inside = max(shapely.get_parts(shapely.difference(old, new)), key=lambda it: it.area)
    way = shapely.LineString(ground.plane.to_metres(np.array(line)))
    reach = max(new.length, 1e3)
    for sign in (1, -1):
        band = shapely.buffer(way, sign * reach, single_sided=True)
        if shapely.covers(band, inside.representative_point()):
            return bytes(shapely.to_wkb(band))
    raise AssertionError(given)


def measure_against_postgis(
    connection: psycopg.Connection[Any], topology: Topology, ground: Ground, count: int
) -> None:
    """Print what the same transfers cost here and there, and what they leave."""
    given = transfers(topology, ground, count)
    ours, here = [], topology
    for giver, taker, line in given:
        start = perf_counter()
        here = transfer_piece(here, ground, giver, taker, line).topology
        ours.append(perf_counter() - start)
    _fill(connection, topology, ground)
    unchecked, checked, refused = [], [], 0
    for giver, taker, line in given:
        side = side_of(topology, ground, (giver, taker, line))
        asked = {"giver": giver, "taker": taker, "side": side}
        with connection.transaction(force_rollback=True):
            unchecked.append(_timed(connection, _UNCHECKED, asked)[0])
        seconds, sound = _timed(connection, _CHECKED, asked)
        checked.append(seconds)
        refused += not sound
    rows = connection.execute("SELECT ST_AsBinary(geom) FROM face ORDER BY id").fetchall()
    print(f"\n{count} pieces given to neighbours, of {len(topology.arcs_of):,} units:")
    ways = {"arcs, checked": ours, "PostGIS, checked": checked, "PostGIS, unchecked": unchecked}
    for name, times in ways.items():
        middle, most = np.percentile(np.array(times) * 1e3, [50, 95])
        ratio = np.median(times) / np.median(ours)
        print(
            f"  {name:19} median {middle:6.2f} ms, p95 {most:6.2f} ms, {ratio:4.1f} times as long"
        )
    left = {
        "arcs": ground.plane.projected(list(polygons(here, 4).values())),
        "PostGIS": shapely.from_wkb([wkb for (wkb,) in rows]),
    }
    for name, shapes in left.items():
        faults = len(coverage_faults(shapes, 1.0))
        print(f"  {name} leaves {faults} edges that overlap, gape or don't share their vertices")
    print(f"  PostGIS's check finds {refused} of them wrong: a neighbour lacks the new vertices")


def _timed(
    connection: psycopg.Connection[Any], statement: str, asked: dict[str, Any]
) -> tuple[float, bool]:
    start = perf_counter()
    row = connection.execute(statement, asked).fetchone()
    return perf_counter() - start, bool(row and row[0])


def _fill(connection: psycopg.Connection[Any], topology: Topology, ground: Ground) -> None:
    connection.execute(_MAKE)
    shapes = polygons(topology, 4)
    metres = shapely.to_wkb(ground.plane.projected(list(shapes.values())), hex=True)
    with connection.cursor() as cursor, cursor.copy("COPY face (id, geom) FROM STDIN") as copy:
        for row in zip(shapes, metres, strict=True):
            copy.write_row(row)
    connection.execute(_INDEX)


def main(operations: int) -> None:
    ground = Ground(Plane(SRID))
    towns = {
        "the demo town": demo_topology(ground),
        "generated": generated_topology(ground, GENERATED),
    }
    for name, topology in towns.items():
        measure_operations(name, topology, ground, operations)
    with tempfile.TemporaryDirectory(prefix="gridwhistle-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with PrivateServer(folder / "postgresql").lease() as conninfo:
            for topology in towns.values():
                with psycopg.connect(conninfo) as connection:
                    measure_against_postgis(connection, topology, ground, 100)
                    connection.rollback()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 700)
