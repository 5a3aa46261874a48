"""By what an account is known: password, second factor, sessions, keys. And what was done with it.

Stored are hashes only. The web's own login reads these tables; no role does, but as
layers/sql/after/12_accounts.sql says.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from layers.tables import SCHEMA
from spatial.tables import metadata, town_id


def _account_id(*, primary_key: bool = False) -> Column[int]:
    account = ForeignKey("layers.account.id", ondelete="CASCADE")
    return Column("account_id", BigInteger, account, nullable=False, primary_key=primary_key)


def _now(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=func.now())


account_secret = Table(
    "account_secret",
    metadata,
    _account_id(primary_key=True),
    Column("password_hash", Text, comment="argon2id; empty where nobody enters by password"),
    _now("password_changed_at"),
    Column("must_change_password", Boolean, nullable=False, server_default="false"),
    Column("totp_secret", Text, comment="encrypted; the second factor once totp_since is set"),
    Column("totp_since", DateTime(timezone=True)),
    Column("totp_step", BigInteger, comment="the period of the last code taken"),
    CheckConstraint("totp_since IS NULL OR totp_secret IS NOT NULL", name="totp"),
    schema=SCHEMA,
)

recovery_code = Table(
    "recovery_code",
    metadata,
    _account_id(primary_key=True),
    Column("code_sha256", LargeBinary, primary_key=True),
    Column("used_at", DateTime(timezone=True)),
    schema=SCHEMA,
    comment="each good for one sign-in without the second factor's device",
)

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    town_id(),
    Column("name_sha256", LargeBinary, nullable=False, comment="of any name, be it one or not"),
    Column("failures", Integer, nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    Column("locked_until", DateTime(timezone=True)),
    UniqueConstraint("town_id", "name_sha256"),
    schema=SCHEMA,
    comment="failures in a row; a name that there isn't is locked as one that there is",
)

account_session = Table(
    "account_session",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _account_id(),
    Column("token_sha256", LargeBinary, nullable=False, unique=True),
    Column("device", Text, nullable=False, comment="browser and system, for the owner's own list"),
    Column("second_factor_at", DateTime(timezone=True)),
    _now("created_at"),
    _now("last_seen_at"),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    schema=SCHEMA,
)
# Usage: an account's own sessions; ending them all.
Index("account_session_account_id_idx", account_session.c.account_id)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Text, primary_key=True),
    _account_id(),
    Column("secret_sha256", LargeBinary, nullable=False),
    Column("label", Text, nullable=False),
    Column("may_write", Boolean, nullable=False, server_default="false"),
    Column("layers", ARRAY(Text), comment="these layers only; NULL: all that the account has"),
    _now("created_at"),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("last_used_at", DateTime(timezone=True)),
    schema=SCHEMA,
)
# Usage: an account's keys.
Index("api_key_account_id_idx", api_key.c.account_id)

account_event = Table(
    "account_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _now("at"),
    Column("by_account", BigInteger, comment="NULL: the installation's operator, at the machine"),
    Column("subject", Text, nullable=False, comment="account, password, second factor, key"),
    # Without a reference: what was granted is known when the account is gone.
    Column("account_id", BigInteger, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB),
    schema=SCHEMA,
    comment="who granted what; written by triggers, changed by nobody",
)

access_log = Table(
    "access_log",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    town_id(),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("request_id", Text, nullable=False),
    Column("account_id", BigInteger),
    Column("role", Text, nullable=False),
    Column("way", Text, comment="session, key or password; NULL: without credentials"),
    Column("method", Text, nullable=False),
    Column("route", Text, comment="the template; NULL: none matched"),
    Column("layer", Text, comment="the layer in the path, where it is one"),
    Column("status", Integer, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("address_hash", Text, nullable=False, comment="keyed: tells addresses apart, no more"),
    schema=SCHEMA,
    comment="no path, query, name or address: nothing personal",
)
# Usage: a span of time, read or cleared; rows come in the order of time, so blocks are enough.
Index("access_log_at_idx", access_log.c.at, postgresql_using="brin")

# A change of these is a change of who may enter.
CREDENTIAL_TABLES = frozenset(
    {"layers.account"}
    | {f"{SCHEMA}.{each.name}" for each in (account_secret, account_session, api_key)}
)
