"""What the searches run over: a mode's directed edges, what they take, and who stands on them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NOBODY = -1


class InEdges(NamedTuple):
    """The directed edges of one mode, by the node that they lead to.

    Attributes:
        first: (N + 1,) those into node n are first[n] to first[n + 1] - 1.
        tail: (E,) node that each comes from.
        number: (E,) 2·street along its geometry, 2·street + 1 against it.
        first_place: (2S + 1,) those of number m are places[first_place[m]] and following.
        places: (E,) indices of edges, by number.
        turns_back: (N,) whether turning round at a node may be part of a quickest way.
    """

    first: NDArray[np.int32]
    tail: NDArray[np.int32]
    number: NDArray[np.int32]
    first_place: NDArray[np.int32]
    places: NDArray[np.int32]
    turns_back: NDArray[np.bool_]


class Times(NamedTuple):
    """What edges take now.

    Attributes:
        through_s: (E,) seconds of the edges of an `InEdges`; inf where they are closed.
        along_s: (2S,) seconds by number of who begins or ends on a street; closed or not.
    """

    through_s: NDArray[np.float32]
    along_s: NDArray[np.float32]


class Standing(NamedTuple):
    """Who can be sent, and where they leave their streets.

    Attributes:
        street: (R,) index of each one's street, -1 off street.
        fraction: (R,) share of the street's length from its beginning.
        first_exit: (N,) the first exit at a node; exit 2r leaves r's street along its geometry,
            2r + 1 against it.
        following_exit: (2R,) the one after it at the same node.
        delay_s: (R,) seconds until each one begins to move.
        turn_s: (2R,) seconds to turn round before leaving by an exit; 0 for who may go either way.
        ahead: (N,) how many of those who'd have to turn round have a node ahead of them.
    """

    street: NDArray[np.int32]
    fraction: NDArray[np.float64]
    first_exit: NDArray[np.int32]
    following_exit: NDArray[np.int32]
    delay_s: NDArray[np.float64]
    turn_s: NDArray[np.float64]
    ahead: NDArray[np.int32]
