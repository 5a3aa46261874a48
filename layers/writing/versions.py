"""Versions of a row, by which a write that would undo somebody else's is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from spatial.errors import StaleError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def version_of(updated: datetime) -> str:
    """A row's version: its `updated`, which every change of the row moves, to the microsecond."""
    return f"{(updated - _EPOCH) // timedelta(microseconds=1):x}"


@dataclass(frozen=True)
class Expectation:
    """What a client believes of the row that it writes.

    Attributes:
        versions: those that it knows; None: any will do.
        unchanged_since: to the second, as HTTP dates are; None: whenever.
    """

    versions: frozenset[str] | None = None
    unchanged_since: datetime | None = None

    def check(self, updated: datetime) -> None:
        """Hold the belief against when the row was last changed.

        Raises:
            StaleError: it has been changed since.
        """
        since = self.unchanged_since
        known = self.versions is None or version_of(updated) in self.versions
        if known and (since is None or updated.replace(microsecond=0) <= since):
            return
        raise StaleError(
            "the feature was changed meanwhile / 要素已被他人修改", remedy="read it again first"
        )
