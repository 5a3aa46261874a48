"""The last fixes of each responder: what a new one is matched with, and whether it is kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from layers.positions.fixes import Fix
from layers.positions.streets import StreetMatchers
from routing.matching.match import match_track
from routing.modes import Mode
from routing.network.segment_grid import OFF_STREET

# So many fixes tell street and direction; older ones change nothing any more.
_REMEMBERED = 8
# Worse fixes lie near too many streets.
_WORST_MATCHED_M = 100.0
# Where a device doesn't say it: what a phone in a street has. Assumed.
_USUAL_ACCURACY_M = 15.0
# Of who moves a fix is kept this often, of who stands that often.
_KEPT_EVERY_S, _KEPT_STANDING_S = 5.0, 60.0
_STANDS_WITHIN_M = 5.0
_METRES_A_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class OnStreet:
    """Where on a street a fix lies.

    Attributes:
        street_id: of routing.street.
        fraction: share of its geometry.
        forward: whether it is travelled along its geometry; None where that isn't sure.
    """

    street_id: int
    fraction: float
    forward: bool | None


@dataclass
class _Trail:
    fixes: deque[Fix] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    kept: Fix | None = None


class Trails:
    """By responder, a few fixes of each; for one thread at a time."""

    def __init__(self) -> None:
        self._trails: dict[int, _Trail] = {}

    def match(
        self, responder_id: int, mode: Mode, fixes: Sequence[Fix], streets: StreetMatchers
    ) -> list[OnStreet | None]:
        """Where on the streets new fixes of a responder lie, ordered by time."""
        matcher = streets.of(mode)
        known = self._trails.get(responder_id)
        earlier = [fix for fix in known.fixes if fix.at_s < fixes[0].at_s] if known else []
        track = [*earlier, *fixes]
        found = match_track(
            matcher,
            np.array([(fix.lon, fix.lat) for fix in track]),
            np.array([fix.at_s for fix in track]),
            np.array([fix.accuracy_m or _USUAL_ACCURACY_M for fix in track]),
        )
        ids = matcher.graph.street_ids
        return [
            OnStreet(
                int(ids[found.street[row]]),
                float(found.fraction[row]),
                bool(found.forward[row]) if found.confident[row] else None,
            )
            if found.street[row] != OFF_STREET and (fix.accuracy_m or 0) <= _WORST_MATCHED_M
            else None
            for row, fix in enumerate(track)
            if row >= len(earlier)
        ]

    def worth_keeping(self, responder_id: int, fixes: Sequence[Fix]) -> list[bool]:
        """Which of a responder's new fixes tell enough beside the one before that was kept."""
        known = self._trails.get(responder_id)
        kept = known.kept if known else None
        worth = []
        for fix in fixes:
            worth.append(kept is None or _tells_more(kept, fix))
            kept = fix if worth[-1] else kept
        return worth

    def add(self, responder_id: int, fix: Fix, *, is_kept: bool) -> None:
        """Remember a fix that was taken."""
        trail = self._trails.setdefault(responder_id, _Trail())
        trail.fixes.append(fix)
        if is_kept:
            trail.kept = fix


def _tells_more(kept: Fix, fix: Fix) -> bool:
    waited_s = fix.at_s - kept.at_s
    if waited_s >= _KEPT_STANDING_S:
        return True
    return waited_s >= _KEPT_EVERY_S and _metres_between(kept, fix) >= _STANDS_WITHIN_M


def _metres_between(one: Fix, other: Fix) -> float:
    east = (other.lon - one.lon) * np.cos(np.radians(one.lat))
    return float(np.hypot(east, other.lat - one.lat) * _METRES_A_DEGREE)
