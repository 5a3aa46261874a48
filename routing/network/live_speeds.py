"""How fast one moves now: by the hour of the day, and as tracks have taught, street by street.

Shares of the stated speed, never more than all of it: the streets that turns were weighed on are
free ones, and the promise of 180 s is not made of speeding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from routing.modes import Mode
from routing.network.speeds import CLASSES, PACES, PEAK_HOURS, speed_shares

Floats = NDArray[np.float64]
Shares = tuple[float, ...]
_WEEKEND = 5
_HOURS = 24
FREE: Shares = (1.0,) * len(CLASSES)


@dataclass(frozen=True)
class HourShares:
    """By mode: (2, 24, C) share of the free speed that is left, on working days and weekends.

    Modes that aren't in it feel no hours.
    """

    by_mode: Mapping[Mode, Floats]

    def at(self, mode: Mode, at: datetime | None) -> Shares:
        """By class, in the order of `CLASSES`.

        Args:
            mode: who moves.
            at: in the town's own time; None for streets that are free.
        """
        if at is None or mode not in self.by_mode:
            return FREE
        return self._rows[mode][at.weekday() >= _WEEKEND][at.hour]

    @cached_property
    def _rows(self) -> Mapping[Mode, tuple[tuple[Shares, ...], ...]]:
        """The same as tuples: every question of the engine asks."""
        return {
            mode: tuple(tuple(tuple(row) for row in day) for day in shares.tolist())
            for mode, shares in self.by_mode.items()
        }


def assumed_hours() -> HourShares:
    """What is assumed while nobody has measured, see `routing.network.speeds`."""
    monday = datetime(2024, 1, 1)  # noqa: DTZ001 - any working day, in any town's own time
    by_mode = {}
    for mode, pace in PACES.items():
        if pace.feels_hours:
            shares = np.ones((2, _HOURS, len(CLASSES)))
            for hour in PEAK_HOURS:
                shares[0, hour] = speed_shares(mode, monday.replace(hour=hour))
            by_mode[mode] = shares
    return HourShares(by_mode)


@dataclass(frozen=True)
class Speeds:
    """What the engine knows of speeds beside the streets themselves.

    Attributes:
        hours: by hour of the day and class.
        streets: by mode, (S, 2) share along and against each street of what its class does at that
            hour; modes that aren't in it have learned nothing.
        least_share: nobody is taken to be slower than this share of the stated speed.
        revision: of what is stored, that these are; 0 where nothing was ever stored.
    """

    hours: HourShares = field(default_factory=assumed_hours)
    streets: Mapping[Mode, Floats] = field(default_factory=dict)
    least_share: float = 0.05
    revision: int = 0

    def shares(self, mode: Mode, at: datetime | None, classes: NDArray[np.uint8]) -> Floats:
        """(S, 2), or what broadcasts to it: share of the stated speed that is left on each street.

        Args:
            mode: who moves.
            at: in the town's own time; None for free streets, where nothing counts.
            classes: (S,) of the streets.
        """
        of_class = self.hours.at(mode, at)
        has_learned = at is not None and mode in self.streets
        if of_class == FREE and not has_learned:
            return np.ones((1, 1))
        hourly = np.array(of_class)[classes][:, None]
        if not has_learned:
            return hourly
        return np.asarray(np.clip(hourly * self.streets[mode], self.least_share, 1.0))

    def key(self, mode: Mode, at: datetime | None) -> tuple[bool, Shares]:
        """Moments of equal key have equal shares."""
        return at is not None and mode in self.streets, self.hours.at(mode, at)


ASSUMED = Speeds()


@dataclass
class LiveSpeeds:
    """What counts now, for all modes at once: others may come between two questions."""

    now: Speeds = ASSUMED
