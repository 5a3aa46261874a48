"""Units on the streets: each stands at a place or drives to one, and can be turned on the way."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.compiling import compiled
from routing.simulation.places import LAST_ALONG, Places, point_on, way_to
from routing.simulation.roads import Floats, Ints

_ARRIVES = -1


class Motion(NamedTuple):
    """(U,) where each unit is: on a piece of its way, from one share of a street to another.

    Attributes:
        target: index of the place to which it drives or where it stands.
        number: direction of the street of its present piece.
        share_from, share_to: of the street, where the piece begins and ends.
        begins_s, ends_s: when.
        state: at the piece's end; -1 where that is the target.
        arrives_s: when it is at its target.
        ready_s: when it rolls: the crew of a standing unit must get in.
        driven_s: seconds that it has driven in all, up to the last time it set off or arrived.
        set_off_s: when it last began to drive.
    """

    target: Ints
    number: Ints
    share_from: Floats
    share_to: Floats
    begins_s: Floats
    ends_s: Floats
    state: Ints
    arrives_s: Floats
    ready_s: Floats
    driven_s: Floats
    set_off_s: Floats


def make_motion(places: Places, homes: NDArray[np.integer]) -> Motion:
    """Everybody stands at home; homes are places."""
    n = len(homes)
    target, number, state = (np.zeros(n, np.int32) for _ in range(3))
    share_from, share_to, begins_s, ends_s = (np.zeros(n) for _ in range(4))
    arrives_s, ready_s, driven_s, set_off_s = (np.zeros(n) for _ in range(4))
    motion = Motion(
        target,
        number,
        share_from,
        share_to,
        begins_s,
        ends_s,
        state,
        arrives_s,
        ready_s,
        driven_s,
        set_off_s,
    )
    for unit, home in enumerate(homes.tolist()):
        stand(places, motion, unit, home, 0.0)
    return motion


@compiled
def stand(places: Any, motion: Any, unit: int, place: int, now: float) -> None:
    """The unit is at a place."""
    motion.driven_s[unit] += max(min(now, motion.arrives_s[unit]) - motion.set_off_s[unit], 0.0)
    motion.target[unit] = place
    motion.number[unit] = 2 * places.street[place]
    motion.share_from[unit] = motion.share_to[unit] = places.fraction[place]
    motion.begins_s[unit] = motion.ends_s[unit] = now
    motion.arrives_s[unit] = motion.ready_s[unit] = motion.set_off_s[unit] = now
    motion.state[unit] = _ARRIVES


@compiled
def advance(roads: Any, places: Any, motion: Any, unit: int, now: float) -> None:
    """Bring a unit to the piece of its way on which it is now."""
    place = motion.target[unit]
    while motion.state[unit] != _ARRIVES and now >= motion.ends_s[unit]:
        state = motion.state[unit]
        link = places.link[place, state]
        motion.begins_s[unit] = motion.ends_s[unit]
        if link <= LAST_ALONG:
            direction = LAST_ALONG - link
            motion.number[unit] = 2 * places.street[place] + direction
            motion.share_from[unit] = direction
            motion.share_to[unit] = places.fraction[place]
            motion.ends_s[unit] += places.to_go_s[place, state]
            motion.state[unit] = _ARRIVES
        else:
            number = roads.link_number[link]
            following = roads.link_head[link]
            motion.number[unit] = number
            motion.share_from[unit] = number & 1
            motion.share_to[unit] = 1 - (number & 1)
            motion.ends_s[unit] += max(
                places.to_go_s[place, state] - places.to_go_s[place, following], 0.0
            )
            motion.state[unit] = following


@compiled
def where(roads: Any, places: Any, motion: Any, unit: int, now: float) -> Any:
    """Street and share of it where a unit is now."""
    if now >= motion.arrives_s[unit]:
        place = motion.target[unit]
        return places.street[place], places.fraction[place]
    advance(roads, places, motion, unit, now)
    begins, ends = motion.begins_s[unit], motion.ends_s[unit]
    done = (now - begins) / (ends - begins) if ends > begins else 1.0
    done = min(max(done, 0.0), 1.0)
    begun, end = motion.share_from[unit], motion.share_to[unit]
    return motion.number[unit] >> 1, begun + done * (end - begun)


@compiled
def _waits_s(motion: Any, unit: int, now: float, turnout_s: float, turn_s: float) -> Any:
    """Seconds until a unit that is called now rolls; who drives stops to read the order."""
    if now >= motion.arrives_s[unit]:
        return turnout_s
    return max(motion.ready_s[unit] - now, turn_s)


@compiled
def etas_s(
    roads: Any,
    places: Any,
    motion: Any,
    units: Any,
    place: int,
    now: float,
    turnout_s: float,
    turn_s: float,
) -> Any:
    """(len(units),) seconds from now until each would be at a place."""
    found = np.empty(len(units))
    for i in range(len(units)):
        street, share = where(roads, places, motion, units[i], now)
        wait_s = _waits_s(motion, units[i], now, turnout_s, turn_s)
        found[i] = wait_s + way_to(roads, places, place, street, share)[0]
    return found


@compiled
def squared_distances(
    roads: Any, places: Any, motion: Any, units: Any, place: int, now: float
) -> Any:
    """(len(units),) as the crow flies to a place, in squared degrees of latitude."""
    found = np.empty(len(units))
    x, y = places.lonlat[place]
    narrow = np.cos(np.radians(y))
    for i in range(len(units)):
        street, share = where(roads, places, motion, units[i], now)
        its_x, its_y = point_on(roads, street, share)
        found[i] = ((its_x - x) * narrow) ** 2 + (its_y - y) ** 2
    return found


@compiled
def set_off(
    roads: Any,
    places: Any,
    motion: Any,
    unit: int,
    place: int,
    now: float,
    turnout_s: float,
    turn_s: float,
) -> Any:
    """Turn a unit towards a place; returns when it will be there."""
    street, share = where(roads, places, motion, unit, now)
    rolls_s = now + _waits_s(motion, unit, now, turnout_s, turn_s)
    time_s, direction = way_to(roads, places, place, street, share)
    motion.driven_s[unit] += max(min(now, motion.arrives_s[unit]) - motion.set_off_s[unit], 0.0)
    motion.set_off_s[unit] = motion.ready_s[unit] = rolls_s
    motion.target[unit] = place
    motion.begins_s[unit] = rolls_s
    motion.share_from[unit] = share
    motion.arrives_s[unit] = rolls_s + time_s
    if direction >= 2:
        motion.number[unit] = 2 * street + direction - 2
        motion.share_to[unit] = places.fraction[place]
        motion.ends_s[unit] = rolls_s + time_s
        motion.state[unit] = _ARRIVES
    else:
        number = 2 * street + direction
        rest = share if direction == 1 else 1 - share
        motion.number[unit] = number
        motion.share_to[unit] = 1 - direction
        motion.ends_s[unit] = rolls_s + rest * roads.along_s[number]
        motion.state[unit] = roads.arrival[number]
    return motion.arrives_s[unit]
