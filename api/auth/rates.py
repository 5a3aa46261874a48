"""How much anybody may ask: by address without credentials, by account with them."""

from __future__ import annotations

import ipaddress
import math
import time
from dataclasses import dataclass, field
from functools import lru_cache

from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from api.auth.settings import AuthSettings
from spatial.errors import LimitError


class TooManyError(LimitError):
    """More was asked than anybody may.

    Args:
        wait_s: until it is looked at again.
    """

    def __init__(self, wait_s: int) -> None:
        self.wait_s = wait_s
        super().__init__(f"请求过于频繁,请 {wait_s} 秒后再试 / too many requests: wait")


@dataclass
class Rates:
    """Counts requests in this process's memory.

    What comes from this machine itself is not counted, but for attempts to sign in: a proxy on it
    says on whose behalf it asks.
    """

    settings: AuthSettings
    _limiter: FixedWindowRateLimiter = field(
        default_factory=lambda: FixedWindowRateLimiter(MemoryStorage())
    )

    def count_visitor(self, address: str) -> None:
        """Count a request without credentials.

        Raises:
            TooManyError: the address has asked too much.
        """
        if not is_loopback(address):
            self._count(self.settings.anonymous_rate, "address", network_of(address))

    def count_account(self, account_id: int, address: str) -> None:
        """Count a request of an account.

        Raises:
            TooManyError: the account has asked too much.
        """
        if not is_loopback(address):
            self._count(self.settings.account_rate, "account", str(account_id))

    def count_attempt(self, address: str) -> None:
        """Count an attempt to sign in, or wrong credentials.

        Raises:
            TooManyError: the address has tried too often.
        """
        self._count(self.settings.sign_in_rate, "sign-in", network_of(address))

    def refuse_if_tried_too_often(self, address: str) -> None:
        """The same, without counting.

        Raises:
            TooManyError: the address has tried too often.
        """
        rate = self.settings.sign_in_rate
        if not self._limiter.test(rate, "sign-in", network_of(address)):
            raise TooManyError(self._wait_s(rate, "sign-in", network_of(address)))

    def _count(self, rate: RateLimitItem, *who: str) -> None:
        if not self._limiter.hit(rate, *who):
            raise TooManyError(self._wait_s(rate, *who))

    def _wait_s(self, rate: RateLimitItem, *who: str) -> int:
        reset_at = self._limiter.get_window_stats(rate, *who).reset_time
        return max(1, math.ceil(reset_at - time.time()))


@lru_cache(maxsize=1024)
def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def network_of(address: str) -> str:
    """What is counted together: an IPv4 address, or the /64 that one IPv6 customer has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address
