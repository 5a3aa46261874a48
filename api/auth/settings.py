"""How this installation lets people and programs in, from the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from limits import RateLimitItem, parse

from layers.accounts.lockout import Lockout
from layers.accounts.sessions import SessionTimes
from spatial.errors import SetupError


@dataclass(frozen=True)
class OidcSettings:
    """The office's own login (OpenID Connect).

    Attributes:
        issuer: its address; below it lies `.well-known/openid-configuration`.
        claim: what of the ID token is the name of a local account.
        title: what the button on the login page says.
    """

    issuer: str
    client_id: str
    client_secret: str
    claim: str = "preferred_username"
    title: str = "OIDC"


@dataclass(frozen=True)
class AuthSettings:
    """Limits, times and doors.

    Attributes:
        cors_origins: pages of these may read with credentials in headers; none: every page may
            read what is public.
        anonymous_rate: requests of one address without credentials.
        account_rate: requests of one account.
        sign_in_rate: attempts of one address to sign in, and its wrong credentials.
        max_body_bytes: of a request.
    """

    sessions: SessionTimes = field(default_factory=SessionTimes)
    lockout: Lockout = field(default_factory=Lockout)
    cors_origins: tuple[str, ...] = ()
    anonymous_rate: RateLimitItem = field(default_factory=lambda: parse("6000/minute"))
    account_rate: RateLimitItem = field(default_factory=lambda: parse("12000/minute"))
    sign_in_rate: RateLimitItem = field(default_factory=lambda: parse("30/minute"))
    max_body_bytes: int = 32 * 1024 * 1024
    oidc: OidcSettings | None = None

    @classmethod
    def from_environment(cls) -> AuthSettings:
        """Read GRIDWHISTLE_…; docs/accounts.md lists them.

        Raises:
            SetupError: one of them can't be understood.
        """
        default = cls()
        return cls(
            sessions=SessionTimes(
                idle=timedelta(minutes=_number("SESSION_IDLE_MINUTES", 30)),
                longest=timedelta(hours=_number("SESSION_HOURS", 12)),
            ),
            lockout=Lockout(after=int(_number("LOCKOUT_AFTER", default.lockout.after))),
            cors_origins=tuple(_words("CORS_ORIGINS")),
            anonymous_rate=_rate("RATE_ANONYMOUS", default.anonymous_rate),
            account_rate=_rate("RATE_ACCOUNT", default.account_rate),
            sign_in_rate=_rate("RATE_SIGN_IN", default.sign_in_rate),
            max_body_bytes=int(_number("MAX_BODY_MB", 32) * 1024 * 1024),
            oidc=_oidc(),
        )


def _setting(name: str) -> str | None:
    return os.environ.get(f"GRIDWHISTLE_{name}") or None


def _words(name: str) -> list[str]:
    return [word.strip() for word in (_setting(name) or "").split(",") if word.strip()]


def _number(name: str, default: float) -> float:
    text = _setting(name)
    try:
        number = default if text is None else float(text)
    except ValueError:
        number = 0
    if not 0 < number < 1e6:
        raise SetupError(
            f"GRIDWHISTLE_{name} is no positive number: {text}", remedy="correct or unset it"
        )
    return number


def _rate(name: str, default: RateLimitItem) -> RateLimitItem:
    text = _setting(name)
    if text is None:
        return default
    try:
        return parse(text)
    except ValueError as error:
        raise SetupError(
            f"GRIDWHISTLE_{name} is no rate: {text}", remedy="e.g. 600/minute"
        ) from error


def _oidc() -> OidcSettings | None:
    issuer, client_id = _setting("OIDC_ISSUER"), _setting("OIDC_CLIENT_ID")
    if issuer is None:
        return None
    secret = _setting("OIDC_CLIENT_SECRET") or _file("OIDC_CLIENT_SECRET_FILE")
    if client_id is None or secret is None:
        raise SetupError(
            "GRIDWHISTLE_OIDC_ISSUER needs GRIDWHISTLE_OIDC_CLIENT_ID and"
            " GRIDWHISTLE_OIDC_CLIENT_SECRET (or …_FILE)",
            remedy="set them, or unset GRIDWHISTLE_OIDC_ISSUER",
        )
    return OidcSettings(
        issuer.rstrip("/"),
        client_id,
        secret,
        _setting("OIDC_CLAIM") or OidcSettings.claim,
        _setting("OIDC_TITLE") or OidcSettings.title,
    )


def _file(name: str) -> str | None:
    path = _setting(name)
    try:
        return Path(path).read_text().strip() if path else None
    except OSError as error:
        raise SetupError(
            f"GRIDWHISTLE_{name} names {path}, which can't be read: {error.strerror}",
            remedy="correct or unset it",
        ) from error
