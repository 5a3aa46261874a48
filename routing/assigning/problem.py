"""What is asked: incidents, responders, and how long each takes to each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NOBODY = -1


@dataclass(frozen=True)
class AssignmentRules:
    """How one assignment is judged against another.

    First comes the sum of the weights of incidents where nobody is within `hold_s`, each once; one
    that is left to nobody though it has waited n times `patience_s` counts n times more: otherwise
    those whose promise is broken would wait for ever. Then come the weighted seconds. Both count
    who is already ordered as `reassign_gain_s` earlier.

    Attributes:
        hold_s: the promise, from the report until the first responder is there.
        reassign_gain_s: who has the order keeps it unless another is there so much earlier.
        load_s: each order that a responder has had in this shift counts as so many seconds:
            of two who are nearly as quick the one who has done less goes.
        nobody_s: an incident that nobody is sent to counts as one reached after so many seconds;
            longer than every way, so that nobody is spared while one waits.
        patience_s: see above.
    """

    hold_s: float = 180.0
    reassign_gain_s: float = 60.0
    load_s: float = 5.0
    nobody_s: float = 14_400.0
    patience_s: float = 900.0


@dataclass(frozen=True)
class AssignmentProblem:
    """I incidents and R responders; at most one responder for each incident, and the reverse.

    Attributes:
        eta_s: (I, R) seconds from now until he is there; inf where he can't or may not go.
        weight: (I,) how much an incident counts, at least 1.
        waited_s: (I,) seconds since it was reported.
        orders_so_far: (R,) that a responder has had in this shift.
        holder: (I,) who has the order now; NOBODY where it is open.
        price_s: (R,) what the town loses elsewhere while he is away, as seconds.
    """

    eta_s: Floats
    weight: Ints
    waited_s: Floats
    orders_so_far: Ints
    holder: Ints
    price_s: Floats

    @property
    def shape(self) -> tuple[int, int]:
        """(I, R)."""
        n_incidents, n_responders = self.eta_s.shape
        return n_incidents, n_responders


def problem_of(  # noqa: PLR0913 - what may be said of incidents and responders
    eta_s: Floats,
    *,
    weight: Ints | None = None,
    waited_s: Floats | None = None,
    orders_so_far: Ints | None = None,
    holder: Ints | None = None,
    price_s: Floats | None = None,
) -> AssignmentProblem:
    """A problem whose incidents are equal, new and open, but for what is said."""
    eta = np.atleast_2d(np.asarray(eta_s, np.float64))
    n_incidents, n_responders = eta.shape
    return AssignmentProblem(
        eta,
        np.ones(n_incidents, np.int64) if weight is None else weight,
        np.zeros(n_incidents) if waited_s is None else waited_s,
        np.zeros(n_responders, np.int64) if orders_so_far is None else orders_so_far,
        np.full(n_incidents, NOBODY, np.int64) if holder is None else holder,
        np.zeros(n_responders) if price_s is None else price_s,
    )
