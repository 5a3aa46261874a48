"""Random tokens. Only their hashes are stored: who reads the tables can't use what is there."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

# Of 32 random bytes a plain SHA-256 is enough: there is nothing to guess.
_TOKEN_BYTES = 32
_KEY_ID_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_KEY = re.compile(r"gw_([a-z0-9]{10})_([A-Za-z0-9_-]{43})")


def new_token() -> str:
    """A random token of 43 characters, fit for a cookie."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def sha256(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).digest()


def csrf_token(session_token: str) -> str:
    """The token by which a page shows that it was served to the session's owner.

    Derived from the cookie's value, which no page can read: nothing has to be stored.
    """
    digest = hmac.digest(session_token.encode(), b"csrf", hashlib.sha256)
    return digest.hex()


@dataclass(frozen=True)
class ApiKey:
    """An API key as its holder sends it: `gw_<id>_<secret>`."""

    id: str
    secret: str

    @classmethod
    def new(cls) -> ApiKey:
        """A random key."""
        key_id = "".join(secrets.choice(_KEY_ID_LETTERS) for _ in range(10))
        return cls(key_id, new_token())

    @classmethod
    def parse(cls, text: str) -> ApiKey | None:
        """The key that `text` is; None where it is none."""
        match = _KEY.fullmatch(text)
        return cls(*match.groups()) if match else None

    def __str__(self) -> str:
        return f"gw_{self.id}_{self.secret}"

    def matches(self, secret_sha256: bytes) -> bool:
        """Whether it is the key whose secret's hash is stored."""
        return hmac.compare_digest(sha256(self.secret), secret_sha256)
