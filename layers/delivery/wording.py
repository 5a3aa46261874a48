"""An order in words. Nothing of the reporter is in them: messages cross other people's servers."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Told:
    """What a message tells.

    Attributes:
        number: of the incident.
        category: its name.
        place: in words: premises, address, micro-grid; None where nothing better than a point is
            known.
        eta_s: how long the way takes.
    """

    number: str
    category: str
    place: str | None
    lon: float
    lat: float
    eta_s: float | None


def text_of_order(told: Told, *, can_reply: bool) -> str:
    """One short message; an answer by text is offered where the channel takes one."""
    where = told.place or f"{told.lon:.5f}, {told.lat:.5f}"
    minutes = f",约{math.ceil(told.eta_s / 60)}分钟" if told.eta_s is not None else ""
    reply = "回复1收到,2不能去。" if can_reply else ""
    return f"【网格吹哨】{told.number} {told.category}:{where}{minutes}。请速到场。{reply}"
