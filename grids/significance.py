"""Where counts concentrate: Getis and Ord's Gi* with an exact null and false discoveries held down.

The statistic of a cell is the sum of the counts of the cell and of its neighbours (binary weights,
star). The null says that the counts lie at random: each way to deal the N counts to the N cells of
the universe is as likely as any other. A neighbourhood of m cells then holds a sample of m of the N
counts without replacement, and its sum has

    mean  m·x̄,   variance  m·(N-m)/(N-1)·s²      (s² = mean of squares - squared mean)

from which z follows (Ord and Getis 1995), equal to esda's `G_Local(transform="B", star=True)`.
Counts are sparse and skewed, so that z is far from normal: on Poisson noise its tails call
hundreds of cells. The sum's distribution itself needs no approximation, though: the numbers of
samples of size m with sum s are the coefficients of

    Π over the distinct counts v, held by n_v cells, of  (1 + y·x^v)^n_v        at y^m x^s

that is the m-fold convolution of the count histogram with nothing drawn twice. They depend on a
cell only through m and s, so that one table answers for all cells, at no more cost for more cells.

A cell's own count is dealt with the others. Holding it fixed (conditional permutation) would drop
it from both sides: the test would only look at the ring, and belong to another statistic than z
does. Either way one lone extreme cell is no concentration: its sum comes up in m of N deals.
Exchangeable counts are evidence of clustering only when high ones lie together.

p is two-sided, twice the tail on z's side, ties counted against the finding; sums are discrete, so
that it errs on the safe side. Benjamini and Hochberg's step-up holds down the share of false
discoveries, as is usual for overlapping neighbourhoods, whose sums depend on each other positively
(Benjamini and Yekutieli 2001, theorem 1.2); the tests try it on noise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from spatial.errors import InputError

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
Histogram = list[tuple[int, int]]

CLASSES = ("hot_99", "hot_95", "hot_90", "not_significant", "cold_90", "cold_95", "cold_99")
FALSE_DISCOVERY_RATES = {"99": 0.01, "95": 0.05, "90": 0.10}

# Sums below 2**13 (above the least possible) are answered exactly. Beyond, counts are rounded so
# that the sum is off by less than 0.2 % and p is never too small.
_EXACT_BITS = 13


@dataclass(frozen=True)
class Significance:
    """One value per cell, in the order of the counts given.

    Attributes:
        z: Gi* as a z-score; 0 where nothing can vary.
        p: two-sided probability of a sum at least as far out under the null.
        classes: one of CLASSES.
    """

    z: Floats
    p: Floats
    classes: NDArray[np.str_]


def gi_star(counts: Counts, sums: Counts, sizes: Counts) -> Significance:
    """Gi* of every cell of a universe.

    Args:
        counts: whole numbers from 0 up, shape (N,), zeros included.
        sums: over each cell and its neighbours within the universe, shape (N,).
        sizes: how many cells each sum is over, the cell itself included, shape (N,).

    Raises:
        InputError: a count is negative.
    """
    if len(counts) and counts.min() < 0:
        raise InputError(f"a count is negative: {counts.min()}")
    z = z_scores(counts, sums, sizes)
    p = p_values(counts, sums, sizes, z)
    return Significance(z, p, classify(z, p))


def z_scores(counts: Counts, sums: Counts, sizes: Counts) -> Floats:
    """Ord and Getis' z; 0 where the null leaves no variance (equal counts, one neighbourhood)."""
    n = len(counts)
    total = int(counts.sum())
    # In whole numbers, since the difference of two large squares would lose digits.
    spread = n * sum(int(v) ** 2 * int(k) for v, k in _histogram(counts)) - total**2
    if n < 2 or spread == 0:
        return np.zeros(n)
    variance = sizes * (n - sizes) / (n - 1) * float(spread)
    deviation = n * sums.astype(float) - sizes * float(total)
    z: Floats = np.divide(deviation, np.sqrt(variance), out=np.zeros(n), where=variance > 0)
    return z


