"""What a town settles for its units: bands of households, least sizes, how codes are made up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from grids.arcs.rules import Rules
from grids.bands import DEFAULT_BANDS, Band
from grids.codes import CodeScheme
from spatial.errors import InputError

BAND_LEVELS = (2, 3, 4)
MOST_HOUSEHOLDS = 1_000_000
AREA_M2 = (1.0, 1_000_000.0)
WIDTH_M = (0.1, 100.0)
DEFAULT_SCHEME_TEXT = "6+3, 3, 3, 2"
_SCHEME = re.compile(r"[0-9+, ]{1,60}")


@dataclass(frozen=True)
class TownRules:
    """The rules of one town; as made, the defaults.

    Attributes:
        bands: by level; a level without one is in no band.
        min_area_m2, min_width_m: the least of a unit of the lowest level; see `Rules`.
        code_scheme: as it was written; `scheme` is what it means.

    Raises:
        InputError: a measure is out of reason, or the scheme is none.
    """

    bands: Mapping[int, Band] = field(default_factory=lambda: DEFAULT_BANDS)
    min_area_m2: float = Rules.min_area_m2
    min_width_m: float = Rules.min_width_m
    code_scheme: str = DEFAULT_SCHEME_TEXT

    def __post_init__(self) -> None:
        for level in self.bands.keys() - set(BAND_LEVELS):
            raise InputError(
                f"level {level} has no band / 该层级没有户数区间",
                remedy="2 villages, 3 grids, 4 micro-grids",
            )
        for level, band in self.bands.items():
            _require_between(f"most households of level {level}", band.most, (1, MOST_HOUSEHOLDS))
        _require_between("min_area_m2", self.min_area_m2, AREA_M2)
        _require_between("min_width_m", self.min_width_m, WIDTH_M)
        if not _SCHEME.fullmatch(self.code_scheme):
            raise InputError(
                f"{self.code_scheme[:50]!r} is no scheme of codes / 编码规则不对",
                remedy=f"e.g. {DEFAULT_SCHEME_TEXT}",
            )
        _ = self.scheme  # raises

    @cached_property
    def scheme(self) -> CodeScheme:
        """How codes are made up."""
        return CodeScheme.parse(self.code_scheme)

    @property
    def measures(self) -> Rules:
        """What operations and checks go by."""
        return Rules(min_area_m2=self.min_area_m2, min_width_m=self.min_width_m)


def _require_between(name: str, value: float, limits: tuple[float, float]) -> None:
    least, most = limits
    if not least <= value <= most:  # NaN is neither
        raise InputError(
            f"{name} has to be {least:g} to {most:g}, not {value:g} / 数值超出范围",
        )
