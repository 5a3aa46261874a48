"""Passwords: hashed with argon2id, compared in equal time, and long enough."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from spatial.errors import InputError

SHORTEST = 10
LONGEST = 256  # a hash costs memory and time, so that nobody may ask for one of a megabyte
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
_HASHER = PasswordHasher()
# Verified where there is no such account, so that both take the same time.
_NOBODYS = _HASHER.hash(secrets.token_urlsafe())


def hash_password(password: str) -> str:
    """The argon2id hash of `password`, with its parameters and salt."""
    return _HASHER.hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether `password` is the one that was hashed; takes as long where there is no hash.

    Costs about 50 ms of a processor and 64 MB: not for the event loop.
    """
    try:
        matches = _HASHER.verify(password_hash or _NOBODYS, password[:LONGEST])
    except (VerifyMismatchError, InvalidHashError):
        return False
    return matches and password_hash is not None and len(password) <= LONGEST


def is_outdated(password_hash: str) -> bool:
    """Whether it was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(password_hash)


def check_password(password: str, account_name: str) -> str:
    """`password`, where it may become an account's.

    Length is what counts (NIST SP 800-63B, 5.1.1); rules on kinds of characters are not.

    Raises:
        InputError: too short, too long, of one or two characters only, or the account's name.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InputError(
            f"密码要有 {SHORTEST} 到 {LONGEST} 个字符 / "
            f"a password has {SHORTEST} to {LONGEST} characters"
        )
    plain = password.casefold()
    if len(set(plain)) <= 3 or (account_name.casefold() in plain and len(plain) < 2 * SHORTEST):
        raise InputError("这个密码太容易猜到 / that password is too easy to guess")
    return password


def new_password() -> str:
    """A random password of 16 characters (79 bits), easy to read aloud."""
    return spell(secrets.token_bytes(32))


def spell(material: bytes, groups: int = 4) -> str:
    """Groups of four letters and digits made of random bytes: `kq7d-m2xv-…`."""
    number = int.from_bytes(material)
    words = []
    for _ in range(groups):
        word = ""
        for _ in range(4):
            number, digit = divmod(number, len(_LETTERS))
            word += _LETTERS[digit]
        words.append(word)
    return "-".join(words)
