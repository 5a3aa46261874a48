"""Who listens: subscribers, and what waits for each of them to be sent."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from api.push.events import HEARTBEAT, Event, Selection, farewell, joined
from layers.accounts.identity import Identity
from layers.changes.log import Box
from spatial.database import Principal, RightsClass
from spatial.errors import LimitError

MAX_SUBSCRIBERS = 2_000
# What waits for a subscriber who reads too slowly; the bytes are shared among those who wait.
MAX_WAITING_BYTES = 4 * 2**20

TOO_SLOW = farewell(
    "this subscriber reads more slowly than changes come / 接收太慢,已断开",
    "subscribe again with the last event's id",
)
NO_LONGER_VALID = farewell(
    "the credentials are no longer valid / 凭据已失效", "sign in again, or use another key"
)
ENDING = farewell("the server is stopping / 服务正在停止", "subscribe again with the last id")
INTERRUPTED = farewell("the feed was interrupted / 推送中断", "subscribe again with the last id")


class Subscription:
    """One subscriber's stream: what waits to be sent, and whether it goes on."""

    def __init__(
        self, principal: Principal, selection: Selection, identity: Identity | None
    ) -> None:
        self.principal = principal
        self.selection = selection
        self.identity = identity
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._news = asyncio.Event()
        self.is_ended = False

    def give(self, text: bytes) -> None:
        """Let `text` be sent next; whoever has too much waiting is dropped."""
        if self.is_ended or not text:
            return
        if self._waiting_bytes + len(text) > MAX_WAITING_BYTES:
            self._waiting.clear()
            self.end(TOO_SLOW)
            return
        self._put(text)

    def end(self, last_words: bytes) -> None:
        """Send what waits and these words, then nothing more."""
        if not self.is_ended:
            self._put(last_words)
            self.is_ended = True

    async def take(self, wait_s: float) -> bytes | None:
        """What is to be sent now, a heart-beat when nothing came; None after the last words."""
        if not self._waiting and not self.is_ended:
            try:
                async with asyncio.timeout(wait_s):
                    await self._news.wait()
            except TimeoutError:
                return HEARTBEAT
        if not self._waiting:
            return None
        text = b"".join(self._waiting)
        self._waiting.clear()
        self._waiting_bytes = 0
        self._news.clear()
        return text

    def _put(self, text: bytes) -> None:
        self._waiting.append(text)
        self._waiting_bytes += len(text)
        self._news.set()


@dataclass
class _Group:
    """Subscribers of one rights class: they see the same."""

    principal: Principal
    subscriptions: set[Subscription] = field(default_factory=set)

    @property
    def layers(self) -> list[str]:
        """What any of them wants."""
        return sorted(set().union(*(each.selection.layers for each in self.subscriptions)))


class Audience:
    """All subscribers of this process, by rights class."""

    def __init__(self) -> None:
        self._groups: dict[RightsClass, _Group] = {}

    def __len__(self) -> int:
        return sum(len(group.subscriptions) for group in self._groups.values())

    def refuse_if_full(self) -> None:
        """Refuse another one.

        Raises:
            LimitError: there are MAX_SUBSCRIBERS.
        """
        if len(self) >= MAX_SUBSCRIBERS:
            raise LimitError("too many subscribers / 订阅者过多", remedy="come back later")

    def join(self, subscription: Subscription) -> None:
        """Let a subscriber hear what comes from now on."""
        # One of the group stands for all: its account makes no difference to what it sees.
        nobody = replace(subscription.principal, account_id=None)
        group = self._groups.setdefault(nobody.rights_class, _Group(nobody))
        group.subscriptions.add(subscription)

    def leave(self, subscription: Subscription) -> None:
        """Forget a subscriber; one that never joined is no harm."""
        rights = subscription.principal.rights_class
        group = self._groups.get(rights)
        if group is None:
            return
        group.subscriptions.discard(subscription)
        if not group.subscriptions:
            del self._groups[rights]

    def rights(self) -> list[tuple[Principal, list[str]]]:
        """For whom changes are to be read, and of which layers."""
        return [(group.principal, group.layers) for group in self._groups.values()]

    def give(self, principal: Principal, events: list[Event]) -> None:
        """Send events to all who see as `principal` does; each gets what it wants of them."""
        group = self._groups.get(principal.rights_class)
        texts: dict[Selection, bytes] = {}
        for each in group.subscriptions if group else ():
            if each.selection not in texts:
                texts[each.selection] = joined(events, each.selection)
            each.give(texts[each.selection])

    def tell(
        self, principal: Principal, layer: str, text_in: Callable[[Box | None], bytes]
    ) -> None:
        """Send what has no number in the log to all who see as `principal` does and want a layer.

        Args:
            text_in: what there is to say of a box; empty for nothing.
        """
        group = self._groups.get(principal.rights_class)
        texts: dict[Box | None, bytes] = {}
        for each in group.subscriptions if group else ():
            box = each.selection.bbox
            if layer not in each.selection.layers:
                continue
            if box not in texts:
                texts[box] = text_in(box)
            each.give(texts[box])

    def identities(self) -> set[Identity]:
        """Whose credentials keep streams open."""
        everybody = (each for group in self._groups.values() for each in group.subscriptions)
        return {each.identity for each in everybody if each.identity}

    def end(self, last_words: bytes, whose: set[Identity] | None = None) -> None:
        """End the streams of some, or of all."""
        for group in self._groups.values():
            for each in group.subscriptions:
                if whose is None or each.identity in whose:
                    each.end(last_words)

    def end_rights(self, principal: Principal, last_words: bytes) -> None:
        """End the streams of all who see as `principal` does."""
        group = self._groups.get(principal.rights_class)
        for each in group.subscriptions if group else ():
            each.end(last_words)
