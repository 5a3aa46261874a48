"""How long a name has to wait after passwords that were wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Lockout:
    """The rule.

    Attributes:
        after: so many failures in a row cost nothing.
        first: the wait after the next one; each further failure doubles it.
        longest: no wait is longer, so that nobody is shut out for good by somebody else.
        forgotten_after: failures older than this count no more.
    """

    after: int = 5
    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=30)
    forgotten_after: timedelta = timedelta(hours=24)

    def wait(self, failures: int) -> timedelta:
        """The wait after `failures` in a row."""
        excess = failures - self.after
        if excess < 0:
            return timedelta(0)
        doublings = min(excess, 30)  # far beyond the longest; keeps the number small
        return min(self.first * float(2**doublings), self.longest)
