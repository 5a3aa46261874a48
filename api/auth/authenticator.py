"""From credentials to an identity; remembered for less than a second, and forgotten when told."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import OrderedDict
from contextlib import nullcontext
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from psycopg_pool import AsyncConnectionPool, ConnectionPool
from starlette.concurrency import run_in_threadpool

from api.auth.credentials import (
    Credential,
    CredentialsError,
    KeyCredential,
    PasswordCredential,
    SessionToken,
    fingerprint,
)
from api.auth.settings import AuthSettings
from layers.accounts.identity import Identity, Way
from layers.accounts.keys import find_key
from layers.accounts.sessions import find_session
from layers.accounts.sign_in import Known, check_sign_in, find_known
from spatial.database import AnyConnection

# What was revoked elsewhere is refused before a second has passed, be the news of it lost.
REMEMBERED_S = 0.8
# A password that was right needs no second hashing as long as its hash stands.
_VERIFIED_S = 600.0
_MOST_REMEMBERED = 4096
_HASHING_AT_ONCE = 2  # each takes 64 MB and a processor


@dataclass(frozen=True)
class _Remembered[Value]:
    value: Value
    since_s: float

    def is_younger_than(self, age_s: float) -> bool:
        return time.monotonic() - self.since_s < age_s


class _Memory[Value]:
    """The last few thousand, by fingerprint."""

    def __init__(self, age_s: float) -> None:
        self._age_s = age_s
        self._kept: OrderedDict[bytes, _Remembered[Value]] = OrderedDict()

    def get(self, key: bytes) -> Value | None:
        found = self._kept.get(key)
        return found.value if found and found.is_younger_than(self._age_s) else None

    def keep(self, key: bytes, value: Value, since_s: float) -> None:
        self._kept[key] = _Remembered(value, since_s)
        self._kept.move_to_end(key)
        while len(self._kept) > _MOST_REMEMBERED:
            self._kept.popitem(last=False)

    def clear(self) -> None:
        self._kept.clear()


@dataclass
class Authenticator:
    """Knows whose credentials are whose.

    Attributes:
        pool: of the web's own login, as is `threads_pool`.
    """

    pool: AsyncConnectionPool[AnyConnection]
    threads_pool: ConnectionPool
    town_id: int
    settings: AuthSettings
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _identities: _Memory[Identity] = field(default_factory=lambda: _Memory(REMEMBERED_S))
    _verified: _Memory[str] = field(default_factory=lambda: _Memory(_VERIFIED_S))
    _looking: WeakValueDictionary[bytes, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _news: int = 0
    _hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_HASHING_AT_ONCE))

    def forget(self) -> None:
        """Something changed in accounts, sessions or keys: look again."""
        self._news += 1
        self._identities.clear()

    def remembered(self, credential: Credential) -> Identity | None:
        """The identity, where it was looked up a moment ago."""
        return self._identities.get(fingerprint(credential, self._key))

    async def identify(self, credential: Credential) -> Identity | None:
        """Whose credentials these are; None where a session is over.

        Raises:
            CredentialsError: a key or a password is wrong.
            LockedError: too many wrong passwords under that name.
        """
        key = fingerprint(credential, self._key)
        # Requests that come at once with the same credentials wait for the first one's look.
        async with self._looking.setdefault(key, asyncio.Lock()):
            found = self._identities.get(key)
            return found or await self._look(credential, key)

    async def _look(self, credential: Credential, key: bytes) -> Identity | None:
        # What is read now may be over before it is written down: its age counts from here, and
        # nothing is kept that news overtook.
        since_s, news = time.monotonic(), self._news
        identity = await self._look_up(credential, key)
        if identity is not None and news == self._news:
            self._identities.keep(key, identity, since_s)
        return identity

    async def _look_up(self, credential: Credential, key: bytes) -> Identity | None:
        match credential:
            case SessionToken(token):
                async with self.pool.connection() as connection:
                    return await find_session(connection, token, self.settings.sessions)
            case KeyCredential():
                return await self._key_holder(credential)
            case PasswordCredential():
                return _by_password(await self._known(credential, key))

    async def _key_holder(self, credential: KeyCredential) -> Identity:
        async with self.pool.connection() as connection:
            identity = await find_key(connection, credential.key)
        if identity is None or (credential.name and credential.name != identity.account.name):
            raise CredentialsError("the API key is wrong, expired or revoked / 密钥无效或已撤销")
        return identity

    async def _known(self, credential: PasswordCredential, key: bytes) -> Known:
        """The account; its password is hashed once in ten minutes, its row read each time."""
        # Several requests that come at once with the same password wait for the first one's hash.
        async with nullcontext() if self._verified.get(key) else self._hashing:
            verified = self._verified.get(key)
            if verified is not None:
                async with self.pool.connection() as connection:
                    known = await find_known(connection, self.town_id, credential.name)
                if known is not None and known.password_hash == verified:
                    return known
            known = await self.sign_in(credential.name, credential.password)
            self._verified.keep(key, known.password_hash, time.monotonic())
            return known

    async def sign_in(self, name: str, password: str) -> Known:
        """The account of a name and a password.

        Raises:
            WrongCredentialsError: there is none.
            LockedError: too many wrong passwords under that name.
        """
        return await run_in_threadpool(
            check_sign_in, self.threads_pool, self.town_id, name, password, self.settings.lockout
        )


def _by_password(known: Known) -> Identity:
    if not known.password_is_enough:
        raise CredentialsError(
            "a password is not enough for this account: use an API key, or sign in on the page"
            " / 该账户不能只凭密码访问接口"
        )
    return Identity(known.account, Way.PASSWORD)
