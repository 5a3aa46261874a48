"""How long coverage, its price and reach take on a city of 50,000 nodes with 200 responders.

    python tests/benchmarks/bench_reach.py

Each is asked several times and its best time counts: the machine may be busy.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from bench_nearest import grid_city, points_on

from layers.reach.ground import Targets
from layers.reach.price import coverage_price
from routing.modes import Mode
from routing.nearest.answers import Origin
from routing.nearest.engine import Engine
from routing.reach.coverage import Cover, Places
from routing.reach.field import Sources, spread

ROUNDS = 15
HOLD_S = 180.0


def best_ms(act: Callable[[], object]) -> float:
    """The best of several times, the first of which compiles."""
    act()
    took = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        act()
        took.append(time.perf_counter() - start)
    return min(took) * 1e3


def main() -> None:
    graph = grid_city(224)
    engine = Engine(graph)
    fleet = engine.fleet()
    fleet.join([Origin(str(i), *at) for i, at in enumerate(points_on(graph, 200, seed=2))])
    places = Places(engine, np.array(points_on(graph, 10_000, seed=3)))
    demand = Targets(places, np.ones(len(places)))
    print(
        f"{len(graph.node_ids):,} nodes, 200 responders, {len(places):,} places, best of {ROUNDS}"
    )
    for depth in (1, 2, 3):
        took = best_ms(lambda n=depth: Cover(engine, fleet, limit_s=HOLD_S, depth=n).at(places))
        print(f"  the first {depth} within 180 s at every place: {took:6.1f} ms")
    keys = [str(i) for i in range(5)]
    took = best_ms(lambda: coverage_price(engine, fleet, keys, demand))
    print(f"  the price of each of 5 candidates:          {took:6.1f} ms")
    lane = engine.lane(Mode.CAR)
    street, fraction = (column[:1] for column in places.on(Mode.CAR))
    source = Sources(street, fraction, np.zeros(1))
    times = lane.times(engine.measures, None)
    took = best_ms(lambda: spread(lane.reach_network, times, source, limit_s=300.0))
    print(f"  reach of one point within 300 s:            {took:6.1f} ms")


if __name__ == "__main__":
    main()
