"""What all rules are tried on alike: streets, places, calls, homes, and how long things take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.simulation.covering import Coverage
from routing.simulation.places import Places
from routing.simulation.roads import Floats, Ints, Roads

NOBODY = -1


@dataclass(frozen=True)
class World:
    """The same for every rule.

    Attributes:
        roads: the streets.
        places: where calls come from; units wait at some of them.
        coverage: those where they may wait, and what that covers.
        hold_s: the promise, from the call until somebody is there.
        turnout_s: from an order until a unit that stands rolls.
        turn_s: that a unit loses which gets an order, or another one, on the way.
    """

    roads: Roads
    places: Places
    coverage: Coverage
    hold_s: float
    turnout_s: float
    turn_s: float


@dataclass(frozen=True)
class Calls:
    """C calls, in the order of time.

    Attributes:
        at_s: (C,) seconds since a common beginning.
        place: (C,) index of the place.
        service_s: (C,) how long a unit is needed there.
        weight: (C,) how much a call counts, at least 1.
    """

    at_s: Floats
    place: Ints
    service_s: Floats
    weight: NDArray[np.int64]

    def __len__(self) -> int:
        """How many."""
        return len(self.at_s)

    def part(self, rows: slice) -> Calls:
        """Some of them, one after the other."""
        return Calls(self.at_s[rows], self.place[rows], self.service_s[rows], self.weight[rows])


@dataclass(frozen=True)
class Record:
    """What became of the calls.

    Attributes:
        unit: (C,) who served it.
        ordered_s: (C,) when that unit was told.
        reached_s: (C,) when it was there.
        done_s: (C,) when it was free again.
        driven_s: (U,) seconds that each unit drove, to calls and otherwise.
        reassigned: how often a unit was taken off a call before it was there.
        most_handed_on: how often that happened to one call at most.
        moves: how often a waiting unit was moved to cover better.
    """

    unit: Ints
    ordered_s: Floats
    reached_s: Floats
    done_s: Floats
    driven_s: Floats
    reassigned: int
    most_handed_on: int
    moves: int

    def response_s(self, calls: Calls) -> Floats:
        """(C,) seconds from the call until somebody was there."""
        return np.asarray(self.reached_s - calls.at_s)
