"""What is asked of the demo town: its seed, its day, and how much of everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

DEFAULT_SEED = 2026
FOTANG_CODE = "330782100"
DEFAULT_AS_OF = date(2026, 6, 30)
CLOCK = time(10, 0)  # what the town's clock shows on its day
HISTORY_DAYS = 365


@dataclass(frozen=True)
class Plan:
    """The town's seed, day and sizes.

    The sizes of premises, rental rooms and micro-grids are those of the town that the platform
    was modelled on.
    """

    seed: int = DEFAULT_SEED
    as_of: date = DEFAULT_AS_OF
    time_zone: str = "Asia/Shanghai"
    area_km2: float = 134.0
    villages: int = 61
    grids: int = 220
    micro_grids: int = 1_914
    firms: int = 1_154
    workshops: int = 1_434
    shops: int = 3_571
    rental_rooms: int = 39_718
    cameras: int = 860
    smoke_detectors: int = 1_060
    water_stations: int = 26
    air_stations: int = 54
    responders: int = 96
    incidents: int = 65_000
    ponds: int = 70

    @property
    def moment(self) -> datetime:
        """What time it is in the town, in UTC."""
        local = datetime.combine(self.as_of, CLOCK, ZoneInfo(self.time_zone))
        return local.astimezone(UTC)
