"""A matched track as streets driven through: how long each stretch took.

Only what is certain counts: fixes that follow each other on one street, one way, moving on.
Where somebody stood for longer than a signal lasts, or at the place of an order, the stretch ends.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.matching.match import Matched

# Shorter stretches are more of fixes' errors than of driving. Assumed.
LEAST_M = 40.0
# Two fixes farther apart in time say little of what was between them.
LONGEST_GAP_S = 65.0
# Who moves less than a walker for longer than a signal's cycle has stopped.
STANDING_MPS = 0.7
LONGEST_WAIT_S = 90.0


@dataclass(frozen=True)
class Traversals:
    """(n,) stretches.

    Attributes:
        street: index in the graph's arrays.
        forward: along the geometry.
        length_m: metres driven.
        taken_s: seconds.
        at_s: when it began, of the track's own seconds.
    """

    street: NDArray[np.int64]
    forward: NDArray[np.bool_]
    length_m: NDArray[np.float64]
    taken_s: NDArray[np.float64]
    at_s: NDArray[np.float64]


def traversals(
    matched: Matched,
    at_s: NDArray[np.float64],
    street_m: NDArray[np.float64],
    at_order: NDArray[np.bool_] | None = None,
) -> Traversals:
    """The stretches of one track.

    Args:
        matched: the track's fixes on the streets.
        at_s: (F,) seconds, ascending.
        street_m: (S,) lengths of the streets.
        at_order: (F,) whether one was at the place of an order then.
    """
    n = len(at_s)
    sure = matched.confident & (matched.street >= 0)
    if at_order is not None:
        sure &= ~at_order
    step_s = np.diff(at_s)
    on = np.where(matched.street >= 0, matched.street, 0)
    step_m = np.diff(matched.fraction) * street_m[on[:-1]] * np.where(matched.forward[:-1], 1, -1)
    same = (
        sure[:-1]
        & sure[1:]
        & (matched.street[1:] == matched.street[:-1])
        & (matched.forward[1:] == matched.forward[:-1])
        & (step_s > 0)
        & (step_s <= LONGEST_GAP_S)
        # a metre back is the fixes' error, more is none of this direction
        & (step_m > -5.0)
    )
    same &= ~_stands(step_m, step_s)
    # each run of steps that belong together is one stretch
    begins = np.flatnonzero(same & ~np.concatenate([[False], same[:-1]])) if n > 1 else _NONE
    ends = np.flatnonzero(same & ~np.concatenate([same[1:], [False]])) + 1 if n > 1 else _NONE
    length_m = np.array([step_m[b:e].sum() for b, e in zip(begins, ends, strict=True)])
    taken_s = at_s[ends] - at_s[begins]
    long = length_m >= LEAST_M if len(length_m) else np.zeros(0, np.bool_)
    begins, length_m, taken_s = begins[long], length_m[long], taken_s[long]
    return Traversals(
        matched.street[begins].astype(np.int64),
        matched.forward[begins],
        length_m,
        taken_s,
        at_s[begins],
    )


_NONE = np.zeros(0, np.int64)


def _stands(step_m: NDArray[np.float64], step_s: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(F - 1,) steps that belong to standing for longer than one waits at a signal."""
    slow = step_m < STANDING_MPS * step_s
    number = np.cumsum(slow & ~np.concatenate([[False], slow[:-1]])) * slow
    waits_s = np.bincount(number, step_s * slow, int(number.max(initial=0)) + 1)
    return np.asarray(slow & (waits_s[number] > LONGEST_WAIT_S))
