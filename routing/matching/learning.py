"""What tracks teach of speeds: by class and hour, then street by street, never more than they show.

A sample is a street driven through: the share of its stated speed that was left. Shares are weighed
as logarithms. Two stages, each an empirical Bayes estimate (normal means with a common variance
within and one between groups, both estimated from the data: DerSimonian and Laird's moments):

1. Each class at each hour, shrunk towards the class at all hours, which itself is shrunk towards
   what was assumed, as if `PRIOR_SAMPLES` samples had said so.
2. Each direction of each street, shrunk towards what its class does at those hours.

A group with few samples, or in which they differ much, stays near what is known of others. Samples
that no street explains (a fix beside the truth, a stop) are set aside before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Assumed: so many samples weigh as much as what was assumed of a class.
PRIOR_SAMPLES = 20.0
# Shares beyond these are no driving: a fix beside the truth, or somebody who stood.
LEAST_SEEN, MOST_SEEN = 0.08, 1.8
# Of a group, what lies farther from its median than so many robust standard deviations is drawn in.
_FAR = 2.5
_MAD_TO_SD = 1.4826
# Spread of one sample where no group has two. Assumed.
_ASSUMED_SD = 0.3


@dataclass(frozen=True)
class Samples:
    """(n,) streets driven through, of one mode.

    Attributes:
        street: number of the direction of a street, whatever numbers them.
        group: number of the class and hour.
        klass: number of the class.
        share: of the stated speed that was left.
        assumed: the share that was assumed of the class at that hour.
    """

    street: Ints
    group: Ints
    klass: Ints
    share: Floats
    assumed: Floats


@dataclass(frozen=True)
class Estimates:
    """(g,) what was learned of some groups.

    Attributes:
        number: of the group, ascending.
        samples: how many there were.
        measured: median share.
        spread: standard deviation of the logarithms.
        share: the estimate; of streets, of what their class does at that hour.
    """

    number: Ints
    samples: Ints
    measured: Floats
    spread: Floats
    share: Floats


@dataclass(frozen=True)
class Learned:
    """What samples teach.

    Attributes:
        classes: by class; `share` is of what was assumed, and holds for hours without samples.
        hours: by group.
        streets: by street.
        used: (n,) which samples counted.
    """

    classes: Estimates
    hours: Estimates
    streets: Estimates
    used: NDArray[np.bool_]


def learn(samples: Samples, *, least_samples: int = 5) -> Learned:
    """What samples of one mode teach.

    Args:
        samples: as they were driven, in any order.
        least_samples: of a street, before it differs from its class.
    """
    used = (samples.share >= LEAST_SEEN) & (samples.share <= MOST_SEEN)
    share, assumed = samples.share[used], samples.assumed[used]
    street, group, klass = samples.street[used], samples.group[used], samples.klass[used]
    residual = np.log(share) - np.log(assumed)
    classes = _classes(residual, klass, share)
    of_class = np.log(classes.share)[np.searchsorted(classes.number, klass)]
    hours, of_hour = _hours(residual, group, of_class, share, assumed)
    residual = residual - of_hour
    groups = _Groups(street, residual)
    shrunk = groups.shrunk(np.zeros(len(groups.number)))
    shrunk[groups.count < least_samples] = 0.0
    streets = Estimates(
        groups.number,
        groups.count,
        np.exp(groups.medians(np.log(share))),
        groups.spread,
        np.exp(shrunk),
    )
    return Learned(classes, hours, streets, used)


def _classes(residual: Floats, klass: Ints, share: Floats) -> Estimates:
    """Each class at all hours."""
    groups = _Groups(klass, residual)
    mean = groups.mean * groups.count / (groups.count + PRIOR_SAMPLES)
    measured = np.exp(groups.medians(np.log(share)))
    return Estimates(groups.number, groups.count, measured, groups.spread, np.exp(mean))


def _hours(
    residual: Floats, group: Ints, of_class: Floats, share: Floats, assumed: Floats
) -> tuple[Estimates, Floats]:
    """The classes' hours, and (n,) what they explain of each sample.

    Args:
        residual: (n,) logarithms of shares less what was assumed.
        group: (n,) class and hour.
        of_class: (n,) what the class at all hours explains.
        share: (n,)
        assumed: (n,)
    """
    groups = _Groups(group, residual)
    towards = np.zeros(len(groups.number))
    towards[groups.of_sample] = of_class
    shrunk = groups.shrunk(towards)
    base = np.zeros(len(groups.number))
    base[groups.of_sample] = np.log(assumed)
    estimates = Estimates(
        groups.number,
        groups.count,
        np.exp(groups.medians(np.log(share))),
        groups.spread,
        np.exp(base + shrunk),
    )
    return estimates, shrunk[groups.of_sample]


class _Groups:
    """Values by group, those far out drawn in."""

    def __init__(self, group: Ints, value: Floats) -> None:
        self.number, self.of_sample = np.unique(group, return_inverse=True)
        self.count = np.bincount(self.of_sample, minlength=len(self.number))
        self._value = self._drawn_in(value)
        self.mean = self._sum(self._value) / np.maximum(self.count, 1)
        squares = self._sum((self._value - self.mean[self.of_sample]) ** 2)
        self.spread = np.sqrt(squares / np.maximum(self.count - 1, 1))
        freedom = int(np.maximum(self.count - 1, 0).sum())
        self._within = float(squares.sum() / freedom) if freedom else _ASSUMED_SD**2

    def medians(self, value: Floats) -> Floats:
        """(g,)"""
        order = np.lexsort((value, self.of_sample))
        first = np.cumsum(self.count) - self.count
        low, high = first + (self.count - 1) // 2, first + self.count // 2
        sorted_values = value[order]
        return np.asarray((sorted_values[low] + sorted_values[high]) / 2)

    def shrunk(self, towards: Floats) -> Floats:
        """(g,) means drawn towards (g,) others, by how much they say."""
        weight = self.count / max(self._within, 1e-9)
        between = self._between(self.mean - towards, weight)
        says = weight * between / (1 + weight * between)
        return np.asarray(towards + says * (self.mean - towards))

    def _between(self, away: Floats, weight: Floats) -> float:
        """Variance between groups, by moments, about a mean that is known to be 0."""
        if not len(away):
            return 0.0
        excess = float((weight * away**2).sum()) - len(away)
        return max(excess / float(weight.sum()), 0.0)

    def _sum(self, value: Floats) -> Floats:
        return np.bincount(self.of_sample, value, len(self.number))

    def _drawn_in(self, value: Floats) -> Floats:
        if not len(value):
            return value
        middle = self.medians(value)
        sd = _MAD_TO_SD * self.medians(np.abs(value - middle[self.of_sample]))
        # a group of few, or of equals, tells no spread of its own
        usual = _MAD_TO_SD * float(np.median(np.abs(value - middle[self.of_sample])))
        far = (_FAR * np.maximum(sd, usual))[self.of_sample]
        centre = middle[self.of_sample]
        return np.asarray(np.clip(value, centre - far, centre + far))
