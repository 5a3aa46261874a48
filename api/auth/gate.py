"""What the app holds to know who asks; made at its start, found by middleware and routes."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, replace
from functools import lru_cache

from psycopg_pool import ConnectionPool
from starlette.requests import HTTPConnection
from starlette.types import Scope

from api.auth.authenticator import Authenticator
from api.auth.journal import Journal
from api.auth.rates import Rates
from api.auth.settings import AuthSettings
from api.services import Services
from layers.accounts.identity import Identity
from layers.accounts.totp import SecretBox
from layers.roles import Role
from spatial.database import Principal
from spatial.secrets import derive_key, installation_secret
from spatial.town import Town


@dataclass(frozen=True)
class Gate:
    """The doorkeeper's things.

    Attributes:
        instance: eight letters that tell two installations on one host apart: browsers share
            cookies between ports.
        greets_visitors: a demo that only this machine reaches: whoever opens the page is signed in.
    """

    settings: AuthSettings
    town: Town
    instance: str
    box: SecretBox
    signing_key: bytes
    address_key: bytes
    authenticator: Authenticator
    rates: Rates
    journal: Journal
    greets_visitors: bool

    @property
    def cookie_name(self) -> str:
        """Of the session's cookie."""
        return f"gridwhistle_{self.instance}"

    @property
    def threads_pool(self) -> ConnectionPool:
        """Connections for what runs in threads, as the web's own login."""
        return self.authenticator.threads_pool

    def principal(self, identity: Identity | None, *, writes: bool) -> Principal:
        """On whose behalf a request runs; a visitor's while a session lacks a step.

        Args:
            writes: whether the request is one that may change something.
        """
        zone = self.town.time_zone
        if identity is None or identity.pending is not None:
            return Principal(Role.ANONYMOUS, self.town.id, may_write=writes, time_zone=zone)
        return identity.principal(zone, writes=writes)

    def address_hash(self, address: str) -> str:
        """Tells addresses apart in the log, and can't be turned back without the key."""
        return _keyed_hash(self.address_key, address)


@lru_cache(maxsize=1024)
def _keyed_hash(key: bytes, address: str) -> str:
    return hmac.digest(key, address.encode(), hashlib.sha256)[:8].hex()


def make_gate(services: Services, auth: AuthSettings, *, only_this_machine: bool) -> Gate:
    """The gate of one running app.

    Args:
        services: its own; the pools are of the web's own login.
        only_this_machine: the app listens on a loopback address.
    """
    secret = installation_secret(services.settings.data_folder)
    town = services.town
    return Gate(
        settings=auth,
        town=town,
        instance=derive_key(secret, "instance").hex()[:8],
        box=SecretBox(derive_key(secret, "second factors")),
        signing_key=derive_key(secret, "signatures"),
        address_key=derive_key(secret, "addresses"),
        authenticator=Authenticator(services.pool, services.threads_pool, town.id, auth),
        rates=Rates(auth),
        journal=Journal(services.pool),
        greets_visitors=only_this_machine and town.synthetic,
    )


def with_town(gate: Gate, town: Town) -> Gate:
    """The same gate of a town that has changed."""
    return replace(gate, town=town)


def gate_of(connection: HTTPConnection) -> Gate:
    """The gate of the app that a request came to."""
    return gate_in(connection.scope)


def gate_in(scope: Scope) -> Gate:
    """The same, for middleware."""
    gate: Gate = scope["app"].state.gate
    return gate


def identity_of(connection: HTTPConnection) -> Identity | None:
    """Who asks, be a step of signing in still open; None without credentials."""
    identity: Identity | None = connection.scope["state"].get("identity")
    return identity


def address_in(scope: Scope) -> str:
    """The client's address, as a trusted proxy says it or as the connection shows it."""
    client: tuple[str, int] | None = scope.get("client")
    return client[0] if client else ""
