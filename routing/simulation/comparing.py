"""What two policies differ by on the same calls, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.simulation.roads import Floats

_RESAMPLES = 4_000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Difference:
    """Of two means over the same calls, the first less the second.

    Attributes:
        estimate: the difference.
        low, high: ends of the 95 % interval.
        n_blocks: how many blocks of calls were drawn from.
    """

    estimate: float
    low: float
    high: float
    n_blocks: int

    @property
    def holds_zero(self) -> bool:
        """Whether no difference at all is among what is likely."""
        return self.low <= 0 <= self.high


def paired_difference(
    one: Floats, other: Floats, block: NDArray[np.integer], seed: int
) -> Difference:
    """The paired bootstrap over blocks: calls of one day depend on each other, days hardly.

    Whole blocks are drawn with repetition, as many as there are, with all their calls under both
    policies; the interval is between the percentiles of the difference.

    Args:
        one: (C,) a value of each call under the first policy.
        other: (C,) under the second.
        block: (C,) to which block each call belongs.
        seed: of the drawing.
    """
    _, index = np.unique(block, return_inverse=True)
    n_blocks = int(index.max()) + 1
    total = np.bincount(index, one - other, n_blocks)
    count = np.bincount(index, minlength=n_blocks)
    chance = np.random.default_rng(seed)
    drawn = chance.multinomial(n_blocks, np.full(n_blocks, 1 / n_blocks), _RESAMPLES)
    resampled = drawn @ total / np.maximum(drawn @ count, 1)
    tail = 50 * (1 - CONFIDENCE)
    low, high = np.percentile(resampled, [tail, 100 - tail])
    return Difference(float(total.sum() / count.sum()), float(low), float(high), n_blocks)
