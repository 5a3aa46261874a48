"""From where, how and when somebody sets off, as the engine wants to know it."""

from __future__ import annotations

from layers.dispatch.asked import Known
from layers.dispatch.settings import DispatchSettings
from layers.dispatch.sifting import turnout_s
from routing.modes import MODES_BY_NAME
from routing.nearest.answers import Heading, Origin

# After so long somebody has turned into another street, or isn't moving any more.
_MOVING_WITHIN_S = 20.0
# Who is slower than this stands; who stands may set off either way.
_LEAST_MPS = 1.0


def origin_of(known: Known, settings: DispatchSettings) -> Origin:
    """A responder as one who can be sent."""
    return Origin(
        known.key,
        known.lon,
        known.lat,
        MODES_BY_NAME[known.mode],
        turnout_s(known, settings),
        _heading(known),
    )


def _heading(known: Known) -> Heading | None:
    """The street that somebody was matched to and its direction, while they tell of now."""
    if known.street_id is None or known.fraction is None or known.forward is None:
        return None
    is_fresh = known.fix_age_s is not None and known.fix_age_s <= _MOVING_WITHIN_S
    # A direction is only known of a track that moves: devices needn't say how fast.
    moves = known.speed_mps is None or known.speed_mps >= _LEAST_MPS
    return Heading(known.street_id, known.fraction, known.forward) if is_fresh and moves else None
