"""What happens next with an order that nobody has accepted yet. Pure: the clock is an argument.

An order climbs a ladder: on each rung it is told by one channel or by several at once. A rung gets
`accept_within` to bring an acceptance, less where all its messages have failed. After the last rung
the order lapses, and the next responder is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from spatial.errors import InputError

# Told, but not taken on yet: only such an order may lapse.
WAITING_STATES = frozenset({"sent", "delivered", "seen"})

# On each rung the channels that speak at the same time.
Ladder = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Order:
    """An order, as far as its delivery goes."""

    id: int
    state: str
    ordered_at: datetime


@dataclass(frozen=True)
class Message:
    """An order put into words for one channel."""

    channel: str
    queued_at: datetime
    failed_at: datetime | None = None


@dataclass(frozen=True)
class Patience:
    """How long is waited.

    Attributes:
        accept_within: for an acceptance, after each rung began.
    """

    accept_within: timedelta = timedelta(seconds=20)


@dataclass(frozen=True)
class Nothing:
    """The order was accepted, or has ended: no message of it is wanted any more."""


@dataclass(frozen=True)
class Wait:
    """Nothing is due before this moment."""

    until: datetime


@dataclass(frozen=True)
class Tell:
    """Tell it by these channels, at once."""

    channels: tuple[str, ...]


@dataclass(frozen=True)
class Lapse:
    """Nobody accepted in time: the next responder's turn."""


Step = Nothing | Wait | Tell | Lapse


def next_step(
    order: Order,
    messages: Sequence[Message],
    now: datetime,
    patience: Patience,
    ladder: Ladder,
) -> Step:
    """What happens next.

    No channel is named twice for one order, whatever comes late, twice, or never; with `r` rungs
    the order is accepted or lapses within `r` times `accept_within`.

    Args:
        order: as it stands.
        messages: all that were queued for it, in any order.
        now: by the clock that wrote the other times.
        patience: how long is waited.
        ladder: the channels by which this responder can be told, each once; an empty one lapses at
            once.
    """
    if order.state not in WAITING_STATES:
        return Nothing()
    rung = _highest_begun(messages, ladder)
    if rung is not None:
        told = [each for each in messages if each.channel in ladder[rung]]
        until = _patience_ends(told, now, patience)
        if now < until:
            return Wait(until)
    following = 0 if rung is None else rung + 1
    untold = {each.channel for each in messages}
    for channels in ladder[following:]:
        new = tuple(dict.fromkeys(each for each in channels if each not in untold))
        if new:
            return Tell(new)
    return Lapse()


def _highest_begun(messages: Sequence[Message], ladder: Ladder) -> int | None:
    """The last rung on which something was queued."""
    told = {each.channel for each in messages}
    begun = [number for number, channels in enumerate(ladder) if told.intersection(channels)]
    return begun[-1] if begun else None


def _patience_ends(told: Sequence[Message], now: datetime, patience: Patience) -> datetime:
    """When the rung on which these were queued has had its time."""
    if all(each.failed_at is not None for each in told):
        return now
    began = max(each.queued_at for each in told)
    # A clock that was put back: rather too early than hours too late.
    return began + patience.accept_within if began <= now else now


def parse_ladder(text: str) -> tuple[tuple[str, ...], ...]:
    """`page sms+dingtalk voice`: three rungs, two channels on the second.

    Raises:
        InputError: a channel stands there twice.
    """
    ladder = tuple(tuple(filter(None, rung.split("+"))) for rung in text.split())
    named = [channel for rung in ladder for channel in rung]
    twice = sorted({each for each in named if named.count(each) > 1})
    if twice:
        raise InputError(f"the channel {twice[0]} is named twice / 渠道重复", remedy="name it once")
    return ladder


def reachable_rungs(ladder: Ladder, reachable: frozenset[str]) -> tuple[tuple[str, ...], ...]:
    """The ladder without the channels by which this responder can't be told."""
    rungs = (tuple(each for each in rung if each in reachable) for rung in ladder)
    return tuple(rung for rung in rungs if rung)
