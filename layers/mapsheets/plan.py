"""Which sheets are wanted, and what every one of them says of its origin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

from spatial.settings import Settings
from spatial.town import Town

LEVEL_OF_SHEET = {"town": 1, "village": 2, "grid": 3}


@dataclass(frozen=True)
class SheetPlan:
    """Which sheets are wanted.

    Attributes:
        paper: A3 or A4.
        per: town, village or grid: what each sheet is of.
        only: codes or names; empty: all.
    """

    paper: str
    per: str
    only: tuple[str, ...] = ()


@dataclass(frozen=True)
class Imprint:
    """What every sheet says of its origin.

    Attributes:
        issuer: 编制单位.
        day: until when the data are.
        approval_number: 审图号, where there is one.
        secrecy: 密级, where there is one.
        is_synthetic: whether the town is made up.
    """

    issuer: str
    day: date
    approval_number: str | None = None
    secrecy: str | None = None
    is_synthetic: bool = False

    @classmethod
    def of(cls, settings: Settings, town: Town, at: datetime) -> Self:
        """What an installation's settings say, of a map of the moment `at`."""
        return cls(
            settings.map_issuer or town.name,
            min(at, town.now()).date(),
            settings.map_approval_number,
            settings.map_secrecy,
            is_synthetic=town.synthetic,
        )
