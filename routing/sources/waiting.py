"""Where streets make one wait: signals and crossings, counted for each direction.

A signal is waited at by who drives towards the junction it belongs to. OSM has it on the junction
itself, or on each approach; signals of one junction are waited at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.lengths import segment_lengths_m

# Signals nearer to each other than this belong to one junction. Assumed: 30 m, a junction of two
# streets of four lanes.
JUNCTION_M = 30.0
_SIGNAL_CROSSINGS = {"traffic_signals", "controlled"}
Tags = Mapping[str, str]


class Waiting(NamedTuple):
    """What is met on a street: signals along and against it, crossings without signal."""

    signals: int
    signals_back: int
    crossings: int

    def reversed(self) -> Waiting:
        """The same street seen from its other end."""
        return Waiting(self.signals_back, self.signals, self.crossings)

    def __add__(self, other: object) -> Waiting:
        """Both, one after the other."""
        if not isinstance(other, Waiting):
            return NotImplemented
        return Waiting(*(own + more for own, more in zip(self, other, strict=True)))


NOWHERE = Waiting(0, 0, 0)


def waiting_on(
    nodes: Sequence[int],
    xy: NDArray[np.float64],
    backwards: Sequence[bool],
    controls: Mapping[int, Tags],
) -> Waiting:
    """Count what is met on one street.

    Args:
        nodes: (n,) ids of its vertices.
        xy: (n, 2) their lon, lat.
        backwards: (n,) whether the way that a vertex belongs to runs against the street.
        controls: tags of signals and crossings by node id.
    """
    if not any(node in controls for node in nodes):
        return NOWHERE
    at_m = np.concatenate([[0.0], np.cumsum(segment_lengths_m(xy[:, 0], xy[:, 1]))])
    rest_m = at_m[-1] - at_m
    along, against, crossings = [], [], 0
    for i, node in enumerate(nodes):
        tags = controls.get(node)
        if tags is None:
            continue
        is_end = i in (0, len(nodes) - 1)
        if not _is_signal(tags):
            crossings += not is_end
            continue
        faces = _faces(tags, backwards=backwards[i])
        if i > 0 and _is_met(faces, 1, is_end=is_end, behind_m=at_m[i], ahead_m=rest_m[i]):
            along.append(at_m[i])
        if i < len(nodes) - 1 and _is_met(
            faces, -1, is_end=is_end, behind_m=rest_m[i], ahead_m=at_m[i]
        ):
            against.append(rest_m[i])
    both_ends = all(_is_signal(controls.get(node, {})) for node in (nodes[0], nodes[-1]))
    if both_ends and at_m[-1] < JUNCTION_M:
        return Waiting(0, 0, crossings)
    return Waiting(_junctions(along), _junctions(sorted(against)), crossings)


def _is_signal(tags: Tags) -> bool:
    return (tags.get("highway") == "traffic_signals" and tags.get("crossing") != "no_signals") or (
        tags.get("highway") == "crossing" and tags.get("crossing") in _SIGNAL_CROSSINGS
    )


def _faces(tags: Tags, *, backwards: bool) -> int:
    """1 if it faces who drives along the street, -1 against, 0 if it isn't said."""
    direction = tags.get("traffic_signals:direction", tags.get("direction"))
    said = {"forward": 1, "backward": -1}.get(direction or "", 0)
    return -said if backwards else said


def _is_met(faces: int, travel: int, *, is_end: bool, behind_m: float, ahead_m: float) -> bool:
    """Whether who travels this way waits here: not at a signal that it leaves behind itself."""
    if faces:
        return faces == travel
    leaves_a_junction = behind_m < JUNCTION_M and behind_m < ahead_m
    return is_end or not leaves_a_junction


def _junctions(places_m: Sequence[float]) -> int:
    """How many are more than a junction apart."""
    count, last_m = 0, -np.inf
    for place_m in places_m:
        if place_m - last_m >= JUNCTION_M:
            count, last_m = count + 1, place_m
    return min(count, 255)
