"""How one moves: on foot, by e-bike, by car, by a car on an emergency run."""

from __future__ import annotations

from enum import IntFlag


class Mode(IntFlag):
    """One mode, or a set of modes: the bits of `forward_modes` and `backward_modes`."""

    FOOT = 1
    EBIKE = 2
    CAR = 4
    EMERGENCY = 8

    @property
    def label(self) -> str:
        """The name by which files, tables and the command line know one mode."""
        return str(self.name).lower()


ALL_MODES = Mode.FOOT | Mode.EBIKE | Mode.CAR | Mode.EMERGENCY
CARS = Mode.CAR | Mode.EMERGENCY
MODES_BY_NAME = {mode.label: mode for mode in Mode}
