"""How our travel times differ from Valhalla's, on the same streets at the same speeds.

    python tests/benchmarks/bench_eta_valhalla.py FILE [--pairs N] [--cache DIR]

Our speeds are written as maxspeed into a copy of FILE, which both read. Valhalla adds seconds where
one edge goes over into the next (turning, stopping), which can't be switched off: the comparison
is without them, and how much they are is printed beside it. First ours and theirs on our way, then
each on its own way; then the 20 pairs that differ most, with the cause.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from bench_nearest import points_on  # noqa: E402 - found above
from routing_peers.installed import folder_for, install, prepare_valhalla  # noqa: E402
from routing_peers.osm_copy import write_osm  # noqa: E402
from routing_peers.questions import Place  # noqa: E402

from routing.nearest.answers import Arrival, Origin  # noqa: E402
from routing.nearest.engine import Engine  # noqa: E402
from routing.network.graph import Graph, graph_from_streets  # noqa: E402
from routing.sources.files import read_street_file  # noqa: E402

LISTED = 20
_METRE = 9e-6  # in degrees of latitude
_LEAST_S = 20.0  # shorter trips differ by where they begin
_SAME = 0.005
# Near a junction this is another street, from which the way may be quite another.
_PLACE_M = 1.5


@dataclass(frozen=True)
class Trip:
    """One pair of places, and what both say."""

    start: Place
    end: Place
    ours: Arrival
    theirs: dict[str, Any]

    @property
    def same_way(self) -> float | None:
        """How far theirs is from ours on our way, as a share of ours."""
        return self._difference(self.theirs["given"])

    @property
    def own_ways(self) -> float | None:
        """Likewise, theirs on their way."""
        return self._difference(self.theirs["own"])

    def _difference(self, said: dict[str, float] | None) -> float | None:
        if said is None:
            return None
        moving_s = said["time_s"] - said["between_edges_s"]
        return moving_s / self.ours.travel_time_s - 1

    @property
    def shared(self) -> float:
        """How much of our way is theirs too."""
        theirs = LineString(self.theirs["line"]).buffer(10 * _METRE)
        return float(shapely.length(shapely.intersection(self.ours.route, theirs))
                     / max(self.ours.route.length, 1e-12))  # fmt: skip

    @property
    def cause(self) -> str:
        """Why both differ."""
        if self.theirs["own"] is None:
            return "they find no way"
        line = self.theirs["line"]
        for what, mine, other in (
            ("start", self.ours.route.coords[0], line[0]),
            ("end", self.ours.route.coords[-1], line[-1]),
        ):
            apart_m = np.hypot(*(np.array(mine) - other)) / _METRE
            if apart_m > _PLACE_M:
                return f"the {what} lies elsewhere for them, {apart_m:.0f} m away"
        if abs((self.own_ways or 0.0) - (self.same_way or 0.0)) < _SAME:
            return "the same way, at other speeds"
        between = self.theirs["given"], self.theirs["own"]
        turning = [0.0 if said is None else said["between_edges_s"] for said in between]
        return (
            f"another way, {self.shared:.0%} of ours is in it: to turn takes them "
            f"{turning[1]:.0f} s there, {turning[0]:.0f} s on ours"
        )


def trips_of(graph: Graph, pairs: int, config: Path, python: Path, folder: Path) -> list[Trip]:
    """Random pairs, asked of both."""
    engine = Engine(graph)
    found = []
    for start, end in zip(points_on(graph, pairs, 1), points_on(graph, pairs, 2), strict=True):
        arrivals = engine.nearest(*end, [Origin("", *start)], 1).arrivals
        if arrivals and arrivals[0].travel_time_s >= _LEAST_S:
            found.append((start, end, arrivals[0]))
    file = folder / "pairs.json"
    file.write_text(json.dumps([
        {"start": start, "end": end, "line": list(map(list, arrival.route.coords))}
        for start, end, arrival in found
    ]))  # fmt: skip
    script = Path(__file__).parent / "routing_peers" / "valhalla_times.py"
    done = subprocess.run(
        [python, script, config, file], check=True, capture_output=True, text=True
    )
    said = json.loads(done.stdout.splitlines()[-1])
    return [Trip(*ours, theirs) for ours, theirs in zip(found, said, strict=True)]


def report(trips: list[Trip]) -> None:
    """Medians, and the pairs that differ most."""
    for title, key in (("on our way", "same_way"), ("each on its own way", "own_ways")):
        known = [abs(d) for trip in trips if (d := getattr(trip, key)) is not None]
        print(
            f"{title}: {len(known)} of {len(trips)} trips, median difference "
            f"{np.median(known):.2%}, 95th percentile {np.quantile(known, 0.95):.2%}"
        )
    turning = [
        said["between_edges_s"] / said["time_s"]
        for trip in trips
        if (said := trip.theirs["own"]) and said["time_s"]
    ]
    print(f"their seconds between edges, left out above: median {np.median(turning):.1%} of a trip")
    ranked = sorted(trips, key=lambda trip: -abs(trip.own_ways or np.inf))
    print(f"the {LISTED} that differ most:")
    for trip in ranked[:LISTED]:
        differs = "" if trip.own_ways is None else f"{trip.own_ways:+.1%}"
        (x0, y0), (x1, y1) = trip.start, trip.end
        print(
            f"  {x0:.5f},{y0:.5f} to {x1:.5f},{y1:.5f}: {trip.ours.travel_time_s:6.0f} s, "
            f"{differs:>7}: {trip.cause}"
        )


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--pairs", type=int, default=500)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "gridwhistle-bench")
    wanted = parser.parse_args()
    python = install(wanted.cache) / "bin" / "python"
    with tempfile.TemporaryDirectory(prefix="gridwhistle-eta-") as name:
        folder = Path(name)
        copy = folder / "same.osm.pbf"
        write_osm(graph_from_streets(read_street_file(wanted.file).streets), copy)
        graph = graph_from_streets(read_street_file(copy).streets)
        config = prepare_valhalla(python.parents[1], copy, folder_for(wanted.cache, copy))
        report(trips_of(graph, wanted.pairs, config, python, folder))


if __name__ == "__main__":
    main()
