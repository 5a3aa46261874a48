"""What is asked for when streets are closed or slowed, checked as far as that needs no streets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from layers.entries.closures import CLOSURE_REASONS
from routing.closing.drawing import Drawing
from routing.modes import ALL_MODES, Mode
from spatial.errors import InputError

LONGEST_NOTE = 500
# Slower than this is closed, and says so.
LEAST_SHARE = 0.01
LONGEST = timedelta(days=3 * 366)


class Kind(StrEnum):
    """Closed, or so slow that it matters."""

    CLOSED = "closed"
    SLOW = "slow"


@dataclass(frozen=True)
class ClosurePlan:
    """A closure or slowdown.

    Attributes:
        drawing: where; None: on the streets of `street_ids`.
        street_ids: ids of streets; negative for the direction against the geometry alone, positive
            for both.
        speed_share: what is left of the speed; 0 closes.
        modes: whom it binds.
        starts, ends: it holds from the first moment to just before the second; None: until ended.
        reason: of `CLOSURE_REASONS`.
        note: for the staff.
    """

    starts: datetime
    ends: datetime | None = None
    drawing: Drawing | None = None
    street_ids: tuple[int, ...] = ()
    speed_share: float = 0.0
    modes: Mode = ALL_MODES
    reason: str = "other"
    note: str | None = None

    def __post_init__(self) -> None:
        """Refuse what can't be.

        Raises:
            InputError: it says what.
        """
        if (self.drawing is None) == (not self.street_ids):
            raise InputError(
                "a closure has a geometry or street ids / 需给出图形或路段编号",
                remedy='"geometry": {...} or "streets": [1, 2]',
            )
        check_share(self.speed_share)
        check_reason(self.reason)
        check_note(self.note)
        if not self.modes:
            raise InputError("it binds nobody / 未指定受限方式")
        check_span(self.starts, self.ends)

    @property
    def kind(self) -> Kind:
        """What a speed share amounts to."""
        return kind_of(self.speed_share)


def kind_of(speed_share: float) -> Kind:
    """Closed, or slow."""
    return Kind.SLOW if speed_share > 0 else Kind.CLOSED


def check_share(speed_share: float) -> None:
    """Raises InputError unless it closes or slows."""
    if speed_share != 0 and not LEAST_SHARE <= speed_share < 1:
        raise InputError(
            f"speed_share {speed_share:g} is none / 速度比例无效",
            remedy=f"0 closes; from {LEAST_SHARE} to less than 1 is what is left of the speed",
        )


def check_not_over(ends: datetime | None, now: datetime) -> None:
    """Raises InputError where it would be over before it is drawn."""
    if ends is not None and ends <= now:
        raise InputError(f"it would be over at {ends.isoformat()} already / 结束时间已过")


def check_reason(reason: str) -> None:
    """Raises InputError unless it is in the list."""
    if reason not in CLOSURE_REASONS:
        raise InputError(
            f"there is no reason {reason[:40]!r} / 没有此原因代码",
            remedy=f"one of {', '.join(CLOSURE_REASONS)}",
        )


def check_note(note: str | None) -> None:
    """Raises InputError where it is too long."""
    if note is not None and len(note) > LONGEST_NOTE:
        raise InputError(f"a note has at most {LONGEST_NOTE} characters / 备注过长")


def check_span(starts: datetime, ends: datetime | None) -> None:
    """Raises InputError unless the end comes after the beginning, and both have a time zone."""
    if starts.tzinfo is None or (ends is not None and ends.tzinfo is None):
        raise InputError(
            "a moment needs its time zone / 时间须带时区", remedy="2026-01-31T12:00:00+08:00"
        )
    if ends is None:
        return
    if ends <= starts:
        raise InputError(f"it ends at {ends.isoformat()}, before it starts / 结束早于开始")
    if ends - starts > LONGEST:
        raise InputError("a closure lasts three years at most / 最长三年", remedy='"ends": null')
