"""How long it takes from some places to every place on the streets of one mode, or from there."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.network.network_arrays import NOBODY, Times
from routing.reach.kernels import enter_streets, pieces_within, spread_out, times_at_places
from routing.reach.network import ReachNetwork, Spread

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class Direction(StrEnum):
    """Which way is travelled: away from the places, or towards them."""

    FROM = "from"
    TO = "to"


class Sources(NamedTuple):
    """Places on streets at which travels begin, or end.

    Attributes:
        street: (R,) index of each one's street; -1 for off street, who goes nowhere.
        fraction: (R,) share of the street's length from its beginning.
        delay_s: (R,) seconds until it sets out.
    """

    street: Ints
    fraction: Floats
    delay_s: Floats


class Labels(NamedTuple):
    """The n least times at each of P places, each of another source.

    Attributes:
        time_s: (P, n) ascending; inf where fewer than n get there in time.
        source: (P, n) index of the source, -1 where there is none.
    """

    time_s: Floats
    source: Ints


class Piece(NamedTuple):
    """Parts of streets: shares of their lengths, start < end or a single point.

    Attributes:
        street: (Q,) indices.
        start, end: (Q,) shares.
    """

    street: Ints
    start: Floats
    end: Floats


class Field(NamedTuple):
    """Times on every street, as straight lines along it.

    Attributes:
        enter_s: (2S, n) seconds at which the beginning (2·street) and the end (2·street + 1) of a
            street's geometry are passed by who goes on along it; inf for never.
        whose: (2S, n) the sources of these.
        slope_s: (2S,) seconds from there to the other end.
        direct_s: (2S,) seconds of the whole street for a source that stands on it, towards its end
            (2·street) and its beginning; inf where it may not go there.
        first_here: (S,) the first source that stands on a street, -1 for none.
        next_here: (R,) the one after it.
        stands, delay_s: (R,) where the sources stand, when they set out.
        source_of: (R,) their numbers.
    """

    enter_s: Floats
    whose: Ints
    slope_s: Floats
    direct_s: Floats
    first_here: Ints
    next_here: Ints
    stands: Floats
    delay_s: Floats
    source_of: Ints

    def at(self, street: Ints, fraction: Floats) -> Labels:
        """The labels of (P,) places; street -1 is nowhere."""
        n = self.enter_s.shape[1]
        labels = Labels(np.full((len(street), n), np.inf), np.full((len(street), n), NOBODY, "i4"))
        times_at_places(self, street, fraction, *labels)
        return labels

    def within(self, limit_s: float) -> Piece:
        """The parts of streets that are reached in `limit_s`, none of which meet on a street."""
        room = 2 * len(self.first_here) + len(self.stands)
        piece = Piece(np.empty(room, np.int32), np.empty(room), np.empty(room))
        n = pieces_within(self, limit_s, *piece)
        return Piece(piece.street[:n], piece.start[:n], piece.end[:n])


def spread(  # noqa: PLR0913 - what, whose, which way, how far and how many
    network: ReachNetwork,
    times: Times,
    sources: Sources,
    *,
    direction: Direction = Direction.FROM,
    limit_s: float = np.inf,
    n_labels: int = 1,
) -> Field:
    """Times from all sources to every place on the streets, or from every place to them.

    Args:
        network: of the mode.
        times: of its edges now.
        sources: where travels begin (`FROM`) or end (`TO`).
        direction: which way is travelled.
        limit_s: what takes longer, the delay included, isn't looked at.
        n_labels: how many sources each place remembers, the quickest first.
    """
    along_s = times.along_s.astype(np.float64)
    which = np.flatnonzero(sources.street != NOBODY).astype(np.int32)
    begun = _begin(network, sources, which, along_s, direction)
    labels = Labels(
        np.full((network.n_states, n_labels), np.inf),
        np.full((network.n_states, n_labels), NOBODY, np.int32),
    )
    ways = network.ahead if direction is Direction.FROM else network.back
    cost_s = _cost_s(network, ways, times)
    spread_out(ways.first, ways.to, cost_s, *begun, len(sources.street), limit_s, *labels)
    return _field(network, labels, sources, which, along_s, direction)


def _cost_s(network: ReachNetwork, ways: Spread, times: Times) -> Floats:
    links = network.links
    cost_s = times.through_s[links.edge].astype(np.float64) + links.turning_s
    return np.asarray(cost_s[ways.link])


def _begin(
    network: ReachNetwork, sources: Sources, which: Ints, along_s: Floats, direction: Direction
) -> tuple[Ints, Floats, Ints]:
    """States from which the search begins, when, and whose they are."""
    starts = []
    for towards in (0, 1):
        number = 2 * sources.street[which] + towards
        passed = sources.fraction[which] if towards == 0 else 1 - sources.fraction[which]
        if direction is Direction.FROM:
            state = network.arrival[number]
            then_s = sources.delay_s[which] + (1 - passed) * along_s[number]
            admitted = state != NOBODY
            starts.append((state[admitted], then_s[admitted], which[admitted]))
        else:
            then_s = sources.delay_s[which] + passed * along_s[number]
            starts.append(_before(network, number, then_s, which))
    state, then, whose = (np.concatenate(parts) for parts in zip(*starts, strict=True))
    return state.astype(np.int32), then.astype(np.float64), whose.astype(np.int32)


def _before(
    network: ReachNetwork, number: Ints, then_s: Floats, which: Ints
) -> tuple[Ints, Floats, Ints]:
    """The states from which one turns into directions of streets."""
    first = network.first_link[number]
    count = network.first_link[number + 1] - first
    row = np.repeat(np.arange(len(number)), count)
    link = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    links = network.links
    return links.tail[link], then_s[row] + links.turning_s[link], which[row]


def _field(  # noqa: PLR0913, PLR0917 - the parts of a field
    network: ReachNetwork,
    labels: Labels,
    sources: Sources,
    which: Ints,
    along_s: Floats,
    direction: Direction,
) -> Field:
    n_numbers, n = len(along_s), labels.time_s.shape[1]
    admitted = network.arrival != NOBODY
    direct_s = np.where(admitted, along_s, np.inf)
    if direction is Direction.FROM:
        enter_s = np.full((n_numbers, n), np.inf)
        whose = np.full((n_numbers, n), NOBODY, np.int32)
        links = network.links
        enter_streets(links.tail, links.number, links.turning_s, *labels, enter_s, whose)
        slope_s = along_s
    else:
        # Who goes along a street comes to its end: there lie the times that are known.
        enter_s, whose = _at_ends(network, labels, admitted)
        slope_s = _swapped(along_s)
        direct_s = _swapped(direct_s)
    street = sources.street[which]
    first_here, next_here = _by_street(street, n_numbers // 2)
    return Field(
        enter_s,
        whose,
        slope_s,
        direct_s,
        first_here,
        next_here,
        sources.fraction[which],
        sources.delay_s[which],
        which,
    )


def _at_ends(
    network: ReachNetwork, labels: Labels, admitted: NDArray[np.bool_]
) -> tuple[Floats, Ints]:
    enter_s = np.where(admitted[:, None], labels.time_s[network.arrival], np.inf)
    whose = np.where(admitted[:, None], labels.source[network.arrival], NOBODY).astype(np.int32)
    return _swapped(enter_s), _swapped(whose)


def _swapped[T: np.generic](by_number: NDArray[T]) -> NDArray[T]:
    """The two directions of each street exchanged."""
    pairs = by_number.reshape(-1, 2, *by_number.shape[1:])
    return np.ascontiguousarray(pairs[:, ::-1].reshape(by_number.shape))


def _by_street(street: Ints, n_streets: int) -> tuple[Ints, Ints]:
    """Chains of those who stand on the same street."""
    first_here = np.full(n_streets, NOBODY, np.int32)
    next_here = np.full(len(street), NOBODY, np.int32)
    for r, s in enumerate(street.tolist()):
        next_here[r] = first_here[s]
        first_here[s] = r
    return first_here, next_here
