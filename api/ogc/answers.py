"""Answers kept in memory until what they were made of changes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

# Pages × layers × languages × formats × roles of a town; a query can be written in many ways, so
# there has to be an end.
_KEPT_AT_MOST = 2_000


@dataclass(frozen=True)
class Answer:
    """An answer whose links are still to be written for the client's address."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Answers:
    """The answers that were used last, by all that they depend on; for one event loop."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, Answer] = OrderedDict()

    def get(self, key: Hashable) -> Answer | None:
        """The kept answer, if there is one."""
        answer = self._kept.get(key)
        if answer is not None:
            self._kept.move_to_end(key)
        return answer

    def keep(self, key: Hashable, answer: Answer) -> None:
        """Keep an answer; the one that was not used for longest makes room."""
        self._kept[key] = answer
        if len(self._kept) > _KEPT_AT_MOST:
            self._kept.popitem(last=False)
