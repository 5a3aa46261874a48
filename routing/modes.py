"""How one moves: on foot, by e-bike, by car."""

from __future__ import annotations

from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

FOOT_SPEED_KPH = 5.0
EBIKE_SPEED_KPH = 20.0


class Mode(IntFlag):
    """One mode, or a set of modes: the bits of `forward_modes` and `backward_modes`."""

    FOOT = 1
    EBIKE = 2
    CAR = 4

    @property
    def label(self) -> str:
        """The name by which files, tables and the command line know one mode."""
        return str(self.name).lower()


ALL_MODES = Mode.FOOT | Mode.EBIKE | Mode.CAR
MODES_BY_NAME = {mode.label: mode for mode in Mode}


def speeds_kph(mode: Mode, car_speeds_kph: NDArray[np.float64]) -> NDArray[np.float64]:
    """How fast `mode` moves on streets of these car speeds: e-bikes keep to slower limits too."""
    if mode == Mode.FOOT:
        return np.full_like(car_speeds_kph, FOOT_SPEED_KPH)
    if mode == Mode.EBIKE:
        return np.minimum(car_speeds_kph, EBIKE_SPEED_KPH)
    return car_speeds_kph


def travel_times_s(
    mode: Mode, length_m: NDArray[np.float64], car_speeds_kph: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Seconds that `mode` needs for streets of these lengths and car speeds."""
    return np.asarray(length_m * 3.6 / speeds_kph(mode, car_speeds_kph))
