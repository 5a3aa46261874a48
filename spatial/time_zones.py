"""Names of time zones."""

from __future__ import annotations

import difflib
import zoneinfo

from spatial.errors import InputError


def check_time_zone(name: str) -> str:
    """`name`, an IANA time zone.

    Raises:
        InputError: it is none; names the nearest ones.
    """
    known = zoneinfo.available_timezones()
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or ["Asia/Shanghai"]
    raise InputError(f"no time zone is called '{name}'", remedy=f"--tz {' or '.join(near)}")
