"""How few households the rebalance moves, how long it takes, and how far it is from the optimum.

Prints, asserts nothing. A tenth of the demo town's grids outgrow the band; then the same with 600
grids of the same 1,914 micro-grids, and with the whole town as one village. Of each village that
was changed by whole micro-grids an integer programme tells the optimum, or a bound where its time
is up.

    .venv/bin/python tests/benchmarks/bench_rebalance.py [SEEDS [SECONDS_A_VILLAGE]]
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from time import process_time

import numpy as np
import shapely
from rebalance_exact import exact_optimum
from scipy.sparse import coo_array, csr_array

from grids.arcs.plane import Plane
from grids.bands import Band
from grids.rebalance.choice import Limits
from grids.rebalance.outcome import Suggestion
from grids.rebalance.suggest import rebalance, village_of
from grids.rebalance.town import Buildings, Leaves, shared_borders
from layers.demo.partition import gather_grids
from layers.demo.plan import Plan
from layers.demo.site import make_site
from layers.demo.town import DemoTown, make_town

BAND = Band(300, 500)
ALWAYS_CUT = Limits(moved_share=0.0)


@dataclass(frozen=True)
class Ground:
    leaves: Leaves
    buildings: Buildings

    def with_households(self, households: np.ndarray) -> Ground:
        count = len(self.leaves.ids)
        held = np.bincount(self.buildings.leaves, households, count).astype(np.int64)
        return Ground(
            replace(self.leaves, households=held), replace(self.buildings, households=households)
        )


def ground_of(town: DemoTown) -> Ground:
    micro, plane = town.units.rows(4), Plane(town.metric_srid)
    shapes = plane.projected(micro["geom"].to_numpy())
    middles = shapely.get_coordinates(shapely.centroid(town.buildings["geom"].to_numpy()))
    leaf = town.buildings["unit"].to_numpy() - micro.index[0]
    households = town.buildings["households"].to_numpy()
    grid = micro["parent"].to_numpy()
    leaves = Leaves(
        micro.index.to_numpy(),
        np.bincount(leaf, households, len(micro)).astype(np.int64),
        grid,
        town.units.table["parent"].to_numpy()[grid],
        shapely.length(shapes),
        shapely.area(shapes),
        shared_borders(shapes),
    )
    rows = np.arange(len(leaf))
    return Ground(leaves, Buildings(rows, leaf, households, plane.to_metres(middles), shapes))


def with_grids(ground: Ground, count: int) -> Ground:
    """Other grids of the same micro-grids, with about 400 households each."""
    leaves = ground.leaves
    _, village = np.unique(leaves.villages, return_inverse=True)
    middles = shapely.get_coordinates(shapely.centroid(ground.buildings.polygons))
    a, b = leaves.borders.pairs.T
    length = np.hypot(*(middles[a] - middles[b]).T)
    graph = coo_array((length, (a, b)), shape=(len(village),) * 2).tocsr()
    graph = csr_array(graph.maximum(graph.T))
    grids = gather_grids(graph, village, leaves.households.astype(float), count)
    held = np.bincount(grids[ground.buildings.leaves], ground.buildings.households, count)
    usual = np.random.default_rng(1).normal(402, 44, count).clip(312, 488)
    factor = np.divide(usual, held, out=np.zeros(count), where=held > 0)
    households = ground.buildings.households * factor[grids[ground.buildings.leaves]]
    regrouped = Ground(replace(leaves, grids=grids), ground.buildings)
    return regrouped.with_households(np.round(households).astype(np.int64))


def outgrown(ground: Ground, seed: int) -> Ground:
    """A tenth of the grids get from 515 to 620 households."""
    random = np.random.default_rng(seed)
    grid = ground.leaves.grids[ground.buildings.leaves]
    households = ground.buildings.households.copy()
    held = np.bincount(grid, households)
    grids = np.unique(grid)
    for each in random.choice(grids, len(grids) // 10, replace=False).tolist():
        factor = random.uniform(515, 620) / held[each]
        households[grid == each] = np.round(households[grid == each] * factor)
    return ground.with_households(households)


def show(name: str, ground: Ground, limits: Limits) -> Suggestion:
    start = process_time()
    result = rebalance(ground.leaves, ground.buildings, BAND, limits)
    took_s = process_time() - start
    lost = result.compactness_before - result.compactness_after
    out = sum(BAND.distance(held) > 0 for held in result.households.values())
    print(
        f"{name}: {result.moved:,} of {result.total:,} households moved, {result.moved_share:.2%};"
        f" at least {result.at_least:,}; {len(result.moves)} micro-grids, {len(result.cuts)} cuts,"
        f" {len(result.new_grids)} new and {len(result.closed_grids)} closed grids; compactness"
        f" lost {lost:.3f}; {out} grids outside in {len(result.named)} named villages;"
        f" {took_s:.2f} s of CPU",
        flush=True,
    )
    return result


def compare(ground: Ground, result: Suggestion, seconds: float) -> None:
    """Village by village: what was found, and the optimum."""
    leaves, named = ground.leaves, {each.village for each in result.named}
    changed = result.grids != leaves.grids
    found_all = bound_all = 0
    for village in np.unique(leaves.villages[changed]).tolist():
        rows = np.flatnonzero(leaves.villages == village)
        if village in named:
            continue
        found = int(leaves.households[rows][changed[rows]].sum())
        exact = exact_optimum(village_of(leaves, rows), BAND, seconds=seconds)
        found_all, bound_all = found_all + found, bound_all + (exact.at_least or 0)
        best = "optimum" if exact.proved else "at least"
        print(f"    {len(rows)} micro-grids: {found} moved, {best} {exact.at_least}", flush=True)
    more = found_all / max(bound_all, 1) - 1
    print(f"  together {found_all:,} moved, at least {bound_all:,}: at most {more:.1%} too many")


def main(seeds: int, seconds: float) -> None:
    demo = ground_of(make_town(Plan(), make_site(Plan())))
    for seed in range(1, seeds + 1):
        town = outgrown(demo, seed)
        whole = show(f"seed {seed}", town, Limits(moved_share=1.0, compactness_lost=1.0))
        show("  with the usual limits", town, Limits())
        show("  cut wherever it saves", town, ALWAYS_CUT)
        compare(town, whole, seconds)
    show("600 grids", outgrown(with_grids(demo, 600), 1), Limits())
    one = replace(demo.leaves, villages=np.zeros_like(demo.leaves.villages))
    show("one village", outgrown(Ground(one, demo.buildings), 1), Limits())


if __name__ == "__main__":
    arguments = [float(each) for each in sys.argv[1:]]
    main(int(arguments[0]) if arguments else 2, arguments[1] if len(arguments) > 1 else 5.0)
