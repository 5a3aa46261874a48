"""How much quicker the exact null is than esda's 999 conditional permutations, in one run.

Prints times and their ratio; asserts nothing.

    .venv/bin/python tests/benchmarks/bench_significance.py [CELLS]
"""

from __future__ import annotations

import sys
from time import perf_counter

import numpy as np
from esda.getisord import G_Local
from h3.api import basic_int
from libpysal.graph import Graph

from grids.hotspots import Universe, find_hotspots
from grids.significance import gi_star

CENTRE = basic_int.latlng_to_cell(29.2, 120.05, 9)


def universe_of(cells: int) -> Universe:
    """The smallest disk with at least so many cells."""
    radius = next(k for k in range(1000) if 3 * k * (k + 1) + 1 >= cells)
    return Universe.of(np.array(basic_int.grid_disk(CENTRE, radius)))


def permute(counts: np.ndarray, graph: Graph, *, permutations: int) -> None:
    G_Local(
        counts.astype(float), graph, transform="B", star=True, permutations=permutations,
        keep_simulations=False, n_jobs=1,
    )  # fmt: skip


def main(cells: int) -> None:
    start = perf_counter()
    universe = universe_of(cells)
    sizes = universe.neighbourhood_sizes
    print(f"{len(universe.cells):,} cells; neighbourhoods found in {perf_counter() - start:.2f} s")
    owner, member = universe.pairs
    graph = Graph.from_arrays(owner, member, np.ones(len(owner)))
    random = np.random.default_rng(1)
    permute(random.poisson(1.0, len(universe.cells)), graph, permutations=9)  # numba compiles
    samples = {
        "Poisson, mean 0.1": random.poisson(0.1, len(universe.cells)),
        "negative binomial, mean 3": random.negative_binomial(0.3, 0.09, len(universe.cells)),
        "log-normal": np.round(random.lognormal(3, 2, len(universe.cells))).astype(np.int64),
    }
    for name, counts in samples.items():
        start = perf_counter()
        gi_star(counts, universe.neighbourhood_sums(counts), sizes)
        exact_s = perf_counter() - start
        start = perf_counter()
        find_hotspots(universe, counts)
        table_s = perf_counter() - start
        start = perf_counter()
        permute(counts, graph, permutations=999)
        permuted_s = perf_counter() - start
        print(
            f"{name}: exact {exact_s:.3f} s, as a table {table_s:.3f} s, "
            f"999 permutations {permuted_s:.2f} s, {permuted_s / exact_s:,.0f} times"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
