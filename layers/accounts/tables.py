"""Accounts. What an account may see and do follows from its one role."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY

from layers.roles import Role
from layers.tables import SCHEMA
from spatial.tables import metadata, town_id

_ROLES = ", ".join(f"'{role}'" for role in Role if role is not Role.ANONYMOUS)

account = Table(
    "account",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    town_id(),
    Column("name", Text, nullable=False, comment="what is typed to sign in"),
    Column("display_name", Text, nullable=False),
    Column("role", Text, nullable=False, comment="the database role, exactly one"),
    Column("department", Text, comment="a department's code; * for every department"),
    Column("grid_id", BigInteger, ForeignKey("grids.unit.id"), comment="a grid member's grid"),
    Column("layers", ARRAY(Text), nullable=False, server_default="{}", comment="granted by name"),
    Column("database_login", Text, unique=True, comment="a PostgreSQL login of its own"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("disabled_at", DateTime(timezone=True)),
    Column(
        "responder_id",
        BigInteger,
        ForeignKey("layers.responder.id", ondelete="SET NULL"),
        unique=True,
        comment="the responder that its holder is: sees its orders, tells its positions",
    ),
    UniqueConstraint("town_id", "name"),
    CheckConstraint("name ~ '^[a-z0-9][a-z0-9._@-]{1,62}$'", name="name"),
    # 三员分立: one role, so that no account both grants rights and clears logs.
    CheckConstraint(f"role IN ({_ROLES})", name="role"),
    CheckConstraint(
        "(department IS NOT NULL) = (role IN ('gridwhistle_officer', 'gridwhistle_dispatcher'))",
        name="department",
    ),
    CheckConstraint("(grid_id IS NOT NULL) = (role = 'gridwhistle_grid_member')", name="grid"),
    CheckConstraint(
        "responder_id IS NULL OR role IN ('gridwhistle_officer', 'gridwhistle_grid_member')",
        name="responder",
    ),
    CheckConstraint("layers = '{}' OR role = 'gridwhistle_system'", name="layers"),
    CheckConstraint(
        "database_login IS NULL OR role NOT IN ('gridwhistle_administrator',"
        " 'gridwhistle_security_officer', 'gridwhistle_auditor')",
        name="database_login",
    ),
    schema=SCHEMA,
)