def p_values(counts: Counts, sums: Counts, sizes: Counts, z: Floats) -> Floats:
    """Twice the exact tail on z's side, at most 1; see the module for the null."""
    p = np.ones(len(counts))
    if not len(counts):
        return p
    # Neither tail changes when every count falls by the same, and the tables get shorter.
    least = int(counts.min())
    histogram = [(value - least, cells) for value, cells in _histogram(counts)]
    sums = sums - least * sizes
    shifts = np.maximum(_bit_lengths(sums) - _EXACT_BITS, 0)
    for shift in np.unique(shifts[z != 0]).tolist():
        for tail, side in ((_at_least, z > 0), (_at_most, z < 0)):
            asked = side & (shifts == shift)
            if asked.any():
                p[asked] = 2 * tail(histogram, sums[asked], sizes[asked], shift)
    return np.minimum(p, 1.0)


def _histogram(counts: Counts) -> Histogram:
    values, cells = np.unique(counts, return_counts=True)
    return list(zip(values.tolist(), cells.tolist(), strict=True))


def _bit_lengths(sums: Counts) -> Counts:
    return np.frexp(sums.astype(float))[1].astype(np.int64)


def _at_least(histogram: Histogram, sums: Counts, sizes: Counts, shift: int) -> Floats:
    """P(S >= sum); counts are rounded up to multiples of 2**shift, so never too small."""
    asked = -(-sums >> shift)
    cap = int(asked.max())
    rounded = _capped(((-(-value >> shift), cells) for value, cells in histogram), cap)
    ways = _ways(rounded, int(sizes.max()), cap)
    p: Floats = np.cumsum(ways[:, ::-1], axis=1)[:, ::-1][sizes, asked]
    return p


def _at_most(histogram: Histogram, sums: Counts, sizes: Counts, shift: int) -> Floats:
    """P(S <= sum); counts are rounded down to multiples of 2**shift, so never too small."""
    asked = sums >> shift
    cap = int(asked.max()) + 1
    rounded = _capped(((value >> shift, cells) for value, cells in histogram), cap)
    ways = _ways(rounded, int(sizes.max()), cap)
    p: Floats = np.cumsum(ways, axis=1)[sizes, asked]
    return p


def _capped(histogram: Iterable[tuple[int, int]], cap: int) -> Histogram:
    """Counts that reach `cap` alone are as good as equal to it; this bounds the work."""
    merged: dict[int, int] = {}
    for value, cells in histogram:
        merged[min(value, cap)] = merged.get(min(value, cap), 0) + cells
    return list(merged.items())


def _ways(histogram: Histogram, most: int, cap: int) -> Floats:
    """[t, s]: the share of the samples of t cells whose sum is s; the last column is `cap` or more.

    Every term is positive, so that small tails keep their digits, as they wouldn't by FFT.
    """
    ways = np.zeros((most + 1, cap + 1))
    ways[0, 0] = 1
    for value, cells in histogram:
        ways = _dealt(ways, value, cells)
    total = sum(cells for _, cells in histogram)
    samples = np.array([float(comb(total, size)) for size in range(most + 1)])
    shares: Floats = ways / samples[:, None]
    return shares


def _dealt(ways: Floats, value: int, cells: int) -> Floats:
    """`ways`, with `cells` more cells of count `value` to choose from."""
    most, cap = ways.shape[0] - 1, ways.shape[1] - 1
    dealt = ways.copy()
    for taken in range(1, min(most, cells) + 1):
        step = min(taken * value, cap)
        chosen = float(comb(cells, taken)) * ways[: most + 1 - taken]
        dealt[taken:, step:cap] += chosen[:, : cap - step]
        dealt[taken:, cap] += chosen[:, cap - step :].sum(axis=1)
    return dealt


def adjusted_p_values(p: Floats) -> Floats:
    """Benjamini and Hochberg's: the lowest false discovery rate at which each cell is called."""
    n = len(p)
    order = np.argsort(p)
    stepped = p[order] * n / np.arange(1, n + 1)
    adjusted = np.empty(n)
    adjusted[order] = np.minimum.accumulate(stepped[::-1])[::-1]
    return adjusted


def classify(z: Floats, p: Floats) -> NDArray[np.str_]:
    """hot or cold by z's sign, with the strictest false discovery rate that p passes."""
    adjusted = adjusted_p_values(p)
    classes = np.full(len(p), "not_significant", dtype="<U15")
    for name, rate in sorted(FALSE_DISCOVERY_RATES.items()):
        called = adjusted <= rate
        classes[called & (z > 0)] = f"hot_{name}"
        classes[called & (z < 0)] = f"cold_{name}"
    return classes
