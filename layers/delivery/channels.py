"""By what an order reaches a person: every channel sends a message and says what became of it.

A message keeps its id whenever it is sent again, so that a gateway, and whoever receives it, can
tell that it is the same one.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Protocol

from spatial.errors import GridwhistleError


@dataclass(frozen=True)
class Outgoing:
    """An order in words, for one person by one channel.

    Attributes:
        message_id: the same whenever this is sent again.
        to: the person's address on this channel, e.g. a phone number; never logged.
        text: what is read, or spoken.
        link: where the order is answered; None where the installation knows no address of its own.
    """

    message_id: uuid.UUID
    to: str
    text: str
    link: str | None = None


@dataclass(frozen=True)
class Receipt:
    """What a channel says when it has taken a message.

    Attributes:
        delivered: whether it has reached the person already; else that is told later, if ever.
    """

    delivered: bool = False


class RefusedError(GridwhistleError):
    """The gateway won't take the message, now or later: no use in sending it again."""


class UnreachedError(GridwhistleError):
    """The gateway did not answer, or asked for patience: the message may be sent again."""


class Channel(Protocol):
    """One way to reach a person."""

    @property
    def name(self) -> str:
        """As the ladder and the messages name it."""

    async def send(self, message: Outgoing) -> Receipt:
        """Hand the message over.

        Raises:
            RefusedError: it won't be taken.
            UnreachedError: it may be taken later.
        """
