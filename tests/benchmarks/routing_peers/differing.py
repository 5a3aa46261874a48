"""Where another engine names others than ours does, and what that would cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from routing_peers.questions import Answers

_NEAR = 0.05


@dataclass(frozen=True)
class Differing:
    """How the answers of another differ from ours.

    Attributes:
        asked: how many there are.
        others: in how many somebody else is among the k.
        near: in how many of those nobody of them comes later than our last by more than a
            twentieth: a matter of the seconds that each counts for turns.
        lost: in how many of those somebody of them can't come at all by our streets: it is taken to
            stand on another street.
        worst_s: how much later the worst of theirs comes than our last, of those who can come.
        first: in how many somebody else is the first.
        first_worst_s: how much later than ours that one comes at the worst.
    """

    asked: int
    others: int
    near: int
    lost: int
    worst_s: float
    first: int
    first_worst_s: float

    def __str__(self) -> str:
        """One line."""
        if not self.others and not self.first:
            return f"the same {self.asked} answers"
        return (
            f"{self.others} of {self.asked} answers name others"
            f" ({self.near} of them within 5 %, {self.lost} somebody who can't come, else at the"
            f" worst {self.worst_s:.0f} s later);"
            f" another first in {self.first}, at the worst {self.first_worst_s:.0f} s later"
        )


def compare(theirs: Answers, ours: Answers, times_s: Sequence[np.ndarray]) -> Differing:
    """Judge theirs by our exact times.

    Args:
        theirs: their answers, as many as they gave.
        ours: ours.
        times_s: of each incident, (R,) seconds until each responder is there by our streets.
    """
    others = near = lost = first = 0
    worst_s = first_worst_s = 0.0
    for mine, other, exact_s in zip(ours.best, theirs.best, times_s, strict=False):
        if set(mine) != set(other) and mine:
            last_s = exact_s[mine[-1]]
            late_s = max((exact_s[r] for r in other), default=np.inf) - last_s
            others += 1
            near += bool(len(mine) == len(other) and late_s <= _NEAR * last_s)
            lost += bool(late_s == np.inf)
            worst_s = max(worst_s, late_s if late_s < np.inf else 0.0)
        if mine and other and mine[0] != other[0]:
            first += 1
            later_s = exact_s[other[0]] - exact_s[mine[0]]
            first_worst_s = max(first_worst_s, later_s if later_s < np.inf else 0.0)
    return Differing(len(theirs.best), others, near, lost, worst_s, first, first_worst_s)
