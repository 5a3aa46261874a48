"""Who somebody is, once the credentials are known to be right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from layers.roles import Role
from spatial.database import Principal

# 三员分立: who runs the system, who grants rights, who reads and clears the log.
OFFICES = frozenset({Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR})


@dataclass(frozen=True)
class Account:
    """One account as others may know it; its one role says what it may do.

    Attributes:
        department: whose rows are its own; "*" for every department.
        grid_id: a grid member's grid.
        layers: the internal layers that another system's account is granted by name.
        database_login: its own PostgreSQL login, where it has one.
    """

    id: int
    town_id: int
    name: str
    display_name: str
    role: Role
    department: str | None
    grid_id: int | None
    layers: tuple[str, ...]
    database_login: str | None
    disabled_at: datetime | None

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Account:
        """The account in a row of COLUMNS; other columns are left aside."""
        known = {name: row[name] for name in cls.__dataclass_fields__}
        return cls(**known | {"role": Role(row["role"]), "layers": tuple(row["layers"])})

    @property
    def holds_office(self) -> bool:
        """Whether it is one of the three that keep each other in check."""
        return self.role in OFFICES

    def principal(self, time_zone: str) -> Principal:
        """On whose behalf the account's transactions run.

        Args:
            time_zone: of the town.
        """
        return Principal(
            self.role,
            self.town_id,
            account_id=self.id,
            department=self.department,
            grid_id=self.grid_id,
            layers=tuple(sorted(self.layers)),
            time_zone=time_zone,
        )


COLUMNS = ", ".join(f"account.{name}" for name in Account.__dataclass_fields__)


class Way(StrEnum):
    """How somebody showed who they are."""

    SESSION = "session"
    KEY = "key"
    PASSWORD = "password"  # noqa: S105 - a word, not a secret


class Step(StrEnum):
    """What a session still lacks; until then it has the rights of a visitor."""

    CODE = "code"
    ENROLMENT = "enrolment"
    NEW_PASSWORD = "new-password"  # noqa: S105 - a word, not a secret


@dataclass(frozen=True)
class Identity:
    """An account and the credentials by which it came.

    Attributes:
        credential_id: of the session or the key; empty for a password.
        may_write: whether the credentials may be used to change anything.
        only_layers: a key's layers; None for all that the account has.
        pending: the step that is still to be made.
    """

    account: Account
    way: Way
    credential_id: str = ""
    may_write: bool = True
    only_layers: tuple[str, ...] | None = None
    pending: Step | None = None

    def principal(self, time_zone: str, *, writes: bool) -> Principal:
        """On whose behalf a request runs that came with these credentials.

        Args:
            time_zone: of the town.
            writes: whether the request is one that may change something.
        """
        only = None if self.only_layers is None else tuple(sorted(self.only_layers))
        principal = self.account.principal(time_zone)
        return replace(principal, only_layers=only, may_write=writes and self.may_write)
