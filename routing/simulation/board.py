"""What a dispatcher sees at one moment of a simulation: units, waiting calls, times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from routing.simulation.driving import etas_s, make_motion, set_off, squared_distances
from routing.simulation.roads import Floats
from routing.simulation.world import NOBODY, Calls, World


class Board:
    """Changed by the simulation, read by policies.

    Attributes:
        now_s: the moment.
        waiting: calls that nobody is ordered to.
        idle: (U,) whether a unit has no call.
        call_of: (U,) the call that a unit drives to; NOBODY where it doesn't.
        rests_at: (U,) row of the waiting place where an idle unit is or to which it goes.
        home: (U,) row of the waiting place that is its home.
    """

    def __init__(self, world: World, calls: Calls, homes: NDArray[np.int64]) -> None:
        """Everybody is at home; `homes` are (U,) rows of the waiting places."""
        self.world = world
        self.calls = calls
        self.now_s = 0.0
        self.waiting: list[int] = []
        self.idle = np.ones(len(homes), np.bool_)
        self.call_of = np.full(len(homes), NOBODY, np.int64)
        self.home = homes
        self.rests_at = homes.copy()
        self.motion = make_motion(world.places, world.coverage.site[homes])

    def etas_s(self, units: NDArray[np.int64], call: int) -> Floats:
        """(len(units),) seconds until each would be at a call, turnout or turning among them."""
        world = self.world
        found = etas_s(world.roads, world.places, self.motion, units, self.calls.place[call],
                       self.now_s, world.turnout_s, world.turn_s)  # fmt: skip
        return np.asarray(found)

    def air_distances(self, units: NDArray[np.int64], call: int) -> Floats:
        """(len(units),) how far each is as the crow flies, in a unit of its own."""
        world = self.world
        found = squared_distances(world.roads, world.places, self.motion, units,
                                  self.calls.place[call], self.now_s)  # fmt: skip
        return np.asarray(found)

    def etas_of_drivers_s(self, units: NDArray[np.int64]) -> Floats:
        """(len(units),) seconds until each is where it drives to, if it just goes on."""
        return np.asarray(self.motion.arrives_s[units] - self.now_s)

    def send(self, unit: int, place: int) -> float:
        """Order a unit to a place; returns when it will be there."""
        return self._set_off(unit, place, self.world.turnout_s, self.world.turn_s)

    def rest(self, unit: int, site: int) -> None:
        """Send an idle unit to wait somewhere."""
        self.rests_at[unit] = site
        self._set_off(unit, int(self.world.coverage.site[site]), 0.0, 0.0)

    def reached_by_resting(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Units that rest or go there to rest, and (n, P) what each reaches from there in time."""
        resting = np.flatnonzero(self.rests_at != NOBODY)
        return resting, self.world.coverage.reaches[self.rests_at[resting]]

    def _set_off(self, unit: int, place: int, turnout_s: float, turn_s: float) -> float:
        world = self.world
        return float(set_off(world.roads, world.places, self.motion, unit, place, self.now_s,
                             turnout_s, turn_s))  # fmt: skip

    def wake(self, unit: int) -> None:
        """An idle unit that rests does so no longer."""
        self.rests_at[unit] = NOBODY
