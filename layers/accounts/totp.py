"""Codes that an app on a phone shows every 30 s (TOTP, RFC 6238), and codes for its loss."""

from __future__ import annotations

import base64
import hmac
import secrets
from dataclasses import dataclass

import pyotp
from cryptography.fernet import Fernet, InvalidToken

from layers.accounts.passwords import spell
from spatial.errors import SetupError

PERIOD_S = 30
DIGITS = 6
RECOVERY_CODES = 8
_CLOCKS_DIFFER = 1  # periods by which a phone's clock may be wrong, RFC 6238 section 5.2


def new_secret() -> str:
    """A new shared secret, in base32 as apps want it."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, account_name: str, town_name: str) -> str:
    """What the QR code says to the app."""
    return pyotp.TOTP(secret).provisioning_uri(name=account_name, issuer_name=town_name)


def matching_step(secret: str, code: str, now_s: float) -> int | None:
    """The period whose code `code` is, now or next to now; None where it is wrong.

    Whoever accepts it remembers the period and accepts none up to it again (section 5.2).
    """
    code = code.replace(" ", "")
    if len(code) != DIGITS or not (code.isascii() and code.isdigit()):
        return None
    step = int(now_s // PERIOD_S)
    totp = pyotp.TOTP(secret)
    candidates = range(step - _CLOCKS_DIFFER, step + _CLOCKS_DIFFER + 1)
    found = [each for each in candidates if hmac.compare_digest(_code(totp, each), code)]
    return found[-1] if found else None


def _code(totp: pyotp.TOTP, step: int) -> str:
    return totp.generate_otp(step)


def new_recovery_codes() -> list[str]:
    """Codes of 79 bits, each good for one sign-in without the phone."""
    return [spell(secrets.token_bytes(32)) for _ in range(RECOVERY_CODES)]


def plain_recovery_code(text: str) -> str:
    """A recovery code as it was given out, however it was typed."""
    letters = "".join(letter for letter in text.lower() if letter.isalnum())
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


@dataclass(frozen=True)
class SecretBox:
    """Keeps shared secrets unreadable in the tables: the key is the installation's.

    Args:
        key: 32 bytes.
    """

    key: bytes

    def close(self, secret: str) -> str:
        """What is stored."""
        return self._fernet().encrypt(secret.encode()).decode()

    def open(self, stored: str) -> str:
        """The secret.

        Raises:
            SetupError: it was stored under the key of another installation.
        """
        try:
            return self._fernet().decrypt(stored.encode()).decode()
        except InvalidToken as error:
            raise SetupError(
                "the second factors were stored under another installation's secret",
                remedy="bring back keys/secret, or: ./gridwhistle account password NAME",
            ) from error

    def _fernet(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self.key))
