"""What happens next with an order that nobody has accepted yet. Pure: the clock is an argument.

An order climbs a ladder: on each rung it is told by one channel or by several at once. A rung gets
`accept_within` to bring an acceptance, less where its messages have failed. After the last rung the
next responder's turn comes; where nobody can be told at all, the dispatchers are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from spatial.errors import InputError

# Told, but not taken on yet: only such an order may lapse.
WAITING_STATES = frozenset({"sent", "delivered", "seen"})
DECLINED = "declined"
# The desk of the dispatchers: told of what the platform can't settle by itself.
DESK = "desk"

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
    delivered_at: datetime | None = None
    failed_at: datetime | None = None


@dataclass(frozen=True)
class Patience:
    """How long is waited.

    Attributes:
        accept_within: for an acceptance, after each rung began.
        receipt_within: by channel: one that acknowledges by itself and has not done so by then has
            reached nobody.
    """

    accept_within: timedelta = timedelta(seconds=20)
    receipt_within: Mapping[str, timedelta] = field(default_factory=dict)


@dataclass(frozen=True)
class Nothing:
    """The order was accepted, has ended, or is the dispatchers' now."""


@dataclass(frozen=True)
class Wait:
    """Nothing is due before this moment."""

    until: datetime


@dataclass(frozen=True)
class Tell:
    """Tell it by these channels, at once."""

    channels: tuple[str, ...]


@dataclass(frozen=True)
class PassOn:
    """It was declined, or not accepted in time: the next responder's turn."""


Step = Nothing | Wait | Tell | PassOn


def next_step(
    order: Order,
    messages: Sequence[Message],
    now: datetime,
    patience: Patience,
    ladder: Ladder,
) -> Step:
    """What happens next.

    No channel is named twice for one order, whatever comes late, twice, or never; with `r` rungs
    the order is accepted or passed on within `r` times `accept_within`.

    Args:
        order: as it stands.
        messages: all that were queued for it, in any order.
        now: by the clock that wrote the other times.
        patience: how long is waited.
        ladder: the channels by which this responder can be told, each once. Without any, the desk
            is told: it was for the dispatchers to choose somebody whom only they can call.
    """
    told = {each.channel for each in messages}
    if DESK in told or order.state not in WAITING_STATES | {DECLINED}:
        return Nothing()
    if order.state == DECLINED:
        return PassOn()
    if not ladder:
        return Tell((DESK,))
    rung = _highest_begun(told, ladder)
    if rung is not None:
        until = _patience_ends([m for m in messages if m.channel in ladder[rung]], now, patience)
        if now < until:
            return Wait(until)
    for channels in ladder[0 if rung is None else rung + 1 :]:
        untold = tuple(each for each in channels if each not in told)
        if untold:
            return Tell(untold)
    return PassOn()


def _highest_begun(told: set[str], ladder: Ladder) -> int | None:
    """The last rung on which something was queued."""
    begun = [number for number, channels in enumerate(ladder) if told.intersection(channels)]
    return begun[-1] if begun else None


def _patience_ends(told: Sequence[Message], now: datetime, patience: Patience) -> datetime:
    """When the rung on which these were queued has had its time."""
    if max(each.queued_at for each in told) > now:
        return now  # the clock was put back: rather too early than hours too late
    return max(_given_up_at(each, patience) for each in told)


def _given_up_at(message: Message, patience: Patience) -> datetime:
    """When nobody waits for an answer by this message any longer."""
    if message.failed_at is not None:
        return message.failed_at
    within = patience.accept_within
    if message.delivered_at is None:
        within = min(within, patience.receipt_within.get(message.channel, within))
    return message.queued_at + within


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
