"""An order in words. Nothing of the reporter is in them: messages cross other people's servers."""

from __future__ import annotations

import math
from dataclasses import dataclass

_AROUND = " \t\r\n。.!!"
# What a reply by text may say, and what it does to the order.
REPLIES = {
    "accept": frozenset({"1", "收到", "ok", "yes"}),
    "decline": frozenset({"2", "不能去", "no"}),
    "arrive": frozenset({"3", "到场"}),
}


@dataclass(frozen=True)
class Told:
    """What a message tells.

    Attributes:
        number: of the incident.
        category: its name.
        place: address or name of the premises; None where only the point is known.
        eta_s: how long the way takes.
    """

    number: str
    category: str
    place: str | None
    lon: float
    lat: float
    eta_s: float | None


def text_of_order(told: Told) -> str:
    """One short message."""
    where = told.place or f"{told.lon:.5f}, {told.lat:.5f}"
    minutes = f",约{math.ceil(told.eta_s / 60)}分钟" if told.eta_s is not None else ""
    head = " ".join(filter(None, ("【网格吹哨】", told.number, told.category)))
    return f"{head}:{where}{minutes}。请速到场。回复1收到,2不能去,3到场。"


def text_of_stand_down(told: Told) -> str:
    """To somebody who was told to go, and need not any more."""
    head = " ".join(filter(None, ("【网格吹哨】", told.number, told.category)))
    return f"{head}:已转派他人或撤销,不用去了。"


def action_of_reply(text: str) -> str | None:
    """What a reply asks for; None where it says something else."""
    word = text.strip(_AROUND).lower()
    found = (action for action, words in REPLIES.items() if word in words)
    return next(found, None)
