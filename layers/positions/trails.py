"""The last fixes of each responder: what a new one is matched with, and whether it is kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from layers.positions.fixes import Fix
from layers.positions.streets import StreetMatchers
from routing.matching.match import Matched, match_tracks
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
        self, mode: Mode, told: Mapping[int, Sequence[Fix]], streets: StreetMatchers
    ) -> dict[int, list[OnStreet | None]]:
        """Where on the streets new fixes lie, by responder.

        Args:
            mode: of all of them.
            told: by responder, ordered by time.
            streets: on which they are matched.
        """
        rows: list[tuple[float, float, float, float]] = []
        first: list[int] = [0]
        fresh: list[int] = []
        for responder_id, fixes in told.items():
            rows += [_row(fix) for fix in self._before(responder_id, fixes[0].at_s)]
            fresh += range(len(rows), len(rows) + len(fixes))
            rows += [_row(fix) for fix in fixes]
            first.append(len(rows))
        track = np.array(rows).reshape(-1, 4)
        matcher = streets.of(mode)
        found = match_tracks(matcher, np.array(first), track[:, :2], track[:, 2], track[:, 3])
        on_streets = iter(_on_streets(found, np.array(fresh, np.int64), matcher.graph.street_ids))
        return {
            responder_id: [
                place if (fix.accuracy_m or 0) <= _WORST_MATCHED_M else None
                for fix, place in zip(fixes, on_streets, strict=False)
            ]
            for responder_id, fixes in told.items()
        }

    def _before(self, responder_id: int, at_s: float) -> list[Fix]:
        known = self._trails.get(responder_id)
        return [fix for fix in known.fixes if fix.at_s < at_s] if known else []

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


def _row(fix: Fix) -> tuple[float, float, float, float]:
    return fix.lon, fix.lat, fix.at_s, fix.accuracy_m or _USUAL_ACCURACY_M


def _on_streets(
    found: Matched, rows: NDArray[np.int64], street_ids: NDArray[np.int64]
) -> list[OnStreet | None]:
    """Some of the fixes that were matched."""
    street = found.street[rows]
    columns = street_ids[street], found.fraction[rows], found.forward[rows], found.confident[rows]
    return [
        OnStreet(street_id, fraction, forward if sure else None) if is_there else None
        for is_there, street_id, fraction, forward, sure in zip(
            (street != OFF_STREET).tolist(), *(each.tolist() for each in columns), strict=True
        )
    ]


def _tells_more(kept: Fix, fix: Fix) -> bool:
    waited_s = fix.at_s - kept.at_s
    # A position of the future was kept before our own clock was set back.
    if waited_s >= _KEPT_STANDING_S or waited_s < 0:
        return True
    return waited_s >= _KEPT_EVERY_S and _metres_between(kept, fix) >= _STANDS_WITHIN_M


def _metres_between(one: Fix, other: Fix) -> float:
    east = (other.lon - one.lon) * np.cos(np.radians(one.lat))
    return float(np.hypot(east, other.lat - one.lat) * _METRES_A_DEGREE)
